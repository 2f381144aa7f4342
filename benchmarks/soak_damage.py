"""Results that change on their disk after they were written: found, removed, and made again."""

import os
import random
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from soak_study import REPOSITORY, Run, compare, results_of, say
from soak_table import Line


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


# Fault → what does it, and folders of results of which one file each is hit.
FAULTS: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "flipped byte": (_flip, ("features", "fits", "saes", "tables", "figures")),
    "file cut short": (_cut, ("subjects", "finetunes", "atlas")),
    "file removed": (Path.unlink, ("scores", "dictionaries", "units")),
}


def damage(base: Run, run: Run, random_numbers: random.Random, until: float) -> list[Line]:
    """Damage a finished study, and mend it with ``cortexlens verify --repair`` and one more run.

    Parameters
    ----------
    base
        An undisturbed run, to compare with.
    run
        The study that is damaged.
    random_numbers
        Of the files that are hit.
    until
        Clock time after which nothing is damaged any more.
    """
    if time.time() > until:
        say("nothing was damaged: too late")
        return [Line("damage", "not done", 0, 0, 0)]
    whole = sorted(results_of(run.results))
    victims = {fault: _hit(run, whole, fault, random_numbers) for fault in FAULTS}
    found = _verify(run)
    (call,) = (line for line in _verify(run, "--repair") if " -- " in line)
    run.call("--", *shlex.split(call.partition(" -- ")[2])).wait()
    mended = run.finish() == 0 and compare(base, run)
    lines = []
    for fault, names in victims.items():
        for name in names:
            told = any(_names(line, run.results, name) for line in found)
            say(f"{fault}, {name}: {'found' if told else 'NOT FOUND'}")
            where = name.partition("/")[0]
            lines.append(Line(fault, where, 1, int(told and mended), 0))
    return lines


def _hit(run: Run, whole: list[str], fault: str, random_numbers: random.Random) -> list[str]:
    """Damage a file in each of a fault's folders; gives their names below the results."""
    spoil, folders = FAULTS[fault]
    names = []
    for folder in folders:
        names.append(random_numbers.choice([n for n in whole if n.startswith(f"{folder}/")]))
        spoil(run.results / names[-1])
    return names


def _verify(run: Run, *options: str) -> list[str]:
    """Lines that ``cortexlens verify`` prints."""
    command = [sys.executable, "-c", "from cortexlens.cli import main; main()", "verify"]
    done = subprocess.run(
        [*command, "--config", "config.yaml", *options],
        cwd=run.folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.stdout.splitlines()


def _names(line: str, results: Path, name: str) -> bool:
    """Whether a line of the search says that a file, or the folder that it belongs to, is hurt."""
    label, _, rest = line.partition(": ")
    if label != "Damaged":
        return False
    place = f"results/{results.name}/"
    hurt = rest.partition(" (")[0].removeprefix(place)
    return name == hurt or name.startswith(f"{hurt}/")

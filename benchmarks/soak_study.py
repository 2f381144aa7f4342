"""The study of a soak: the demo at reduced size, run in a folder of its own, and compared."""

import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).parents[1]
TARGETS = ("all", "finetuning", "sae")
# Clock times: the only things in which two runs may differ. Manifests hash files that hold them.
TIMES = ("seconds", "fit_seconds")
# Pictures that show them.
TIMED = ("figures/finetune_training", "figures/sae_quality")
NOT_RESULTS = ("logs", "benchmarks", "decoded", "manifests")
# Hidden files that belong to a finished study.
STAYS = (".snakemake_timestamp", ".cortexlens-manifest.json", ".run.lock", ".study.json")


def write_study(folder: Path) -> None:
    """Write the demo's config and tables, smaller."""
    shutil.copytree(REPOSITORY / "config", folder / "config")
    config = yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text(encoding="utf-8"))
    config["study"] = "soak"
    config["dataset"] |= {"n_scenes": 400, "repeats": 2, "sessions": 2}
    config["runs"] = [{"backbones": ["demo-supervised"], "subjects": "all"}]
    config["encoder"] |= {"dimensions": 8, "epochs": 8}
    config["finetuning"] |= {"steps": 8, "validation_images": 16, "validation_interval": 1}
    config["finetuned"] = [
        {"backbones": ["demo-supervised"], "finetunes": ["texture"], "subjects": ["sim01"]}
    ]
    config["sae"] |= {"layers": ["blocks.3"], "seeds": 1, "epochs": 40, "tokens": "mean"}
    for unused in ("variants", "trust", "further", "recovery", "channels"):
        del config[unused]
    (folder / "config" / "subjects.tsv").write_text(
        "subject\tscenes\nsim01\t0-39,40-399\n", encoding="utf-8"
    )
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


@dataclass(frozen=True)
class Event:
    """A line of the journal, see ``soaking/sitecustomize.py``."""

    at: float
    pid: int
    stage: str
    event: str
    path: str = ""


class Run:
    """One study in a folder, started as often as it takes.

    Parameters
    ----------
    folder
        With ``config.yaml`` and what it names.
    targets
        Of snakemake.
    """

    def __init__(self, folder: Path, targets: Sequence[str] = TARGETS) -> None:
        self.folder, self.targets = folder, targets
        self.journal = folder / "journal.jsonl"
        self.journal.touch()
        self.output = folder / "snakemake.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def results(self) -> Path:
        """Folder of the results."""
        (found,) = (self.folder / "results").iterdir()
        return found

    def start(self) -> subprocess.Popen[bytes]:
        """Start snakemake, with its jobs in a process group of its own."""
        self.process = self.call(*self.targets)
        return self.process

    def call(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Call snakemake with more options or targets; its jobs in a process group of its own."""
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
        command += ["--configfile", "config.yaml", "--cores", "2", "--scheduler", "greedy"]
        command += ["--rerun-incomplete", "--show-failed-logs", "--nocolor", *arguments]
        paths = [REPOSITORY / "benchmarks" / "soaking", REPOSITORY / "src"]
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "CORTEXLENS_SOAK_JOURNAL": str(self.journal),
        }
        with self.output.open("ab") as output:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def kill(self, *, jobs: bool = True) -> None:
        """``kill -9`` to snakemake, and to all of its jobs unless they shall live on."""
        assert self.process is not None
        (os.killpg if jobs else os.kill)(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def finish(self) -> int:
        """Run to the end; gives snakemake's exit code."""
        return self.start().wait()

    def events(self) -> list[Event]:
        """All that the journal says so far."""
        lines = self.journal.read_text(encoding="utf-8").split("\n")[:-1]
        return [Event(**json.loads(line)) for line in lines]

    def watch(self, seen: int, until: float) -> Iterator[Event]:
        """Give events after the first ``seen`` ones as they come, while snakemake runs."""
        while time.time() < until:
            ended = self.process is None or self.process.poll() is not None
            events = self.events()
            yield from events[seen:]
            seen = max(seen, len(events))
            if ended:
                return
            time.sleep(0.05)


def results_of(folder: Path) -> dict[str, str]:
    """Hash every result below a folder, without clock times: name → hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(_content(path)).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name not in STAYS
        and path.relative_to(folder).parts[0] not in NOT_RESULTS
        and path.relative_to(folder).with_suffix("").as_posix() not in TIMED
    }


def _content(path: Path) -> bytes:
    if path.suffix == ".json":
        return json.dumps(
            _timeless(json.loads(path.read_text(encoding="utf-8"))), sort_keys=True
        ).encode()
    if path.suffix == ".tsv":
        with path.open(newline="") as file:
            rows = csv.DictReader(file, delimiter="\t")
            return json.dumps([_timeless(row) for row in rows]).encode()
    return path.read_bytes()


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(each) for key, each in value.items() if key not in TIMES}
    return [_timeless(each) for each in value] if isinstance(value, list) else value


def compare(base: Run, run: Run) -> bool:
    """See that two runs have the same results, and that nothing is left over; say what is not."""
    expected, found = results_of(base.results), results_of(run.results)
    other = sorted(name for name in expected | found if expected.get(name) != found.get(name))
    left = leftovers(run.results)
    for name in other:
        say(f"another result: {name}")
    for name in left:
        say(f"left over: {name}")
    return not other and not left


def say(message: str) -> None:
    """Print a line at once."""
    print(message, flush=True)


def leftovers(folder: Path) -> list[str]:
    """Temporary files and folders below a folder."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob(".*") if path.name not in STAYS
    )


def pieces(events: Sequence[Event]) -> Counter[str]:
    """How often each piece of work was finished: blocks of features, states of trainings."""
    return Counter(
        event.path
        for event in events
        if event.event == "block" or (event.event == "put" and ".state" in event.path)
    )


def done_jobs(events: Sequence[Event]) -> Counter[tuple[str, str]]:
    """How often each result was computed by a job that came to its end: stage, path."""
    ended, taken = (
        {(event.pid, event.stage) for event in events if event.event == what}
        for what in ("end", "taken")
    )
    return Counter(
        (event.stage, event.path)
        for event in events
        if event.event == "put"
        and ".state" not in event.path
        and (event.pid, event.stage) in ended - taken
    )

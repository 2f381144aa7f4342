"""Does a study survive what goes wrong? Faults are put into runs of the demo at reduced size.

    make soak
    python benchmarks/soak.py [--kills 30] [--minutes 25] [--seed 0] [--folder FOLDER]

An undisturbed run says what the results are. A second one is killed (`kill -9`, snakemake and all
of its jobs, or snakemake alone, whose jobs live on) at random moments of stages of every kind and
started again, until it is through; then files of it are damaged, found and made again. A third one
meets a disk that is full, again and again. All have to end with the same results, with nothing left
over, and after a kill with nothing that was finished computed again. The table goes to
docs/reliability.md. No more faults are put in after ``--minutes``.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from soak_damage import damage
from soak_disk import full_disks
from soak_study import Event, Run, compare, done_jobs, pieces, say, write_study
from soak_table import Line, keep, table

# Stages that work in blocks, and two kinds of others.
BLOCKS = ("extract_features", "fit_encoder", "finetune", "train_sae")
KINDS = (*BLOCKS, "preparation", "tables and figures")
PREPARATION = ("draw_scenes", "collect_images", "collect_responses", "describe_backbone")
# Chance that an event is let pass without a kill: a block, the start of a job.
PASSED_BLOCKS, PASSED_STARTS = 0.3, 0.7
# Chance that snakemake alone is killed.
ALONE = 0.25
# How long snakemake may take for anything, seconds.
PATIENCE = 900.0
# Longest wait between what a kill waits for and the kill, seconds.
DELAY = 1.5


@dataclass(frozen=True)
class Kill:
    """A kill that happened.

    Attributes
    ----------
    kind
        Of the stage that it was meant for.
    running
        Stages of the jobs that were running.
    alone
        Whether they live on: snakemake alone was killed.
    """

    kind: str
    running: tuple[str, ...]
    alone: bool


def kind_of(stage: str) -> str:
    """Kind of a stage."""
    if stage in BLOCKS:
        return stage
    return "preparation" if stage in PREPARATION else "tables and figures"


def kill_often(
    run: Run, quota: Counter[str], random_numbers: random.Random, until: float
) -> list[Kill]:
    """Run a study to its end, killed again and again on its way.

    Parameters
    ----------
    run
        The study.
    quota
        How many kills each kind of stage gets.
    random_numbers
        Of the moments.
    until
        Clock time after which nobody is killed any more.

    Returns
    -------
    list of Kill
    """
    left, kills = Counter(quota), list[Kill]()
    while +left and time.time() < until:
        seen = len(run.events())
        run.start()
        killed = False
        for event in run.watch(seen, time.time() + PATIENCE):
            kind = kind_of(event.stage)
            if not left[kind] or _passes(event, random_numbers):
                continue
            time.sleep(random_numbers.uniform(0, DELAY))
            assert run.process is not None
            if run.process.poll() is not None:
                break
            alone = random_numbers.random() < ALONE
            kills.append(Kill(kind, _running(run.events()[seen:]), alone))
            run.kill(jobs=not alone)
            left[kind] -= 1
            killed = True
            stages = ", ".join(kills[-1].running) or kind
            lives = "; jobs live on" if alone else ""
            say(f"kill {len(kills)} of {quota.total()}: {stages}{lives}")
            break
        if not killed:
            break  # through, or failed: finish says which
    return kills


def _passes(event: Event, random_numbers: random.Random) -> bool:
    """Whether to wait for a later event."""
    blocks = event.event != "start" and kind_of(event.stage) in BLOCKS
    chance = PASSED_BLOCKS if blocks else PASSED_STARTS
    return event.event == "end" or random_numbers.random() < chance


def _running(events: Sequence[Event]) -> tuple[str, ...]:
    started = {event.pid: event.stage for event in events if event.event == "start"}
    ended = {event.pid for event in events if event.event == "end"}
    return tuple(sorted(stage for pid, stage in started.items() if pid not in ended))


def killed(base: Run, run: Run, kills: Sequence[Kill]) -> list[Line]:
    """Compare a study that was killed with one that was not; a line of the table a kind."""
    whole = run.finish() == 0 and compare(base, run)
    events = run.events()
    again = pieces(events) - pieces(base.events())
    for (stage, path), count in done_jobs(events).items():
        if count > 1 and stage not in BLOCKS:  # the job is the piece
            again[path] += count - 1
    for path, count in again.items():
        say(f"computed again, {count} times: {path}")
    say(f"jobs that had ended, taken back: {sum(event.event == 'taken' for event in events)}")
    lines = []
    for kind in KINDS:
        number = sum(kill.kind == kind for kill in kills)
        repeated = sum(count for path, count in again.items() if _stage_of(path, events) == kind)
        lines.append(Line("kill -9", kind, number, number if whole else 0, repeated))
    return lines


def _stage_of(path: str, events: Sequence[Event]) -> str:
    return next(kind_of(event.stage) for event in events if event.path == path)


def soak(folder: Path, wanted: int, minutes: float, seed: int) -> int:
    """Do all of it; gives the exit code."""
    started = time.time()
    until = started + 60 * minutes
    runs = []
    for name in ("undisturbed", "killed"):
        (folder / name).mkdir(parents=True)
        write_study(folder / name)
        runs.append(Run(folder / name))
    base, run = runs
    say("an undisturbed run")
    if base.finish():
        say(f"the undisturbed run failed: see {base.output}")
        return 1
    base_seconds = time.time() - started
    quota = Counter({kind: wanted // len(KINDS) for kind in KINDS})
    quota.update(KINDS[: wanted % len(KINDS)])
    random_numbers = random.Random(seed)
    kills = kill_often(run, quota, random_numbers, until)
    lines = killed(base, run, kills)
    lines += damage(base, run, random_numbers, until)
    lines += full_disks(base, folder / "full", until)
    text = table(lines, wanted, time.time() - started, base_seconds)
    say(text)
    keep(text)
    return 0 if all(each.again == 0 and each.injected == each.survived for each in lines) else 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=25, help="then no more faults")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="kept; left out: a temporary one")
    given = parser.parse_args()
    if given.folder is not None:
        sys.exit(soak(given.folder, given.kills, given.minutes, given.seed))
    with tempfile.TemporaryDirectory(prefix="cortexlens-soak-") as folder:
        sys.exit(soak(Path(folder), given.kills, given.minutes, given.seed))


if __name__ == "__main__":
    main()

"""State of a study's jobs, from the files that they and snakemake leave behind.

A job writes its log, ``logs/{rule}/…``, from its start on. When it has succeeded, snakemake writes
its run time and memory to a file of the same name in ``benchmarks/{rule}/…``. Below ``.snakemake``,
snakemake records the outputs of jobs, locks and its own logs. All of these are only read, so the
state can be requested at any time.
"""

import json
import os
import re
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from cortexlens.jobs.lock import is_free

STATES: Final = ("done", "running", "failed", "cut off", "waiting")
# Seconds by which the clocks of two machines, or of a file system, may differ.
SLACK: Final = 2.0
_TIME = re.compile(r"\[(\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4})\]$")
_ERROR = re.compile(r"(?:Error in )?rule (\w+):$")
_LOG = re.compile(r" +log: (.+) \(check log file\(s\) for error details\)$")
_FINISHED = re.compile(r"Finished jobid: \d+ \(Rule: (\w+)\)$")
_STEPS = re.compile(r"\d+ of (\d+) steps")
_COUNT = re.compile(r"(\w+) +(\d+)$")


class JobStatus(NamedTuple):
    """State of a job that was started.

    Attributes
    ----------
    rule, name
        Name of the rule, and its wildcards as in the path of its log, empty if it has none.
    state
        One of :data:`STATES`; ``waiting`` if its outputs have been removed again.
    log
        Path of its log, which need not exist if the job failed before it began.
    changed
        Time when its log was last written to, in seconds since the epoch.
    """

    rule: str
    name: str
    state: str
    log: Path
    changed: float


@dataclass
class Call:
    """Contents of snakemake's own log of one call.

    Attributes
    ----------
    started, ended
        Time in seconds since the epoch; the end is the time of the last line of the log.
    asked
        Rule → number of jobs that the call set out to run.
    finished
        Rule → number of jobs that it finished.
    total
        Current number of steps, which exceeds the jobs asked for if some became known later.
    failed
        Log of a failed job → its rule, and when it failed.
    """

    started: float
    ended: float
    asked: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    total: int = 0
    failed: dict[str, tuple[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyProgress:
    """Progress of a study.

    Attributes
    ----------
    jobs
        All jobs that were started.
    waiting
        Rule → number of jobs that the last call asked for and that have not been started.
    unknown
        Number of steps of the last call whose rule was not known when it began.
    locked
        Whether snakemake has locked the study: it is running, or was killed.
    last
        The last call; None if snakemake has no log of it.
    """

    jobs: list[JobStatus]
    waiting: Counter[str]
    unknown: int
    locked: bool
    last: Call | None

    def counts(self) -> dict[str, Counter[str]]:
        """Rule → state → number of jobs; rules in the order in which they were started."""
        table: dict[str, Counter[str]] = {}
        for job in sorted(self.jobs, key=lambda job: job.changed):
            table.setdefault(job.rule, Counter())[job.state] += 1
        for rule, number in self.waiting.items():
            table.setdefault(rule, Counter())["waiting"] += number
        return table


def read_progress(results: Path, memory: Path, stages: Sequence[str]) -> StudyProgress:
    """Read the progress of a study.

    Parameters
    ----------
    results
        Folder of its results, as the workflow names it: ``results/{study}``.
    memory
        Snakemake's own folder, ``.snakemake``.
    stages
        Names of the rules that run a stage; all other rules are targets.

    Returns
    -------
    StudyProgress
    """
    locked = _is_locked(memory / "locks", results)
    calls = [call for path in _main_logs(memory) if (call := read_call(path)) is not None]
    failed = {log: what for call in calls for log, what in call.failed.items()}
    made = _outputs(memory / "metadata")
    logs = sorted((results / "logs").rglob("*.log"))
    jobs = [_job(log, results, failed.get(str(log)), made, locked) for log in logs]
    known = {job.log for job in jobs}
    jobs += [
        JobStatus(rule, Path(log).stem, "failed", Path(log), when)
        for log, (rule, when) in failed.items()
        if Path(log) not in known and Path(log).is_relative_to(results)
    ]
    last = _last_call(calls, jobs, locked)
    waiting = _waiting(last, jobs, stages)
    # while a call runs, it may add steps; how many remain is unknown once it has ended
    unknown = max(0, last.total - last.asked.total()) if last is not None and locked else 0
    return StudyProgress(jobs, waiting, unknown, locked, last)


def _job(
    log: Path,
    results: Path,
    failed: tuple[str, float] | None,
    made: dict[str, list[Path]],
    locked: bool,
) -> JobStatus:
    """Determine a job's state from its log, its benchmark file and its outputs."""
    place = log.relative_to(results / "logs").with_suffix("")
    changed = log.stat().st_mtime
    measured = (results / "benchmarks" / place).with_name(f"{place.name}.tsv")
    outputs = made.get(str(log), [])
    if failed is not None and failed[1] + SLACK >= changed > _time(measured):
        state = "failed"
    elif _time(measured) + SLACK >= changed:
        state = "done" if all(path.exists() for path in outputs) else "waiting"
    else:
        state = "running" if locked else "cut off"
    return JobStatus(place.parts[0], "/".join(place.parts[1:]), state, log, changed)


def _time(path: Path) -> float:
    """Time when a file was last changed; minus infinity if it does not exist."""
    try:
        return path.stat().st_mtime
    except OSError:
        return float("-inf")


def _is_locked(locks: Path, results: Path) -> bool:
    """Whether snakemake has locked a file of the study and is still alive."""
    if is_free(results):
        return False
    for path in locks.glob("*.lock"):
        try:
            with path.open(encoding="utf-8", errors="replace") as lines:
                if any(line.startswith(f"{results}/") for line in lines):
                    return True
        except OSError:  # the lock was released while it was read
            continue
    return False


def _main_logs(memory: Path) -> list[Path]:
    """Snakemake's own logs, oldest first."""
    return sorted((memory / "log").glob("*.snakemake.log"))


def read_call(path: Path) -> Call | None:
    """Read one of snakemake's own logs.

    Parameters
    ----------
    path
        Path of the log, whose name is the local time of the start of the call.

    Returns
    -------
    Call
        None if the call ran no jobs, such as a dry run, a report or a refusal.
    """
    try:
        started = datetime.strptime(path.name.split(".")[0], "%Y-%m-%dT%H%M%S").timestamp()
        text = path.read_text(encoding="utf-8", errors="replace")
        call = Call(started, path.stat().st_mtime)
    except (OSError, ValueError):
        return None
    if "\nJob stats:\n" not in f"\n{text}" or "This was a dry-run" in text:
        return None
    _read_lines(call, text.splitlines())
    return call


def _read_lines(call: Call, lines: Sequence[str]) -> None:
    """Add to a call what the lines of snakemake's own log report."""
    stamp, rule, counting = call.started, "", False
    for line in lines:
        counting = (counting or line == "Job stats:") and line != ""
        if counting and (count := _COUNT.match(line)):
            call.total = int(count[2])
            if count[1] != "total":
                call.asked[count[1]] += int(count[2])
        elif found := _TIME.match(line):
            stamp = datetime.strptime(found[1], "%a %b %d %H:%M:%S %Y").timestamp()
        elif found := _FINISHED.match(line):
            call.finished[found[1]] += 1
        elif found := _STEPS.match(line):
            call.total = int(found[1])
        elif found := _ERROR.match(line.strip()):
            rule = found[1]
        elif rule and (found := _LOG.match(line)):
            call.failed.update(dict.fromkeys(found[1].split(", "), (rule, stamp)))


def _outputs(metadata: Path) -> dict[str, list[Path]]:
    """Log of a job → its outputs, from snakemake's metadata."""
    made: dict[str, list[Path]] = {}
    for folder, _, names in os.walk(metadata):
        pieces = [part.removeprefix("@") for part in Path(folder).relative_to(metadata).parts]
        for name in names:
            try:
                output = urlsafe_b64decode("".join([*pieces, name])).decode()
                logs = json.loads((Path(folder) / name).read_text(encoding="utf-8")).get("log", [])
            except (OSError, ValueError, AttributeError):  # file being written, or not metadata
                continue
            for log in logs:
                made.setdefault(log, []).append(Path(output))
    return made


def _last_call(calls: Sequence[Call], jobs: Sequence[JobStatus], locked: bool) -> Call | None:
    """Last call that ran jobs of this study, as opposed to another study in the same folder."""
    if locked and calls:
        return calls[-1]
    for call in reversed(calls):
        if any(call.started - SLACK <= job.changed <= call.ended + SLACK for job in jobs):
            return call
    return None


def _waiting(last: Call | None, jobs: Sequence[JobStatus], stages: Sequence[str]) -> Counter[str]:
    """Jobs of the last call that were never started, by rule."""
    if last is None:
        return Counter()
    begun = Counter(
        job.rule
        for job in jobs
        if job.state not in ("done", "waiting") and job.changed >= last.started - SLACK
    )
    return Counter(
        {
            rule: left
            for rule, number in last.asked.items()
            if rule in stages and (left := number - last.finished[rule] - begun[rule]) > 0
        }
    )


def last_lines(path: Path, number: int) -> list[str]:
    """Last non-empty lines of a log, without control characters."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 64 * 1024))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    lines = (re.sub(r"[^\S ]|[^\x20-\U0010ffff]", " ", line) for line in text.splitlines())
    return [line.rstrip() for line in lines if line.strip()][-number:] if number else []


def disk_use(results: Path) -> Iterator[tuple[str, int]]:
    """Yield each entry of a folder and the number of bytes that it takes on disk, largest first."""
    sizes = {entry.name: _taken(Path(entry.path)) for entry in _entries(results)}
    yield from sorted(sizes.items(), key=lambda item: -item[1])


def _taken(path: Path) -> int:
    try:
        own = path.lstat().st_blocks * 512
    except OSError:  # deleted in the meantime
        return 0
    if path.is_symlink() or not path.is_dir():
        return own
    return own + sum(_taken(Path(entry.path)) for entry in _entries(path))


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        return list(os.scandir(folder))
    except OSError:
        return []

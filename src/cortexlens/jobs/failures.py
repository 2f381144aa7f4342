"""What a workflow says last when jobs of it failed: why, and where their logs lie."""

import atexit
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Final

from cortexlens.jobs.status import last_lines, read_call, read_progress

MOST_JOBS: Final = 10
# How a job's log ends whose fault the user can correct.
_SAID: Final = "cortexlens: "
MEMORY: Final = Path(".snakemake")
# The Snakefile is read, and this module with it, before any job runs.
_STARTED: Final = time()


def tell_failures_at_exit(results: Path, log: str | Sequence[str]) -> None:
    """Name the failed jobs of a workflow when its process ends, below all else that it prints.

    Parameters
    ----------
    results
        Folder of the study's results.
    log
        Snakemake's own log, or several; it may not be written to its end yet.
    """
    logs = [Path(log)] if isinstance(log, str) else [Path(each) for each in log]
    atexit.register(_tell, results, logs)


def _tell(results: Path, logs: Sequence[Path]) -> None:
    lines = list(failure_lines(results, logs))
    if not lines:  # with --quiet all, snakemake's log names no job
        lines = list(lines_of_logs(results, _STARTED))
    with suppress(OSError):  # standard error may be closed
        for line in lines:
            print(line, file=sys.stderr)
        sys.stderr.flush()


def lines_of_logs(results: Path, since: float) -> Iterator[str]:
    """Give the reasons that jobs' logs end with, without asking snakemake which jobs failed.

    Parameters
    ----------
    results
        Folder of the study's results.
    since
        Time, s, before which logs are of earlier calls.

    Yields
    ------
    str
        Rule and reason, then the log.
    """
    folder = results / "logs"
    for log in sorted(folder.rglob("*.log")):
        lines = last_lines(log, 1) if log.stat().st_mtime >= since else []
        if lines and lines[0].startswith(_SAID):
            rule = log.relative_to(folder).parts[0].removesuffix(".log")
            yield f"{rule}: {lines[0].removeprefix(_SAID)}"
            yield f"    log: {log}"


def failure_lines(results: Path, logs: Sequence[Path], memory: Path = MEMORY) -> Iterator[str]:
    """Say of each job that a call of snakemake failed with what its log ends with.

    Parameters
    ----------
    results
        Folder of the study's results.
    logs
        Snakemake's own logs of the call.
    memory
        Snakemake's own folder.

    Yields
    ------
    str
        Rule and reason, then the log; nothing where no job failed, or each that did succeeded when
        it was tried again.
    """
    calls = [call for path in logs if (call := read_call(path)) is not None]
    failed = {log: rule for call in calls for log, (rule, _) in call.failed.items()}
    if not failed:
        return
    bad = {str(job.log) for job in read_progress(results, memory, ()).jobs if job.state == "failed"}
    failed = {log: rule for log, rule in failed.items() if log in bad}
    if not failed:
        return
    yield f"\n{len(failed)} job{'s' * (len(failed) > 1)} failed:"
    for log, rule in list(failed.items())[:MOST_JOBS]:
        lines = last_lines(Path(log), 1)
        if lines and lines[0].startswith(_SAID):
            yield f"{rule}: {lines[0].removeprefix(_SAID)}"
        else:
            yield f"{rule}: its log ends with: {lines[0].strip() if lines else '(nothing)'}"
        yield f"    log: {log}"
    if len(failed) > MOST_JOBS:
        yield f"and {len(failed) - MOST_JOBS} more in {results}/logs"

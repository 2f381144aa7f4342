"""Messages at the end of a failed workflow: which jobs failed, why, and where their logs are."""

import atexit
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Final

from cortexlens.jobs.status import last_lines, read_call, read_progress

MOST_JOBS: Final = 10
# Prefix of the last line of a job's log if the user can correct the error.
_SAID: Final = "cortexlens: "
MEMORY: Final = Path(".snakemake")
# Start of the workflow: the Snakefile imports this module before any job runs.
_STARTED: Final = time()


def tell_failures_at_exit(results: Path, log: str | Sequence[str]) -> None:
    """Print the failed jobs of a workflow when its process ends, below everything else it prints.

    Parameters
    ----------
    results
        Folder of the study's results.
    log
        Path or paths of snakemake's own log, which may still be incomplete.
    """
    logs = [Path(log)] if isinstance(log, str) else [Path(each) for each in log]
    atexit.register(_tell, results, logs)


def _tell(results: Path, logs: Sequence[Path]) -> None:
    lines = list(failure_lines(results, logs))
    if not lines:  # with --quiet all, snakemake's log does not name jobs
        lines = list(lines_of_logs(results, _STARTED))
    with suppress(OSError):  # standard error may be closed
        for line in lines:
            print(line, file=sys.stderr)
        sys.stderr.flush()


def lines_of_logs(results: Path, since: float) -> Iterator[str]:
    """Yield the reasons for failure at the end of job logs, without reading snakemake's own log.

    Parameters
    ----------
    results
        Folder of the study's results.
    since
        Time in seconds since the epoch; logs last changed before it belong to earlier calls.

    Yields
    ------
    str
        Rule and reason, followed by the path of the log.
    """
    folder = results / "logs"
    for log in sorted(folder.rglob("*.log")):
        lines = last_lines(log, 1) if log.stat().st_mtime >= since else []
        if lines and lines[0].startswith(_SAID):
            rule = log.relative_to(folder).parts[0].removesuffix(".log")
            yield f"{rule}: {lines[0].removeprefix(_SAID)}"
            yield f"    log: {log}"


def failure_lines(results: Path, logs: Sequence[Path], memory: Path = MEMORY) -> Iterator[str]:
    """Yield the reason for failure of every job that failed in a call of snakemake.

    Parameters
    ----------
    results
        Folder of the study's results.
    logs
        Snakemake's own logs of the call.
    memory
        Snakemake's own folder, ``.snakemake``.

    Yields
    ------
    str
        Rule and reason, followed by the path of the log. Nothing if no job failed, or if every
        failed job succeeded when it was retried.
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

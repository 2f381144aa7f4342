"""Stage: report the progress of a study."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cortexlens.config.study import Study
    from cortexlens.jobs.cluster_logs import Key
    from cortexlens.jobs.status import JobStatus, StudyProgress


def status(
    config: Annotated[Path, typer.Option(help="Config file of the study (YAML).")],
    lines: Annotated[
        int, typer.Option(help="Number of last lines to show of the log of each failed job.", min=0)
    ] = 10,
) -> None:
    """Report which jobs are done, running, failed and waiting, and where their logs are.

    Only reads files, so it can be called while the workflow runs. Exit code 0: nothing failed; 1: a
    job failed or was interrupted; 2: the config cannot be used.
    """
    import pkgutil
    import time

    from cortexlens import stages
    from cortexlens.config.study import load_study
    from cortexlens.jobs.cluster_logs import cluster_logs
    from cortexlens.jobs.status import disk_use, read_progress

    study = load_study(config, data=False)
    results = Path("results") / study.name
    names = [module.name for module in pkgutil.iter_modules(stages.__path__)]
    found = read_progress(results, Path(".snakemake"), names)
    now = time.time()
    typer.echo(f"Study {study.name}, {results}: {_headline(found, now)}")
    if not found.jobs:
        _tell_plan(study, results)
        return
    _table(found)
    on_cluster = cluster_logs(Path(".snakemake"))
    _running([job for job in found.jobs if job.state == "running"], now, on_cluster)
    bad = [job for job in found.jobs if job.state in ("failed", "cut off")]
    _bad(bad, now, lines, on_cluster)
    sizes = list(disk_use(results))
    largest = ", ".join(f"{name} {_size(taken)}" for name, taken in sizes[:5])
    typer.echo(f"Disk: {_size(sum(taken for _, taken in sizes))}; most of it {largest}")
    if bad:
        raise typer.Exit(1)


def _headline(found: "StudyProgress", now: float) -> str:
    """Describe whether snakemake is running, and since when, or when it ended."""
    if found.locked:
        last = max([job.changed for job in found.jobs], default=now)
        last = max(last, found.last.ended if found.last else last)
        since = f" since {_clock(found.last.started)}" if found.last else ""
        sign = f"running{since}, last sign of life {_span(now - last)} ago."
        if now - last > 3600:
            sign += " If it was killed, start it again: it continues where it stopped."
        return sign
    if not found.jobs:
        return "nothing was run yet."
    if found.last is None:
        return "not running."
    return f"not running; the last run ended {_span(now - found.last.ended)} ago."


def _tell_plan(study: "Study", results: Path) -> None:
    """Print the number of jobs of a study that was never run."""
    from cortexlens.planning.planner import Planner

    number = sum(1 for _ in Planner(study, results, n_gpus=0).jobs())
    typer.echo(f"{number} jobs wait; `cortexlens plan --config {study.source}` lists them.")


def _table(found: "StudyProgress") -> None:
    """Print the number of jobs of each rule in each state."""
    from collections import Counter

    from cortexlens.jobs.status import STATES

    counts = found.counts()
    if found.unknown:
        counts["(known later)"] = Counter(waiting=found.unknown)
    total: Counter[str] = sum(counts.values(), Counter())
    states = [state for state in STATES if state != "cut off" or total["cut off"]]
    width = max(map(len, counts))
    for rule, row in [("", None), *counts.items(), ("total", total)]:
        cells = (f"{state if row is None else row[state] or '.':>9}" for state in states)
        typer.echo(f"{rule:<{width}}{''.join(cells)}")
    typer.echo("")


def _running(jobs: "list[JobStatus]", now: float, on_cluster: "dict[Key, Path]") -> None:
    from cortexlens.jobs.status import last_lines

    for job in jobs:
        typer.echo(f"Running: {_called(job)}; its log {job.log}, {_span(now - job.changed)} ago:")
        _log(last_lines(job.log, 1))
        if beside := _of_cluster(job, on_cluster):
            typer.echo(f"    on the cluster: {beside}\n")


def _of_cluster(job: "JobStatus", on_cluster: "dict[Key, Path]") -> "Path | None":
    """Path of the cluster's own log of a job, None if there is none."""
    from cortexlens.jobs.cluster_logs import job_key

    return on_cluster.get(job_key(job.rule, job.name.split("/")))


def _bad(jobs: "list[JobStatus]", now: float, lines: int, on_cluster: "dict[Key, Path]") -> None:
    from cortexlens.jobs.status import last_lines

    for job in jobs:
        state = "Failed" if job.state == "failed" else "Cut off"
        typer.echo(f"{state}: {_called(job)}, {_span(now - job.changed)} ago; its log {job.log}:")
        typer.echo(
            "".join(f"    {line}\n" for line in last_lines(job.log, lines)) or "    (empty)\n"
        )
        if beside := _of_cluster(job, on_cluster):
            typer.echo(f"  and on the cluster, {beside}:")
            typer.echo("".join(f"    {line}\n" for line in last_lines(beside, lines)))
    if jobs:
        typer.echo(
            "Run the same snakemake command again to make what failed or was cut off, and what "
            "waits for it."
        )


def _log(lines: list[str]) -> None:
    for line in lines or ["(nothing)"]:
        typer.echo(f"    {line}")
    typer.echo("")


def _called(job: "JobStatus") -> str:
    return f"{job.rule} {job.name}".rstrip()


def _clock(moment: float) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(moment).strftime("%Y-%m-%d %H:%M:%S")


def _span(seconds: float) -> str:
    """Format a duration in its largest unit."""
    seconds = max(0.0, seconds)
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _size(taken: float) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if taken >= size:
            return f"{taken / size:.1f} {unit}"
    return f"{taken / 1e3:.0f} kB"

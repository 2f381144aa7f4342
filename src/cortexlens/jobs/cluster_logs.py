"""Logs that a cluster wrote of a study's jobs, matched to these jobs.

A job that a cluster kills (out of memory, out of time, or lost with its node) may have no chance to
write to its own log. The cluster's log is elsewhere: with Slurm in ``.snakemake/slurm_logs``, with
the generic profile in ``.snakemake/cluster_logs``. Both begin with the lines that snakemake prints
when it starts inside the job, among them its command, which names the jobs to be run.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

FOLDERS: Final = ("slurm_logs", "cluster_logs")
# The command is among the first lines; that of a group of jobs can be long.
HEAD: Final = 64 * 1024
_TARGETS = re.compile(r"^ *Command: .*? --target-jobs (.*?) --", re.MULTILINE)
_TARGET = re.compile(r"(\w+):(\S*)")
_VALUE = re.compile(r'\w+=("[^"]*"|[^,]*)')

Key = tuple[str, frozenset[str]]


def job_key(rule: str, values: Iterable[str]) -> Key:
    """Key that identifies a job.

    Parameters
    ----------
    rule
        Name of the rule.
    values
        Values of the wildcards, or the parts of the path of its log, in which seeds have a prefix.
    """
    return rule, frozenset(value.removeprefix("seed-") for value in values if value)


def cluster_logs(memory: Path) -> dict[Key, Path]:
    """Find the cluster's log of each job; of jobs that were retried, the log of the last attempt.

    Parameters
    ----------
    memory
        Snakemake's own folder, ``.snakemake``.

    Returns
    -------
    dict
        :func:`job_key` of a job → path of its log; jobs that ran in one cluster job share a log.
        Snakemake's Slurm plugin deletes the logs of jobs that succeeded.
    """
    found: dict[Key, Path] = {}
    paths = [path for folder in FOLDERS for path in (memory / folder).rglob("*.log")]
    for path in sorted(paths, key=_time):
        found.update((key, path) for key in _jobs_of(path))
    return found


def _jobs_of(path: Path) -> Iterator[Key]:
    """Jobs that a log names; if snakemake did not start, the job that the path of the log names."""
    try:
        with path.open("rb") as file:
            text = file.read(HEAD).decode(errors="replace")
    except OSError:  # deleted by snakemake because the job succeeded
        return
    if called := _TARGETS.search(text):
        for rule, wildcards in _TARGET.findall(called[1]):
            yield job_key(rule, (value.strip('"') for value in _VALUE.findall(wildcards)))
    elif path.parent.name.startswith("rule_"):
        yield job_key(path.parent.name.removeprefix("rule_"), ())
    elif path.parent.parent.name.startswith("rule_"):
        rule = path.parent.parent.name.removeprefix("rule_")
        yield job_key(rule, path.parent.name.split("_"))


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0

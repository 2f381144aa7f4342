"""What a cluster itself said of a study's jobs, and of which job it is.

A job that a cluster kills, for memory, time or a node that is lost, may have no chance to write
its own log. What the cluster said lies elsewhere: with Slurm in ``.snakemake/slurm_logs``, with
the generic profile in ``.snakemake/cluster_logs``. Both begin with what snakemake says when it
starts inside the job, its command, which names the jobs that it was called for.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

FOLDERS: Final = ("slurm_logs", "cluster_logs")
# The command stands among the first lines; groups of jobs have long ones.
HEAD: Final = 64 * 1024
_TARGETS = re.compile(r"^ *Command: .*? --target-jobs (.*?) --", re.MULTILINE)
_TARGET = re.compile(r"(\w+):(\S*)")
_VALUE = re.compile(r'\w+=("[^"]*"|[^,]*)')

Key = tuple[str, frozenset[str]]


def job_key(rule: str, values: Iterable[str]) -> Key:
    """Give what a job is known by.

    Parameters
    ----------
    rule
        Its rule.
    values
        Its wildcards' values, or the parts of its log's path, where a seed's has a prefix.
    """
    return rule, frozenset(value.removeprefix("seed-") for value in values if value)


def cluster_logs(memory: Path) -> dict[Key, Path]:
    """Find what the cluster said of each job, of jobs that were tried again the last time.

    Parameters
    ----------
    memory
        Snakemake's own folder, ``.snakemake``.

    Returns
    -------
    dict
        :func:`job_key` of a job → its log; several jobs have the same one if they share a job of
        the cluster's. Slurm's logs of jobs that succeeded are removed by snakemake's plugin.
    """
    found: dict[Key, Path] = {}
    paths = [path for folder in FOLDERS for path in (memory / folder).rglob("*.log")]
    for path in sorted(paths, key=_time):
        found.update((key, path) for key in _jobs_of(path))
    return found


def _jobs_of(path: Path) -> Iterator[Key]:
    """Jobs that a log speaks of; where snakemake did not start, the one that its path names."""
    try:
        with path.open("rb") as file:
            text = file.read(HEAD).decode(errors="replace")
    except OSError:  # removed by snakemake, for the job succeeded
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

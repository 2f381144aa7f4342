"""Inputs of summaries of a whole study: its runs, and what other targets have added.

`snakemake` makes the page and the methods text of the runs. Other targets have further results that
belong in these summaries as well. Results of targets that a call asks for are inputs, so they are
waited for. Results of other targets are used if they exist already; they are not inputs, so that a
call for the runs never makes them again.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from cortexlens.config.study import Run, Study
from cortexlens.storage.provenance import input_hash

RESULTS: Final = "<results>"
# Environment variable that passes the targets of a call to its jobs on a cluster.
TARGETS: Final = "CORTEXLENS_TARGETS"


class Gathered(ABC):
    """Functions from (unused) wildcards to the inputs of the rule of a summary.

    Parameters
    ----------
    study
        The study.
    results
        Folder of its results.
    checkpoints, workflow
        Snakemake's objects: the first waits until layers are known, the second knows the targets.

    Attributes
    ----------
    added
        Target → parts of the study that it makes.
    late
        The part of which some files are known only once the layers of networks are.
    """

    added: ClassVar[Mapping[str, Sequence[str]]]
    late: ClassVar[str]

    def __init__(self, study: Study, results: Path, checkpoints: Any, workflow: Any) -> None:
        self.study, self.results = study, results
        self.checkpoints, self.workflow = checkpoints, workflow

    @abstractmethod
    def of_the_runs(self) -> list[str]:
        """Files of the runs, as paths below the study's results."""

    @abstractmethod
    def of_part(self, part: str) -> list[str]:
        """Files that a part adds, except those that are known late."""

    @abstractmethod
    def known_late(self, wildcards: Any) -> list[str]:
        """Remaining files of the part :attr:`late`."""

    @abstractmethod
    def late_there(self) -> list[Path]:
        """Those remaining files that exist already."""

    @property
    def parts(self) -> list[str]:
        """All parts, in the order of :attr:`added`."""
        return list(dict.fromkeys(part for parts in self.added.values() for part in parts))

    def needed(self, wildcards: Any) -> list[str]:
        """Files of the runs, and of the other parts that the call asks for."""
        asked = self._asked()
        paths = [*self.of_the_runs(), *(path for part in asked for path in self.of_part(part))]
        if self.late in asked:
            paths += self.known_late(wildcards)
        return list(dict.fromkeys(paths))

    def there(self, wildcards: Any) -> list[Path]:
        """Existing files of parts that the call does not ask for."""
        needed, asked = set(self.needed(wildcards)), self._asked()
        others = [path for part in self.parts if part not in asked for path in self.of_part(part)]
        wanted = [path for path in dict.fromkeys(others) if path not in needed]
        found = [Path(path.replace(RESULTS, str(self.results))) for path in wanted]
        if self.late not in asked:
            found += self.late_there()
        return [path for path in found if path.exists()]

    def state(self, wildcards: Any) -> list[str]:
        """Hashes of these files, so that the summary is made again when one of them changes."""
        return [input_hash(path)[:16] for path in self.there(wildcards)]

    def _asked(self) -> list[str]:
        """Parts that the targets of this call make."""
        made = {part for target in targets_of(self.workflow) for part in self.added.get(target, ())}
        return [part for part in self.parts if part in made]


def targets_of(workflow: Any) -> set[str]:
    """Targets of the call; in a cluster job, which calls snakemake too, those of the original call.

    Parameters
    ----------
    workflow
        Snakemake's workflow object.
    """
    if workflow.remote_exec:
        return set(os.environ.get(TARGETS, "").split())
    return set() if workflow.dag_settings is None else set(workflow.dag_settings.targets)


def tell_jobs(workflow: Any) -> None:
    """Pass the targets of this call to its jobs on a cluster, which inherit the environment.

    Parameters
    ----------
    workflow
        Snakemake's workflow object, once its targets are known.
    """
    os.environ[TARGETS] = " ".join(sorted(targets_of(workflow)))


def of_fits(runs: Iterable[Run], below: Sequence[str]) -> list[str]:
    """Fill in path patterns below the study's results for each run, without duplicates."""
    runs = list(runs)
    paths = [f"{RESULTS}/{each}".format(**run._asdict()) for each in below for run in runs]
    return list(dict.fromkeys(paths))

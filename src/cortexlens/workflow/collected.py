"""What a summary of a whole study is made from: its runs, and what other targets have added.

`snakemake` makes the page and the methods text of the runs. Other targets have results of their
own, which belong there as well: those that a call asks for are waited for, and those that are
there already are taken as they are. The latter are no inputs, so that a call for the runs never
makes them again.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from cortexlens.config.study import Run, Study
from cortexlens.storage.provenance import input_hash

RESULTS: Final = "<results>"
# Environment variable that tells jobs on a cluster the targets of the call that they belong to.
TARGETS: Final = "CORTEXLENS_TARGETS"


class Gathered(ABC):
    """Functions from wildcards, of which there are none, to what the rule of a summary takes.

    Parameters
    ----------
    study
        The study.
    results
        Folder of its results.
    checkpoints, workflow
        Snakemake's: the first waits until layers are known, the second knows what is asked for.

    Attributes
    ----------
    added
        Target → parts of the study that it makes.
    late
        The part of which some files are known only when the layers of networks are.
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
        """What a part adds, but for what is known late."""

    @abstractmethod
    def known_late(self, wildcards: Any) -> list[str]:
        """The rest of the part :attr:`late`."""

    @abstractmethod
    def late_there(self) -> list[Path]:
        """Files of that rest that lie there."""

    @property
    def parts(self) -> list[str]:
        """All parts, in the order of :attr:`added`."""
        return list(dict.fromkeys(part for parts in self.added.values() for part in parts))

    def needed(self, wildcards: Any) -> list[str]:
        """Files of the runs, and of what the call asks for besides."""
        asked = self._asked()
        paths = [*self.of_the_runs(), *(path for part in asked for path in self.of_part(part))]
        if self.late in asked:
            paths += self.known_late(wildcards)
        return list(dict.fromkeys(paths))

    def there(self, wildcards: Any) -> list[Path]:
        """Files of parts that the call does not ask for, as far as they are there."""
        needed, asked = set(self.needed(wildcards)), self._asked()
        others = [path for part in self.parts if part not in asked for path in self.of_part(part)]
        wanted = [path for path in dict.fromkeys(others) if path not in needed]
        found = [Path(path.replace(RESULTS, str(self.results))) for path in wanted]
        if self.late not in asked:
            found += self.late_there()
        return [path for path in found if path.exists()]

    def state(self, wildcards: Any) -> list[str]:
        """Hashes of these, so that what is gathered is made again when one of them was."""
        return [input_hash(path)[:16] for path in self.there(wildcards)]

    def _asked(self) -> list[str]:
        """Parts that the targets of this call make."""
        made = {part for target in targets_of(self.workflow) for part in self.added.get(target, ())}
        return [part for part in self.parts if part in made]


def targets_of(workflow: Any) -> set[str]:
    """Targets of the call; of a job on a cluster, which calls snakemake itself, of the first call.

    Parameters
    ----------
    workflow
        Snakemake's.
    """
    if workflow.remote_exec:
        return set(os.environ.get(TARGETS, "").split())
    return set() if workflow.dag_settings is None else set(workflow.dag_settings.targets)


def tell_jobs(workflow: Any) -> None:
    """Leave the targets of this call to its jobs on a cluster, which inherit the environment.

    Parameters
    ----------
    workflow
        Snakemake's, when its targets are known.
    """
    os.environ[TARGETS] = " ".join(sorted(targets_of(workflow)))


def of_fits(runs: Iterable[Run], below: Sequence[str]) -> list[str]:
    """Files of fits: patterns below the study's results, filled in for each run, each path once."""
    runs = list(runs)
    paths = [f"{RESULTS}/{each}".format(**run._asdict()) for each in below for run in runs]
    return list(dict.fromkeys(paths))

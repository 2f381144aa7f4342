"""What the page of a study is made from: what its runs make, and what other targets have added.

`snakemake` makes a page of the runs. Other targets have results of their own, which belong on the
same page: those that a call asks for are waited for, and those that are there already are shown
as they are. The latter are no inputs, so that a call for the runs never makes them again.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from cortexlens.config import Run, Study
from cortexlens.provenance import input_hash
from cortexlens.sae_jobs import of_pair_layers, of_pairs
from cortexlens.targets import ENCODER

RESULTS: Final = "<results>"
_TABLE: Final = RESULTS + "/tables/{name}.tsv"
_UNITS: Final = RESULTS + "/units/{backbone}/{layer}/seed-0/{subject}.zarr"
# Target → what it adds.
ADDED: Final = {
    "finetuning": ("finetuned",),
    "channels": ("channels",),
    "everything": ("finetuned", "further", "channels"),
    "sae": ("dictionaries",),
}
PARTS: Final = ("finetuned", "further", "channels", "dictionaries")


class AtlasInputs:
    """Functions from wildcards, of which there are none, to what the rule of the page takes.

    Parameters
    ----------
    study
        The study.
    results
        Folder of its results.
    checkpoints, workflow
        Snakemake's: the first waits until layers are known, the second knows what is asked for.
    """

    def __init__(self, study: Study, results: Path, checkpoints: Any, workflow: Any) -> None:
        self.study, self.results = study, results
        self.checkpoints, self.workflow = checkpoints, workflow

    def needed(self, wildcards: Any) -> list[str]:
        """Files of the runs, and of what the call asks for besides."""
        asked = self._asked()
        paths = [*of_the_runs(self.study), *(path for part in asked for path in self._of(part))]
        if "dictionaries" in asked:
            paths += of_pair_layers(self.study, self.checkpoints, _UNITS)(wildcards)
        return list(dict.fromkeys(paths))

    def beside(self, wildcards: Any) -> list[str]:
        """Options that name the files of other targets that are there."""
        return [f"--beside={path}" for path in self._there(wildcards)]

    def state(self, wildcards: Any) -> list[str]:
        """Hashes of these, so that the page is made again when one of them was."""
        return [input_hash(path)[:16] for path in self._there(wildcards)]

    def _asked(self) -> list[str]:
        """Parts that the targets of this call make."""
        settings = self.workflow.dag_settings
        targets = set() if settings is None else set(settings.targets)
        return [part for part in PARTS if any(part in ADDED.get(target, ()) for target in targets)]

    def _of(self, part: str) -> list[str]:
        return added(self.study, part)

    def _there(self, wildcards: Any) -> list[Path]:
        """Files of parts that the call does not ask for, as far as they are there."""
        needed = set(self.needed(wildcards))
        asked = self._asked()
        wanted = [path for part in PARTS if part not in asked for path in self._of(part)]
        found = [
            Path(path.replace(RESULTS, str(self.results)))
            for path in dict.fromkeys(wanted)
            if path not in needed
        ]
        if "dictionaries" not in asked:
            for backbone, subject in self.study.coded:
                units = (self.results / "units" / backbone).glob(f"*/seed-0/{subject}.zarr")
                found += sorted(units)
        return [path for path in found if path.exists()]


def of_the_runs(study: Study) -> list[str]:
    """Stores, tables and lists of pictures of the runs, as paths below the study's results."""
    encoded = any(run.readout == ENCODER for run in study.runs)
    names = ["brain_score", *(["hierarchy", "roi_models", "paper_comparison"] if encoded else [])]
    return [*_of_fits(study.runs), *(_TABLE.format(name=name) for name in names)]


def added(study: Study, part: str) -> list[str]:
    """What one of :data:`PARTS` adds, but for units, whose layers may not be known yet."""
    if part == "channels":
        runs = [Run(ENCODER, *pair) for pair in study.channelled]
        clusters = RESULTS + "/channels/{readout}/{backbone}/{subject}.zarr"
        return [*_of_fits(runs), *(clusters.format(**run._asdict()) for run in runs)]
    if part == "dictionaries":
        tables = [_TABLE.format(name="dictionary")] if study.coded else []
        return [*of_pairs(study, RESULTS + "/dictionaries/{backbone}/{subject}.zarr"), *tables]
    if part == "finetuned":
        tables = [_TABLE.format(name="finetune_changes")] if study.derived else []
        return [*_of_fits(study.finetuned), *tables]
    return _of_fits(study.further)


def _of_fits(runs: Iterable[Run]) -> list[str]:
    """Fits, their scores, and the pictures that their subjects saw."""
    below = (
        "fits/{readout}/{backbone}/{subject}/fit.zarr",
        "scores/{readout}/{backbone}/{subject}.zarr",
        "subjects/{subject}/images.tsv",
    )
    runs = list(runs)
    paths = [f"{RESULTS}/{each}".format(**run._asdict()) for each in below for run in runs]
    return list(dict.fromkeys(paths))

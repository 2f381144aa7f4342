"""Input files of the rule that builds the page of a study."""

from pathlib import Path
from typing import Any, ClassVar, Final

from cortexlens.config.study import Run
from cortexlens.planning.sae_jobs import of_pair_layers, of_pairs
from cortexlens.workflow.collected import RESULTS, Gathered, of_fits

_TABLE: Final = RESULTS + "/tables/{name}.tsv"
_UNITS: Final = RESULTS + "/units/{backbone}/{layer}/seed-0/{subject}.zarr"
_CLUSTERS: Final = RESULTS + "/channels/{readout}/{backbone}/{subject}.zarr"
# Files of a fit: itself, its scores, and the images that its subject saw.
_FIT: Final = (
    "fits/{readout}/{backbone}/{subject}/fit.zarr",
    "scores/{readout}/{backbone}/{subject}.zarr",
    "subjects/{subject}/images.tsv",
)


class AtlasInputs(Gathered):
    """Functions from wildcards to the inputs of the rule that builds the page."""

    added: ClassVar = {
        "finetuning": ("finetuned",),
        "everything": ("finetuned", "further", "channels"),
        "channels": ("channels",),
        "sae": ("dictionaries",),
    }
    late = "dictionaries"

    def beside(self, wildcards: Any) -> list[str]:
        """Options that name the existing files of other targets."""
        return [f"--beside={path}" for path in self.there(wildcards)]

    def of_the_runs(self) -> list[str]:
        """Stores, tables and lists of images of the runs."""
        main = self.study.main_readout
        # the page first shows the first readout of each network and subject
        runs = sorted(self.study.runs, key=lambda run: run.readout != main)
        mapped = bool(self.study.mapped)
        names = ["brain_score", *(["hierarchy", "roi_models", "paper_comparison"] * mapped)]
        return [*of_fits(runs, _FIT), *(_TABLE.format(name=name) for name in names)]

    def of_part(self, part: str) -> list[str]:
        """Files that a part adds, except units, whose layers may not be known yet."""
        study = self.study
        if part == "channels":
            runs = [Run(study.main_readout, *pair) for pair in study.channelled]
            return [*of_fits(runs, _FIT), *(_CLUSTERS.format(**run._asdict()) for run in runs)]
        if part == "dictionaries":
            tables = [_TABLE.format(name="dictionary")] if study.coded else []
            return [*of_pairs(study, RESULTS + "/dictionaries/{backbone}/{subject}.zarr"), *tables]
        if part == "finetuned":
            tables = [_TABLE.format(name="finetune_changes")] if study.derived else []
            return [*of_fits(study.finetuned, _FIT), *tables]
        return of_fits(study.further, _FIT)

    def known_late(self, wildcards: Any) -> list[str]:
        """Stores of units of the dictionaries' layers."""
        paths: list[str] = of_pair_layers(self.study, self.checkpoints, _UNITS)(wildcards)
        return paths

    def late_there(self) -> list[Path]:
        """Stores of units that exist already."""
        return [
            path
            for backbone, subject in self.study.coded
            for path in sorted((self.results / "units" / backbone).glob(f"*/seed-0/{subject}.zarr"))
        ]

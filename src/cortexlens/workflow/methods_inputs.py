"""Input files of the methods text: records of the study's runs, and of other targets."""

from pathlib import Path
from typing import Any, ClassVar, Final

from cortexlens.config.recovery import recovery_fits
from cortexlens.config.study import Run
from cortexlens.planning.sae_jobs import of_networks, of_pairs
from cortexlens.planning.targets import finetune_reports
from cortexlens.workflow.collected import RESULTS, Gathered, of_fits

# Files of a fit: itself, and its responses, network and features.
_FIT: Final = (
    "subjects/{subject}/responses.zarr",
    "backbones/{backbone}.json",
    "features/{backbone}/{subject}.zarr",
    "fits/{readout}/{backbone}/{subject}/fit.zarr",
)
_SCORED: Final = (*_FIT, "scores/{readout}/{backbone}/{subject}.zarr")
_CLUSTERS: Final = RESULTS + "/channels/{readout}/{backbone}/{subject}.zarr"
_SAE: Final = RESULTS + "/saes/{backbone}/{layer}/seed-{sae_seed}/sae.json"


class MethodsInputs(Gathered):
    """Functions from wildcards to the inputs of the rule that writes the methods text."""

    added: ClassVar = {
        "trust": ("trust",),
        "finetuning": ("finetuned",),
        "everything": ("finetuned", "further", "channels"),
        "channels": ("channels",),
        "sae": ("sae",),
        "recovery": ("recovery",),
    }
    late = "sae"

    def beside(self, wildcards: Any) -> list[str]:
        """Existing records of other targets."""
        return list(map(str, self.there(wildcards)))

    def of_the_runs(self) -> list[str]:
        """Records of the runs."""
        return of_fits(self.study.runs, _SCORED)

    def of_part(self, part: str) -> list[str]:
        """Records of a part, except autoencoders, whose layers may not be known yet."""
        study = self.study
        if part == "channels":
            runs = [Run(study.main_readout, *pair) for pair in study.channelled]
            return [*of_fits(runs, _FIT), *(_CLUSTERS.format(**run._asdict()) for run in runs)]
        if part == "sae":
            return of_pairs(study, RESULTS + "/dictionaries/{backbone}/{subject}.zarr")
        if part == "recovery":
            return [
                f"{RESULTS}/recovery/{readout}/{backbone}/{subject}/{condition}.zarr"
                for backbone, subject in study.recovered
                for readout, condition in recovery_fits(study.config)
            ]
        if part == "trust":  # no rule scores these fits
            return of_fits(study.trust, _FIT)
        reports = finetune_reports(study) if part == "finetuned" else []
        return [*of_fits(getattr(study, part), _SCORED), *reports]

    def known_late(self, wildcards: Any) -> list[str]:
        """Reports of autoencoders."""
        paths: list[str] = of_networks(self.study, self.checkpoints, _SAE)(wildcards)
        return paths

    def late_there(self) -> list[Path]:
        """Reports of autoencoders that exist already."""
        backbones = dict.fromkeys(backbone for backbone, _ in self.study.coded)
        return [
            path
            for backbone in backbones
            for path in sorted((self.results / "saes" / backbone).glob("*/seed-*/sae.json"))
        ]

"""What the methods text of a study is made from: records of its runs, and of other targets.

As for the page: what the call asks for is waited for, and what is there already is described as
it is, without being an input, so that a call for the runs never makes it again.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from cortexlens.atlas_jobs import RESULTS, AtlasInputs
from cortexlens.conditions import recovery_conditions
from cortexlens.config import Run
from cortexlens.sae_jobs import of_networks, of_pairs
from cortexlens.targets import ENCODER, finetune_reports

# Target → parts of the config that it makes.
ADDED: Final = {
    "trust": ("trust",),
    "finetuning": ("finetuned",),
    "channels": ("channels",),
    "everything": ("finetuned", "further", "channels"),
    "sae": ("sae",),
    "recovery": ("recovery",),
}
PARTS: Final = ("trust", "finetuned", "further", "channels", "sae", "recovery")
# Of a fit: itself, and the responses, the network and the features that it is of.
_FIT: Final = (
    "subjects/{subject}/responses.zarr",
    "backbones/{backbone}.json",
    "features/{backbone}/{subject}.zarr",
    "fits/{readout}/{backbone}/{subject}/fit.zarr",
)
_SCORES: Final = "scores/{readout}/{backbone}/{subject}.zarr"
_SAE: Final = RESULTS + "/saes/{backbone}/{layer}/seed-{sae_seed}/sae.json"


class MethodsInputs(AtlasInputs):
    """Functions from wildcards, of which there are none, to what the rule of the methods takes."""

    def needed(self, wildcards: Any) -> list[str]:
        """Records of the runs, and of what the call asks for besides."""
        asked = self._asked()
        paths = [*_of_fits(self.study.runs), *(path for part in asked for path in self._of(part))]
        if "sae" in asked:
            paths += of_networks(self.study, self.checkpoints, _SAE)(wildcards)
        return list(dict.fromkeys(paths))

    def beside(self, wildcards: Any) -> list[str]:
        """Records of other targets that are there."""
        return list(map(str, self._there(wildcards)))

    def _asked(self) -> list[str]:
        settings = self.workflow.dag_settings
        targets = set() if settings is None else set(settings.targets)
        return [part for part in PARTS if any(part in ADDED.get(target, ()) for target in targets)]

    def _of(self, part: str) -> list[str]:
        """Records of a part, but for autoencoders, whose layers may not be known yet."""
        study = self.study
        if part == "channels":
            pattern = RESULTS + f"/channels/{ENCODER}/{{}}/{{}}.zarr"
            fits = [Run(ENCODER, *pair) for pair in study.channelled]
            return [*_of_fits(fits, _FIT), *(pattern.format(*pair) for pair in study.channelled)]
        if part == "sae":
            return of_pairs(study, RESULTS + "/dictionaries/{backbone}/{subject}.zarr")
        if part == "recovery":
            conditions = recovery_conditions(study.config["recovery"])
            return [
                f"{RESULTS}/recovery/{backbone}/{subject}/{condition}.zarr"
                for backbone, subject in study.recovered
                for condition in conditions
            ]
        if part == "trust":  # their scores are nobody's
            return _of_fits(study.trust, _FIT)
        reports = finetune_reports(study) if part == "finetuned" else []
        return [*_of_fits(getattr(study, part)), *reports]

    def _there(self, wildcards: Any) -> list[Path]:
        """Records of parts that the call does not ask for, as far as they are there."""
        needed, asked = set(self.needed(wildcards)), self._asked()
        others = [path for part in PARTS if part not in asked for path in self._of(part)]
        wanted = [path for path in dict.fromkeys(others) if path not in needed]
        found = [Path(path.replace(RESULTS, str(self.results))) for path in wanted]
        if "sae" not in asked:
            for backbone in dict.fromkeys(backbone for backbone, _ in self.study.coded):
                found += sorted((self.results / "saes" / backbone).glob("*/seed-*/sae.json"))
        return [path for path in found if path.exists()]


def _of_fits(runs: Iterable[Run], below: Sequence[str] = (*_FIT, _SCORES)) -> list[str]:
    """Records of fits, as paths below the study's results, each once."""
    runs = list(runs)
    paths = [f"{RESULTS}/{each}".format(**run._asdict()) for each in below for run in runs]
    return list(dict.fromkeys(paths))

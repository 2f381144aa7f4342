"""The model card of the demo zoo, written from the reports of its trainings."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cortexlens.errors import CortexlensError
from cortexlens.storage.json_files import NUMBER, Wanted, read_json

# What each figure is, and the least lead over the untrained network that the project stands for:
# a network that falls short is not shipped.
FIGURES: dict[str, tuple[str, float]] = {
    "category_map": ("mean average precision of the five object categories", 0.15),
    "background_accuracy": ("accuracy of naming the background, of five", 0.05),
    "hidden_variance_explained": ("variance explained of the hidden patches", 0.05),
    "caption_top1_of_64": ("own caption nearest, among 64", 0.10),
    "view_top1_of_64": ("other view of the same scene nearest, among 64; chance is 0.016", 0.30),
    "noise_variance_explained": ("variance explained of the noise, over ten time steps", 0.20),
    # Not what self-distillation asks for; told because its networks are often used so.
    "neighbour_label": ("label of the 20 nearest class tokens, of ten", 0.03),
    "neighbour_background": ("background of the 20 nearest class tokens, of five", 0.10),
}

HOW: dict[str, str] = {
    "supervised": "Names the categories, kinds and colours of the objects and the background from "
    "the class token, and the category at each place from the patch tokens. Untrained: a ridge "
    "read-out of the untrained network's class token and mean patch token, fitted on training "
    "scenes.",
    "masked": "Sees a quarter of the patches; a decoder of one block paints the others. "
    "Untrained: the same decoder, trained as long on the untrained network.",
    "contrastive": "Class token and caption (two transformer layers over its words) meet in 64 "
    "dimensions. Untrained: a ridge map of the untrained network's features to the same captions' "
    "embeddings, fitted on training scenes.",
    "diffusion": "Finds the noise in the codes of a scene, of any of 1,000 time steps; the "
    "control is the same UNet with its initial weights, behind the same encoder.",
    "distilled": "From a few patches of one window of a scene, recoloured, a student foretells "
    "what its own moving average makes of another window, so that it is found among the windows "
    "of 64 scenes; no labels. Untrained: the untrained network's class token, looked up likewise.",
}

OPENING = """# Model card: the demo zoo

One architecture, trained in four ways on drawn scenes and, as the control, not at all: timm's
`VisionTransformer` with 96 px input, patches of 8 px, 8 blocks, 128 channels, 4 heads and a class
token; 1.63 million parameters, stored as float16. Input: RGB, 0 to 1, mean 0.5, standard
deviation 0.5.

And a diffusion network of as many pixels: diffusers' `UNet2DModel` of 32, 64 and 64 channels on
12 × 12 places, 1.07 million parameters, behind a linear encoder: the first 16 principal components
of patches of 8 px.

**For**: the embedded demo and the tests of cortexlens. The networks know drawn scenes alone and
are of no use on photographs.

**Trained on**: scenes of `cortexlens draw-scenes` with a seed that no demo subject has. No person
and no photograph is in them. **Made again** by `snakemake demo_zoo`, seeded; the same machine and
number of threads give the same weights.

**Figures** are measured on held-out scenes, at each network's own task, beside the same
architecture with the initial weights of the same seed. *Lead* is the difference; *stands for* is
the least lead with which a network is shipped.
"""

# Keys of a report that the card tells.
_WHICH: Final = ("trained", "untrained")
_NEEDED: Final[dict[str, Wanted]] = {
    "network": str,
    "task": str,
    "figures": dict,
    "n_train": int,
    "n_held_out": int,
    "seed": int,
    **{f"recipe.{name}": NUMBER for name in ("epochs", "batch_size", "muon_rate")},
    **{f"recipe.{name}": NUMBER for name in ("learning_rate", "weight_decay")},
    **{f"provenance.versions.{name}": str for name in ("torch", "timm")},
}


def read_report(path: Path) -> dict[str, Any]:
    """Read the report of a training.

    Raises
    ------
    CortexlensError
        If the file is missing or damaged, or tells something else.
    """
    correct = "Train the network again."
    report = read_json(path, _NEEDED, correct=correct)
    unknown = [name for name in report["figures"] if name not in FIGURES]
    if unknown or report["task"] not in HOW:
        raise CortexlensError(
            f"{path}: found {(unknown or [report['task']])[0]!r}; known are the tasks "
            f"{', '.join(HOW)} and the figures {', '.join(FIGURES)}. {correct}"
        )
    figures: dict[str, Wanted]
    figures = {f"figures.{name}.{which}": NUMBER for name in report["figures"] for which in _WHICH}
    return read_json(path, figures, correct=correct)


def model_card(reports: Sequence[Mapping[str, Any]]) -> str:
    """Write the model card.

    Parameters
    ----------
    reports
        One of :func:`cortexlens.backbones.training.run.train_network` a network.

    Returns
    -------
    str
        Markdown.
    """
    lines = [
        OPENING,
        "| network | figure | trained | untrained | lead | stands for |",
        "|---|---|---|---|---|---|",
    ]
    for report in reports:
        for name, values in report["figures"].items():
            meaning, least = FIGURES[name]
            lead = values["trained"] - values["untrained"]
            lines.append(
                f"| {report['network']} | {meaning} | {values['trained']:.3f} "
                f"| {values['untrained']:.3f} | {lead:+.3f} | {least:.2f} |"
            )
    for report in reports:
        recipe, versions = report["recipe"], report["provenance"]["versions"]
        muon = f"Muon at {recipe['muon_rate']:g} for the blocks' matrices and "
        muon = muon if recipe["muon_rate"] else ""
        lines += [
            "",
            f"## {report['network']}",
            "",
            HOW[report["task"]],
            "",
            f"{report['n_train']:,} scenes, {recipe['epochs']:g} epochs in batches of "
            f"{recipe['batch_size']}, {muon}AdamW at {recipe['learning_rate']:g}"
            f"{' for the rest' if muon else ''}, with warm-up and cosine fall, "
            f"weight decay {recipe['weight_decay']:g}; seed {report['seed']}; measured on "
            f"{report['n_held_out']:,} held-out scenes; torch {versions['torch']}, timm "
            f"{versions['timm']}.",
        ]
    return "\n".join(lines) + "\n"

"""The model card of the demo zoo, written from the reports of its trainings."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cortexlens.errors import CortexlensError
from cortexlens.storage.json_files import NUMBER, Wanted, read_json

# Meaning of each figure, and the minimum lead over the untrained network: a network with a smaller
# lead is not shipped.
FIGURES: dict[str, tuple[str, float]] = {
    "category_map": ("mean average precision of the five object categories", 0.15),
    "background_accuracy": ("accuracy of background classification, five classes", 0.05),
    "hidden_variance_explained": ("explained variance of hidden patches", 0.05),
    "caption_top1_of_64": ("top-1 retrieval of the caption among 64", 0.10),
    "view_top1_of_64": ("top-1 retrieval of the other view among 64; chance is 0.016", 0.30),
    "noise_variance_explained": ("explained variance of the noise, over ten time steps", 0.20),
    # not the objective of self-distillation, but a frequent use of such networks
    "neighbour_label": ("20-nearest-neighbour accuracy of the label, ten classes", 0.03),
    "neighbour_background": ("20-nearest-neighbour accuracy of the background, five classes", 0.10),
}

HOW: dict[str, str] = {
    "supervised": "Classifies the categories, kinds and colours of objects and the background from "
    "the class token, and the category at each position from the patch tokens. Untrained: a ridge "
    "read-out of the untrained network's class token and mean patch token, fitted on training "
    "scenes.",
    "masked": "Sees a quarter of the patches; a decoder of one block reconstructs the others. "
    "Untrained: the same decoder, trained with the same recipe on the untrained network.",
    "contrastive": "Aligns the class token with the caption (two transformer layers over its "
    "words) in 64 dimensions. Untrained: a ridge regression from the untrained network's features "
    "to the same captions' embeddings, fitted on training scenes.",
    "diffusion": "Predicts the noise in the codes of a scene at any of 1,000 time steps. "
    "Untrained: the same UNet with its initial weights, behind the same encoder.",
    "distilled": "From a few patches of one recoloured window of a scene, a student predicts its "
    "own moving average's embedding of another window, which it has to identify among the windows "
    "of 64 scenes; no labels are used. Untrained: the same retrieval with the untrained network's "
    "class token.",
}

OPENING = """# Model card: the demo zoo

One architecture, trained on four tasks with drawn scenes, and untrained as a control: timm's
`VisionTransformer` with 96 px input, patches of 8 px, 8 blocks, 128 channels, 4 heads and a class
token; 1.63 million parameters, stored as float16. Input: RGB, 0 to 1, mean 0.5, standard
deviation 0.5.

In addition, a diffusion network for images of the same size: diffusers' `UNet2DModel` with 32, 64
and 64 channels on a grid of 12 × 12, 1.07 million parameters, behind a linear encoder: the first
16 principal components of patches of 8 px.

**Intended use**: the embedded demo and the tests of cortexlens. The networks were trained on drawn
scenes only and are not useful for photographs.

**Training data**: scenes of `cortexlens draw-scenes` with a seed that no demo subject uses. They
contain no photographs and no real persons. **Reproduction**: `snakemake demo_zoo` trains the
networks from fixed seeds; the same machine and number of threads give the same weights.

**Figures** are measured on held-out scenes, at each network's own task, and compared with the same
architecture with the initial weights of the same seed. *Lead* is the difference; *minimum* is the
smallest lead with which a network is shipped.
"""

# Keys of a report that the card needs.
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
        If the file is missing or damaged, or has unknown tasks or figures.
    """
    correct = "Train the network again."
    report = read_json(path, _NEEDED, correct=correct)
    unknown = [name for name in report["figures"] if name not in FIGURES]
    if unknown or report["task"] not in HOW:
        raise CortexlensError(
            f"{path}: found {(unknown or [report['task']])[0]!r}; known tasks are "
            f"{', '.join(HOW)}, known figures {', '.join(FIGURES)}. {correct}"
        )
    figures: dict[str, Wanted]
    figures = {f"figures.{name}.{which}": NUMBER for name in report["figures"] for which in _WHICH}
    return read_json(path, figures, correct=correct)


def model_card(reports: Sequence[Mapping[str, Any]]) -> str:
    """Write the model card.

    Parameters
    ----------
    reports
        Reports of :func:`cortexlens.backbones.training.run.train_network`, one per network.

    Returns
    -------
    str
        The card in Markdown.
    """
    lines = [
        OPENING,
        "| network | figure | trained | untrained | lead | minimum |",
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
            f"{' for the rest' if muon else ''}, with warm-up and cosine decay, "
            f"weight decay {recipe['weight_decay']:g}; seed {report['seed']}; evaluated on "
            f"{report['n_held_out']:,} held-out scenes; torch {versions['torch']}, timm "
            f"{versions['timm']}.",
        ]
    return "\n".join(lines) + "\n"

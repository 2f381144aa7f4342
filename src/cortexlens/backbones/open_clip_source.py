"""Visual towers of open_clip networks."""

import torch
from torch import nn
from torch.nn import functional

from cortexlens.backbones.preprocessing import RESAMPLING, Preprocessing
from cortexlens.backbones.row import BackboneRow, close, refuse
from cortexlens.backbones.torchvision_shim import prepare

VISUAL = "visual."
# open_clip's names for ways to make an image square → ours.
FITS = {"shortest": "crop", "longest": "pad", "squash": "squash"}


def check_name(row: BackboneRow) -> tuple[str, str]:
    """Split a name into architecture and tag of the weights.

    Parameters
    ----------
    row
        Row of the table of backbones.

    Raises
    ------
    CortexlensError
        If open_clip has no such architecture or tag; the message suggests similar names.
    """
    prepare()
    import open_clip

    architecture, _, tag = row.name.partition("/")
    if architecture not in open_clip.list_models():
        near = close(architecture, open_clip.list_models())
        refuse(
            row.backbone,
            "name",
            row.name,
            f"architecture/tag of open_clip, architectures such as {near}",
        )
    tags = open_clip.list_pretrained_tags_by_model(architecture)
    if tag not in tags and (tag or row.weights == "pretrained"):
        known = close(tag, tags) if tags else "none (weights as a file)"
        refuse(row.backbone, "name", row.name, f"{architecture}/tag, tags such as {known}")
    return architecture, tag


def build_visual(row: BackboneRow) -> tuple[nn.Module, Preprocessing]:
    """Build the visual tower with random weights, as open_clip builds it.

    Returns
    -------
    network
        The tower; its tokens before the final normalisation and projection are read by hooks.
    preprocessing
        Size, statistics, interpolation and ``fit`` (``resize_mode``) of the tag.
    """
    architecture, tag = check_name(row)
    from open_clip import get_model_config, get_pretrained_cfg
    from open_clip.model import _build_vision_tower

    config = get_model_config(architecture)
    given = get_pretrained_cfg(architecture, tag) if tag else {}
    quick = bool(given.get("quick_gelu", config.get("quick_gelu", False)))
    network = _build_vision_tower(config["embed_dim"], dict(config["vision_cfg"]), quick)
    interpolation = given.get("interpolation") or "bicubic"
    if interpolation not in RESAMPLING and row.interpolation is None:
        refuse(row.backbone, "interpolation", interpolation, f"{' or '.join(RESAMPLING)}")
    from open_clip import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD

    size = config["vision_cfg"]["image_size"]
    return network, Preprocessing(
        input_size=int(size if isinstance(size, int) else size[0]),
        mean=tuple(given.get("mean") or OPENAI_DATASET_MEAN),
        std=tuple(given.get("std") or OPENAI_DATASET_STD),
        interpolation=interpolation,
        fit=FITS[given.get("resize_mode") or "shortest"],
    )


def resample_positions(network: nn.Module, side: int) -> None:
    """Set a tower to another input size in place, resampling position embeddings like open_clip.

    Parameters
    ----------
    network
        A transformer of open_clip's own.
    side
        Side of the input in pixels, a multiple of the patch size.

    Raises
    ------
    ValueError
        If the tower has no such embeddings, or the size is not a multiple of the patch size.
    """
    codes = getattr(network, "positional_embedding", None)
    patch = getattr(network, "patch_size", (0, 0))
    if not isinstance(codes, nn.Parameter) or not isinstance(patch, tuple):
        raise ValueError("its position embeddings cannot be resampled")
    if side % patch[0]:
        raise ValueError(f"{side} is not a multiple of the patch size of {patch[0]} px")
    old = int((len(codes) - 1) ** 0.5)
    new = side // patch[0]
    grid = codes[1:].detach().T.reshape(1, -1, old, old)
    grid = functional.interpolate(
        grid, size=(new, new), mode="bicubic", antialias=True, align_corners=False
    )
    local = grid.flatten(2)[0].T
    network.positional_embedding = nn.Parameter(torch.cat([codes[:1].detach(), local]))
    network.grid_size, network.image_size = (new, new), (side, side)  # type: ignore[assignment]


def published(row: BackboneRow) -> dict[str, str]:
    """Location of a tag's weights according to open_clip: ``hf_hub`` or ``url``."""
    architecture, tag = check_name(row)
    from open_clip import get_pretrained_cfg

    given = get_pretrained_cfg(architecture, tag)
    return {key: str(given[key]) for key in ("hf_hub", "url") if given.get(key)}

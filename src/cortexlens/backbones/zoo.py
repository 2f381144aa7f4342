"""The demo zoo: a small vision transformer, trained or untrained, and a diffusion network."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from cortexlens.backbones.torchvision_shim import prepare
from cortexlens.errors import CortexlensError

ARCHITECTURES: dict[str, dict[str, Any]] = {
    "vit-demo": {
        "img_size": 96,
        "patch_size": 8,
        "embed_dim": 128,
        "depth": 8,
        "num_heads": 4,
        "num_classes": 0,
    }
}
DIFFUSION = "unet-demo"
# Task → architecture that it trains.
ARCHITECTURE_OF = {
    "supervised": "vit-demo",
    "masked": "vit-demo",
    "contrastive": "vit-demo",
    "distilled": "vit-demo",
    "diffusion": DIFFUSION,
}
TASKS = tuple(ARCHITECTURE_OF)
WEIGHTS = Path(__file__).parent / "weights"


def build(name: str) -> nn.Module:
    """Build an untrained network of the zoo.

    Parameters
    ----------
    name
        Name of an architecture: a key of :data:`ARCHITECTURES`, or :data:`DIFFUSION`.

    Returns
    -------
    nn.Module
        A timm ``VisionTransformer`` with a class token and no head, or the network of
        :mod:`cortexlens.backbones.demo_diffusion`. It is initialised from torch's global random
        state: call ``torch.manual_seed`` first for reproducible weights.

    Raises
    ------
    CortexlensError
        If there is no such architecture.
    """
    if name == DIFFUSION:
        from cortexlens.backbones.demo_diffusion import build as build_diffusion

        prepare()
        return build_diffusion()
    if name not in ARCHITECTURES:
        known = ", ".join([*ARCHITECTURES, DIFFUSION])
        raise CortexlensError(
            f"architecture {name!r}: not in the zoo, which has {known}. "
            "Correct the column name of this row of backbones.tsv."
        )
    prepare()
    from timm.models.vision_transformer import VisionTransformer

    network: nn.Module = VisionTransformer(**ARCHITECTURES[name])
    return network


def save_network(network: nn.Module, path: Path, facts: Mapping[str, Any]) -> None:
    """Write a network's weights as float16 safetensors, atomically.

    Parameters
    ----------
    network
        Network whose state dict is written.
    path
        File to write.
    facts
        How the network was made, as JSON values; read back by :func:`read_facts`. They are a single
        metadata entry, because the order of several is not preserved: equal networks give equal
        bytes.
    """
    import torch
    from safetensors.torch import save_file

    from cortexlens.storage.datasets import replacing

    state = {
        name: value.to(torch.float16).contiguous() for name, value in network.state_dict().items()
    }
    with replacing(path) as partial:
        save_file(state, partial, {"cortexlens": json.dumps(dict(facts), sort_keys=True)})
        # safetensors creates files that only their owner may read
        partial.chmod(0o644)


def read_facts(path: Path) -> dict[str, Any]:
    """Read the metadata that :func:`save_network` wrote: how the network was made."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        facts: dict[str, Any] = json.loads(file.metadata()["cortexlens"])
    return facts


def load_network(path: Path, name: str = "vit-demo") -> nn.Module:
    """Load a network of the zoo from a file, in float32 and evaluation mode.

    Parameters
    ----------
    path
        File written by :func:`save_network`.
    name
        Architecture of the network.

    Returns
    -------
    nn.Module
    """
    from safetensors.torch import load_file

    network = build(name)
    network.load_state_dict(load_file(path))
    return network.eval()

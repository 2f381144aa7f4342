"""From pictures to tokens: in memory, or into a feature store."""

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dask.base import compute
from dask.delayed import delayed
from jaxtyping import Float
from PIL import Image

from cortexlens.backbones.network import Backbone
from cortexlens.errors import CortexlensError
from cortexlens.features.pooling import RESIZES, pool_tokens, to_halves
from cortexlens.features.store import (
    DTYPE,
    FeatureWriter,
    Plan,
    Tokens,
    features_key,
    ids_hash,
)
from cortexlens.progress import say, track
from cortexlens.study.images import ImageSet

# Of a backbone's description, what shapes its tokens; the row's id and the weights' path do not.
SHAPING = (
    "source",
    "name",
    "code",
    "weights_sha256",
    "preprocessing",
    "layers",
    "layouts",
    "channels",
    "global_token",
)
LARGEST_GRID = 64
# One block is decoded while another is in the network; more would only hold more memory.
BLOCKS_AT_ONCE = 2


def extract_tokens(
    backbone: Backbone,
    images: Iterable[Image.Image],
    grid: int,
    resize: str,
    batch_size: int = 16,
) -> list[Tokens]:
    """Tokens of a few pictures, in memory; the same values as a feature store holds.

    Parameters
    ----------
    backbone
        The network.
    images
        Pictures; all are held in memory as the network's input.
    grid
        Side of the grid of local tokens.
    resize
        ``area`` or ``reference``, see :func:`cortexlens.features.pooling.pool_map`.
    batch_size
        Pictures in one forward pass.

    Returns
    -------
    list of ndarray
        For each layer (image, grid · grid + 1, channel).

    Raises
    ------
    CortexlensError
        If there are no pictures, or the network gives values that are not finite.
    """
    inputs = [backbone.preprocess(picture) for picture in images]
    if not inputs:
        raise CortexlensError("No pictures to extract tokens of; give at least one.")
    return _layers(backbone, torch.stack(inputs), grid, resize, batch_size)[0]


def extract_to_store(
    backbone: Backbone,
    images: ImageSet,
    path: Path,
    *,
    grid: int,
    resize: str,
    batch_size: int,
    provenance: Mapping[str, Any],
) -> int:
    """Write the tokens of a set of pictures to a feature store, taking up what lies there begun.

    Parameters
    ----------
    backbone
        The network.
    images
        The pictures, in the order of the ``image`` axis.
    path
        Name of the finished store.
    grid, resize, batch_size
        As for :func:`extract_tokens`.
    provenance
        From :func:`cortexlens.provenance.record`.

    Returns
    -------
    int
        Number of blocks that had to be computed.

    Raises
    ------
    CortexlensError
        If the options are not allowed or the network gives values that are not finite.
    """
    if resize not in RESIZES or not 1 <= grid <= LARGEST_GRID or batch_size < 1:
        raise CortexlensError(
            f"resize {resize!r}, grid {grid}, batch size {batch_size}: allowed are "
            f"{' or '.join(RESIZES)}, 1 to {LARGEST_GRID}, and at least 1."
        )
    plan = Plan(
        len(images),
        grid,
        tuple(backbone.channels),
        shaping_key(backbone.description, images.sha256, grid, resize),
        str(provenance["code"]),
    )
    writer = FeatureWriter(path, plan)
    missing = writer.missing
    if len(missing) < len(plan.blocks):
        say(f"{path}: {len(plan.blocks) - len(missing)} finished blocks are kept.")
    _compute_blocks(backbone, images, writer, resize, batch_size)
    writer.finish(
        {
            "layer_names": backbone.layer_names,
            "resize": resize,
            "backbone": backbone.description,
            "image_ids_hash": ids_hash(images.ids),
            "provenance": dict(provenance),
        }
    )
    return len(missing)


def shaping_key(
    description: Mapping[str, Any], sha256: Iterable[str], grid: int, resize: str
) -> str:
    """Hash of all that shapes the features.

    Parameters
    ----------
    description
        Of the backbone.
    sha256
        Hashes of the images' bytes, in order: a picture and its mirror image differ.
    grid, resize
        How maps become tokens.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    return features_key(
        {
            "backbone": {name: description[name] for name in SHAPING},
            "images": list(sha256),
            "grid": grid,
            "resize": resize,
            "dtype": DTYPE,
        }
    )


def _compute_blocks(
    backbone: Backbone, images: ImageSet, writer: FeatureWriter, resize: str, batch_size: int
) -> None:
    """Compute the missing blocks: decoding beside the forward pass, one forward pass at a time."""
    blocks, missing = writer.plan.blocks, writer.missing
    one_forward, one_step = threading.Lock(), threading.Lock()
    progress = track(missing, f"blocks of {len(blocks[0])} images", total=len(missing))
    next(progress, None)

    def extract(block: int) -> None:
        batch = torch.stack([backbone.preprocess(images.open(i)) for i in blocks[block]])
        with one_forward:
            layers, clipped = _layers(backbone, batch, writer.plan.grid, resize, batch_size)
        writer.write(block, layers, clipped)
        with one_step:
            next(progress, None)

    # A pool of our own, left only when no block is at work any more: after an error too.
    with ThreadPoolExecutor(BLOCKS_AT_ONCE) as pool:
        tasks = [delayed(extract)(block) for block in missing]
        compute(*tasks, scheduler="threads", pool=pool)  # type: ignore[no-untyped-call]


def _layers(
    backbone: Backbone,
    batch: Float[torch.Tensor, "image 3 height width"],
    grid: int,
    resize: str,
    batch_size: int,
) -> tuple[list[Tokens], list[int]]:
    """Run a network and give, per layer, tokens and the number of clipped values."""
    parts: list[list[Tokens]] = [[] for _ in backbone.channels]
    clipped = [0] * len(parts)
    for inputs in torch.split(batch, batch_size):
        for i, layer in enumerate(backbone.tokens(inputs)):
            values = pool_tokens(layer, grid, resize)
            if not torch.isfinite(values).all():
                raise CortexlensError(
                    f"backbone {backbone.description['backbone']!r}: layer "
                    f"{backbone.layer_names[i]} gives values that are not finite. Check the "
                    "weights and the columns mean, std and pixel_range."
                )
            halves, n_clipped = to_halves(values)
            parts[i].append(halves.cpu().numpy())
            clipped[i] += n_clipped
    return [np.concatenate(part) for part in parts], clipped

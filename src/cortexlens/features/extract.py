"""From pictures to tokens: in memory, or into a feature store."""

import math
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from cortexlens.backbones.network import Backbone
from cortexlens.errors import CortexlensError
from cortexlens.features.passes import Halves, Pooled, pooled_pass, to_store_values
from cortexlens.features.pipeline import ahead
from cortexlens.features.pooling import RESIZES
from cortexlens.features.precision import Precision, choose_precision, may_reduce
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
# Batches that are decoded while one is in the network; more would only hold more memory.
BATCHES_DECODED = 2
# Threads that decode beside a GPU, where there are as many processors.
MOST_WORKERS = 8


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
    return _joined(
        [
            to_store_values(backbone, pooled_pass(backbone, batch, grid, resize))
            for batch in torch.split(torch.stack(inputs), batch_size)
        ]
    ).layers


def extract_to_store(
    backbone: Backbone,
    images: ImageSet,
    path: Path,
    *,
    grid: int,
    resize: str,
    batch_size: int,
    provenance: Mapping[str, Any],
    workers: int = 0,
    precision: str = "float32",
    open_picture: Callable[[int], Image.Image] | None = None,
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
    workers
        Threads that decode pictures; 0: one, or up to 8 beside a GPU.
    precision
        ``float32``, ``bfloat16``, or ``auto``: bfloat16 where the device is fast at it and it
        changes no layer much, see :func:`cortexlens.features.precision.choose_precision`.
    open_picture
        Gives a picture by its index; left out: ``images.open``.

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
    open_picture = images.open if open_picture is None else open_picture

    def decode(i: int) -> torch.Tensor:
        return backbone.preprocess(open_picture(i))

    chosen = Precision("float32")
    if may_reduce(precision, backbone.device):
        first = torch.stack([decode(i) for i in range(min(batch_size, len(images)))])
        chosen = choose_precision(backbone, first, grid, resize, precision)
    plan = Plan(
        len(images),
        grid,
        tuple(backbone.channels),
        shaping_key(backbone.description, images.sha256, grid, resize, chosen.name),
        str(provenance["code"]),
    )
    writer = FeatureWriter(path, plan)
    missing = writer.missing
    if len(missing) < len(plan.blocks):
        say(f"{path}: {len(plan.blocks) - len(missing)} finished blocks are kept.")

    def forward(batch: torch.Tensor) -> Pooled:
        return pooled_pass(backbone, batch, grid, resize, chosen.dtype)

    _compute_blocks(backbone, decode, forward, writer, batch_size, workers)
    writer.finish(
        {
            "layer_names": backbone.layer_names,
            "resize": resize,
            "precision": chosen.name,
            "bfloat16_difference": chosen.difference,
            "backbone": backbone.description,
            "image_ids_hash": ids_hash(images.ids),
            "provenance": dict(provenance),
        }
    )
    return len(missing)


def shaping_key(
    description: Mapping[str, Any],
    sha256: Iterable[str],
    grid: int,
    resize: str,
    precision: str = "float32",
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
    precision
        Of the network's large products, ``float32`` or ``bfloat16``.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    shaping = {
        "backbone": {name: description[name] for name in SHAPING},
        "images": list(sha256),
        "grid": grid,
        "resize": resize,
        "dtype": DTYPE,
    }
    # Left out where it is float32: stores from before there was a choice keep their key.
    return features_key(shaping | ({} if precision == "float32" else {"precision": precision}))


def _compute_blocks(
    backbone: Backbone,
    decode: Callable[[int], torch.Tensor],
    forward: Callable[[torch.Tensor], Pooled],
    writer: FeatureWriter,
    batch_size: int,
    workers: int,
) -> None:
    """Compute the missing blocks: decoding, forward pass, conversion and writing side by side.

    The forward pass has this thread to itself: PyTorch's own threads belong to the one that
    calls them, and a second set of them would fight with the first.
    """
    blocks, missing = writer.plan.blocks, writer.missing
    sizes = [
        len(blocks[block][start : start + batch_size])
        for block in missing
        for start in range(0, len(blocks[block]), batch_size)
    ]
    if not workers:
        beside_gpu = backbone.device.type == "cuda"
        workers = min(MOST_WORKERS, os.cpu_count() or 1) if beside_gpu else 1

    def store(numbered: tuple[int, list[Halves]]) -> None:
        block, parts = numbered
        writer.write(block, *_joined(parts))

    # Pools of our own, left only when no thread is at work any more: after an error too.
    with (
        ThreadPoolExecutor(workers) as decoding,
        ThreadPoolExecutor(1) as converting,
        ThreadPoolExecutor(1) as writing,
    ):
        wanted = (i for block in missing for i in blocks[block])
        inputs = ahead(decoding, decode, wanted, BATCHES_DECODED * batch_size)
        passes = (forward(torch.stack(list(islice(inputs, size)))) for size in sizes)
        halves = ahead(converting, partial(to_store_values, backbone), passes, 1)
        whole = (
            (block, list(islice(halves, math.ceil(len(blocks[block]) / batch_size))))
            for block in missing
        )
        written = ahead(writing, store, whole, 1)
        for _ in track(written, f"blocks of {len(blocks[0])} images", total=len(missing)):
            pass


def _joined(parts: list[Halves]) -> Halves:
    """Put batches together."""
    layers = [np.concatenate(each) for each in zip(*(part.layers for part in parts), strict=True)]
    return Halves(
        layers, [sum(each) for each in zip(*(part.clipped for part in parts), strict=True)]
    )

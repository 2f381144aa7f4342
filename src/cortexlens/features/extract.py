"""From pictures to tokens: in memory, or into a feature store."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image

from cortexlens.backbones.network import Backbone
from cortexlens.compute.devices import use_one_thread
from cortexlens.errors import CortexlensError
from cortexlens.features.passes import Float16Batch, pooled_pass, to_store_values
from cortexlens.features.pipeline import ahead, batched, regrouped
from cortexlens.features.pooling import RESIZES
from cortexlens.features.precision import Precision, choose_precision
from cortexlens.features.store import (
    DTYPE,
    FeatureWriter,
    Plan,
    Tokens,
    features_key,
    ids_hash,
)
from cortexlens.progress import say, track
from cortexlens.study.pictures.frames import ATTRIBUTE
from cortexlens.study.pictures.image_set import ImageSet

# Of a backbone's description, what shapes its tokens; the row's id and the weights' path do not.
SHAPING = (
    "source",
    "name",
    "code",
    "probe",
    "weights_sha256",
    "preprocessing",
    "layers",
    "layouts",
    "channels",
    "global_token",
    "inversion",
)
LARGEST_GRID = 64
# Batches that are decoded while one is in the network; more would only hold more memory.
BATCHES_DECODED = 2
# Threads that decode beside a GPU, where there are as many processors.
MOST_WORKERS = 8
# Beside a pass on the processor, which has all of it: a single one would take its time from one
# thread of the pass, and the others would wait for that one.
WORKERS_BESIDE_PROCESSOR = 2


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
            to_store_values(backbone, pooled_pass(backbone, torch.stack([*batch]), grid, resize))
            for batch in batched(inputs, batch_size)
        ]
    ).layers


class RemoteBackend(ABC):
    """Other machines that run the network."""

    @abstractmethod
    def choose(self, images: Sequence[int]) -> Precision:
        """Choose the precision, looking at these pictures."""

    @abstractmethod
    def blocks(
        self, blocks: Mapping[int, range], precision: Precision
    ) -> Iterator[tuple[int, Float16Batch]]:
        """Give blocks of pictures by their numbers, in no order."""


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
    elsewhere: RemoteBackend | None = None,
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
        From :func:`cortexlens.storage.provenance.record`.
    workers
        Threads that decode pictures; 0: two, or up to 8 beside a GPU.
    precision
        ``float32``, ``bfloat16``, or ``auto``: bfloat16 where the device is fast at it and it
        changes no layer much, see :func:`cortexlens.features.precision.choose_precision`.
    open_picture
        Gives a picture by its index; left out: ``images.open``.
    elsewhere
        Machines that run the network in place of this one, with the same options.

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
    work = Extraction(
        backbone, images.open if open_picture is None else open_picture, grid, resize, batch_size
    )
    first = range(min(batch_size, len(images)))
    chosen = work.choose(first, precision) if elsewhere is None else elsewhere.choose(first)
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
    if elsewhere is None:
        work.compute(writer, chosen.dtype, workers)
    else:
        done = elsewhere.blocks({block: plan.blocks[block] for block in missing}, chosen)
        for block, halves in track(done, _what(plan), total=len(missing)):
            writer.write(block, *halves)
    writer.finish(
        {
            "layer_names": backbone.layer_names,
            "resize": resize,
            "precision": chosen.name,
            "bfloat16_difference": chosen.difference,
            "backbone": backbone.description,
            "image_ids_hash": ids_hash(images.ids),
            ATTRIBUTE: images.frame(backbone.preprocess.fit).entry(),
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
        # Only networks that invert pictures have an inversion.
        "backbone": {name: description[name] for name in SHAPING if name in description},
        "images": list(sha256),
        "grid": grid,
        "resize": resize,
        "dtype": DTYPE,
    }
    # Left out where it is float32: stores from before there was a choice keep their key.
    return features_key(shaping | ({} if precision == "float32" else {"precision": precision}))


@dataclass(frozen=True)
class Extraction:
    """How pictures become tokens.

    Attributes
    ----------
    backbone
        The network.
    open_picture
        Gives a picture by its index.
    grid, resize, batch_size
        As for :func:`extract_tokens`.
    """

    backbone: Backbone
    open_picture: Callable[[int], Image.Image]
    grid: int
    resize: str
    batch_size: int

    def choose(self, images: Iterable[int], precision: str) -> Precision:
        """Choose the precision, running these pictures where that is needed."""
        return choose_precision(
            self.backbone, lambda: self._batch(images), self.grid, self.resize, precision
        )

    def _decode(self, i: int) -> Float[torch.Tensor, "3 height width"]:
        return self.backbone.preprocess(self.open_picture(i))

    def _batch(self, images: Iterable[int]) -> Float[torch.Tensor, "batch 3 height width"]:
        return torch.stack([self._decode(i) for i in images])

    def blocks(
        self, blocks: Sequence[range], dtype: torch.dtype, workers: int
    ) -> Generator[Float16Batch, None, None]:
        """Compute blocks of pictures: decoding, passes and conversion side by side.

        Passes have the calling thread to themselves: PyTorch's own threads belong to the one that
        calls them, and a second set of them would fight with the first for the processors.

        Parameters
        ----------
        blocks
            Indices of pictures.
        dtype
            Of the large products.
        workers
            Threads that decode.
        """
        size = self.batch_size
        batches = [[*batched(block, size)] for block in blocks]
        # Pools of our own, left only when no thread is at work any more: after an error too.
        with (
            _pool(workers or _default_workers(self.backbone)) as decoding,
            _pool(1) as converting,
        ):
            inputs = ahead(decoding, self._decode, chain(*blocks), BATCHES_DECODED * size)
            passes = (
                pooled_pass(self.backbone, torch.stack(group), self.grid, self.resize, dtype)
                for group in regrouped(inputs, map(len, chain(*batches)))
            )
            halves = ahead(converting, partial(to_store_values, self.backbone), passes, 1)
            for parts in regrouped(halves, map(len, batches)):
                yield _joined(parts)

    def compute(self, writer: FeatureWriter, dtype: torch.dtype, workers: int) -> None:
        """Compute the missing blocks, and write them meanwhile."""
        missing = writer.missing
        blocks = self.blocks([writer.plan.blocks[block] for block in missing], dtype, workers)
        with _pool(1) as writing, closing(blocks):
            whole = zip(missing, blocks, strict=True)
            written = ahead(writing, lambda each: writer.write(each[0], *each[1]), whole, 1)
            for _ in track(written, _what(writer.plan), total=len(missing)):
                pass


def _what(plan: Plan) -> str:
    return f"blocks of {len(plan.blocks[0])} images"


def _pool(n_threads: int) -> ThreadPoolExecutor:
    """Threads beside the passes."""
    return ThreadPoolExecutor(n_threads, initializer=use_one_thread)


def _default_workers(backbone: Backbone) -> int:
    beside_gpu = backbone.device.type == "cuda"
    return min(MOST_WORKERS if beside_gpu else WORKERS_BESIDE_PROCESSOR, os.cpu_count() or 1)


def _joined(parts: list[Float16Batch]) -> Float16Batch:
    """Put batches together."""
    layers = [np.concatenate(each) for each in zip(*(part.layers for part in parts), strict=True)]
    return Float16Batch(
        layers, [sum(each) for each in zip(*(part.clipped for part in parts), strict=True)]
    )

"""Extract tokens from images, in memory or into a feature store."""

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

# Keys of a backbone's description that determine its tokens. The backbone's id and the path of its
# weights do not.
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
# Number of batches decoded while one is in the network; more would only take more memory.
BATCHES_DECODED = 2
# Largest number of decoding threads if the network runs on a GPU and there are enough CPU cores.
MOST_WORKERS = 8
# Number of decoding threads if the network runs on the CPU, whose cores it uses all. A single
# decoding thread would slow down one thread of the pass, and the others would wait for that one.
WORKERS_BESIDE_PROCESSOR = 2


def extract_tokens(
    backbone: Backbone,
    images: Iterable[Image.Image],
    grid: int,
    resize: str,
    batch_size: int = 16,
) -> list[Tokens]:
    """Extract the tokens of a few images in memory, with the same values as in a feature store.

    Parameters
    ----------
    backbone
        The network.
    images
        Images; all of them are held in memory as inputs of the network.
    grid
        Side of the grid of local tokens.
    resize
        ``area`` or ``reference``, see :func:`cortexlens.features.pooling.pool_map`.
    batch_size
        Images per forward pass.

    Returns
    -------
    list of ndarray
        Tokens of each layer, (image, grid · grid + 1, channel), float16.

    Raises
    ------
    CortexlensError
        If ``images`` is empty, or the network returns values that are not finite.
    """
    inputs = [backbone.preprocess(picture) for picture in images]
    if not inputs:
        raise CortexlensError("found no images to extract tokens from; give at least one.")
    return _joined(
        [
            to_store_values(backbone, pooled_pass(backbone, torch.stack([*batch]), grid, resize))
            for batch in batched(inputs, batch_size)
        ]
    ).layers


class RemoteBackend(ABC):
    """Interface of a backend that runs the network on other machines."""

    @abstractmethod
    def choose(self, images: Sequence[int]) -> Precision:
        """Choose the numerical precision by running the images of these indices."""

    @abstractmethod
    def blocks(
        self, blocks: Mapping[int, range], precision: Precision
    ) -> Iterator[tuple[int, Float16Batch]]:
        """Compute blocks of images.

        Parameters
        ----------
        blocks
            Block number → indices of its images.
        precision
            Precision from :meth:`choose`.

        Yields
        ------
        number, tokens
            Number and tokens of each block, in the order in which they are finished.
        """


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
    """Write the tokens of an image set to a feature store, resuming an unfinished store.

    Parameters
    ----------
    backbone
        The network.
    images
        The images, in the order of the store's ``image`` axis.
    path
        Path of the finished store.
    grid, resize, batch_size
        As for :func:`extract_tokens`.
    provenance
        Provenance record from :func:`cortexlens.storage.provenance.record`.
    workers
        Number of threads that decode images; 0 takes 2, or up to 8 if the network runs on a GPU.
    precision
        ``float32``, ``bfloat16``, or ``auto``: bfloat16 if the device is fast at it and no layer
        changes much, see :func:`cortexlens.features.precision.choose_precision`.
    open_picture
        Function that opens an image by its index; None takes ``images.open``.
    elsewhere
        Remote backend, with the same options, that runs the network instead of this machine.

    Returns
    -------
    int
        Number of blocks that had to be computed.

    Raises
    ------
    CortexlensError
        If an option is not allowed, or the network returns values that are not finite.
    """
    if resize not in RESIZES or not 1 <= grid <= LARGEST_GRID or batch_size < 1:
        raise CortexlensError(
            f"found resize {resize!r}, grid {grid}, batch size {batch_size}; allowed are resize "
            f"{' or '.join(RESIZES)}, grid 1 to {LARGEST_GRID}, and batch size at least 1."
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
        say(f"{path}: resuming with {len(plan.blocks) - len(missing)} finished blocks.")
    if elsewhere is None:
        work.compute(writer, chosen.dtype, workers)
    else:
        done = elsewhere.blocks({block: plan.blocks[block] for block in missing}, chosen)
        for block, tokens in track(done, _what(plan), total=len(missing)):
            writer.write(block, *tokens)
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
    """Hash everything that determines the values of the features.

    Parameters
    ----------
    description
        Description of the backbone.
    sha256
        SHA-256 of each image's bytes, in order; an image and its mirror image differ.
    grid, resize
        Side of the grid of tokens and method of resizing, as for :func:`extract_tokens`.
    precision
        Number format of the network's large matrix products, ``float32`` or ``bfloat16``.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    shaping = {
        # A description lacks keys that do not apply: only networks that invert images have an
        # inversion.
        "backbone": {name: description[name] for name in SHAPING if name in description},
        "images": list(sha256),
        "grid": grid,
        "resize": resize,
        "dtype": DTYPE,
    }
    # float32 adds no entry, so that stores written before precision could be chosen keep their key.
    return features_key(shaping | ({} if precision == "float32" else {"precision": precision}))


@dataclass(frozen=True)
class Extraction:
    """Computes tokens from images with one network and fixed options.

    Attributes
    ----------
    backbone
        The network.
    open_picture
        Function that opens an image by its index.
    grid, resize, batch_size
        As for :func:`extract_tokens`.
    """

    backbone: Backbone
    open_picture: Callable[[int], Image.Image]
    grid: int
    resize: str
    batch_size: int

    def choose(self, images: Iterable[int], precision: str) -> Precision:
        """Choose the precision, running the images of these indices if that is needed.

        See :func:`cortexlens.features.precision.choose_precision`.
        """
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
        """Compute blocks of images; decoding, forward passes and conversion run concurrently.

        Forward passes run in the calling thread alone: PyTorch starts a set of threads for each
        thread that calls it, and a second set would compete with the first for the CPU cores.

        Parameters
        ----------
        blocks
            Indices of the images of each block.
        dtype
            Number format of the large matrix products.
        workers
            Number of decoding threads; 0 takes the default, as for :func:`extract_to_store`.

        Yields
        ------
        Float16Batch
            Tokens of each block, in order.
        """
        size = self.batch_size
        batches = [[*batched(block, size)] for block in blocks]
        # Leaving the pools' context waits until their threads have ended, after an error too.
        with (
            _pool(workers or _default_workers(self.backbone)) as decoding,
            _pool(1) as converting,
        ):
            inputs = ahead(decoding, self._decode, chain(*blocks), BATCHES_DECODED * size)
            passes = (
                pooled_pass(self.backbone, torch.stack(group), self.grid, self.resize, dtype)
                for group in regrouped(inputs, map(len, chain(*batches)))
            )
            converted = ahead(converting, partial(to_store_values, self.backbone), passes, 1)
            for parts in regrouped(converted, map(len, batches)):
                yield _joined(parts)

    def compute(self, writer: FeatureWriter, dtype: torch.dtype, workers: int) -> None:
        """Compute the missing blocks of a store and write each while the next is computed.

        Parameters
        ----------
        writer
            Writer of the store.
        dtype, workers
            As for :meth:`blocks`.
        """
        missing = writer.missing
        blocks = self.blocks([writer.plan.blocks[block] for block in missing], dtype, workers)
        with _pool(1) as writing, closing(blocks):
            numbered = zip(missing, blocks, strict=True)
            written = ahead(writing, lambda each: writer.write(each[0], *each[1]), numbered, 1)
            for _ in track(written, _what(writer.plan), total=len(missing)):
                pass


def _what(plan: Plan) -> str:
    return f"blocks of {len(plan.blocks[0])} images"


def _pool(n_threads: int) -> ThreadPoolExecutor:
    """Make a pool of threads in which PyTorch uses a single thread each."""
    return ThreadPoolExecutor(n_threads, initializer=use_one_thread)


def _default_workers(backbone: Backbone) -> int:
    beside_gpu = backbone.device.type == "cuda"
    return min(MOST_WORKERS if beside_gpu else WORKERS_BESIDE_PROCESSOR, os.cpu_count() or 1)


def _joined(parts: list[Float16Batch]) -> Float16Batch:
    """Concatenate batches along the image axis and add up their counts of clipped values."""
    layers = [np.concatenate(each) for each in zip(*(part.layers for part in parts), strict=True)]
    return Float16Batch(
        layers, [sum(each) for each in zip(*(part.clipped for part in parts), strict=True)]
    )

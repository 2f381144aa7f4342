"""The network on workers of a dask cluster: they compute blocks of pictures, and send them back."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import torch

from cortexlens.backbones.network import Backbone, load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.compute.dask_client import Identity, gathered, join
from cortexlens.compute.devices import choose_device
from cortexlens.errors import CortexlensError
from cortexlens.features.extract import SHAPING, Extraction, RemoteBackend
from cortexlens.features.passes import Float16Batch
from cortexlens.features.precision import Precision
from cortexlens.study.pictures.decoded import DecodedPictures
from cortexlens.study.pictures.image_set import ImageSet

# A network's hooks serve one pass at a time, however many threads a worker has.
_ONE_PASS = threading.Lock()


@dataclass(frozen=True)
class ExtractionOptions:
    """All that a worker has to know to make tokens of pictures.

    Attributes
    ----------
    row
        The network.
    device, cache
        As for the stage; ``auto`` is what the worker's machine has.
    threads
        Of the processor in a forward pass: other numbers may round otherwise.
    grid, resize, batch_size, precision, workers
        As for :func:`cortexlens.features.extract.extract_to_store`.
    decoded, decoded_bytes
        Folder of decoded pictures that all share, or None, and what it may hold.
    shaping
        What the job knows of the network, from :func:`shaping_of`.
    """

    row: BackboneRow
    device: str
    cache: str
    threads: int
    grid: int
    resize: str
    batch_size: int
    precision: str
    workers: int
    decoded: Path | None
    decoded_bytes: float
    shaping: str


def shaping_of(description: Mapping[str, Any]) -> str:
    """What of a network's description shapes its tokens, as text.

    Without the hash of its values: workers' processors may round otherwise than the job's.
    """
    shaping = {name: description[name] for name in SHAPING if name in description}
    shaping.pop("probe", None)
    return json.dumps(shaping, sort_keys=True)


@dataclass(frozen=True)
class Workers(RemoteBackend):
    """Workers that run a network.

    Attributes
    ----------
    client
        From :func:`cortexlens.compute.dask_client.connected`.
    wanted
        What workers have to be.
    options
        How pictures become tokens.
    images
        All of them.
    """

    client: Any
    wanted: Identity
    options: ExtractionOptions
    images: ImageSet

    def _asked(self, images: Sequence[int]) -> tuple[Identity, ExtractionOptions, ImageSet]:
        """What a worker is told, with some of the pictures."""
        return self.wanted, self.options, self.images.those(images)

    def choose(self, images: Sequence[int]) -> Precision:
        """Choose the precision on the first worker that is free."""
        ((_, chosen),) = gathered(self.client, precision_of, {0: self._asked(images)})
        return chosen  # type: ignore[no-any-return]

    def blocks(
        self, blocks: Mapping[int, range], precision: Precision
    ) -> Iterator[tuple[int, Float16Batch]]:
        """Give blocks as they come."""
        tasks = {
            number: (*self._asked(block), precision.name == "bfloat16")
            for number, block in blocks.items()
        }
        yield from gathered(self.client, block_of, tasks)


def precision_of(wanted: Identity, options: ExtractionOptions, images: ImageSet) -> Precision:
    """Choose the precision, on a worker."""
    join(wanted)
    with _ONE_PASS:
        return _extraction(options, images).choose(range(len(images)), options.precision)


def block_of(
    wanted: Identity, options: ExtractionOptions, images: ImageSet, reduced: bool
) -> Float16Batch:
    """Compute the tokens of one block of pictures, on a worker."""
    join(wanted)
    dtype = torch.bfloat16 if reduced else torch.float32
    with _ONE_PASS:
        work = _extraction(options, images)
        (halves,) = work.blocks([range(len(images))], dtype, options.workers)
    return halves


def _extraction(options: ExtractionOptions, images: ImageSet) -> Extraction:
    torch.set_num_threads(options.threads)
    backbone, shared = _network(options), None
    if options.decoded is not None:
        shared = partial(_decoded(options.decoded, options.decoded_bytes).open, images)
    return Extraction(
        backbone, shared or images.open, options.grid, options.resize, options.batch_size
    )


_device = cache(choose_device)
_decoded = lru_cache(maxsize=4)(DecodedPictures)


@lru_cache(maxsize=1)
def _network(options: ExtractionOptions) -> Backbone:
    """Load a network once for all blocks; a worker keeps the last one."""
    backbone = load_backbone(options.row, device=str(_device(options.device)), cache=options.cache)
    if shaping_of(backbone.description) != options.shaping:
        raise CortexlensError(
            f"backbone {options.row.backbone!r}: a dask worker found another network or other "
            "weights than the job. Let all machines see the same files, and start workers anew."
        )
    return backbone

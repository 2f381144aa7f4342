"""Run a network on the workers of a dask cluster, which compute blocks of images."""

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

# The hooks of a network support one forward pass at a time, even if a worker has several threads.
_ONE_PASS = threading.Lock()


@dataclass(frozen=True)
class ExtractionOptions:
    """Everything that a worker needs to know to extract tokens.

    Attributes
    ----------
    row
        Row of the network in the table of backbones.
    device
        PyTorch device; ``auto`` takes the best one of the worker's machine.
    cache
        Folder of downloaded weights.
    threads
        Number of CPU threads in a forward pass; the same on all machines, since another number may
        round differently.
    grid, resize, batch_size, precision, workers
        As for :func:`cortexlens.features.extract.extract_to_store`.
    decoded
        Folder of decoded images that all workers share, or None.
    decoded_bytes
        Largest size of that folder.
    shaping
        The network as the submitting job sees it, from :func:`shaping_of`.
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
    """Return the parts of a network's description that determine its tokens, as JSON text.

    The hash of its activations (``probe``) is left out, since the processors of workers may round
    differently from those of the submitting job.

    Parameters
    ----------
    description
        Description of the backbone.
    """
    shaping = {name: description[name] for name in SHAPING if name in description}
    shaping.pop("probe", None)
    return json.dumps(shaping, sort_keys=True)


@dataclass(frozen=True)
class Workers(RemoteBackend):
    """Remote backend that runs a network on dask workers.

    Attributes
    ----------
    client
        Dask client from :func:`cortexlens.compute.dask_client.connected`.
    wanted
        Identity that workers must have, e.g. the same code.
    options
        Options of the extraction.
    images
        All images of the set.
    """

    client: Any
    wanted: Identity
    options: ExtractionOptions
    images: ImageSet

    def _asked(self, images: Sequence[int]) -> tuple[Identity, ExtractionOptions, ImageSet]:
        """Arguments of a worker's task for the images of these indices."""
        return self.wanted, self.options, self.images.those(images)

    def choose(self, images: Sequence[int]) -> Precision:
        """Choose the precision on the first free worker, by the images of these indices."""
        ((_, chosen),) = gathered(self.client, precision_of, {0: self._asked(images)})
        return chosen  # type: ignore[no-any-return]

    def blocks(
        self, blocks: Mapping[int, range], precision: Precision
    ) -> Iterator[tuple[int, Float16Batch]]:
        """Compute blocks on the workers and yield each with its number once it is finished."""
        tasks = {
            number: (*self._asked(block), precision.name == "bfloat16")
            for number, block in blocks.items()
        }
        yield from gathered(self.client, block_of, tasks)


def precision_of(wanted: Identity, options: ExtractionOptions, images: ImageSet) -> Precision:
    """Choose the precision of the network's products; runs on a worker.

    Parameters
    ----------
    wanted
        Identity that the worker must have.
    options
        Options of the extraction.
    images
        Images of the batch on which both number formats are compared.
    """
    join(wanted)
    with _ONE_PASS:
        return _extraction(options, images).choose(range(len(images)), options.precision)


def block_of(
    wanted: Identity, options: ExtractionOptions, images: ImageSet, reduced: bool
) -> Float16Batch:
    """Compute the tokens of one block of images; runs on a worker.

    Parameters
    ----------
    wanted
        Identity that the worker must have.
    options
        Options of the extraction.
    images
        Images of the block.
    reduced
        Whether large matrix products use bfloat16 rather than float32.
    """
    join(wanted)
    dtype = torch.bfloat16 if reduced else torch.float32
    with _ONE_PASS:
        work = _extraction(options, images)
        (tokens,) = work.blocks([range(len(images))], dtype, options.workers)
    return tokens


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
    """Load the network once for all blocks; a worker caches the last network."""
    backbone = load_backbone(options.row, device=str(_device(options.device)), cache=options.cache)
    if shaping_of(backbone.description) != options.shaping:
        raise CortexlensError(
            f"backbone {options.row.backbone!r}: a dask worker found another network or other "
            "weights than the job. Make sure that all machines see the same files, and restart the "
            "workers."
        )
    return backbone

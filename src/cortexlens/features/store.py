"""The 4-D feature store (layer, image, token, channel): written in blocks, read in batches.

A zarr v3 group with one uncompressed float16 array per layer, ``layer_000``, ``layer_001``, …, with
dimensions (image, token, channel). Tokens are grid · grid local ones row by row, then the global
one. This module imports numpy and zarr but not torch, which reading features does not need.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from jaxtyping import Float16, Int64

from cortexlens.errors import CortexlensError
from cortexlens.features.chunks import plain_chunks
from cortexlens.progress import say
from cortexlens.shapes import LAYER
from cortexlens.storage.atomic import acquire, empty, partial_folder, put, release, telling_if_full
from cortexlens.storage.datasets import FORMAT, naming_damage, store_attributes
from cortexlens.storage.manifest import Entry, check_files, entry_of
from cortexlens.study.pictures.frames import Frame

KIND = "features"
DTYPE = "float16"
IMAGES_PER_CHUNK = 8
IMAGES_PER_BLOCK = 64
DIMENSIONS = ("image", "token", "channel")
_PLAN, _DONE = "plan.json", "blocks.jsonl"
_RUST_CODECS = {"codec_pipeline.path": "zarrs.ZarrsCodecPipeline"}

# Tokens of one layer; the number of channels differs between layers.
Tokens = Float16[np.ndarray, "image token _"]


def ids_hash(image_ids: Sequence[str]) -> str:
    """Return the SHA-256 of image ids, in order and one per line: attribute ``image_ids_hash``."""
    return hashlib.sha256("\n".join(image_ids).encode()).hexdigest()


def features_key(shaping: Mapping[str, Any]) -> str:
    """Return the SHA-256 of everything that determines features, as JSON with sorted keys."""
    return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()


def layer_array(index: int) -> str:
    """Return the name of a layer's array, by the layer's index from 0."""
    return f"layer_{index:03d}"


@dataclass(frozen=True)
class Plan:
    """Shape and identity of a feature store that is to be written.

    A store that was begun with another ``key`` or ``code`` is not resumed.

    Parameters
    ----------
    n_images
        Length of the ``image`` axis.
    grid
        Side of the grid of local tokens.
    channels
        Number of channels of each layer.
    key
        Hash of everything that determines the features, from :func:`features_key`.
    code
        Hash of the code that computes them.
    """

    n_images: int
    grid: int
    channels: tuple[int, ...]
    key: str
    code: str

    @property
    def blocks(self) -> list[range]:
        """Indices of the images of each block."""
        starts = range(0, self.n_images, IMAGES_PER_BLOCK)
        return [range(start, min(start + IMAGES_PER_BLOCK, self.n_images)) for start in starts]


class FeatureWriter:
    """Writes a feature store block by block; an interrupted store can be resumed.

    Blocks are written to the folder ``.NAME.partial`` beside the store, with a list of those that
    are finished; :meth:`finish` renames it. A lock lets only one job write a store at a time;
    others wait.

    Parameters
    ----------
    path
        Path of the finished store.
    plan
        Shape and identity of the store. Finished blocks of an earlier writer are reused if its
        plan was the same, and otherwise deleted.

    Raises
    ------
    CortexlensError
        If the disk is full, here and in every method. Finished blocks stay on disk.
    """

    def __init__(self, path: Path, plan: Plan) -> None:
        self.path, self.plan = path, plan
        self.partial = partial_folder(path)
        with telling_if_full(path):
            self._held = acquire(self.partial)
            self._open()

    def _open(self) -> None:
        plan = self.plan
        if self._continues():
            # These files were being written when the last job was killed.
            for left in (self.partial / "store").rglob("*.partial"):
                left.unlink()
        else:
            self._begin()
        with zarr.config.set(_codecs()):
            group = zarr.open_group(self.partial / "store", mode="r+")
            self._arrays = [group[layer_array(i)] for i in range(len(plan.channels))]
        self._files: dict[str, Entry] = {}
        self._done: dict[int, list[int]] = self._read_done()
        self._lock = threading.Lock()

    def _plan_text(self) -> str:
        return json.dumps(vars(self.plan), sort_keys=True)

    def _continues(self) -> bool:
        plan, group = self.partial / _PLAN, self.partial / "store" / "zarr.json"
        return (
            group.is_file()
            and plan.is_file()
            and plan.read_text(encoding="utf-8") == self._plan_text()
        )

    def _begin(self) -> None:
        empty(self.partial)
        (self.partial / "store").mkdir()
        group = zarr.create_group(self.partial / "store", zarr_format=3)
        n_tokens = self.plan.grid**2 + 1
        for i, n_channels in enumerate(self.plan.channels):
            group.create_array(
                layer_array(i),
                shape=(self.plan.n_images, n_tokens, n_channels),
                chunks=(min(IMAGES_PER_CHUNK, self.plan.n_images), n_tokens, n_channels),
                dtype=DTYPE,
                compressors=None,
                dimension_names=DIMENSIONS,
            )
        # Written last: a folder without a plan was not set up completely and is started afresh.
        (self.partial / _PLAN).write_text(self._plan_text(), encoding="utf-8")

    def _read_done(self) -> dict[int, list[int]]:
        """Read the list of finished blocks and rewrite it without invalid lines.

        A block is left out, and so computed again, if its line was cut off, or if its files differ
        from what was written, as after a power cut.
        """
        path, done, lines = self.partial / _DONE, {}, []
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
            try:
                entry = json.loads(line)
                block, clipped = int(entry["block"]), [int(number) for number in entry["clipped"]]
                files = {str(name): Entry(*each) for name, each in entry["files"].items()}
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # an incomplete line: its block is computed again
            if files != self._block_files(block):
                say(f"{self.path}: block {block} is not as it was written; computing it again.")
                continue
            done[block] = clipped
            self._files |= files
            lines.append(_done_line(block, clipped, files))
        rewritten = path.with_suffix(".new")
        rewritten.write_text("".join(lines), encoding="utf-8")
        rewritten.replace(path)
        return done

    @property
    def missing(self) -> list[int]:
        """Numbers of the blocks that are not finished yet."""
        return [block for block in range(len(self.plan.blocks)) if block not in self._done]

    def write(self, block: int, layers: Sequence[Tokens], clipped: Sequence[int]) -> None:
        """Write all layers of one block; safe to call from several threads.

        Parameters
        ----------
        block
            Number of the block.
        layers
            Tokens of each layer, (image, token, channel).
        clipped
            Number of values in each layer that were clipped to the range of float16.
        """
        images = self.plan.blocks[block]
        try:
            with telling_if_full(self.path):
                for array, values in zip(self._arrays, layers, strict=True):
                    array[images.start : images.stop] = values  # type: ignore[index]
                files = self._block_files(block)
                with self._lock, (self.partial / _DONE).open("a", encoding="utf-8") as file:
                    file.write(_done_line(block, clipped, files))
                    self._done[block] = list(clipped)
                    self._files |= files
        except CortexlensError:
            # Free the space of an unfinished block, so that a full disk has room for the log.
            for name in self._block_names(block):
                (self.partial / "store" / name).unlink(missing_ok=True)
            raise

    def _block_names(self, block: int) -> Iterator[str]:
        """Yield the names of a block's chunk files; zarr omits a file that holds only zeros."""
        images, step = self.plan.blocks[block], min(IMAGES_PER_CHUNK, self.plan.n_images)
        for layer in range(len(self.plan.channels)):
            for chunk in range(images.start // step, -(-images.stop // step)):
                yield f"{layer_array(layer)}/c/{chunk}/0/0"

    def _block_files(self, block: int) -> dict[str, Entry]:
        """Return size and hash of a block's files.

        Just after writing this is fast, since the files are still in the page cache.
        """
        if not 0 <= block < len(self.plan.blocks):
            return {}
        paths = {name: self.partial / "store" / name for name in self._block_names(block)}
        return {name: entry_of(path) for name, path in paths.items() if path.is_file()}

    def finish(self, attributes: Mapping[str, Any]) -> None:
        """Write the store's attributes and move it to its final path.

        Parameters
        ----------
        attributes
            Attributes added to those that every feature store has.
        """
        assert not self.missing
        with telling_if_full(self.path):
            self._describe(attributes)
            put(self.partial / "store", self.path, self._files, last=True)
        release(self.partial, self._held)

    def _describe(self, attributes: Mapping[str, Any]) -> None:
        n_layers = len(self.plan.channels)
        clipped = np.array([self._done[b] for b in sorted(self._done)]).reshape(-1, n_layers)
        group = zarr.open_group(self.partial / "store", mode="r+")
        group.attrs.update(
            {
                **attributes,
                "cortexlens_kind": KIND,
                "cortexlens_format": FORMAT,
                "content_hash": self.plan.key,
                "key": self.plan.key,
                "grid": self.plan.grid,
                "n_images": self.plan.n_images,
                "channels": list(self.plan.channels),
                "dimensions": list(DIMENSIONS),
                "units": "the network's own",
                "clipped_values": clipped.sum(axis=0).tolist(),
            }
        )


def _done_line(block: int, clipped: Sequence[int], files: Mapping[str, Entry]) -> str:
    return json.dumps({"block": block, "clipped": list(clipped), "files": files}) + "\n"


class Features:
    """A finished feature store; made by :func:`open_features`.

    Attributes
    ----------
    n_images : int
        Length of the ``image`` axis.
    grid : int
        Side of the grid of local tokens.
    layer_names : list of str
        Names of the network's modules, in the order of execution.
    channels : list of int
        Number of channels of each layer.
    layer_axis : str
        Meaning of the layer axis: ``layer``, or ``time step`` for a diffusion network.
    frame : Frame
        Position of the square that the network was shown within the images.
    attributes : dict
        All attributes of the store.
    """

    def __init__(self, path: Path, attributes: dict[str, Any]) -> None:
        self.path, self.attributes = path, attributes
        self.n_images: int = attributes["n_images"]
        self.grid: int = attributes["grid"]
        self.layer_names: list[str] = attributes["layer_names"]
        self.channels: list[int] = attributes["channels"]
        self.layer_axis: str = attributes.get("backbone", {}).get("layer_axis", LAYER)
        self.frame = Frame.read(attributes)
        with zarr.config.set(_codecs()):
            group = zarr.open_group(path, mode="r")
            self._arrays = [group[layer_array(i)] for i in range(len(self.channels))]
        self._files = [plain_chunks(path / layer_array(i)) for i in range(len(self.channels))]

    def check_images(self, ids: Sequence[str], whose: str) -> None:
        """Check that the store holds the features of these images, in this order.

        Parameters
        ----------
        ids
            Identifiers of the expected images.
        whose
            Who saw the images, for the error message, e.g. a subject.

        Raises
        ------
        CortexlensError
            If the store's images or their order differ.
        """
        if self.attributes["image_ids_hash"] != ids_hash(ids):
            raise CortexlensError(
                f"{self.path}: found features of {self.n_images} images, which are not the "
                f"{len(ids)} that {whose} saw, in this order. Extract the features again."
            )

    def read(
        self, layer: int, images: Int64[np.ndarray, " image"] | slice | None = None
    ) -> Float16[np.ndarray, "image token channel"]:
        """Read the tokens of one layer.

        Parameters
        ----------
        layer
            Index of the layer, from 0.
        images
            Indices of images in any order, repetitions allowed; a slice; or None for all images.

        Returns
        -------
        ndarray
            Tokens (image, grid · grid + 1, channel), float16, in the order of ``images``.
        """
        array = self._arrays[layer]
        if images is None or isinstance(images, slice):
            return np.asarray(array[slice(None) if images is None else images])  # type: ignore[index]
        tokens = np.empty((len(images), self.grid**2 + 1, self.channels[layer]), np.float16)
        self.read_into(layer, images, tokens, np.arange(len(images)))
        return tokens

    def read_into(
        self,
        layer: int,
        images: Int64[np.ndarray, " image"],
        out: Float16[np.ndarray, "row token channel"],
        rows: Int64[np.ndarray, " image"],
    ) -> None:
        """Read the tokens of one layer into the rows of an existing array.

        Parameters
        ----------
        layer
            Index of the layer, from 0.
        images
            Indices of images in any order, repetitions allowed.
        out
            C-contiguous array to write to; rows not listed in ``rows`` are unchanged.
        rows
            Row of ``out`` for each image.

        Raises
        ------
        IndexError
            If an index is outside the store.
        """
        if not len(images):
            return
        if not 0 <= images.min() <= images.max() < self.n_images:
            raise IndexError(
                f"{self.path}: image indices {images.min()} to {images.max()} were requested; "
                f"allowed are 0 to {self.n_images - 1}"
            )
        files = self._files[layer]
        if files is not None:
            files.read_into(images, out, rows)
            return
        # Sorted unique indices let zarr read each chunk once, in the order of the file.
        unique, inverse = np.unique(images, return_inverse=True)
        out[rows] = np.asarray(self._arrays[layer].oindex[unique])[inverse]  # type: ignore[union-attr]


def open_features(path: Path) -> Features:
    """Open a finished feature store; values are read on demand.

    Parameters
    ----------
    path
        Path of the store.

    Raises
    ------
    CortexlensError
        If there is no store, it is unfinished or of another kind or format, or one of its files is
        missing or truncated.
    """
    attributes = store_attributes(path)
    found = attributes.get("cortexlens_kind"), attributes.get("cortexlens_format")
    if found != (KIND, FORMAT):
        raise CortexlensError(
            f"{path}: found a store of kind {found[0]!r}, format {found[1]!r}; needed kind "
            f"{KIND!r}, format {FORMAT}. Give a store written by extract-features."
        )
    check_files(path)
    with naming_damage(path):
        return Features(path, attributes)


def _codecs() -> dict[str, str]:
    """Return the zarr settings that enable the faster Rust codecs, if they are installed."""
    return _RUST_CODECS if find_spec("zarrs") else {}

"""The images that a subject saw: identifiers, sources, content hashes and descriptions.

An :class:`ImageSet` fixes the order of the ``image`` axis everywhere. On disk it is a table,
``images.tsv``; the images themselves stay where they are and are opened one at a time.
"""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image

from cortexlens.errors import CortexlensError, SeveralFaultsError
from cortexlens.progress import say, track
from cortexlens.storage.datasets import replacing
from cortexlens.study.files import is_hidden, natural_key, say_hidden, walk
from cortexlens.study.pictures.files import decode, identify, open_archive, read_bytes
from cortexlens.study.pictures.frames import SQUASH, Frame
from cortexlens.study.pictures.squares import upright_size
from cortexlens.study.tsv import guarded, read_tsv, unguarded

SIZE = re.compile(r"[1-9]\d{0,9}x[1-9]\d{0,9}")
SUFFIXES = frozenset(
    {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)
COLUMNS = ("image_id", "source", "sha256")
OPTIONAL_COLUMNS = ("label", "caption", "split", "size")


@dataclass(frozen=True)
class ImageSet:
    """Images in the order of the ``image`` axis.

    Parameters
    ----------
    ids
        Unique identifiers, e.g. ``nsd-00013``.
    sources
        Location of each image: a file, ``archive.zip::member``, or ``file.hdf5::dataset::index``.
    sha256
        SHA-256 of each file's bytes (of the pixels, for images in HDF5 arrays) as 64 hexadecimal
        digits. Several images may have the same hash.
    labels, captions
        Content of the images, if known.
    splits
        ``train``, ``validation`` or ``test`` for each image, if the study provides a split.
    sizes
        Width and height as displayed, in pixels, e.g. ``640x427``; None for tables written before
        sizes were recorded.

    Raises
    ------
    CortexlensError
        If there are no images, an identifier occurs twice, a name contains a tab or line break, or
        a size is malformed.
    """

    ids: list[str]
    sources: list[str]
    sha256: list[str]
    labels: list[str] | None = None
    captions: list[str] | None = None
    splits: list[str] | None = None
    sizes: list[str] | None = None

    def __post_init__(self) -> None:
        columns = [self.ids, self.sources, self.sha256, *self._extra().values()]
        if len({len(column) for column in columns if column is not None}) > 1:
            raise ValueError("the columns of an image set must have one length")
        _check_cells(columns)
        _check_ids(self.ids, self.sources)
        for name, sha in zip(self.ids, self.sha256, strict=True):
            if not re.fullmatch("[0-9a-f]{64}", sha):
                raise CortexlensError(
                    f"image {name!r}: {sha!r} is not a SHA-256 hash in hexadecimal."
                )
        for name, size in zip(self.ids, self.sizes or (), strict=False):
            if not SIZE.fullmatch(size):
                raise CortexlensError(
                    f"image {name!r}: size {size!r} is not WIDTHxHEIGHT in pixels."
                )

    def _extra(self) -> dict[str, list[str]]:
        """Optional columns that this set has, by name."""
        columns = (self.labels, self.captions, self.splits, self.sizes)
        named = zip(OPTIONAL_COLUMNS, columns, strict=True)
        return {name: column for name, column in named if column is not None}

    def those(self, chosen: Sequence[int]) -> "ImageSet":
        """Return the images with the given indices as a set of their own."""
        columns = (self.ids, self.sources, self.sha256)
        extra = (self.labels, self.captions, self.splits, self.sizes)
        return ImageSet(
            *([column[i] for i in chosen] for column in columns),
            *(None if column is None else [column[i] for i in chosen] for column in extra),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def digest(self) -> str:
        """Hash of identifiers and contents, in order, independent of the files' locations."""
        text = "\n".join(f"{name}\t{sha}" for name, sha in zip(self.ids, self.sha256, strict=True))
        return hashlib.sha256(text.encode()).hexdigest()

    def shapes(self) -> Counter[tuple[int, int]]:
        """Count the images of each (width, height) in pixels; opens files of unknown size.

        Raises
        ------
        CortexlensError
            If an image has to be opened and is missing or unreadable.
        """
        sizes = map(_size_of, self.sources) if self.sizes is None else self.sizes
        counted = Counter(sizes)
        return Counter({_numbers(size): number for size, number in counted.items()})

    def frame(self, fit: str) -> Frame:
        """Return the coordinate frame of these images for a network that sees them in a given way.

        Parameters
        ----------
        fit
            ``squash``, ``crop`` or ``pad``.
        """
        # a squashed image has the same frame whatever its shape, so no image needs to be opened
        return Frame() if fit == SQUASH else Frame.of_sizes(fit, self.shapes())

    def open(self, i: int) -> Image.Image:
        """Read image ``i`` as an upright 8-bit RGB image.

        Transparent pixels become mid-grey, 16-bit grey values are scaled to 8 bits, and of an
        animation the first frame is used. Safe to call from several threads and from forked
        processes.

        Raises
        ------
        CortexlensError
            If the file is missing, is not an image, or has changed since ``images.tsv`` was
            written.
        """
        data = read_bytes(self.sources[i])
        if hashlib.sha256(data).hexdigest() != self.sha256[i]:
            raise CortexlensError(
                f"{self.sources[i]}: the file has changed since it was listed as image "
                f"{self.ids[i]}. Delete images.tsv and run the workflow again."
            )
        return decode(data, self.sources[i])

    def write(self, path: Path) -> None:
        """Write the table ``images.tsv``, one row per image."""
        columns = {"image_id": self.ids, "source": self.sources, "sha256": self.sha256}
        columns.update(self._extra())
        cells = [map(guarded, column) for column in columns.values()]
        rows = ["\t".join(columns), *map("\t".join, zip(*cells, strict=True))]
        with replacing(path) as partial:
            partial.write_bytes(("\n".join(rows) + "\n").encode())

    @classmethod
    def read(cls, path: Path) -> "ImageSet":
        """Read a table written by :meth:`write`.

        Raises
        ------
        CortexlensError
            If the table is missing, or lacks a column or cell.
        """
        table = read_tsv(path, needed=COLUMNS)
        columns = {name: list(map(unguarded, column)) for name, column in table.items()}
        further = [columns.get(name) for name in OPTIONAL_COLUMNS]
        try:
            return cls(columns["image_id"], columns["source"], columns["sha256"], *further)
        except CortexlensError as error:
            raise CortexlensError(f"{path}: {error}") from error

    @classmethod
    def from_sources(
        cls,
        ids: Sequence[str],
        sources: Sequence[str],
        *,
        labels: Sequence[str] | None = None,
        captions: Sequence[str] | None = None,
        splits: Sequence[str] | None = None,
    ) -> "ImageSet":
        """Make a set from files: hash each and check that it is an image, without decoding it.

        Parameters
        ----------
        ids, sources, labels, captions, splits
            As for :class:`ImageSet`.

        Raises
        ------
        SeveralFaultsError
            Naming each file that is missing or not an image.
        """
        _check_cells([ids, sources])
        _check_ids(ids, sources)
        digests, sizes, faults = [], [], []
        for source in track(sources, "images listed"):
            try:
                data = read_bytes(source)
                sizes.append(_size_of(source, data))
            except CortexlensError as error:
                faults.append(str(error))
                continue
            digests.append(hashlib.sha256(data).hexdigest())
        if faults:
            raise SeveralFaultsError(faults)
        return cls(
            list(ids),
            list(sources),
            digests,
            None if labels is None else list(labels),
            None if captions is None else list(captions),
            None if splits is None else list(splits),
            sizes,
        )

    @classmethod
    def from_any(cls, source: Path) -> "ImageSet":
        """Make a set from a folder, a zip file or an ``images.tsv``."""
        if source.suffix.lower() == ".tsv":
            return cls.read(source)
        return cls.from_folder(source) if source.is_dir() else cls.from_zip(source)

    @classmethod
    def from_folder(cls, folder: Path) -> "ImageSet":
        """List the images of a folder and its subfolders, in natural order (2 before 10).

        Hidden files, ``__MACOSX``, files without the suffix of an image and links to folders are
        left out, which is reported on standard error.
        Identifiers are ``{folder}-{path without suffix}``; a leading ``images`` of the folder's
        name is dropped, so ``images_190923/image0001.jpg`` becomes ``190923-image0001``.

        Raises
        ------
        CortexlensError
            If the folder does not exist or holds no image.
        """
        if not folder.is_dir():
            raise CortexlensError(f"{folder}: there is no such folder of images.")
        chosen = list_pictures(folder)
        ids = _ids(list(chosen), folder.resolve().name)
        return cls.from_sources(ids, list(chosen.values()))

    @classmethod
    def from_zip(cls, archive: Path) -> "ImageSet":
        """List the images in a zip file, in natural order; otherwise like :meth:`from_folder`.

        A folder that contains all members is not part of the identifiers.

        Raises
        ------
        CortexlensError
            If there is no such zip file or it holds no image.
        """
        chosen = list_pictures(archive)
        ids = _ids(list(chosen), archive.stem)
        return cls.from_sources(ids, list(chosen.values()))

    @classmethod
    def from_scenes(cls, scenes_dir: Path, ranges: str) -> "ImageSet":
        """Select rows of ``scenes.tsv`` in a folder of drawn scenes.

        Parameters
        ----------
        scenes_dir
            Folder written by ``draw-scenes``.
        ranges
            Rows from 0, both ends included, e.g. ``0-199,1500-2799``.

        Raises
        ------
        CortexlensError
            If a range is malformed, exceeds the table, or overlaps another.
        """
        import pandas as pd

        path = scenes_dir / "scenes.tsv"
        needed = ["image_id", "file", "label", "caption"]
        try:
            table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, usecols=needed)
        except (OSError, ValueError) as error:
            raise CortexlensError(
                f"{path}: cannot be read as a table of scenes: {error}. Draw the scenes with "
                "`cortexlens draw-scenes`."
            ) from error
        chosen = table.iloc[parse_ranges(ranges, len(table), path)]
        return cls.from_sources(
            chosen["image_id"].tolist(),
            [str(scenes_dir / name) for name in chosen["file"]],
            labels=chosen["label"].tolist(),
            captions=chosen["caption"].tolist(),
        )


def list_pictures(place: Path) -> dict[str, str]:
    """List the images of a folder or zip file in natural order: path within it → source.

    Parameters
    ----------
    place
        A folder, which is searched recursively, or a file named ``.zip``.

    Raises
    ------
    CortexlensError
        If it is neither, it or a subfolder cannot be read, or it holds no image.
    """
    if place.is_dir():
        return {name: str(place / name) for name in _pictures(list(walk(place)), place)}
    if place.suffix.lower() != ".zip":
        raise CortexlensError(f"{place}: is neither a folder of images nor a .zip file.")
    members = [info.filename for info in open_archive(str(place)).infolist() if not info.is_dir()]
    twice, times = Counter(members).most_common(1)[0] if members else ("", 0)
    if times > 1:
        raise CortexlensError(
            f"{place}: holds {times} files named {twice!r}, of which only the last can be read. "
            "Create the archive again."
        )
    return {name: f"{place}::{name}" for name in _pictures(members, place)}


def parse_ranges(ranges: str, n_rows: int, table: Path) -> list[int]:
    """Parse ranges of rows of a table: ``0-2,7`` means rows 0, 1, 2 and 7.

    Parameters
    ----------
    ranges
        Comma-separated rows or ranges of rows, from 0, both ends included.
    n_rows
        Number of rows of the table.
    table
        File of the table, for error messages.

    Raises
    ------
    CortexlensError
        If a part is malformed or exceeds the table, or a row occurs twice.
    """
    rows: list[int] = []
    for part in ranges.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,9})(?:\s*-\s*([0-9]{1,9}))?\s*", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        if not first <= last < n_rows:
            raise CortexlensError(
                f"{table}: {part!r} is not a range of its rows; allowed are rows 0 to "
                f"{n_rows - 1}, written as 0-199 or 0-199,300-399."
            )
        rows.extend(range(first, last + 1))
    if len(set(rows)) < len(rows):
        raise CortexlensError(f"{table}: the ranges {ranges!r} overlap; name each row once.")
    return rows


def _size_of(source: str, data: bytes | None = None) -> str:
    """Width and height of an image as in the table; it is opened but not decoded."""
    data = read_bytes(source) if data is None else data
    with identify(data, source) as image:
        width, height = upright_size(image, data)
    return f"{width}x{height}"


def _numbers(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    return int(width), int(height)


def _check_cells(columns: Iterable[Sequence[str] | None]) -> None:
    """Refuse text that a tab-separated table cannot hold."""
    for column in columns:
        for cell in column or ():
            if re.search(r"[\t\r\n\ud800-\udfff]", cell):
                raise CortexlensError(
                    f"{cell!r}: a name holds a tab, a line break or bytes that are not UTF-8. "
                    "Rename the file."
                )


def _check_ids(ids: Sequence[str], sources: Sequence[str]) -> None:
    """Refuse an empty set, and identifiers that are empty or not unique."""
    if not ids:
        raise CortexlensError("Found no images; at least one is needed.")
    name, times = Counter(ids).most_common(1)[0]
    if times > 1:
        twice = [source for source, found in zip(sources, ids, strict=True) if found == name]
        raise CortexlensError(
            f"image id {name!r} occurs {times} times ({twice[0]} and {twice[1]}); ids must be "
            "unique. Rename or remove one of the files."
        )
    if "" in ids:
        raise CortexlensError(f"{sources[ids.index('')]}: this image has an empty id.")


def _pictures(names: Iterable[str], where: Path) -> list[str]:
    """Names with an image's suffix, in natural order; the number of others is reported."""
    names = list(names)
    hidden = [name for name in names if is_hidden(name)]
    visible = [name for name in names if not is_hidden(name)]
    say_hidden(where, sorted(name for name in hidden if _is_picture(name)))
    chosen = list(filter(_is_picture, visible))
    if not chosen:
        raise CortexlensError(
            f"{where}: found no images among {len(visible)} files; allowed are "
            f"{', '.join(sorted(SUFFIXES))}."
        )
    if len(chosen) < len(visible):
        say(f"{where}: {len(visible) - len(chosen)} files that are not images are left out")
    return sorted(chosen, key=lambda name: (natural_key(name), name))


def _is_picture(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _ids(names: Sequence[str], where: str) -> list[str]:
    """Make identifiers of images from their paths, without a folder that contains all of them."""
    paths = [PurePosixPath(name.lstrip("/")) for name in names]
    common = os.path.commonpath([path.parent for path in paths])
    prefix = where.removeprefix("images").strip("-_ ")
    stems = [path.relative_to(common).with_suffix("").as_posix() for path in paths]
    return [f"{prefix}-{stem}" if prefix else stem for stem in stems]

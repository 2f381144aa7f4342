"""The pictures that a subject saw: their ids, where they lie, what is in them.

An :class:`ImageSet` fixes the order of the ``image`` axis everywhere. On disk it is a table,
``images.tsv``; the pictures themselves stay where they are and are opened one by one.
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
    """Pictures in the order of the ``image`` axis.

    Parameters
    ----------
    ids
        Unique names, e.g. ``nsd-00013``.
    sources
        Where each lies: a file, ``archive.zip::member``, or ``file.hdf5::dataset::index``.
    sha256
        Hash of each file's bytes (in an HDF5 array, of the picture's pixels), 64 hexadecimal
        digits. Two ids may share one.
    labels, captions
        What is in the pictures, where that is known.
    splits
        ``train``, ``validation`` or ``test``, where the study says which image is for what.
    sizes
        Width and height as it is shown, pixels, e.g. ``640x427``; None in tables of before they
        were written down.

    Raises
    ------
    CortexlensError
        If there are no images, an id is there twice, a name holds a tab or a line break, or a size
        is none.
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
                raise CortexlensError(f"image {name!r}: {sha!r} is no SHA-256 in hexadecimal.")
        for name, size in zip(self.ids, self.sizes or (), strict=False):
            if not SIZE.fullmatch(size):
                raise CortexlensError(
                    f"image {name!r}: size {size!r} is not WIDTHxHEIGHT in pixels."
                )

    def _extra(self) -> dict[str, list[str]]:
        """Columns that not every study has."""
        columns = (self.labels, self.captions, self.splits, self.sizes)
        named = zip(OPTIONAL_COLUMNS, columns, strict=True)
        return {name: column for name, column in named if column is not None}

    def those(self, chosen: Sequence[int]) -> "ImageSet":
        """Give some of the images, by their indices, with all that is known of them."""
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
        """Hash of the ids and contents, in order; not of where the files lie."""
        text = "\n".join(f"{name}\t{sha}" for name, sha in zip(self.ids, self.sha256, strict=True))
        return hashlib.sha256(text.encode()).hexdigest()

    def shapes(self) -> Counter[tuple[int, int]]:
        """Count pictures of each width and height, pixels; opens them where it is not known.

        Raises
        ------
        CortexlensError
            If a picture has to be opened and is gone, or is none.
        """
        sizes = map(_size_of, self.sources) if self.sizes is None else self.sizes
        counted = Counter(sizes)
        return Counter({_numbers(size): number for size, number in counted.items()})

    def frame(self, fit: str) -> Frame:
        """Give the frame of places in these pictures, for a network that is shown them so.

        Parameters
        ----------
        fit
            ``squash``, ``crop`` or ``pad``.
        """
        # Whatever their shape, a squashed picture's places are its own: none need be opened.
        return Frame() if fit == SQUASH else Frame.of_sizes(fit, self.shapes())

    def open(self, i: int) -> Image.Image:
        """Read picture ``i``: upright, 8-bit RGB.

        Transparent pixels show mid-grey, 16-bit greys are scaled to 8 bits, of a moving picture
        the first frame counts. Safe to call from several threads and from forked processes.

        Raises
        ------
        CortexlensError
            If the file is gone, is no picture, or has changed since ``images.tsv`` was written.
        """
        data = read_bytes(self.sources[i])
        if hashlib.sha256(data).hexdigest() != self.sha256[i]:
            raise CortexlensError(
                f"{self.sources[i]}: the file has changed since it was listed as image "
                f"{self.ids[i]}. Delete images.tsv and run the workflow again."
            )
        return decode(data, self.sources[i])

    def write(self, path: Path) -> None:
        """Write the table ``images.tsv``, one row an image."""
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
            If there is no such table, or a column or cell is missing.
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
        """Hash the files and see that each is a picture; nothing is decoded yet.

        Parameters
        ----------
        ids, sources, labels, captions, splits
            As for :class:`ImageSet`.

        Raises
        ------
        SeveralFaultsError
            Naming each file that is missing or is no picture.
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
        """Take pictures from whatever holds them: a folder, a zip file or an ``images.tsv``."""
        if source.suffix.lower() == ".tsv":
            return cls.read(source)
        return cls.from_folder(source) if source.is_dir() else cls.from_zip(source)

    @classmethod
    def from_folder(cls, folder: Path) -> "ImageSet":
        """List the pictures of a folder and its subfolders, in natural order (2 before 10).

        Hidden files, ``__MACOSX``, files that are no pictures by their suffix and links to folders
        are left out, which is said on standard error.
        Ids are ``{folder}-{path without suffix}``; a leading ``images`` of the folder's name is
        dropped, so ``images_190923/image0001.jpg`` is ``190923-image0001``.

        Raises
        ------
        CortexlensError
            If the folder does not exist or holds no picture.
        """
        if not folder.is_dir():
            raise CortexlensError(f"{folder}: there is no such folder of images.")
        chosen = list_pictures(folder)
        ids = _ids(list(chosen), folder.resolve().name)
        return cls.from_sources(ids, list(chosen.values()))

    @classmethod
    def from_zip(cls, archive: Path) -> "ImageSet":
        """List the pictures in a zip file, in natural order; otherwise as :meth:`from_folder`.

        Members may sit in a folder: a folder common to all is no part of the ids.

        Raises
        ------
        CortexlensError
            If there is no such zip file or it holds no picture.
        """
        chosen = list_pictures(archive)
        ids = _ids(list(chosen), archive.stem)
        return cls.from_sources(ids, list(chosen.values()))

    @classmethod
    def from_scenes(cls, scenes_dir: Path, ranges: str) -> "ImageSet":
        """Choose rows of ``scenes.tsv`` in a folder of drawn scenes.

        Parameters
        ----------
        scenes_dir
            Folder that ``draw-scenes`` wrote.
        ranges
            0-based rows, first and last included, e.g. ``0-199,1500-2799``.

        Raises
        ------
        CortexlensError
            If a range is malformed, goes beyond the table, or overlaps another.
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
    """List the pictures of a folder or zip file: path within it → source, in natural order.

    Parameters
    ----------
    place
        A folder, searched with its subfolders, or a file named ``.zip``.

    Raises
    ------
    CortexlensError
        If it is neither, it or a subfolder cannot be read, or it holds no picture.
    """
    if place.is_dir():
        return {name: str(place / name) for name in _pictures(list(walk(place)), place)}
    if place.suffix.lower() != ".zip":
        raise CortexlensError(f"{place}: images lie in a folder or in a file named .zip.")
    members = [info.filename for info in open_archive(str(place)).infolist() if not info.is_dir()]
    twice, times = Counter(members).most_common(1)[0] if members else ("", 0)
    if times > 1:
        raise CortexlensError(
            f"{place}: holds {times} files named {twice!r}, of which only the last can be read. "
            "Pack the archive anew."
        )
    return {name: f"{place}::{name}" for name in _pictures(members, place)}


def parse_ranges(ranges: str, n_rows: int, table: Path) -> list[int]:
    """Turn ``0-2,7`` into rows 0, 1, 2, 7 of a table.

    Parameters
    ----------
    ranges
        Comma-separated rows or ranges of rows, 0-based, both ends included.
    n_rows
        How many rows there are.
    table
        Their file, for the error.

    Raises
    ------
    CortexlensError
        If a part is malformed, beyond the table, or there twice.
    """
    rows: list[int] = []
    for part in ranges.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,9})(?:\s*-\s*([0-9]{1,9}))?\s*", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        if not first <= last < n_rows:
            raise CortexlensError(
                f"{table}: {part!r} is no range of its rows; allowed are rows 0 to {n_rows - 1}, "
                "written as 0-199 or 0-199,300-399."
            )
        rows.extend(range(first, last + 1))
    if len(set(rows)) < len(rows):
        raise CortexlensError(f"{table}: the ranges {ranges!r} overlap; name each row once.")
    return rows


def _size_of(source: str, data: bytes | None = None) -> str:
    """Width and height of a picture, as the table has them; it is opened, not decoded."""
    data = read_bytes(source) if data is None else data
    with identify(data, source) as image:
        width, height = upright_size(image, data)
    return f"{width}x{height}"


def _numbers(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    return int(width), int(height)


def _check_cells(columns: Iterable[Sequence[str] | None]) -> None:
    """Refuse what a tab-separated table cannot hold."""
    for column in columns:
        for cell in column or ():
            if re.search(r"[\t\r\n\ud800-\udfff]", cell):
                raise CortexlensError(
                    f"{cell!r}: a name holds a tab, a line break or bytes that are not UTF-8. "
                    "Rename the file."
                )


def _check_ids(ids: Sequence[str], sources: Sequence[str]) -> None:
    """Refuse an empty set, and names that do not tell the pictures apart."""
    if not ids:
        raise CortexlensError("Found no images; at least one is needed.")
    name, times = Counter(ids).most_common(1)[0]
    if times > 1:
        twice = [source for source, found in zip(sources, ids, strict=True) if found == name]
        raise CortexlensError(
            f"image id {name!r} is there {times} times ({twice[0]} and {twice[1]}); ids must be "
            "unique. Rename or remove one of the files."
        )
    if "" in ids:
        raise CortexlensError(f"{sources[ids.index('')]}: this image has an empty id.")


def _pictures(names: Iterable[str], where: Path) -> list[str]:
    """Names that are pictures by their suffix, in natural order; what is left out is said."""
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
        say(f"{where}: {len(visible) - len(chosen)} files that are no images are left out")
    return sorted(chosen, key=lambda name: (natural_key(name), name))


def _is_picture(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _ids(names: Sequence[str], where: str) -> list[str]:
    """Ids of pictures from their paths, without a folder that is common to all."""
    paths = [PurePosixPath(name.lstrip("/")) for name in names]
    common = os.path.commonpath([path.parent for path in paths])
    prefix = where.removeprefix("images").strip("-_ ")
    stems = [path.relative_to(common).with_suffix("").as_posix() for path in paths]
    return [f"{prefix}-{stem}" if prefix else stem for stem in stems]

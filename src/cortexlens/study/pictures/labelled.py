"""Labelled images for fine-tuning: one folder per class, or images with tables of labels.

Images are listed by name but not decoded, so that a study can be checked before it runs.
"""

import csv
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from cortexlens.errors import CortexlensError
from cortexlens.study.files import as_written, path_ends
from cortexlens.study.pictures.image_set import list_pictures

# Columns that name a row's image, and its class, in the tables of the ISIC challenges.
IMAGE_COLUMNS = ("image_id", "image", "image_name", "isic_id")
LABEL_COLUMNS = ("melanoma", "target", "label", "class")
# Cells that mean that a label is missing, in lower case.
MISSING = frozenset({"", "n/a", "nan"})
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
WHOLE = re.compile(r"(?<=[0-9])\.0*$")
# If all folders have these names, they are parts of a data set rather than classes.
PARTS = frozenset({"train", "training", "val", "valid", "validation", "test"})


class Labelled(NamedTuple):
    """Source of labelled images; columns of ``finetunes.tsv``.

    Attributes
    ----------
    images
        Folder or zip file.
    labels
        Tables of labels, comma- or tab-separated. Empty: each folder is a class.
    image_column, label_column
        Columns of these tables. None: the first column with a known name; without a known label
        column, there is one column of 0 and 1 per class.
    classes
        Classes to use; empty: all.
    """

    images: Path
    labels: tuple[Path, ...] = ()
    image_column: str | None = None
    label_column: str | None = None
    classes: tuple[str, ...] = ()


def list_classes(given: Labelled, least: int) -> dict[str, list[str]]:
    """List the images of each class.

    Parameters
    ----------
    given
        Source of the images and labels.
    least
        Minimum number of images in each class.

    Returns
    -------
    dict
        Class → sources of its images, in the form of :class:`~.image_set.ImageSet`. Classes are
        sorted by name; images are in natural order of their names, or in the order of the table.

    Raises
    ------
    CortexlensError
        If files, columns, images or classes are missing, or a class has too few images.
    """
    if not given.images.exists():
        raise CortexlensError(
            f"images: {given.images} does not exist; a folder or a .zip file was expected. Correct "
            "the path, or finetuning.root."
        )
    pictures = list_pictures(given.images)
    found = _from_tables(given, pictures) if given.labels else _from_folders(given, pictures)
    if given.classes:
        unknown = [name for name in given.classes if name not in found]
        if unknown:
            raise CortexlensError(
                f"classes: found {unknown[0]!r}; {given.images} has {', '.join(found)}."
            )
        found = {name: found[name] for name in given.classes}
    _check_counts(found, least, given)
    return found


def _check_counts(found: Mapping[str, Sequence[str]], least: int, given: Labelled) -> None:
    where = given.labels[0] if given.labels else given.images
    if len(found) < 2:
        raise CortexlensError(
            f"{where}: found {len(found)} class{'es' * (not found)}; at least 2 are needed."
        )
    for name, sources in found.items():
        if len(sources) < least:
            raise CortexlensError(
                f"{where}: class {name!r} has {len(sources)} images; {least} are needed, at least "
                "one of them for validation. Lower finetuning.images_per_class, or exclude the "
                "class with the column classes."
            )


def _from_folders(given: Labelled, pictures: Mapping[str, str]) -> dict[str, list[str]]:
    """Take the first folder below the folder that contains all images as the class."""
    parents = {name: PurePosixPath(name).parent for name in pictures}
    common = os.path.commonpath([*parents.values()])
    found: dict[str, list[str]] = {}
    for name, source in pictures.items():
        parts = parents[name].relative_to(common).parts
        if not parts:
            raise CortexlensError(
                f"{source}: is not in the folder of a class; one folder per class was expected. "
                "Move it, or name tables in the column labels."
            )
        found.setdefault(parts[0], []).append(source)
    if {name.lower() for name in found} <= PARTS:
        raise CortexlensError(
            f"{given.images}: found the folders {', '.join(found)}, which are parts of a data set, "
            "not classes; name one of them in the column images, as images are split at random."
        )
    if given.images.is_dir():
        top = given.images / common
        for folder in sorted(path.name for path in top.iterdir() if path.is_dir()):
            if folder not in found and not folder.startswith((".", "__")):
                found[folder] = []  # an empty class is refused unless classes excludes it
    return {name: found[name] for name in sorted(found)}


def _from_tables(given: Labelled, pictures: Mapping[str, str]) -> dict[str, list[str]]:
    known = _Names(pictures)
    found: dict[str, list[str]] = {}
    rows_of: dict[str, str] = {}
    for path in given.labels:
        rows = _read(path)
        image_column = given.image_column or _first(rows[0], IMAGE_COLUMNS, "image_column", path)
        for line, (name, label) in enumerate(_labels(given, rows, image_column, path), 2):
            where = f"{path}, line {line}"
            source = _picture_of(name, known, given.images, where)
            if source in rows_of:
                raise CortexlensError(
                    f"{where}: image {name!r} occurs twice, first in {rows_of[source]}; every row "
                    "needs an image of its own. Correct the table."
                )
            rows_of[source] = where
            found.setdefault(label, []).append(source)
    return {name: found[name] for name in sorted(found)}


class _Names:
    """Names that a table may use for an image: its path or path's end, with or without suffix.

    Parameters
    ----------
    pictures
        Path → source.
    """

    def __init__(self, pictures: Mapping[str, str]) -> None:
        self._by_end: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for name, source in pictures.items():
            for end in path_ends(name):
                self._by_end.setdefault(end, []).append(source)
                stem = end.removesuffix(PurePosixPath(name).suffix)
                self._by_stem.setdefault(stem, []).append(source)

    def find(self, name: str) -> Sequence[str]:
        """Sources of the images with a name: none, one, or several if the name is ambiguous."""
        wanted = as_written(name)
        return self._by_end.get(wanted) or self._by_stem.get(wanted, [])


def _picture_of(name: str, known: _Names, images: Path, where: str) -> str:
    """Find the single image that a row names."""
    sources = known.find(name)
    if not sources:
        raise CortexlensError(
            f"{where}: image {name!r} is not in {images}; every row needs an image of its own. "
            "Correct the table, or restore the image."
        )
    if len(sources) > 1:
        raise CortexlensError(
            f"{where}: image {name!r} may be {sources[0]} or {sources[1]}; write more of its "
            "path, with the suffix, or rename one."
        )
    return sources[0]


def _read(path: Path) -> list[dict[str, str]]:
    """Read a table of labels, comma-separated or (``.tsv``) tab-separated."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ",")
            columns = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = columns
            rows = [
                {key: (row[key] or "").strip() for key in columns}
                for row in map(partial(_checked_row, path), reader)
            ]
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise CortexlensError(f"labels: {path} cannot be read as a table: {error}.") from error
    duplicates = [name for name in columns if columns.count(name) > 1]
    if duplicates:
        raise CortexlensError(
            f"labels: {path} has the column {duplicates[0]!r} {columns.count(duplicates[0])} "
            "times; each may appear once."
        )
    if not rows:
        raise CortexlensError(f"labels: {path} has no rows; one row per image was expected.")
    return rows


def _checked_row(path: Path, row: dict[str | None, Any]) -> dict[str | None, Any]:
    """Refuse a row with more cells than columns, as its extra cells would be lost."""
    if any(cell and cell.strip() for cell in row.get(None) or ()):
        raise CortexlensError(
            f"labels: {path} has a row with more cells than columns, which begins "
            f"{next(iter(row.values()))!r}. Put cells that hold a comma in quotes."
        )
    return row


def _first(row: Mapping[str, str], known: Iterable[str], key: str, path: Path) -> str:
    for name in known:
        if name in row:
            return name
    raise CortexlensError(
        f"{path}: found the columns {', '.join(row)}; known names are {', '.join(known)}. Give the "
        f"name of the column in the column {key}."
    )


def _labels(
    given: Labelled, rows: Sequence[Mapping[str, str]], image_column: str, path: Path
) -> list[tuple[str, str]]:
    """Pair the image of each row with its class."""
    for key, column in (("image_column", image_column), ("label_column", given.label_column)):
        if column is not None and column not in rows[0]:
            raise CortexlensError(
                f"{path}: {key}: found {column!r}; columns are {', '.join(rows[0])}."
            )
    names = [row[image_column] for row in rows]
    column = given.label_column or next((one for one in LABEL_COLUMNS if one in rows[0]), None)
    if column is not None:
        return list(
            zip(names, _class_names(column, [row[column] for row in rows], path), strict=True)
        )
    columns = [name for name in rows[0] if name != image_column]
    return list(
        zip(names, [_one_hot(row, columns, path, i) for i, row in enumerate(rows, 2)], strict=True)
    )


def _class_names(column: str, cells: Sequence[str], path: Path) -> list[str]:
    """Name classes after their cells; numeric cells become ``melanoma=1``, for example.

    Numbers are written as in the table, but without zeros after a decimal point: 1.0 is 1, 001 is
    001.
    """
    missing = next((i for i, cell in enumerate(cells) if cell.lower() in MISSING), None)
    if missing is not None:
        raise CortexlensError(
            f"{path}, line {missing + 2}: column {column} is empty ({cells[missing]!r}); a class "
            "is needed."
        )
    if all(NUMBER.fullmatch(cell) for cell in cells):
        return [f"{column}={WHOLE.sub('', cell)}" for cell in cells]
    return list(cells)


def _one_hot(row: Mapping[str, str], columns: Sequence[str], path: Path, line: int) -> str:
    """Return the one column that holds 1, provided that all others hold 0."""
    values = {name: row[name] for name in columns}
    try:
        marked = [name for name, value in values.items() if float(value) == 1]
        others = sum(float(value) == 0 for value in values.values())
    except ValueError:
        marked, others = [], 0
    if len(marked) != 1 or others != len(columns) - 1:
        raise CortexlensError(
            f"{path}, line {line}: found {', '.join(f'{k}={v}' for k, v in values.items())}; one "
            "column per class was expected, one of them 1 and the others 0. Name the column of "
            f"classes in label_column (known without it: {' or '.join(LABEL_COLUMNS)})."
        )
    return marked[0]

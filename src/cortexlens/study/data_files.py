"""Files of the user's that subjects and fine-tunings are made from; only tables are opened."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cortexlens.errors import CortexlensError
from cortexlens.study.files import TABLE_FILES, existing, find_files, named
from cortexlens.study.nsd.layout import Layout
from cortexlens.study.tsv import read_tsv

Row = Mapping[str, str]
# Columns of finetunes.tsv that name files, for each kind of labelled pictures.
LABELLED_FILES = {"folders": ("images",), "table": ("images", "labels")}
_OF_PICTURES = ("images", "design", "trials")


def data_files(dataset: Mapping[str, Any], row: Row) -> dict[str, Path]:
    """Files of the user's that a subject is made from.

    Parameters
    ----------
    dataset
        Section of the study's config.
    row
        A row of its subjects.

    Returns
    -------
    dict
        What it is (a column of the table, for kind ``table``) → file or folder; empty for
        simulated subjects.

    Raises
    ------
    CortexlensError
        If a cell has wildcards that no file fits, or the row names a subject or session that the
        dataset does not have.
    """
    root, kind = Path(dataset.get("root", "")), dataset["kind"]
    if kind == "table":
        files = {name: find_files(root, row[name]) for name in TABLE_FILES if name in row}
        return {"images": existing(root / row["images"]), **named(files)}
    if kind == "algonauts2023":
        folder = root / row.get("folder", row["subject"])
        training = folder / "training_split"
        return {
            "images": training / "training_images",
            "left responses": training / "training_fmri" / "lh_training_fmri.npy",
            "right responses": training / "training_fmri" / "rh_training_fmri.npy",
            "rois": folder / "roi_masks",
        }
    if kind == "nsd":
        return Layout.from_options({**dataset, **row}).files()
    return {}


def picture_files(dataset: Mapping[str, Any], row: Row) -> list[Path]:
    """Those of :func:`data_files` that a subject's list of pictures is made from, these first."""
    found = data_files(dataset, row)
    return [path for name, path in found.items() if name.startswith(_OF_PICTURES)]


def every_picture_file(dataset: Mapping[str, Any], row: Row) -> list[Path]:
    """Give :func:`picture_files`, and each picture that a table among them lists."""
    images, *others = picture_files(dataset, row)
    return [*with_listed(images), *others]


def response_files(dataset: Mapping[str, Any], row: Row) -> list[Path]:
    """Those of :func:`data_files` that responses are made from, besides the list of pictures."""
    return [path for name, path in data_files(dataset, row).items() if name != "images"]


def with_listed(images: Path) -> list[Path]:
    """Give what holds pictures and, where it is a table of them, the pictures that it lists.

    A table that cannot be read stays alone: the job that reads it tells what is wrong.

    Parameters
    ----------
    images
        A folder, a file of pictures, or a table.
    """
    if images.suffix.lower() != ".tsv":
        return [images]
    try:
        table = read_tsv(images, needed=("image_id",))
    except CortexlensError:
        return [images]
    listed = [existing(images.parent / name.strip()) for name in table.get("path", ())]
    # an images.tsv that cortexlens wrote
    return [images, *listed, *map(Path, table.get("source", ()))]


def labelled_files(root: Path, row: Row) -> dict[str, list[Path]]:
    """Files and folders of labelled pictures that a row of finetunes.tsv names, by column.

    Raises
    ------
    CortexlensError
        If a cell has wildcards that no file fits.
    """
    columns = LABELLED_FILES.get(row["kind"], ())
    return {column: find_files(root, row[column]) for column in columns}

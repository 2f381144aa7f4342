"""The user's files that subjects and fine-tuning are made from; only tables are opened."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cortexlens.errors import CortexlensError
from cortexlens.study.files import TABLE_FILES, existing, find_files, named
from cortexlens.study.nsd.layout import Layout
from cortexlens.study.tsv import read_tsv

Row = Mapping[str, str]
# Columns of finetunes.tsv that name files, for each kind of labelled images.
LABELLED_FILES = {"folders": ("images",), "table": ("images", "labels")}
_OF_PICTURES = ("images", "design", "trials")


def data_files(dataset: Mapping[str, Any], row: Row) -> dict[str, Path]:
    """List the user's files that a subject is made from.

    Parameters
    ----------
    dataset
        Section ``dataset`` of the study's config.
    row
        A row of the table of subjects.

    Returns
    -------
    dict
        Description (for kind ``table``, the column) → file or folder; empty for simulated subjects.

    Raises
    ------
    CortexlensError
        If a cell's wildcards match no file, or the row names a subject or session that the dataset
        does not have.
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
    """Files of :func:`data_files` that a subject's list of images depends on, the images first."""
    found = data_files(dataset, row)
    return [path for name, path in found.items() if name.startswith(_OF_PICTURES)]


def every_picture_file(dataset: Mapping[str, Any], row: Row) -> list[Path]:
    """Files of :func:`picture_files` plus every image that a table of images lists."""
    images, *others = picture_files(dataset, row)
    return [*with_listed(images), *others]


def response_files(dataset: Mapping[str, Any], row: Row) -> list[Path]:
    """Files of :func:`data_files` that responses depend on, apart from the images."""
    return [path for name, path in data_files(dataset, row).items() if name != "images"]


def with_listed(images: Path) -> list[Path]:
    """Return a source of images and, if it is a table, also the images that it lists.

    A table that cannot be read is returned alone; the job that reads it reports the fault.

    Parameters
    ----------
    images
        A folder, an archive of images, or a table of images.
    """
    if images.suffix.lower() != ".tsv":
        return [images]
    try:
        table = read_tsv(images, needed=("image_id",))
    except CortexlensError:
        return [images]
    listed = [existing(images.parent / name.strip()) for name in table.get("path", ())]
    # an images.tsv written by cortexlens has a column source instead of path
    return [images, *listed, *map(Path, table.get("source", ()))]


def labelled_files(root: Path, row: Row) -> dict[str, list[Path]]:
    """List the files and folders of labelled images that a row of finetunes.tsv names, by column.

    Parameters
    ----------
    root
        Folder that relative paths start from, ``finetuning.root``.
    row
        Row of the table of fine-tuning datasets.

    Raises
    ------
    CortexlensError
        If a cell's wildcards match no file.
    """
    columns = LABELLED_FILES.get(row["kind"], ())
    return {column: find_files(root, row[column]) for column in columns}

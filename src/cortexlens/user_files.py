"""Files of the user's that a study is made from."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cortexlens.backbones.checkpoints import weights_path
from cortexlens.shapes import FURTHER_PICTURES
from cortexlens.study.files import TABLE_FILES, existing, find_files, named
from cortexlens.study.nsd_layout import Layout
from cortexlens.user_code import code_files

Row = dict[str, str]


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
    """Those of :func:`data_files` that a subject's list of pictures is made from."""
    wanted = ("images", "design", "trials")
    return [path for name, path in data_files(dataset, row).items() if name.startswith(wanted)]


def further_faults(config: Mapping[str, Any], subjects: Mapping[str, Row]) -> Iterator[str]:
    """List what is wrong with the pictures that autoencoders learn on besides those of subjects."""
    if "pictures" not in config["sae"]:
        return
    place = Path(config["sae"]["pictures"])
    if not place.exists():
        yield (
            f"sae.pictures: found {str(place)!r}, which does not exist; name a folder or zip "
            "file of pictures, or leave it out"
        )
    if FURTHER_PICTURES in subjects:
        yield (
            f"{config['subjects']}: the subject {FURTHER_PICTURES!r} has the name that "
            "sae.pictures are kept under; give it another"
        )


def backbone_files(row: Row) -> list[Path]:
    """Files that a backbone is made from: its weights, and the user's code.

    The code is the module of source ``python`` and all that it imports outside site-packages.

    Parameters
    ----------
    row
        A row of a study's backbones.
    """
    weights = weights_path(row.get("weights"))
    tuned = Path(row["tuned"]) if "tuned" in row else None
    code: list[Path] = []
    if row["source"] == "python":
        code = [_from_here(file) for file in code_files([row["name"].partition(":")[0]]).values()]
    return [*(path for path in (weights, tuned) if path is not None), *code]


def _from_here(file: Path) -> Path:
    """The path of a file from the working directory, where it lies below."""
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def is_module(name: str) -> bool:
    """Tell whether jobs would find a module, the user's own or an installed one; it is not run."""
    try:
        return own_module(name) is not None or find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def own_module(name: str) -> Path | None:
    """File of a module in the working directory, where jobs look for it too; None without one."""
    stem = Path(*name.split("."))
    files = (stem.with_suffix(".py"), stem / "__init__.py")
    return next((path for path in files if path.is_file()), None)

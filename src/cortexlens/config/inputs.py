"""Files of the user's that a study is made from: data, weights and code."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cortexlens.backbones.checkpoints import weights_path
from cortexlens.backbones.user_code import code_files
from cortexlens.errors import CortexlensError
from cortexlens.shapes import FURTHER_PICTURES
from cortexlens.storage.names import check_braces
from cortexlens.study.data_files import data_files as data_files
from cortexlens.study.data_files import picture_files as picture_files

Row = dict[str, str]


def further_faults(config: Mapping[str, Any], subjects: Mapping[str, Row]) -> Iterator[str]:
    """Yield the faults of ``sae.pictures``, further images that autoencoders learn from.

    Parameters
    ----------
    config
        The complete config.
    subjects
        Rows of the table of subjects, by identifier.
    """
    if "pictures" not in config["sae"]:
        return
    place = Path(config["sae"]["pictures"])
    try:
        check_braces(place)
    except CortexlensError as error:
        yield f"sae.pictures: {error}"
    if not place.exists():
        yield (
            f"sae.pictures: found {str(place)!r}, which does not exist; name a folder or zip "
            "file of images, or leave the key out"
        )
    if FURTHER_PICTURES in subjects:
        yield (
            f"{config['subjects']}: the subject {FURTHER_PICTURES!r} has the name under which "
            "sae.pictures are stored; rename the subject"
        )


def backbone_files(row: Row) -> list[Path]:
    """List the files that a backbone is made from: its weights and the user's code.

    For source ``python``, code means the named module and everything that it imports from outside
    site-packages.


    Parameters
    ----------
    row
        A row of the study's table of backbones.
    """
    weights = weights_path(row.get("weights"))
    tuned = Path(row["tuned"]) if "tuned" in row else None
    code: list[Path] = []
    if row["source"] == "python":
        code = [
            _relative_to_cwd(file) for file in code_files([row["name"].partition(":")[0]]).values()
        ]
    return [*(path for path in (weights, tuned) if path is not None), *code]


def _relative_to_cwd(file: Path) -> Path:
    """Path relative to the working directory if the file is below it, else the path unchanged."""
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def is_module(name: str) -> bool:
    """Tell whether jobs will find a module, the user's or an installed one; it is not run."""
    try:
        return own_module(name) is not None or find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def own_module(name: str) -> Path | None:
    """File of a module in the working directory, which jobs search too; None if there is none."""
    stem = Path(*name.split("."))
    files = (stem.with_suffix(".py"), stem / "__init__.py")
    return next((path for path in files if path.is_file()), None)

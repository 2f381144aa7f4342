"""Which study a folder of results is of: two studies of one name would overwrite each other's."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from cortexlens.config.safe_yaml import read_mapping
from cortexlens.errors import CortexlensError
from cortexlens.storage.atomic import replacing

NAME: Final = ".study.json"


def check_owner(results: Path, config: Path, dataset: Mapping[str, Any]) -> None:
    """Refuse results that were made for another config of the same study name.

    A config that was edited keeps its results, and so does one that was moved: another one counts
    only while it is still there, and still names the study that it was run as.

    Parameters
    ----------
    results
        Folder of the study's results; need not exist.
    config
        The study's config file.
    dataset
        Its section ``dataset``.

    Raises
    ------
    CortexlensError
        Naming both configs.
    """
    known = _record(results)
    if not known:
        return
    other = Path(str(known["config"]))
    if _same(config, other) or _named(other) != known["study"]:
        return
    raise CortexlensError(
        f"{results}: holds the results of {other} ({known['dataset']}), and {config} "
        f"({_described(dataset)}) names its study alike. Give one of them another name under "
        f"study:. Where both are one study, or {results} is to be made anew from {config}, delete "
        f"{results / NAME}."
    )


def claim(results: Path, config: Path, dataset: Mapping[str, Any]) -> None:
    """Write down which config a folder of results is of.

    Parameters
    ----------
    results, config, dataset
        As for :func:`check_owner`; the folder has to exist.
    """
    top = Path.cwd()
    place = config.absolute()
    # within the project it is moved and copied with the results
    shown = Path(os.path.relpath(place, top)) if place.is_relative_to(top) else place
    record = {"config": str(shown), "study": _named(config), "dataset": _described(dataset)}
    if record == _record(results):
        return
    with suppress(OSError), replacing(results / NAME) as partial:  # results may be read-only
        partial.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")


def _record(results: Path) -> dict[str, Any]:
    """What is written down; nothing where it is not there or not whole."""
    try:
        found = json.loads((results / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    whole = isinstance(found, dict) and {"config", "study", "dataset"} <= set(found)
    return found if whole else {}


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.absolute() == other.absolute()


def _named(config: Path) -> str | None:
    """Name of the study as a config file has it; None where there is no such file."""
    try:
        return str(read_mapping(config).get("study"))
    except CortexlensError:
        return None


def _described(dataset: Mapping[str, Any]) -> str:
    """Say which data a study is of."""
    root = f" of {dataset['root']}" if "root" in dataset else ""
    return f"dataset {dataset['kind']}{root}"

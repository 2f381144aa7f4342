"""The config that a results folder belongs to: studies of one name must not mix results."""

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
    """Refuse a results folder that was made from another config with the same study name.

    A config that was edited or moved keeps its results. Another config is a conflict only while its
    file still exists and still has the study name under which the results were made.



    Parameters
    ----------
    results
        Folder of the study's results; it need not exist.
    config
        The study's config file.
    dataset
        Section ``dataset`` of the config.

    Raises
    ------
    CortexlensError
        If the folder belongs to another config; the message names both.
    """
    known = _record(results)
    if not known:
        return
    other = Path(str(known["config"]))
    if _same(config, other) or _named(other) != known["study"]:
        return
    raise CortexlensError(
        f"{results}: holds the results of {other} ({known['dataset']}), and {config} "
        f"({_described(dataset)}) uses the same study name. Give one of them another name under "
        f"study:. If both are the same study, or {results} is to be remade from {config}, delete "
        f"{results / NAME}."
    )


def claim(results: Path, config: Path, dataset: Mapping[str, Any]) -> None:
    """Record which config a results folder belongs to.

    Parameters
    ----------
    results, config, dataset
        As for :func:`check_owner`, but the folder must exist.
    """
    top = Path.cwd()
    place = config.absolute()
    # a relative path stays valid if the whole project is moved or copied
    shown = Path(os.path.relpath(place, top)) if place.is_relative_to(top) else place
    record = {"config": str(shown), "study": _named(config), "dataset": _described(dataset)}
    if record == _record(results):
        return
    with suppress(OSError), replacing(results / NAME) as partial:  # results may be read-only
        partial.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")


def _record(results: Path) -> dict[str, Any]:
    """Read the recorded owner; empty if there is no record or it is incomplete."""
    try:
        found = json.loads((results / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    complete = isinstance(found, dict) and {"config", "study", "dataset"} <= set(found)
    return found if complete else {}


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.absolute() == other.absolute()


def _named(config: Path) -> str | None:
    """Study name in a config file, or None if the file cannot be read."""
    try:
        return str(read_mapping(config).get("study"))
    except CortexlensError:
        return None


def _described(dataset: Mapping[str, Any]) -> str:
    """Describe the dataset of a study: its kind and, if it has one, its root folder."""
    root = f" of {dataset['root']}" if "root" in dataset else ""
    return f"dataset {dataset['kind']}{root}"

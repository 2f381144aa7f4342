"""Reading of the JSON files of results, with errors that name file and key."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cortexlens.errors import CortexlensError

LARGEST_FILE: Final = 2**28  # bytes
_NAMES: Final = {dict: "a table of keys", list: "a list", str: "text", int: "a whole number"}
_AGAIN: Final = "Run the workflow again to make it."
# Type or types that a value may have; in a list: types of the items of a list.
Wanted = type | tuple[type, ...] | list[type]
NUMBER: Final = (int, float)


def read_json(
    path: Path, needed: Mapping[str, Wanted] | None = None, *, correct: str = _AGAIN
) -> dict[str, Any]:
    """Read a JSON file whose top level is an object.

    Parameters
    ----------
    path
        Path of the file.
    needed
        Keys that must be present → type, or types; nested keys are written with dots. Types in
        brackets mean a list of items of that type.
    correct
        Advice on what to do, appended to error messages.

    Returns
    -------
    dict

    Raises
    ------
    CortexlensError
        If the file is missing or damaged, or a key is missing or of another type.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"it is larger than {LARGEST_FILE} bytes")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CortexlensError(f"{path}: cannot be read as JSON: {reason}. {correct}") from error
    if not isinstance(found, dict):
        raise CortexlensError(f"{path}: found no table of keys. {correct}")
    for key, wanted in (needed or {}).items():
        _check(path, found, key, wanted, correct)
    return found


def _check(path: Path, found: Any, key: str, wanted: Wanted, correct: str) -> None:
    for part in key.split("."):
        if not isinstance(found, dict) or part not in found:
            raise CortexlensError(f"{path}: {key} is missing. {correct}")
        found = found[part]
    items: list[Any] = [found]
    kinds: tuple[type, ...] = wanted if isinstance(wanted, tuple) else ()
    if isinstance(wanted, type):
        kinds = (wanted,)
    if isinstance(wanted, list):
        items, kinds = (found if isinstance(found, list) else []), tuple(wanted)
    fits = all(isinstance(item, kinds) and not isinstance(item, bool) for item in items)
    if not fits or not items:
        name = _NAMES.get(kinds[0], "a number") if len(kinds) == 1 else "a number"
        allowed = f"a list of {name} each" if isinstance(wanted, list) else name
        shown = repr(found) if len(repr(found)) < 60 else f"{repr(found)[:60]}…"
        raise CortexlensError(f"{path}: {key}: found {shown}; needed is {allowed}. {correct}")

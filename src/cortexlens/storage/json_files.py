"""JSON files of results, read with their faults named."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cortexlens.errors import CortexlensError

LARGEST_FILE: Final = 2**28  # bytes
_NAMES: Final = {dict: "a table of keys", list: "a list", str: "text", int: "a whole number"}
_AGAIN: Final = "Run the workflow again to make it."
# Types that a key may have, or the types of a list's items within a list.
Wanted = type | tuple[type, ...] | list[type]
NUMBER: Final = (int, float)


def read_json(
    path: Path, needed: Mapping[str, Wanted] | None = None, *, correct: str = _AGAIN
) -> dict[str, Any]:
    """Read a JSON file that holds a table of keys.

    Parameters
    ----------
    path
        The file.
    needed
        Keys that are used, nested ones with dots → type, or types within brackets for a list of
        them.
    correct
        What to do about a fault.

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
        told = repr(found) if len(repr(found)) < 60 else f"{repr(found)[:60]}…"
        raise CortexlensError(f"{path}: {key}: found {told}; needed is {allowed}. {correct}")

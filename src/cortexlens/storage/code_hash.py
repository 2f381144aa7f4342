"""Hash of the code that a stage runs, so that results depend on code as well as on data."""

import ast
import hashlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = "cortexlens"
ROOT = Path(__file__).parents[1]
# Cache of the time, size, imports and hash of each file, next to Python's compiled files.
_KEPT = "__pycache__/fingerprint.json"


def _file_of(module: str) -> Path | None:
    """File of a module of this package, or None if there is no such module."""
    stem = ROOT.joinpath(*module.split(".")[1:])
    if stem.with_suffix(".py").is_file():
        return stem.with_suffix(".py")
    return stem / "__init__.py" if (stem / "__init__.py").is_file() else None


@cache
def _kept() -> dict[str, Any]:
    """Cached times, sizes, imports and hashes of files from an earlier process, if readable."""
    try:
        found = json.loads((ROOT / _KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _keep() -> None:
    """Save the cache for the next process, where Python saves compiled files."""
    if sys.dont_write_bytecode:
        return
    partial = ROOT / f"{_KEPT}.{os.getpid()}"
    with suppress(OSError):  # a read-only installation
        partial.parent.mkdir(exist_ok=True)
        partial.write_text(json.dumps(_kept()), encoding="utf-8")
        partial.replace(ROOT / _KEPT)


@cache
def _read(module: str) -> tuple[frozenset[str], str]:
    """Modules of this package that ``module`` imports, and the hash of its syntax tree.

    Parsing all files takes seconds, which every call and every job would spend. A file with the
    same time and size as when it was parsed is therefore not parsed again, as in Python's own cache
    of compiled files.
    """
    path = _file_of(module)
    assert path is not None
    state = path.stat()
    match _kept().get(module):
        case [state.st_mtime_ns, state.st_size, [*names], str(digest)]:
            pass
        case _:
            names, digest = _parsed(path)
            _kept()[module] = [state.st_mtime_ns, state.st_size, names, digest]
    return frozenset(name for name in names if _file_of(name)), digest


def _parsed(path: Path) -> tuple[list[str], str]:
    """Names that may be modules of this package, and the hash of the syntax tree."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    names = sorted(name for name in found if name.split(".")[0] == PACKAGE)
    return names, hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def modules_behind(stage: str) -> list[str]:
    """Modules of the package that a stage runs, including itself, sorted.

    Parameters
    ----------
    stage
        Name of a module in ``cortexlens.stages``.

    Returns
    -------
    list of str
        Dotted module names: the transitive closure of imports within the package.
    """
    waiting, seen = [f"{PACKAGE}.stages.{stage}"], set[str]()
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += _read(module)[0]
    return sorted(seen)


@cache
def fingerprint(stage: str) -> str:
    """Hash of the source of a stage and of everything that it imports within the package.

    The hash is computed from the syntax trees, so comments and layout do not change it: correcting
    a comment does not cause a night of fits to run again.

    Parameters
    ----------
    stage
        Name of a module in ``cortexlens.stages``.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    known = dict(_kept())
    digest = hashlib.sha256()
    for module in modules_behind(stage):
        digest.update(f"{module} {_read(module)[1]} ".encode())
    if known != _kept():
        _keep()
    return digest.hexdigest()[:16]


def fingerprint_of_jobs(stage: str) -> Callable[[object], str]:
    """Function from wildcards to a stage's fingerprint, which is the same for all its jobs.

    It is evaluated when the first job of the stage is planned: a job on a cluster reads the whole
    workflow to run a single rule and need not hash the code of all the others.

    Parameters
    ----------
    stage
        Name of a module in ``cortexlens.stages``.
    """

    def of_job(wildcards: object) -> str:
        return fingerprint(stage)

    return of_job

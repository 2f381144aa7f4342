"""A hash of the code behind a stage, so that results depend on code too."""

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
# Beside Python's own compiled files, what was found in each file: time, size, imports, hash.
_KEPT = "__pycache__/fingerprint.json"


def _file_of(module: str) -> Path | None:
    """File of a module of this package, or None if there is no such module."""
    stem = ROOT.joinpath(*module.split(".")[1:])
    if stem.with_suffix(".py").is_file():
        return stem.with_suffix(".py")
    return stem / "__init__.py" if (stem / "__init__.py").is_file() else None


@cache
def _kept() -> dict[str, Any]:
    """What an earlier process found in the files, as far as it can be read."""
    try:
        found = json.loads((ROOT / _KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _keep() -> None:
    """Leave what was found to the next process, where Python leaves compiled files."""
    if sys.dont_write_bytecode:
        return
    partial = ROOT / f"{_KEPT}.{os.getpid()}"
    with suppress(OSError):  # an installation that only can be read
        partial.parent.mkdir(exist_ok=True)
        partial.write_text(json.dumps(_kept()), encoding="utf-8")
        partial.replace(ROOT / _KEPT)


@cache
def _read(module: str) -> tuple[frozenset[str], str]:
    """Modules of this package imported anywhere in ``module``, and the hash of its syntax tree.

    Parsing all files takes seconds, which each call and each job would spend: a file that is as
    old and as long as when it was parsed is not parsed again, as Python does not compile it again.
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
    """Modules of the package that a stage runs, itself included, sorted.

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
    """Hash of the source of a stage and of all that it imports within the package.

    The hash is taken over the syntax trees: comments and layout do not count, so that a mended
    comment does not run a night's fits again.

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
    """Give the function from wildcards to a stage's fingerprint, the same for all.

    It is computed when the first job of the stage is planned: a job on a cluster reads the whole
    workflow to run one rule, and need not hash the code behind all the others.

    Parameters
    ----------
    stage
        Name of a module in ``cortexlens.stages``.
    """

    def of_job(wildcards: object) -> str:
        return fingerprint(stage)

    return of_job

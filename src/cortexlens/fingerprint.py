"""A hash of the code behind a stage, so that results depend on code too."""

import ast
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

PACKAGE = "cortexlens"
ROOT = Path(__file__).parent


def _file_of(module: str) -> Path | None:
    """File of a module of this package, or None if there is no such module."""
    stem = ROOT.joinpath(*module.split(".")[1:])
    if stem.with_suffix(".py").is_file():
        return stem.with_suffix(".py")
    return stem / "__init__.py" if (stem / "__init__.py").is_file() else None


@cache
def _read(module: str) -> tuple[frozenset[str], bytes]:
    """Modules of this package imported anywhere in ``module``, and its syntax tree, written out."""
    path = _file_of(module)
    assert path is not None
    tree = ast.parse(path.read_text())
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        found |= {name for name in names if name.split(".")[0] == PACKAGE and _file_of(name)}
    return frozenset(found), ast.dump(tree).encode()


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
    digest = hashlib.sha256()
    for module in modules_behind(stage):
        digest.update(module.encode())
        digest.update(_read(module)[1])
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

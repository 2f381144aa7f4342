"""The user's code behind a network: a module and everything it imports outside site-packages."""

import ast
import hashlib
import importlib
import importlib.util
import inspect
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

# Changes of cortexlens itself are covered by the code hash of each stage.
PACKAGE = "cortexlens"
# Folders of installed packages, in any environment.
INSTALLED = ("site-packages", "dist-packages")
# Functions that import a module by its name as a string.
IMPORTERS = ("import_module", "__import__")


def code_files(modules: Iterable[str]) -> dict[str, Path]:
    """List the files of modules and of everything that they import, without installed packages.

    The standard library is left out too. Nothing is executed: files are located as Python would
    locate them, on its search path and in the working directory, and imports are parsed from their
    source, including those within functions.

    Parameters
    ----------
    modules
        Dotted names of modules.

    Returns
    -------
    dict
        Name of a module → its file, sorted by name; names without such a file are left out. A
        compiled extension counts as a file, but its imports are unknown.
    """
    importlib.invalidate_caches()  # a file may have been written since Python last looked
    waiting, found, tried = [*modules], dict[str, Path](), set[str]()
    while waiting:
        name = waiting.pop()
        if name in tried:
            continue
        tried.add(name)
        parent = name.rpartition(".")[0]
        if parent:
            waiting.append(parent)  # a package's own file runs before its modules
        file = _file_of(name)
        if file is None:
            continue
        found[name] = file
        waiting += [other for other in _imported(name, file) if other.partition(".")[0] != PACKAGE]
    return dict(sorted(found.items()))


def code_hash(modules: Iterable[str]) -> str:
    """SHA-256 of the names and bytes of :func:`code_files`."""
    digest = hashlib.sha256()
    for name, file in code_files(modules).items():
        digest.update(f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()} ".encode())
    return digest.hexdigest()


def network_code_hash(network: "nn.Module") -> str:
    """Hash the code of a network in memory: of its own class and those of its submodules.

    Parameters
    ----------
    network
        Any module.

    Returns
    -------
    str
        SHA-256 of the modules that define the classes and of what these import, see
        :func:`code_files`. For classes defined in a script or notebook, only their own source is
        hashed, if Python can find it, so that unrelated changes of the script do not matter.
        Changes of functions that they call there show only in the network's outputs.
    """
    classes = {
        each
        for part in network.modules()
        for each in type(part).__mro__
        if each.__module__ != "builtins"
    }
    digest = hashlib.sha256(
        code_hash({each.__module__ for each in classes} - {"__main__"}).encode()
    )
    here = [each for each in classes if each.__module__ == "__main__"]
    for each in sorted(here, key=lambda each: each.__qualname__):
        digest.update(f"{each.__qualname__} {_source(each)}".encode())
    return digest.hexdigest()


def _source(kind: type) -> str:
    try:
        return inspect.getsource(kind)
    except (OSError, TypeError):  # typed into a console
        return ""


def _file_of(name: str) -> Path | None:
    """File of a module that is neither in the standard library nor installed; else None."""
    top, *rest = name.split(".")
    spec = PathFinder.find_spec(top, [*sys.path, os.getcwd()])
    if spec is None:
        try:
            spec = importlib.util.find_spec(top)  # editable installations have their own finder
        except (ImportError, ValueError):
            return None
    if spec is None:
        return None
    for part in rest:
        # find_spec of the full dotted name would execute the parent package
        if spec is None or spec.submodule_search_locations is None:
            return None
        spec = PathFinder.find_spec(part, [*spec.submodule_search_locations])
    if spec is None or not spec.has_location or spec.origin is None:
        return None
    file = Path(spec.origin)
    return file if file.is_file() and not _installed(file.resolve()) else None


def _installed(file: Path) -> bool:
    own = (Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "platstdlib"))
    return any(part in INSTALLED for part in file.parts) or any(
        file.is_relative_to(folder) for folder in own
    )


def _imported(name: str, file: Path) -> Iterator[str]:
    """Yield names that a file imports and that may be modules."""
    if file.suffix != ".py":
        return
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):  # reported when the module is imported
        return
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from (alias.name for alias in aliases)
            case ast.ImportFrom(module=module, names=aliases, level=level):
                parts = package.split(".") if level else []
                parts = parts[: len(parts) - level + 1] if level else []
                base = ".".join([*parts, *([module] if module else [])])
                yield base
                yield from (f"{base}.{alias.name}" for alias in aliases)
            case ast.Call(
                func=ast.Name(id=called) | ast.Attribute(attr=called),
                args=[ast.Constant(value=str(text)), *_],
            ) if called in IMPORTERS:
                yield package + text if text.startswith(".") else text

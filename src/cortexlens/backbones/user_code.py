"""The user's own code behind a network: a module and all that it imports outside site-packages."""

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

# Of cortexlens itself the fingerprint of each stage takes care.
PACKAGE = "cortexlens"
# Where installed packages lie, whichever environment they belong to.
INSTALLED = ("site-packages", "dist-packages")
# Functions that import a module by a text.
IMPORTERS = ("import_module", "__import__")


def code_files(modules: Iterable[str]) -> dict[str, Path]:
    """Files of modules and of all that they import, standard library and packages left out.

    Nothing is run: files are found as Python would find them, from the folders that it looks into
    and the working directory, and imports are read from their text, those within functions too.

    Parameters
    ----------
    modules
        Dotted names.

    Returns
    -------
    dict
        Name of a module → its file, sorted by name; names without such a file are left out. A
        compiled extension counts as a file; what it imports is not known.
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
    """Stand for the code of a network in memory: of its own class and of those of its parts.

    Parameters
    ----------
    network
        Any module.

    Returns
    -------
    str
        SHA-256 over the modules that define the classes and what they import, see
        :func:`code_files`. Of classes of a script or notebook it is their own source, where
        Python can find that: the rest of a script may change as it likes. What the functions of
        a script do is seen by the network's values alone.
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
    """File of a module that is none of Python's own and not installed; None without one."""
    top, *rest = name.split(".")
    spec = PathFinder.find_spec(top, [*sys.path, os.getcwd()])
    if spec is None:
        try:
            spec = importlib.util.find_spec(top)  # an editable installation has a finder of its own
        except (ImportError, ValueError):
            return None
    if spec is None:
        return None
    for part in rest:
        # Not by find_spec of the whole name, which would run the package.
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
    """Names that may be modules which a file imports."""
    if file.suffix != ".py":
        return
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):  # told when the module is imported
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

"""YAML read as plain data: no tags that make objects, no key twice, no aliases that explode.

    python -m cortexlens.config.safe_yaml FILE

says whether snakemake may read a config file: it would run the templates that one can hold; and
whether it can keep its own files.
"""

import os
import re
import sys
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import yaml

from cortexlens.errors import CortexlensError

LARGEST_FILE = 2**20  # bytes; a config has a few thousand
LARGEST_CONTENT = 100_000  # values, with all that aliases stand for
# The key by which snakemake takes a config file for a program.
TEMPLATE_KEY = "__use_yte__"


def read_mapping(path: Path, what: str = "config file") -> dict[str, Any]:
    """Read a YAML file that holds a table of keys.

    Parameters
    ----------
    path
        The file.
    what
        What it is, for errors.

    Returns
    -------
    dict

    Raises
    ------
    CortexlensError
        If it is not there, is no YAML of plain data, has a key twice, or holds no keys.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise CortexlensError(
            f"{path}: there is no such {what} in {Path.cwd()}. Correct the path."
        ) from error
    except (OSError, ValueError) as error:
        raise CortexlensError(f"{path}: the {what} cannot be read: {_told(error)}.") from error
    try:
        content = _content(data)
    except RecursionError as error:
        raise CortexlensError(f"{path}: cannot be read as YAML: it is nested too deep.") from error
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise CortexlensError(f"{path}: cannot be read as YAML: {error}") from error
    if not isinstance(content, dict) or not content:
        raise CortexlensError(f"{path}: found no keys; config/README.md lists them.")
    odd = next((key for key in content if not isinstance(key, str)), None)
    if odd is not None:
        raise CortexlensError(f"{path}: found the key {odd!r}; keys are text.")
    if TEMPLATE_KEY in content:
        raise CortexlensError(
            f"{path}: found {TEMPLATE_KEY}, by which snakemake would run expressions of the file; "
            "a study is plain data. Take the key out."
        )
    return content


def check_arguments(given: Sequence[str]) -> None:
    """Refuse what snakemake reads from its command line as another number than a person.

    It takes ``study=010`` and ``study=1_0`` for 10, where a name is meant as often.

    Parameters
    ----------
    given
        Words after ``--config``, each ``key=value``.

    Raises
    ------
    CortexlensError
        Naming the first such word.
    """
    for word in given:
        key, _, value = word.partition("=")
        try:
            number = int(value)
        except ValueError:
            continue
        if value.strip().lstrip("+-") != str(abs(number)):
            raise CortexlensError(
                f"--config {word}: snakemake reads {value} as the number {number}. If a number is "
                f"meant, write {number}; if a name, write it into the config file, in quotes: "
                f"{key}: '{value}'."
            )


def _content(data: bytes) -> Any:
    if len(data) > LARGEST_FILE:
        raise ValueError(f"it is larger than {LARGEST_FILE} bytes.")
    loader = yaml.SafeLoader(data.decode("utf-8-sig"))
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _check(node, {})
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _check(node: yaml.Node, sizes: dict[int, int]) -> int:
    """Count the values that a node stands for; refuse keys that are there twice."""
    known = sizes.get(id(node))
    if known == 0:
        raise ValueError("an alias stands for what it is in.")
    if known is not None:
        return known
    sizes[id(node)] = 0  # being counted
    parts: list[yaml.Node] = []
    if isinstance(node, yaml.ScalarNode):
        _check_number(node)
    if isinstance(node, yaml.MappingNode):
        _check_keys(node)
        parts = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        parts = node.value
    size = 1 + sum(_check(part, sizes) for part in parts)
    if size > LARGEST_CONTENT:
        raise ValueError(f"it holds more than {LARGEST_CONTENT} values.")
    sizes[id(node)] = size
    return size


def _check_keys(node: yaml.MappingNode) -> None:
    found: set[Hashable] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ValueError(f"a key is no text, line {key.start_mark.line + 1}.")
        if (key.tag, key.value) in found:
            raise ValueError(
                f"the key {key.value!r} is there twice, line {key.start_mark.line + 1}."
            )
        found.add((key.tag, key.value))


def _check_number(node: yaml.ScalarNode) -> None:
    """Refuse what YAML reads as another number than a person: 12:30 is 750 to it, and 010 is 8."""
    kind, text = node.tag.rpartition(":")[2], node.value
    plain = re.fullmatch(r"[-+]?(0|[1-9][0-9]*)", text) or (kind == "float" and ":" not in text)
    if kind in ("int", "float") and not plain:
        raise ValueError(
            f"line {node.start_mark.line + 1} holds {text}, which YAML reads as the number "
            f"{yaml.safe_load(text)}. If a name is meant, put it into quotes: '{text}'; if a "
            "number, write it in decimal digits."
        )


def _told(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def check_caches() -> None:
    """Refuse to start snakemake where it cannot keep its own files.

    Raises
    ------
    CortexlensError
        If the folder of caches, in the home folder or where XDG_CACHE_HOME says, cannot be made.
    """
    if sys.platform != "linux":  # where caches lie is another matter elsewhere
        return
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    try:
        (folder / "snakemake").mkdir(parents=True, exist_ok=True)
        writable = os.access(folder / "snakemake", os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise CortexlensError(
            f"{folder}: snakemake and libraries keep files there, and it cannot be written. Set "
            "XDG_CACHE_HOME to a folder that may be written to (export XDG_CACHE_HOME=…)."
        )


if __name__ == "__main__":
    try:
        read_mapping(Path(sys.argv[1]))
        check_caches()
    except CortexlensError as fault:
        print(f"cortexlens: {fault}", file=sys.stderr)
        sys.exit(2)

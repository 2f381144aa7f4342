"""YAML read as plain data: no object tags, no duplicate keys, no exponential alias expansion.

    python -m cortexlens.config.safe_yaml FILE

checks that a config file is safe for snakemake to read (snakemake would run templates in it) and
that snakemake can write its own cache.
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
LARGEST_CONTENT = 100_000  # values, counting aliases as many times as they are used
# A config file with this key is run by snakemake as a template.
TEMPLATE_KEY = "__use_yte__"


def read_mapping(path: Path, what: str = "config file") -> dict[str, Any]:
    """Read a YAML file whose top level is a mapping.

    Parameters
    ----------
    path
        The file.
    what
        What the file is, for error messages.

    Returns
    -------
    dict

    Raises
    ------
    CortexlensError
        If the file is missing, is not YAML of plain data, has a duplicate key, or has no keys.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise CortexlensError(
            f"{path}: there is no such {what} in {Path.cwd()}. Correct the path."
        ) from error
    except (OSError, ValueError) as error:
        raise CortexlensError(f"{path}: the {what} cannot be read: {_reason(error)}.") from error
    try:
        content = _content(data)
    except RecursionError as error:
        raise CortexlensError(f"{path}: cannot be read as YAML: nested too deeply.") from error
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise CortexlensError(f"{path}: cannot be read as YAML: {error}") from error
    if not isinstance(content, dict) or not content:
        raise CortexlensError(f"{path}: found no keys; config/README.md lists them.")
    odd = next((key for key in content if not isinstance(key, str)), None)
    if odd is not None:
        raise CortexlensError(f"{path}: found the key {odd!r}; keys are text.")
    if TEMPLATE_KEY in content:
        raise CortexlensError(
            f"{path}: found {TEMPLATE_KEY}, which makes snakemake run expressions in the file; "
            "a study must be plain data. Remove the key."
        )
    return content


def check_arguments(given: Sequence[str]) -> None:
    """Refuse ``--config`` values that snakemake would read as a different number.

    It reads ``study=010`` and ``study=1_0`` as 10, though a name may have been meant.



    Parameters
    ----------
    given
        Words after ``--config``, each of the form ``key=value``.

    Raises
    ------
    CortexlensError
        On the first such word.
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
                f"meant, write {number}; if a name is meant, write it in the config file, in "
                f"quotes: {key}: '{value}'."
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
    """Count the values that a node expands to; refuse duplicate keys and oversized content."""
    known = sizes.get(id(node))
    if known == 0:
        raise ValueError("an alias refers to a value that contains it.")
    if known is not None:
        return known
    sizes[id(node)] = 0  # marks a node whose count is in progress, to detect circular aliases
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
            raise ValueError(f"a key is not plain text, line {key.start_mark.line + 1}.")
        if (key.tag, key.value) in found:
            raise ValueError(
                f"the key {key.value!r} appears twice, line {key.start_mark.line + 1}."
            )
        found.add((key.tag, key.value))


def _check_number(node: yaml.ScalarNode) -> None:
    """Refuse text that YAML reads as an unexpected number: 12:30 becomes 750, and 010 becomes 8."""
    kind, text = node.tag.rpartition(":")[2], node.value
    plain = re.fullmatch(r"[-+]?(0|[1-9][0-9]*)", text) or (kind == "float" and ":" not in text)
    if kind in ("int", "float") and not plain:
        raise ValueError(
            f"line {node.start_mark.line + 1} holds {text}, which YAML reads as the number "
            f"{yaml.safe_load(text)}. If a name is meant, put it in quotes: '{text}'; if a "
            "number is meant, write it in decimal digits."
        )


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def check_caches() -> None:
    """Check that snakemake can write its own cache.

    Raises
    ------
    CortexlensError
        If the cache folder (``~/.cache``, or XDG_CACHE_HOME if set) cannot be created or written.
    """
    if sys.platform != "linux":  # other systems keep caches elsewhere
        return
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    try:
        (folder / "snakemake").mkdir(parents=True, exist_ok=True)
        writable = os.access(folder / "snakemake", os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise CortexlensError(
            f"{folder}: snakemake and libraries keep files in this folder, and it cannot be "
            "written. Set XDG_CACHE_HOME to a writable folder (export XDG_CACHE_HOME=…)."
        )


if __name__ == "__main__":
    try:
        read_mapping(Path(sys.argv[1]))
        check_caches()
    except CortexlensError as fault:
        print(f"cortexlens: {fault}", file=sys.stderr)
        sys.exit(2)

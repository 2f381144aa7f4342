"""JSON schemas of the config and its tables, and their use: type conversion, defaults, validation.

The schemas (``schemas/*.json``) are the only definition of every key of the config and every
column of its tables, with type, range, default and meaning; ``config/README.md`` lists them.
"""

import copy
import difflib
import json
import math
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cortexlens.config.safe_yaml import read_mapping

# If this package is installed, jsonschema compiles its URI grammar at import, which takes two
# seconds in every call for a format that no schema here uses. Pretend that it is not installed.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

from jsonschema import Draft202012Validator, ValidationError  # noqa: E402
from jsonschema.validators import extend  # noqa: E402

Schema = Mapping[str, Any]

SCHEMAS = Path(__file__).parent / "schemas"
# Keys of version 0.1.0 → their present names.
RENAMED = {
    "selector_rate": "selector_lr_multiplier",
    "free_selector_rate": "free_selector_lr_multiplier",
    "head_rate": "head_lr_multiplier",
    "selection_share": "selector_image_fraction",
    "layer_size": "aligned_rms",
    "active": "k",
    "interval": "confidence_level",
}
# Pattern of identifiers, as in all schemas.
IDENTIFIER = "^[a-z0-9][a-z0-9-]{0,63}$"
TYPE_NAMES = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "array": "a list",
    "object": "a table of keys",
}


def _is_number(_: object, value: object) -> bool:
    finite = isinstance(value, int | float) and math.isfinite(value)
    return finite and not isinstance(value, bool)


def _pattern(_: object, pattern: str, value: object, __: object) -> Iterator[ValidationError]:
    # in the library, $ also matches before a trailing line break
    if isinstance(value, str) and not re.search(pattern.replace("$", r"\Z"), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


# NaN passes every range check of JSON schema, so it does not count as a number here
_Validator = extend(
    Draft202012Validator,
    {"pattern": _pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("number", _is_number),
)


@cache
def _load(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return schema


def config_schema(kind: str | None = None) -> dict[str, Any]:
    """Return the schema of ``config.yaml``.

    Parameters
    ----------
    kind
        Kind of dataset, one of :func:`dataset_kinds`, whose keys the section ``dataset`` may have.
        If None, only ``dataset.kind`` itself is checked.
    """
    schema = _load("config")
    if kind is None:
        return schema
    dataset = _load("datasets")["$defs"][kind]
    return {**schema, "properties": {**schema["properties"], "dataset": dataset}}


def dataset_kinds() -> list[str]:
    """List the kinds of dataset that a config may name."""
    return list(_load("datasets")["$defs"])


def subject_schema(kind: str) -> dict[str, Any]:
    """Return the schema of one row of ``subjects.tsv`` for a kind of dataset."""
    schema: dict[str, Any] = _load("subjects")["$defs"][kind]
    return schema


def finetune_schema() -> dict[str, Any]:
    """Return the schema of one row of ``finetunes.tsv``."""
    return _load("finetunes")


def backbone_schema() -> dict[str, Any]:
    """Return the schema of one row of ``backbones.tsv``."""
    return _load("backbones")


def typed(value: Any, schema: Schema) -> Any:
    """Convert text to numbers or truth values, and numbers to text, where a schema asks for it.

    Table cells and ``--config`` arguments are text, and YAML reads ``1e-3`` as text and the
    identifier ``190923`` as a number.

    Parameters
    ----------
    value
        A JSON value; it is not changed.
    schema
        The schema that the value should satisfy.

    Returns
    -------
    object
        A copy, with leaves converted where that loses nothing.
    """
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        return {key: typed(part, known.get(key, {})) for key, part in value.items()}
    if isinstance(value, list):
        return [typed(part, schema.get("items", {})) for part in value]
    wanted = schema.get("type")
    for kind in [wanted] if isinstance(wanted, str) else wanted or ():
        if isinstance(value, str) and kind in ("integer", "number", "boolean"):
            return _parsed(value, kind)
    if isinstance(value, int) and not isinstance(value, bool) and wanted == "string":
        return str(value)
    return value


def _parsed(text: str, wanted: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, float) and wanted == "integer" and value.is_integer():
        return int(value)
    return value if isinstance(value, int | float) and math.isfinite(value) else text


def completed(value: Any, schema: Schema) -> Any:
    """Return a copy of a value with the schema's defaults filled in.

    Parameters
    ----------
    value
        A JSON value; it is not changed.
    schema
        The schema that the value should satisfy.
    """
    if isinstance(value, Mapping) and "properties" in schema:
        properties = schema["properties"]
        defaults = {key: part["default"] for key, part in properties.items() if "default" in part}
        filled = {**copy.deepcopy(defaults), **value}
        return {key: completed(part, properties.get(key, {})) for key, part in filled.items()}
    if isinstance(value, list):
        return [completed(part, schema.get("items", {})) for part in value]
    return value


def find_faults(value: Any, schema: Schema) -> Iterator[str]:
    """Yield everything that violates a schema, sorted by key.

    Parameters
    ----------
    value
        A JSON value.
    schema
        The schema that the value should satisfy.

    Yields
    ------
    str
        Dotted path of the key, e.g. ``features.grid``, then what was found and what is allowed.
    """
    found: dict[str, None] = {}
    for error in sorted(_Validator(schema).iter_errors(value), key=lambda error: error.json_path):
        where = error.json_path.removeprefix("$").removeprefix(".")
        found.update((f"{where}: {what}" if where else what, None) for what in _explain(error))
    yield from found  # one key may violate several rules; each distinct line appears once


def _explain(error: ValidationError) -> Iterator[str]:
    found: Any = error.instance
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for extra in (key for key in found if key not in known):
            if extra in RENAMED and RENAMED[extra] in known:
                yield f"{extra!r} is now called {RENAMED[extra]!r}; write that instead"
                continue
            close = difflib.get_close_matches(str(extra), known, n=1)
            guess = f"did you mean {close[0]!r}? Known keys: " if close else "known keys: "
            yield f"{extra!r} is unknown; {guess}{', '.join(known)}"
    elif error.validator == "required":
        # one error per missing key, and only its message names the key
        keys = error.validator_value
        missing = next(key for key in keys if error.message.startswith(repr(key)))
        meaning = error.schema["properties"][missing].get("description", "a table of keys.")
        yield f"{missing!r} is missing: {meaning}"
    else:
        meaning = f" ({error.schema['description']})" if "description" in error.schema else ""
        hint = _suggestion(found, error)
        yield f"found {found!r}; allowed is {allowed(error.schema)}{meaning}{hint}"


def _suggestion(found: object, error: ValidationError) -> str:
    """Suggest what the value may have been meant to be, if that can be guessed."""
    if not isinstance(found, str):
        return ""
    if error.validator == "pattern" and error.validator_value == IDENTIFIER:
        letters = unicodedata.normalize("NFKD", found).encode("ascii", "ignore").decode().lower()
        guess = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:64]
        return f"; write {guess!r}, for example" if guess else ""
    types = error.schema.get("type", ())
    if "array" in ([types] if isinstance(types, str) else types):
        parts = [part for part in re.split(r"[\s,:;]+", found.strip("[]() ")) if part]
        return f"; write it as a list: [{', '.join(parts)}]" if parts else ""
    return ""


def allowed(schema: Schema) -> str:
    """Describe in words what a schema allows for one value: type or choices, and range."""
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    types = schema.get("type", "string")
    # a pattern of a single word, such as ^all$, allows only that word
    word = re.fullmatch(r"\^(\w+)\$", schema.get("pattern", ""))
    names = {**TYPE_NAMES, **({"string": word[1]} if word else {})}
    parts = [names[name] for name in ([types] if isinstance(types, str) else types)]
    text = " or ".join(parts)
    low, high = (schema.get(f"{end}imum", schema.get(f"{end}Items")) for end in ("min", "max"))
    if low is not None and low == high:
        return f"{text} of {low}"
    if low is not None and high is not None:
        return f"{text} from {low} to {high}"
    bounds = {"of at least": low, "above": schema.get("exclusiveMinimum")}
    bounds |= {"of at most": high, "below": schema.get("exclusiveMaximum")}
    limits = [f"{words} {bound}" for words, bound in bounds.items() if bound is not None]
    return " ".join([text, " and ".join(limits)]).strip()


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a config file.

    Raises
    ------
    CortexlensError
        If the file is missing, is not YAML of plain data, has a duplicate key, or has no keys.
    """
    return read_mapping(path)

"""What a study may say: JSON schemas, and values read, completed and judged by them.

The schemas (``schemas/*.json``) are the one place that names every key of the config and every
column of its tables, with type, range, default and meaning; ``config/README.md`` repeats them.
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

# Where this package is installed, jsonschema compiles its grammar of addresses when it is imported:
# two seconds in every call, for a format that no schema here has. As if it were not installed.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

from jsonschema import Draft202012Validator, ValidationError  # noqa: E402
from jsonschema.validators import extend  # noqa: E402

Schema = Mapping[str, Any]

SCHEMAS = Path(__file__).parent / "schemas"
# Keys by the names that they had in version 0.1.0.
RENAMED = {
    "selector_rate": "selector_lr_multiplier",
    "free_selector_rate": "free_selector_lr_multiplier",
    "head_rate": "head_lr_multiplier",
    "selection_share": "selector_image_fraction",
    "layer_size": "aligned_rms",
    "active": "k",
}
# Pattern of identifiers in all schemas.
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
    # the library lets $ match before a line break at the end
    if isinstance(value, str) and not re.search(pattern.replace("$", r"\Z"), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


# not-a-number passes every range in JSON schema; here it is no number
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
    """Give the schema of ``config.yaml``.

    Parameters
    ----------
    kind
        Kind of dataset, one of :func:`dataset_kinds`: with its keys in ``dataset``. None: with
        nothing known of ``dataset`` but its kinds.
    """
    schema = _load("config")
    if kind is None:
        return schema
    dataset = _load("datasets")["$defs"][kind]
    return {**schema, "properties": {**schema["properties"], "dataset": dataset}}


def dataset_kinds() -> list[str]:
    """Kinds of dataset that a config may name."""
    return list(_load("datasets")["$defs"])


def subject_schema(kind: str) -> dict[str, Any]:
    """Give the schema of one row of ``subjects.tsv``, for a kind of dataset."""
    schema: dict[str, Any] = _load("subjects")["$defs"][kind]
    return schema


def finetune_schema() -> dict[str, Any]:
    """Give the schema of one row of ``finetunes.tsv``."""
    return _load("finetunes")


def backbone_schema() -> dict[str, Any]:
    """Give the schema of one row of ``backbones.tsv``."""
    return _load("backbones")


def typed(value: Any, schema: Schema) -> Any:
    """Read text as a number or truth value where the schema asks for one, and numbers as text.

    Table cells and ``--config`` arguments are text; YAML takes ``1e-3`` for text and the
    identifier ``190923`` for a number.

    Parameters
    ----------
    value
        A JSON value; not changed.
    schema
        What it is to be.

    Returns
    -------
    object
        The value, with leaves converted where that is possible without loss.
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
    """Fill the schema's defaults into a copy of a value."""
    if isinstance(value, Mapping) and "properties" in schema:
        properties = schema["properties"]
        defaults = {key: part["default"] for key, part in properties.items() if "default" in part}
        filled = {**copy.deepcopy(defaults), **value}
        return {key: completed(part, properties.get(key, {})) for key, part in filled.items()}
    if isinstance(value, list):
        return [completed(part, schema.get("items", {})) for part in value]
    return value


def find_faults(value: Any, schema: Schema) -> Iterator[str]:
    """List what a schema finds wrong.

    Parameters
    ----------
    value
        A JSON value.
    schema
        What it is to be.

    Yields
    ------
    str
        Dotted path to the key, e.g. ``features.grid``; what was found and what is allowed.
    """
    found: dict[str, None] = {}
    for error in sorted(_Validator(schema).iter_errors(value), key=lambda error: error.json_path):
        where = error.json_path.removeprefix("$").removeprefix(".")
        found.update((f"{where}: {what}" if where else what, None) for what in _explain(error))
    yield from found  # a value may break several rules of one key, which all are named


def _explain(error: ValidationError) -> Iterator[str]:
    found: Any = error.instance
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for extra in (key for key in found if key not in known):
            if extra in RENAMED and RENAMED[extra] in known:
                yield f"{extra!r} is now called {RENAMED[extra]!r}; write that instead"
                continue
            close = difflib.get_close_matches(str(extra), known, n=1)
            guess = f"did you mean {close[0]!r}? Known are " if close else "known are "
            yield f"{extra!r} is unknown; {guess}{', '.join(known)}"
    elif error.validator == "required":
        # one error a missing key; only its message says which
        keys = error.validator_value
        missing = next(key for key in keys if error.message.startswith(repr(key)))
        meaning = error.schema["properties"][missing].get("description", "a table of keys.")
        yield f"{missing!r} is missing: {meaning}"
    else:
        meaning = f" ({error.schema['description']})" if "description" in error.schema else ""
        yield f"found {found!r}; allowed is {allowed(error.schema)}{meaning}{_mended(found, error)}"


def _mended(found: object, error: ValidationError) -> str:
    """Say what the value may have been meant for, where that can be guessed."""
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
    """Say in words what a schema allows for one value: type or choices, and range."""
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    types = schema.get("type", "string")
    # a pattern of one word, such as all, allows that word alone
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
        If it is not there, is no YAML of plain data, has a key twice, or holds no keys.
    """
    return read_mapping(path)

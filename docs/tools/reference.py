"""Write the tables of config/README.md from the schemas, which alone say what keys mean.

    python docs/tools/reference.py

Every row that begins with a key or a column in backticks is written anew, and rows are added for
keys beside it that have none; all other lines stay as they are.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from cortexlens.config.schema import (
    allowed,
    backbone_schema,
    config_schema,
    dataset_kinds,
    finetune_schema,
    subject_schema,
)

PAGE = Path(__file__).parents[2] / "config" / "README.md"
ROW = re.compile(r"\| `([^`]+)` \|")


def schema_rows(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """List a schema's keys, each with its row of a table; nested keys with dots.

    Parameters
    ----------
    schema
        JSON schema of an object.
    prefix
        What its keys begin with, e.g. ``encoder.``

    Yields
    ------
    tuple
        Key and row: ``| key | values | if omitted | meaning |``.
    """
    for key, part in schema["properties"].items():
        inner = part if "properties" in part else part.get("items", {})
        if "description" in part:
            needed = "required" if key in schema.get("required", ()) else "empty"
            given = json.dumps(part.get("default", "")).replace('"', "")
            default = f"`{given}`" if given else needed
            row = f"| `{prefix}{key}` | {allowed(part)} | {default} | {part['description']} |"
            yield f"{prefix}{key}", row
        if "properties" in inner:
            yield from schema_rows(inner, f"{prefix}{key}{'' if inner is part else '[]'}.")


def known_rows(heading: str) -> dict[str, str]:
    """Rows that may stand under a heading of the page, by key."""
    if heading in dataset_kinds():
        dataset = config_schema(heading)["properties"]["dataset"]
        return dict([*schema_rows(dataset, "dataset."), *schema_rows(subject_schema(heading))])
    tables = {"backbones.tsv": backbone_schema, "finetunes.tsv": finetune_schema}
    return dict(schema_rows(tables.get(heading, config_schema)()))


def written_table(lines: list[str], known: Mapping[str, str]) -> list[str]:
    """Write the rows of one table anew.

    Parameters
    ----------
    lines
        The table, header and rule first.
    known
        Rows by key; those whose key lies beside one of the table's are added.
    """
    keys = [found[1] for line in lines if (found := ROW.match(line))]
    beside = {key.rpartition(".")[0] for key in keys}
    # a table with a key that no schema has is about something else
    if not keys or not set(keys) <= set(known):
        return lines
    return [*lines[:2], *(row for key, row in known.items() if key.rpartition(".")[0] in beside)]


def written_page(text: str) -> str:
    """Give the page with every table as the schemas have it."""
    heading, done = "", []
    for is_table, group in groupby(text.splitlines(), lambda line: line.startswith("|")):
        lines = list(group)
        done += written_table(lines, known_rows(heading)) if is_table else lines
        titles = [line.lstrip("# ") for line in lines if line.startswith("#")]
        heading = titles[-1] if titles else heading
    return "\n".join(done) + "\n"


if __name__ == "__main__":
    PAGE.write_text(written_page(PAGE.read_text()))

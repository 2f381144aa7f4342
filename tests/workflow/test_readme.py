"""config/README.md names every key and column as the schemas have it."""

import json

import pytest

from cortexlens.validation import (
    allowed,
    backbone_schema,
    config_schema,
    dataset_kinds,
    finetune_schema,
    subject_schema,
)
from studies import REPOSITORY

README = (REPOSITORY / "config" / "README.md").read_text()


def lines(schema, prefix=""):
    """Lines of a table with key, values, default and meaning; nested keys with dots."""
    for key, part in schema["properties"].items():
        inner = part if "properties" in part else part.get("items", {})
        if "description" in part:
            needed = "needed" if key in schema.get("required", ()) else "empty"
            given = json.dumps(part.get("default")).replace('"', "")
            default = f"`{given}`" if "default" in part else needed
            yield f"| `{prefix}{key}` | {allowed(part)} | {default} | {part['description']} |"
        if "properties" in inner:
            yield from lines(inner, f"{prefix}{key}{'' if inner is part else '[]'}.")


@pytest.mark.parametrize("line", list(lines(config_schema())))
def test_key_of_the_config(line):
    assert line in README


@pytest.mark.parametrize("kind", dataset_kinds())
def test_keys_and_columns_of_a_kind(kind):
    section = README.partition(f"### {kind}\n")[2].partition("\n#")[0]
    dataset = config_schema(kind)["properties"]["dataset"]
    for line in [*lines(dataset, "dataset."), *lines(subject_schema(kind))]:
        assert line in section


@pytest.mark.parametrize("line", list(lines(backbone_schema())))
def test_column_of_backbones(line):
    assert line in README


@pytest.mark.parametrize("line", list(lines(finetune_schema())))
def test_column_of_finetunes(line):
    assert line in README

"""config/README.md names every key and column as the schemas have it."""

import re

import pytest

from cortexlens.config.schema import (
    backbone_schema,
    config_schema,
    dataset_kinds,
    finetune_schema,
    subject_schema,
)
from docs_pages import reference
from studies import REPOSITORY

README = (REPOSITORY / "config" / "README.md").read_text()
PARTS = [config_schema(), backbone_schema(), finetune_schema()]


def rows(*schemas):
    """Rows of tables, as the schemas have them."""
    return [row for schema in schemas for _, row in reference.schema_rows(schema)]


@pytest.mark.parametrize("row", rows(*PARTS))
def test_key_or_column(row):
    assert row in README


@pytest.mark.parametrize("kind", dataset_kinds())
def test_keys_and_columns_of_a_kind(kind):
    section = README.partition(f"### {kind}\n")[2].partition("\n#")[0]
    dataset = config_schema(kind)["properties"]["dataset"]
    written = [row for _, row in reference.schema_rows(dataset, "dataset.")]
    for row in [*written, *rows(subject_schema(kind))]:
        assert row in section


def test_the_page_is_as_it_would_be_written():
    assert reference.written_page(README) == README


def test_rows_that_were_changed_or_left_out_are_written_again():
    row = next(row for row in rows(config_schema()) if row.startswith("| `features.grid` |"))
    changed = README.replace(row, row.replace("`8`", "`9`"))
    without = re.sub(r"(?m)^\| `features\.grid` .*\n", "", README)
    assert len({README, changed, without}) == 3
    assert reference.written_page(changed) == reference.written_page(without) == README

"""A study as its person wrote it: config and tables held against their schemas."""

from pathlib import Path
from typing import Any

from cortexlens.config.inputs import Row
from cortexlens.config.readouts import typed_variants, variant_faults
from cortexlens.config.recovery import recovery_faults
from cortexlens.config.schema import (
    Schema,
    completed,
    config_schema,
    dataset_kinds,
    find_faults,
    typed,
)
from cortexlens.study.tsv import read_tsv


def examine_config(config: dict[str, Any], source: Path) -> tuple[dict[str, Any], list[str]]:
    """Complete a config; list what its schema finds wrong."""
    dataset = config.get("dataset")
    kind = dataset.get("kind") if isinstance(dataset, dict) else None
    schema = config_schema(kind if kind in dataset_kinds() else None)
    config = completed(typed_variants(typed(config, schema), schema), schema)
    faults = list(find_faults(config, schema)) or list(variant_faults(config, schema))
    faults = faults or list(recovery_faults(config))
    return config, [f"{source}: {fault}" for fault in faults]


def examine_table(path: Path, id_column: str, schema: Schema) -> tuple[dict[str, Row], list[str]]:
    """Read a table: identifier → filled cells; list what is wrong with columns and rows."""
    columns = read_tsv(path, needed=schema["required"])
    strangers = {name: "" for name in columns if name not in schema["properties"]}
    if strangers:
        lenient = {**schema, "required": []}
        return {}, [f"{path}: column {fault}" for fault in find_faults(strangers, lenient)]
    rows: dict[str, Row] = {}
    faults: list[str] = []
    for line, cells in enumerate(zip(*columns.values(), strict=True), 2):
        row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
        row = {name: cell for name, cell in row.items() if cell}
        where = f"{path}, line {line} ({id_column} {row.get(id_column, '')!r})"
        faults += [f"{where}: {fault}" for fault in find_faults(typed(row, schema), schema)]
        if row.get(id_column) in rows:
            faults.append(f"{where}: this {id_column} is there already; allowed is one row each")
        rows[row.get(id_column, "")] = row
    if not rows:
        faults = [f"{path}: found no rows; at least one {id_column} is needed"]
    return rows, faults

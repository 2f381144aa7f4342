"""Config and tables as the user wrote them, validated against their schemas."""

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
    """Fill in a config's defaults and list its faults.

    Parameters
    ----------
    config
        The config as read from YAML.
    source
        Path of its file, for the messages.

    Returns
    -------
    config
        The config with defaults, and with text converted to the types of the schema.
    faults
        One line per fault; empty if the config is valid.
    """
    dataset = config.get("dataset")
    kind = dataset.get("kind") if isinstance(dataset, dict) else None
    schema = config_schema(kind if kind in dataset_kinds() else None)
    config = completed(typed_variants(typed(config, schema), schema), schema)
    faults = list(find_faults(config, schema)) or list(variant_faults(config, schema))
    faults = faults or list(recovery_faults(config))
    return config, [f"{source}: {fault}" for fault in faults]


def examine_table(path: Path, id_column: str, schema: Schema) -> tuple[dict[str, Row], list[str]]:
    """Read a table of a study and list its faults.

    Parameters
    ----------
    path
        The tab-separated file.
    id_column
        Column that holds the identifier of a row.
    schema
        JSON schema of one row.

    Returns
    -------
    rows
        Identifier → {column: text}, without empty cells.
    faults
        One line per fault, with file, line number and identifier.
    """
    columns = read_tsv(path, needed=schema["required"])
    unknown = {name: "" for name in columns if name not in schema["properties"]}
    if unknown:
        lenient = {**schema, "required": []}
        return {}, [f"{path}: column {fault}" for fault in find_faults(unknown, lenient)]
    rows: dict[str, Row] = {}
    faults: list[str] = []
    for line, cells in enumerate(zip(*columns.values(), strict=True), 2):
        row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
        row = {name: cell for name, cell in row.items() if cell}
        where = f"{path}, line {line} ({id_column} {row.get(id_column, '')!r})"
        faults += [f"{where}: {fault}" for fault in find_faults(typed(row, schema), schema)]
        if row.get(id_column) in rows:
            faults.append(f"{where}: this {id_column} has a row already; only one is allowed")
        rows[row.get(id_column, "")] = row
    if not rows:
        faults = [f"{path}: found no rows; at least one {id_column} is needed"]
    return rows, faults

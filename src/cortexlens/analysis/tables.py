"""Tables of results as TSV files, written atomically."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import replacing
from cortexlens.study.tsv import guarded, unguarded

# Columns of identifiers, read as text even if they look like numbers.
IDENTIFIERS = ("subject", "backbone", "other_subject", "other_backbone", "base", "finetune")
# Columns that hold text, in any table.
TEXT = frozenset(
    {
        *(*IDENTIFIERS, "readout", "roi", "hemisphere", "axis", "layer", "layer_name", "model"),
        *("value", "tokens", "activation", "metric", "chosen", "category", "measure", "topology"),
        *(
            "condition",
            "varied",
            "truth",
            "compared",
            "weights",
            "level",
            "planted_layer",
            "found_layer",
        ),
    }
)
_AGAIN = "Run the workflow again to make it."


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table with six significant digits; missing values are ``nan``.

    Text that a spreadsheet would take for a formula is quoted, see
    :func:`cortexlens.study.tsv.guarded`.
    """
    table = _of_text(table, guarded)
    with replacing(path) as partial:
        table.to_csv(partial, sep="\t", index=False, float_format="%.6g", na_rep="nan")


def _of_text(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """Apply a function to all cells and column names that are text."""
    texts = {
        name: column.map(lambda cell: change(cell) if isinstance(cell, str) else cell)
        for name, column in table.items()
        if not pd.api.types.is_numeric_dtype(column)
    }
    changed = table.assign(**{str(name): column for name, column in texts.items()})
    return changed.rename(columns=lambda name: change(name) if isinstance(name, str) else name)


def read_table(path: Path, *, needed: Iterable[str] = (), empty: bool = False) -> pd.DataFrame:
    """Read a table written by :func:`write_table`.

    Parameters
    ----------
    path
        Path of the table.
    needed
        Columns that must be present; those that are not in :data:`TEXT` must contain numbers.
    empty
        Whether the table may have no rows.

    Raises
    ------
    CortexlensError
        If the table does not exist, lacks a column, has text in place of a number, or has no rows
        although ``empty`` is False.
    """
    try:
        if b"\0" in path.read_bytes():
            raise ValueError("it contains bytes that are not text")
        table = pd.read_csv(
            path,
            sep="\t",
            keep_default_na=False,
            na_values=["nan"],
            # identifiers and names of regions may look like numbers: 001 is not 1
            dtype=dict.fromkeys((*IDENTIFIERS, "roi", "layer_name"), str),
            index_col=False,
        )
    except (OSError, ValueError, pd.errors.ParserWarning) as error:
        reason = getattr(error, "strerror", None) or error
        raise CortexlensError(f"{path}: cannot be read as a table: {reason}. {_AGAIN}") from error
    table = _of_text(table, unguarded)
    needed = list(needed)
    missing = [name for name in needed if name not in table]
    if missing:
        raise CortexlensError(
            f"{path}: found the columns {', '.join(map(str, table))[:200]}; {missing[0]} is "
            f"missing. {_AGAIN}"
        )
    if table.empty and not empty:
        raise CortexlensError(f"{path}: found no rows, so there is nothing to draw.")
    for name in () if table.empty else needed:
        if name not in TEXT and not pd.api.types.is_numeric_dtype(table[name]):
            raise CortexlensError(f"{path}: column {name} holds text; numbers are needed. {_AGAIN}")
    return table

"""Tables of results as TSV files, written whole or not at all."""

from pathlib import Path

import pandas as pd

from cortexlens.errors import CortexlensError
from cortexlens.stores import replacing

# Columns that stay text where identifiers are numbers.
IDENTIFIERS = ("subject", "backbone", "base", "finetune")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table with six significant digits; missing values are ``nan``."""
    with replacing(path) as partial:
        table.to_csv(partial, sep="\t", index=False, float_format="%.6g", na_rep="nan")


def read_table(path: Path, *, empty: bool = False) -> pd.DataFrame:
    """Read a table that :func:`write_table` wrote.

    Parameters
    ----------
    path
        The table.
    empty
        Whether it may have no rows.

    Raises
    ------
    CortexlensError
        If there is no table, or it has no rows and needs some.
    """
    try:
        table = pd.read_csv(
            path,
            sep="\t",
            keep_default_na=False,
            na_values=["nan"],
            dtype=dict.fromkeys(IDENTIFIERS, str),
        )
    except (OSError, ValueError) as error:
        raise CortexlensError(
            f"{path}: cannot be read as a table: {error}. Run the workflow again to make it."
        ) from error
    if table.empty and not empty:
        raise CortexlensError(f"{path}: found no rows; there is nothing to draw.")
    return table

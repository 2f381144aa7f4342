"""Tables of results as TSV files, written whole or not at all."""

from pathlib import Path

import pandas as pd

from cortexlens.errors import CortexlensError
from cortexlens.stores import replacing


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table with six significant digits; missing values are ``nan``."""
    with replacing(path) as partial:
        table.to_csv(partial, sep="\t", index=False, float_format="%.6g", na_rep="nan")


def read_table(path: Path) -> pd.DataFrame:
    """Read a table that :func:`write_table` wrote.

    Raises
    ------
    CortexlensError
        If there is no table, or it has no rows.
    """
    try:
        table = pd.read_csv(path, sep="\t", keep_default_na=False, na_values=["nan"])
    except (OSError, ValueError) as error:
        raise CortexlensError(
            f"{path}: cannot be read as a table: {error}. Run the workflow again to make it."
        ) from error
    if table.empty:
        raise CortexlensError(f"{path}: found no rows; there is nothing to draw.")
    return table

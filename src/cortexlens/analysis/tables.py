"""Tables of results as TSV files, written whole or not at all."""

from pathlib import Path

import pandas as pd

from cortexlens.stores import replacing


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table with six significant digits; missing values are ``nan``."""
    with replacing(path) as partial:
        table.to_csv(partial, sep="\t", index=False, float_format="%.6g", na_rep="nan")

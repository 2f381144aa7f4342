"""Stage: tabulate the dictionaries (dictionary.tsv)."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_dictionaries(
    dictionaries: Annotated[list[Path], typer.Argument(help="Stores of kind dictionary (.zarr).")],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
) -> None:
    """Tabulate the similarity of units and vertices by region of interest."""
    from cortexlens.analysis.dictionaries.table import dictionary_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    opened = [open_dataset(each, kind="dictionary") for each in dictionaries]
    write_table(dictionary_table(opened), out)

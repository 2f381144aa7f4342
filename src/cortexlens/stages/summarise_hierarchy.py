"""Stage: the table hierarchy.tsv."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_hierarchy(
    fits: Annotated[list[Path], typer.Argument(help="Stores of kind fit.")],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
) -> None:
    """Tabulate how each network's layers line up with the visual hierarchy."""
    from cortexlens.analysis.hierarchy import hierarchy_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.stores import open_dataset

    write_table(hierarchy_table([open_dataset(fit, kind="fit") for fit in fits]), out)

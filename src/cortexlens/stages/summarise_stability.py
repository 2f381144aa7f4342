"""Stage: the table stability.tsv."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_stability(
    fits: Annotated[list[Path], typer.Argument(help="Stores of kind fit.")],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    interval: Annotated[
        float,
        typer.Option(help="Share of resampled means within an interval.", min=0.01, max=0.999),
    ] = 0.95,
    seed: Annotated[int, typer.Option(help="Of the resampling.")] = 0,
) -> None:
    """Tabulate how far fits agree between seeds, and between halves of the images."""
    from cortexlens.analysis.stability import stability_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.stores import open_dataset

    table = stability_table([open_dataset(fit, kind="fit") for fit in fits], interval, seed)
    write_table(table, out)

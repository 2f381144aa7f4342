"""Stage: the table learning_curve.tsv."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_learning_curve(
    fits: Annotated[list[Path], typer.Argument(help="Stores of kind fit.")],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    interval: Annotated[
        float, typer.Option(help="Share of intervals that hold the truth.", min=0.5, max=0.999)
    ] = 0.95,
    bootstraps: Annotated[int, typer.Option(help="Resamples for an interval.", min=100)] = 1000,
    seed: Annotated[int, typer.Option(help="Of the resampling.")] = 0,
) -> None:
    """Tabulate scores and maps by the number of training images."""
    from cortexlens.analysis.intervals import Resampling
    from cortexlens.analysis.learning import learning_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.stores import open_dataset

    how = Resampling(interval, bootstraps, seed)
    table = learning_table([open_dataset(fit, kind="fit") for fit in fits], how)
    write_table(table, out)

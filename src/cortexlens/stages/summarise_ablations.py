"""Stage: the table ablations.tsv."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_ablations(
    fits: Annotated[list[Path], typer.Argument(help="Stores of kind fit.")],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    interval: Annotated[
        float,
        typer.Option(help="Share of resampled means within an interval.", min=0.01, max=0.999),
    ] = 0.95,
    seed: Annotated[int, typer.Option(help="Of the resampling.")] = 0,
) -> None:
    """Tabulate what each variant of the fit is worth beside the fit itself."""
    from cortexlens.analysis.ablations import ablation_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.stores import open_dataset

    table = ablation_table([open_dataset(fit, kind="fit") for fit in fits], interval, seed)
    write_table(table, out)

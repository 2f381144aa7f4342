"""Stage: tabulate the best network of each region (roi_models.tsv)."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, ConfidenceLevel, DrawSeed


def summarise_models(
    fits: Annotated[
        list[Path], typer.Argument(help="Fits of one readout: stores of kind fit (.zarr).")
    ],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    confidence_level: ConfidenceLevel = 0.95,
    bootstraps: Bootstraps = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Tabulate by region the R2 of the best network and how far every network falls below it."""
    from cortexlens.analysis.scores.max_model import model_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    stores = [open_dataset(fit, kind="fit") for fit in fits]
    table = model_table(stores, confidence_level=confidence_level, bootstraps=bootstraps, seed=seed)
    write_table(table, out)

"""Stage: tabulate the stability of fits (stability.tsv)."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, ConfidenceLevel, DrawSeed


def summarise_stability(
    fits: Annotated[
        list[Path],
        typer.Argument(help="Fits of all networks and subjects: stores of kind fit (.zarr)."),
    ],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    confidence_level: ConfidenceLevel = 0.95,
    bootstraps: Bootstraps = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Tabulate how well fits agree between seeds, and between halves of the images."""
    from cortexlens.analysis.scores.stability import map_stability_table
    from cortexlens.analysis.statistics.intervals import Resampling
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    how = Resampling(confidence_level, bootstraps, seed)
    table = map_stability_table([open_dataset(fit, kind="fit") for fit in fits], how)
    write_table(table, out)

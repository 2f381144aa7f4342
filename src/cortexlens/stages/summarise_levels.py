"""Stage: tabulate the levels of regions (region_levels.tsv, level_differences.tsv)."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, ConfidenceLevel, DrawSeed


def summarise_levels(
    fits: Annotated[
        list[Path],
        typer.Argument(help="Fits of all networks and subjects: stores of kind fit (.zarr)."),
    ],
    out: Annotated[Path, typer.Option(help="Table by region to write (.tsv).")],
    differences: Annotated[Path, typer.Option(help="Table of differences to write (.tsv).")],
    confidence_level: ConfidenceLevel = 0.95,
    bootstraps: Bootstraps = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Tabulate the level of each region, and its differences between networks and subjects."""
    from cortexlens.analysis.hierarchy.region_levels import (
        level_difference_table,
        levels_of_fit,
        region_level_table,
    )
    from cortexlens.analysis.statistics.intervals import Resampling
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    found = [levels_of_fit(open_dataset(fit, kind="fit")) for fit in fits]
    how = Resampling(confidence_level, bootstraps, seed)
    write_table(level_difference_table(found, how), differences)
    write_table(region_level_table(found, how), out)

"""Stage: tabulate the ablations (ablations.tsv)."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, ConfidenceLevel, DrawSeed


def summarise_ablations(
    fits: Annotated[
        list[Path],
        typer.Argument(help="Fits of all networks and subjects: stores of kind fit (.zarr)."),
    ],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    base: Annotated[
        str, typer.Option(help="Readout that the variants are compared with.")
    ] = "factortopy",
    confidence_level: ConfidenceLevel = 0.95,
    bootstraps: Bootstraps = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Tabulate how the score of each variant of the fit differs from that of the base readout."""
    from cortexlens.analysis.scores.ablations import ablation_table
    from cortexlens.analysis.statistics.intervals import Resampling
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    how = Resampling(confidence_level, bootstraps, seed)
    table = ablation_table([open_dataset(fit, kind="fit") for fit in fits], how, base)
    write_table(table, out)

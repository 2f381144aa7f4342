"""Stage: tabulate the learning curve (learning_curve.tsv)."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, ConfidenceLevel, DrawSeed


def summarise_learning_curve(
    fits: Annotated[
        list[Path],
        typer.Argument(help="Fits of all networks and subjects: stores of kind fit (.zarr)."),
    ],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    confidence_level: ConfidenceLevel = 0.95,
    bootstraps: Bootstraps = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Tabulate scores and the similarity of maps by the number of training images."""
    from cortexlens.analysis.scores.learning import learning_table
    from cortexlens.analysis.statistics.intervals import Resampling
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    how = Resampling(confidence_level, bootstraps, seed)
    table = learning_table([open_dataset(fit, kind="fit") for fit in fits], how)
    write_table(table, out)

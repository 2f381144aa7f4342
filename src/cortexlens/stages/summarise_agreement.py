"""Stage: tabulate the agreement between subjects (subject_agreement.tsv)."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, ConfidenceLevel, DrawSeed


def summarise_agreement(
    fits: Annotated[
        list[Path],
        typer.Argument(help="Fits of all networks and subjects: stores of kind fit (.zarr)."),
    ],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    confidence_level: ConfidenceLevel = 0.95,
    bootstraps: Bootstraps = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Tabulate how well each network's maps agree between subjects who share a cortex."""
    from cortexlens.analysis.scores.subjects import agreement_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.progress import say
    from cortexlens.storage.datasets import open_dataset

    opened = [open_dataset(fit, kind="fit") for fit in fits]
    table, apart = agreement_table(
        opened, confidence_level=confidence_level, bootstraps=bootstraps, seed=seed
    )
    for line in apart:
        say(line)
    write_table(table, out)

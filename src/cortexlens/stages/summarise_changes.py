"""Stage: tabulate the effects of fine-tuning (finetune_changes.tsv, finetune_hierarchy.tsv)."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_changes(
    fits: Annotated[
        list[Path],
        typer.Argument(
            help="Fits of fine-tuned networks and of their bases: stores of kind fit (.zarr)."
        ),
    ],
    derived: Annotated[
        str,
        typer.Option(
            help="Origin of each fine-tuned network: NETWORK=BASE/FINETUNE or "
            "NETWORK=BASE/FINETUNE/STEP, separated by commas."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Table by region to write (.tsv).")],
    hierarchy: Annotated[Path, typer.Option(help="Table of hierarchy slopes to write (.tsv).")],
    confidence_level: Annotated[
        float,
        typer.Option(help="Confidence level of the intervals, e.g. 0.95.", min=0.5, max=0.999),
    ] = 0.95,
    bootstraps: Annotated[
        int, typer.Option(help="Number of bootstrap resamples for each interval.", min=100)
    ] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap.", min=0)] = 0,
) -> None:
    """Tabulate how fine-tuning changed scores and selectors by region, and the hierarchy."""
    from cortexlens.analysis.finetuning.changes import change_table, hierarchy_changes
    from cortexlens.analysis.finetuning.pairs import parse_derived
    from cortexlens.analysis.statistics.intervals import Resampling
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    opened = [open_dataset(fit, kind="fit") for fit in fits]
    how, origins = Resampling(confidence_level, bootstraps, seed), parse_derived(derived)
    write_table(hierarchy_changes(opened, origins, how), hierarchy)
    write_table(change_table(opened, origins, how), out)

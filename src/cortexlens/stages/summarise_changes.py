"""Stage: the tables finetune_changes.tsv and finetune_hierarchy.tsv."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_changes(
    fits: Annotated[
        list[Path], typer.Argument(help="Fits of fine-tuned networks and of their bases.")
    ],
    derived: Annotated[
        str, typer.Option(help="NETWORK=BASE/FINETUNE or NETWORK=BASE/FINETUNE/STEP, with commas.")
    ],
    out: Annotated[Path, typer.Option(help="Table of regions to write (.tsv).")],
    hierarchy: Annotated[Path, typer.Option(help="Table of slopes to write (.tsv).")],
    interval: Annotated[
        float, typer.Option(help="Share of intervals that hold the truth.", min=0.5, max=0.999)
    ] = 0.95,
    bootstraps: Annotated[int, typer.Option(help="Resamples for an interval.", min=100)] = 1000,
    seed: Annotated[int, typer.Option(help="Of the resampling.", min=0)] = 0,
) -> None:
    """Tabulate what fine-tuning changed: scores and selectors by region, and the hierarchy."""
    from cortexlens.analysis.finetuning.changes import change_table, hierarchy_changes
    from cortexlens.analysis.finetuning.pairs import parse_derived
    from cortexlens.analysis.statistics.intervals import Resampling
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    opened = [open_dataset(fit, kind="fit") for fit in fits]
    how, origins = Resampling(interval, bootstraps, seed), parse_derived(derived)
    write_table(hierarchy_changes(opened, origins, how), hierarchy)
    write_table(change_table(opened, origins, how), out)

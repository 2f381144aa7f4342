"""Stage: tabulate the recovery of planted truth (recovery.tsv)."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_recovery(
    fits: Annotated[
        list[Path],
        typer.Argument(help="Fits of all networks and subjects: stores of kind fit (.zarr)."),
    ],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
) -> None:
    """Tabulate what fits recover of what was planted in simulated subjects."""
    from cortexlens.analysis.recovery.measures import recovery_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    write_table(recovery_table([open_dataset(fit, kind="fit") for fit in fits]), out)

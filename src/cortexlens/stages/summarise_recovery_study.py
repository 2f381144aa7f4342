"""Stage: tabulate a recovery study (recovery_study.tsv, recovery_confusion.tsv)."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import ConfidenceLevel


def summarise_recovery_study(
    recoveries: Annotated[list[Path], typer.Argument(help="Stores of kind recovery (.zarr).")],
    out: Annotated[Path, typer.Option(help="Table of measures to write (.tsv).")],
    confusion: Annotated[
        Path, typer.Option(help="Table of confusions between layers to write (.tsv).")
    ],
    confidence_level: ConfidenceLevel = 0.95,
) -> None:
    """Tabulate what fits recover of what was planted in subjects' own data."""
    from cortexlens.analysis.recovery.tables import confusion_table, study_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    stores = [open_dataset(path, kind="recovery").load() for path in recoveries]
    write_table(study_table(stores, confidence_level), out)
    write_table(confusion_table(stores), confusion)

"""Stage: the table recovery.tsv."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_recovery(
    fits: Annotated[list[Path], typer.Argument(help="Stores of kind fit.")],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
) -> None:
    """Tabulate what fits find again of what was planted in simulated subjects."""
    from cortexlens.analysis.recovery.measures import recovery_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    write_table(recovery_table([open_dataset(fit, kind="fit") for fit in fits]), out)

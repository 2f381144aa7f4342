"""Stage: the table brain_score.tsv."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_scores(
    fits: Annotated[list[Path], typer.Argument(help="Stores of kind fit.")],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
) -> None:
    """Tabulate brain scores of all fits by region of interest."""
    from cortexlens.analysis.scores import score_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.stores import open_dataset

    write_table(score_table([open_dataset(fit, kind="fit") for fit in fits]), out)

"""Stage: tabulate brain scores (brain_score.tsv)."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_scores(
    scores: Annotated[list[Path], typer.Argument(help="Stores of kind scores (.zarr).")],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
) -> None:
    """Tabulate the brain scores of all fits by region of interest."""
    from cortexlens.analysis.scores.brain_score import score_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    write_table(score_table([open_dataset(each, kind="scores") for each in scores]), out)

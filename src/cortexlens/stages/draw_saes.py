"""Stage: draw the quality of sparse autoencoders, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_saes(
    table: Annotated[
        Path, typer.Option(help="Table of autoencoders with at least one row (sae_quality.tsv).")
    ],
    out: Annotated[
        Path, typer.Option(help="Folder to write sae_quality.png and sae_quality.svg to.")
    ],
) -> None:
    """Draw the quality of sparse autoencoders by layer, compared with principal components."""
    from hashlib import sha256

    from cortexlens.analysis.dictionaries.quality import COLUMNS
    from cortexlens.analysis.tables import read_table
    from cortexlens.figures.dictionaries.quality import quality_figure
    from cortexlens.figures.drawing.style import save_pair

    figure = quality_figure(read_table(table, needed=COLUMNS))
    source = sha256(table.read_bytes()).hexdigest()
    save_pair(figure, out, "sae_quality", title="sparse autoencoders", source=source)

"""Stage: draw the ablations, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_ablations(
    table: Annotated[
        Path, typer.Option(help="Table of ablations with at least one row (ablations.tsv).")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write ablations.png and ablations.svg to.")],
    base: Annotated[
        str, typer.Option(help="Readout that the table compares the variants with.")
    ] = "factortopy",
) -> None:
    """Draw how the score of each variant of the fit differs from that of the base readout."""
    from hashlib import sha256

    from cortexlens.analysis.scores.ablations import COLUMNS
    from cortexlens.analysis.tables import read_table
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.scores.ablations import ablation_figure

    figure = ablation_figure(read_table(table, needed=COLUMNS), base)
    source = sha256(table.read_bytes()).hexdigest()
    save_pair(figure, out, "ablations", title="ablations", source=source)

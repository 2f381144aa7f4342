"""Stage: draw the learning curve, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_learning_curve(
    table: Annotated[
        Path,
        typer.Option(
            help="Table of the learning curve with at least one row (learning_curve.tsv)."
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder to write learning_curve.png and learning_curve.svg to.")
    ],
) -> None:
    """Draw scores and the similarity of maps by the number of training images."""
    from hashlib import sha256

    from cortexlens.analysis.scores.learning import COLUMNS
    from cortexlens.analysis.tables import read_table
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.scores.learning import learning_figure

    figure = learning_figure(read_table(table, needed=COLUMNS))
    source = sha256(table.read_bytes()).hexdigest()
    save_pair(figure, out, "learning_curve", title="learning curve", source=source)

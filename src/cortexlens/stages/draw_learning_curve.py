"""Stage: the picture learning_curve.png."""

from pathlib import Path
from typing import Annotated

import typer


def draw_learning_curve(
    table: Annotated[Path, typer.Option(help="learning_curve.tsv, at least one row.")],
    out: Annotated[Path, typer.Option(help="Picture to write (.png).")],
) -> None:
    """Draw scores and maps by the number of training images."""
    from hashlib import sha256

    from cortexlens.analysis.tables import read_table
    from cortexlens.figures.learning import learning_figure
    from cortexlens.figures.style import save
    from cortexlens.stores import replacing

    figure = learning_figure(read_table(table))
    source = sha256(table.read_bytes()).hexdigest()
    with replacing(out) as partial:
        save(figure, partial, title="learning curve", source=source)

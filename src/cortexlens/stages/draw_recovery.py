"""Draw a recovery study: what is found again, and which layers are confused."""

from pathlib import Path
from typing import Annotated

import typer


def draw_recovery(
    study: Annotated[Path, typer.Option(help="Table recovery_study.tsv.")],
    confusion: Annotated[Path, typer.Option(help="Table recovery_confusion.tsv.")],
    out: Annotated[Path, typer.Option(help="Picture of the measures to write (.png).")],
    confusion_out: Annotated[Path, typer.Option(help="Picture of the layers to write (.png).")],
) -> None:
    """Draw what was found again against what was varied, and the layers that were confused."""
    import pandas as pd

    from cortexlens.figures.recovery import confusion_figure, recovery_figure
    from cortexlens.figures.style import save
    from cortexlens.provenance import input_hash
    from cortexlens.stores import replacing

    pictures = ((study, recovery_figure, out), (confusion, confusion_figure, confusion_out))
    for table, draw, path in pictures:
        figure = draw(pd.read_csv(table, sep="\t"))
        with replacing(path) as partial:
            save(figure, partial, title=table.stem, source=input_hash(table))

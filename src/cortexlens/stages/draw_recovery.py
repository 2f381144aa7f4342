"""Stage: draw a recovery study: what is recovered, and which layers are confused."""

from pathlib import Path
from typing import Annotated

import typer


def draw_recovery(
    study: Annotated[Path, typer.Option(help="Table of the recovery study (recovery_study.tsv).")],
    confusion: Annotated[
        Path, typer.Option(help="Table of confusions between layers (recovery_confusion.tsv).")
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="Folder to write recovery_study and recovery_confusion to, as .png and .svg."
        ),
    ],
) -> None:
    """Draw what was recovered against what was varied, and the layers that were confused."""
    from cortexlens.analysis.recovery.tables import CONFUSION_COLUMNS, STUDY_COLUMNS
    from cortexlens.analysis.tables import read_table
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.recovery import confusion_figure, recovery_figure
    from cortexlens.storage.provenance import input_hash

    pictures = {
        "recovery_study": (study, STUDY_COLUMNS, recovery_figure),
        "recovery_confusion": (confusion, CONFUSION_COLUMNS, confusion_figure),
    }
    for name, (table, needed, draw) in pictures.items():
        figure = draw(read_table(table, needed=needed))
        save_pair(figure, out, name, title=name, source=input_hash(table))

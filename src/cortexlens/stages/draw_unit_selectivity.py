"""Stage: draw the selectivity of units, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_unit_selectivity(
    table: Annotated[
        Path,
        typer.Argument(
            help="Table of unit selectivity, written by summarise-units (unit_selectivity.tsv)."
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder to write unit_selectivity.png and unit_selectivity.svg to.")
    ],
) -> None:
    """Draw what the units of each region prefer, compared with what the region prefers."""
    from hashlib import sha256

    from cortexlens.analysis.dictionaries.selectivity import COLUMNS
    from cortexlens.analysis.tables import read_table
    from cortexlens.figures.dictionaries.selectivity import selectivity_sheet
    from cortexlens.figures.drawing.style import save_pair

    figure = selectivity_sheet(read_table(table, needed=COLUMNS, empty=True))
    source = sha256(table.read_bytes()).hexdigest()
    save_pair(figure, out, "unit_selectivity", title="selectivity of units", source=source)

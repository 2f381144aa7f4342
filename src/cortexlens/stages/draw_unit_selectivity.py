"""Stage: the picture unit_selectivity, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_unit_selectivity(
    table: Annotated[Path, typer.Argument(help="unit_selectivity.tsv, of summarise-units.")],
    out: Annotated[Path, typer.Option(help="Folder for unit_selectivity.png and .svg.")],
) -> None:
    """Draw what units of regions prefer, beside what the regions prefer."""
    from hashlib import sha256

    from cortexlens.analysis.dictionaries.selectivity import COLUMNS
    from cortexlens.analysis.tables import read_table
    from cortexlens.figures.dictionaries.selectivity import selectivity_sheet
    from cortexlens.figures.drawing.style import save_pair

    figure = selectivity_sheet(read_table(table, needed=COLUMNS, empty=True))
    source = sha256(table.read_bytes()).hexdigest()
    save_pair(figure, out, "unit_selectivity", title="selectivity of units", source=source)

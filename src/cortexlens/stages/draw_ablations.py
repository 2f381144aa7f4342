"""Stage: the picture ablations.png."""

from pathlib import Path
from typing import Annotated

import typer


def draw_ablations(
    table: Annotated[Path, typer.Option(help="ablations.tsv, at least one row.")],
    out: Annotated[Path, typer.Option(help="Picture to write (.png).")],
) -> None:
    """Draw what each variant of the fit changes."""
    from hashlib import sha256

    from cortexlens.analysis.tables import read_table
    from cortexlens.figures.ablations import ablation_figure
    from cortexlens.figures.style import save
    from cortexlens.stores import replacing

    figure = ablation_figure(read_table(table))
    source = sha256(table.read_bytes()).hexdigest()
    with replacing(out) as partial:
        save(figure, partial, title="ablations", source=source)

"""Draw the layer maps of all networks and subjects on one sheet."""

from pathlib import Path
from typing import Annotated

import typer


def draw_overview(
    fits: Annotated[list[Path], typer.Argument(help="FactorTopy fits (.zarr).")],
    out: Annotated[Path, typer.Option(help="Picture to write (.png).")],
) -> None:
    """Draw the layer maps of all networks and subjects on one sheet.

    Networks stand in rows and subjects in columns, in the order of the fits; beside them stands
    each fit's mean test R² with its 95 % bootstrap interval over vertices.
    """
    from hashlib import sha256

    from cortexlens.figures.fits import read_fit
    from cortexlens.figures.overview import overview_figure
    from cortexlens.figures.style import save
    from cortexlens.stores import open_dataset, replacing

    drawn = [read_fit(open_dataset(fit, kind="fit"), str(fit)) for fit in fits]
    source = sha256("".join(fit.source for fit in drawn).encode()).hexdigest()
    with replacing(out) as partial:
        save(overview_figure(drawn), partial, title="layer maps of all fits", source=source)

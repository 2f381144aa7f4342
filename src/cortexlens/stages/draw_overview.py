"""Draw the maps of all networks and subjects on sheets: layer, space and scale."""

from pathlib import Path
from typing import Annotated

import typer


def draw_overview(
    fits: Annotated[list[Path], typer.Argument(help="FactorTopy fits (.zarr).")],
    out: Annotated[
        Path,
        typer.Option(help="Folder for overview, overview_space and overview_scale, .png and .svg."),
    ],
) -> None:
    """Draw the maps of all networks and subjects on sheets: layer, space and scale.

    Networks stand in rows and subjects in columns, in the order of the fits, then the mean over
    subjects who share a cortex; beside them stands each fit's mean test R² with its 95 % bootstrap
    interval over vertices.
    """
    from hashlib import sha256

    from cortexlens.figures.fits import read_fit
    from cortexlens.figures.overview import overview_figure
    from cortexlens.figures.sheets import SHEETS
    from cortexlens.figures.style import save_pair
    from cortexlens.stores import open_dataset

    drawn = [read_fit(open_dataset(fit, kind="fit"), str(fit)) for fit in fits]
    source = sha256("".join(fit.source for fit in drawn).encode()).hexdigest()
    for what in SHEETS:
        name = "overview" if what == "layer" else f"overview_{what}"
        title = f"{what} maps of all fits"
        save_pair(overview_figure(drawn, what), out, name, title=title, source=source)

"""Stage: draw the best network at every vertex, and how far each network falls below it."""

from pathlib import Path
from typing import Annotated

import typer


def draw_max_model(
    fits: Annotated[
        list[Path],
        typer.Argument(help="Fits of all networks and subjects: stores of kind fit (.zarr)."),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write max_model.png and max_model.svg to.")],
) -> None:
    """Draw the best R2 of all networks, which network reaches it, and every network's deficit."""
    from hashlib import sha256

    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.maps.fits import read_fit
    from cortexlens.figures.maps.max_model import max_model_figure
    from cortexlens.progress import track
    from cortexlens.storage.datasets import open_dataset

    drawn = [read_fit(open_dataset(fit, kind="fit"), str(fit)) for fit in track(fits, "fits read")]
    source = sha256("".join(fit.source for fit in drawn).encode()).hexdigest()
    title = "max model of all fits"
    save_pair(max_model_figure(drawn), out, "max_model", title=title, source=source)

"""Draw the maps of all networks and subjects on sheets: layer, space and scale."""

from pathlib import Path
from typing import Annotated

import typer


def draw_overview(
    fits: Annotated[list[Path], typer.Argument(help="Fits (.zarr).")],
    out: Annotated[
        Path,
        typer.Option(help="Folder for overview, overview_space and overview_scale, .png and .svg."),
    ],
    scores: Annotated[
        Path | None,
        typer.Option(help="brain_score.tsv, for intervals; left out: means without."),
    ] = None,
) -> None:
    """Draw the maps of all networks and subjects on sheets: layer, space and scale.

    Networks stand in rows and subjects in columns, in the order of the fits, then the mean over
    subjects who share a cortex; beside them stands each fit's mean test R² with its interval over
    test images.
    """
    from hashlib import sha256

    from cortexlens.analysis.tables import read_table
    from cortexlens.figures.drawing.sheets import SHEETS
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.maps.fits import read_fit
    from cortexlens.figures.maps.overview import Score, overview_figure
    from cortexlens.progress import track
    from cortexlens.storage.datasets import open_dataset

    opened = [open_dataset(fit, kind="fit") for fit in fits]
    readouts = {str(fit.attrs["readout"]) for fit in opened}
    drawn = [
        read_fit(dataset, str(fit))
        for fit, dataset in track(list(zip(fits, opened, strict=True)), "fits read")
    ]
    source = sha256("".join(fit.source for fit in drawn).encode()).hexdigest()
    known: dict[tuple[str, str], Score] = {}
    if scores is not None:
        columns = ["backbone", "subject", "r2_mean", "r2_mean_low", "r2_mean_high"]
        chosen = ("readout", "roi", "hemisphere")
        rows = read_table(scores, needed=(*columns, *chosen)).query(
            "roi == 'all' and hemisphere == 'both'"
        )
        rows = rows[rows["readout"].isin(readouts)]
        known = {(row[0], row[1]): Score(*row[2:]) for row in rows[columns].to_numpy()}
    for what in track(SHEETS, "sheets drawn"):
        name = "overview" if what == "layer" else f"overview_{what}"
        title = f"{what} maps of all fits"
        save_pair(overview_figure(drawn, what, known), out, name, title=title, source=source)

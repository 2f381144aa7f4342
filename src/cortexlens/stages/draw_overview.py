"""Stage: draw the maps of all networks and subjects on sheets: layer, space and scale."""

from pathlib import Path
from typing import Annotated

import typer


def draw_overview(
    fits: Annotated[
        list[Path],
        typer.Argument(help="Fits of all networks and subjects: stores of kind fit (.zarr)."),
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="Folder to write overview, overview_space and overview_scale to, as .png and .svg."
        ),
    ],
    scores: Annotated[
        Path | None,
        typer.Option(
            help="Table of brain scores (brain_score.tsv), for confidence intervals. Default: "
            "means without intervals."
        ),
    ] = None,
) -> None:
    """Draw the maps of all networks and subjects on sheets: layer, space and scale.

    Rows are networks; columns are subjects in the order of the fits, followed by the mean over
    subjects who share a cortex. Each fit is labelled with its mean test R² and confidence interval
    over test images.
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

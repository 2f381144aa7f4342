"""Stage: draw channel-selector clusters on the cortex, and their stability, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_channels(
    fit: Annotated[
        Path,
        typer.Option(help="Fit of FactorTopy or the stacked readout: a store of kind fit (.zarr)."),
    ],
    channels: Annotated[Path, typer.Option(help="Store of kind channels of that fit (.zarr).")],
    out: Annotated[
        Path,
        typer.Option(
            help="Folder to write channel_clusters and channel_stability to, as .png and .svg."
        ),
    ],
) -> None:
    """Draw the clusters of a fit's channel selectors and how stable they are."""
    from cortexlens.figures.channels.clusters import (
        DrawnClusters,
        clusters_figure,
        stability_figure,
    )
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.maps.fits import read_fit, shown_rows
    from cortexlens.storage.datasets import open_dataset

    opened, clustered = open_dataset(fit, kind="fit"), open_dataset(channels, kind="channels")
    drawn = read_fit(opened, str(fit))
    clusters = DrawnClusters(
        clustered["cluster"].values.astype(int)[shown_rows(opened)],
        clustered["linkage"].values,
        clustered["number"].values,
        clustered["stability"].values,
        clustered["stability_shuffled"].values,
    )
    source = str(clustered.attrs["content_hash"])
    for name, draw in (
        ("channel_clusters", clusters_figure),
        ("channel_stability", stability_figure),
    ):
        title = f"{name} of {drawn.backbone}, subject {drawn.subject}"
        save_pair(draw(drawn, clusters), out, name, title=title, source=source)

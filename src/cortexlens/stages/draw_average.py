"""Stage: draw one network's maps, averaged over subjects who share a cortex."""

from pathlib import Path
from typing import Annotated

import typer


def draw_average(
    fits: Annotated[
        list[Path], typer.Argument(help="Fits (.zarr) of one network, one per subject.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="Folder to write layer, space, scale, layer_weights and, for stacked fits, "
            "size to, as .png and .svg; left empty if the subjects share no cortex."
        ),
    ],
) -> None:
    """Draw one network's maps, averaged over subjects who share a cortex."""
    from cortexlens.figures.drawing.panels import maps_of
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.maps.average import average_fit
    from cortexlens.figures.maps.cortex import map_figures
    from cortexlens.figures.maps.fits import read_fit
    from cortexlens.figures.maps.weights import weights_figure
    from cortexlens.progress import say, track
    from cortexlens.storage.datasets import open_dataset, replacing

    mean = average_fit([read_fit(open_dataset(fit, kind="fit"), str(fit)) for fit in fits])
    with replacing(out) as folder:
        folder.mkdir()
        if mean is None:
            say(f"{len(fits)} fits share no vertices of a mesh: no mean over subjects is drawn")
            return
        shown = [name for name in maps_of(mean) if name != "r2"]
        figures = map_figures(mean, only=shown)
        figures["layer_weights"] = weights_figure(mean)
        for name, figure in track(figures.items(), "figures written"):
            title = f"{name} of {mean.backbone}, subject {mean.subject}"
            save_pair(figure, folder, name, title=title, source=mean.source)

"""Stage: the maps of one fit, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_maps(
    fit: Annotated[Path, typer.Option(help="Fit (.zarr).")],
    out: Annotated[
        Path,
        typer.Option(
            help="Folder for layer, space, scale, r2, layer_weights and, of stacked fits, size, "
            ".png and .svg."
        ),
    ],
    whole: Annotated[
        bool,
        typer.Option(
            "--whole", help="Show the hemispheres whole, not only the part that was fitted."
        ),
    ] = False,
) -> None:
    """Draw one fit: layer, place, scale, score and size of each vertex, and its layer weights.

    On the flattened cortex where the fit names vertices of fsaverage5 or fsaverage, or a surface
    through its volume; on slices of a volume without one; else as distributions.
    """
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.maps.cortex import map_figures
    from cortexlens.figures.maps.distributions import distribution_figures
    from cortexlens.figures.maps.fits import read_fit
    from cortexlens.figures.maps.volume import slice_figures
    from cortexlens.figures.maps.weights import weights_figure
    from cortexlens.progress import track
    from cortexlens.storage.datasets import open_dataset

    drawn = read_fit(open_dataset(fit, kind="fit"), str(fit))
    if drawn.cortex is not None:
        figures = map_figures(drawn, whole=whole)
    elif drawn.volume is not None:
        figures = slice_figures(drawn)
    else:
        figures = distribution_figures(drawn)
    figures["layer_weights"] = weights_figure(drawn, whole=whole)
    for name, figure in track(figures.items(), "pictures written"):
        title = f"{name} of {drawn.backbone}, subject {drawn.subject}"
        save_pair(figure, out, name, title=title, source=drawn.source)

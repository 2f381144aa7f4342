"""Stage: draw the maps of one fit, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_maps(
    fit: Annotated[Path, typer.Option(help="Store of kind fit (.zarr).")],
    out: Annotated[
        Path,
        typer.Option(
            help="Folder to write layer, space, scale, r2, layer_weights and, for stacked "
            "fits, size to, as .png and .svg."
        ),
    ],
    whole: Annotated[
        bool,
        typer.Option("--whole", help="Show whole hemispheres, not only the part that was fitted."),
    ] = False,
) -> None:
    """Draw the maps of one fit: layer, location, scale, score, size and layer weights.

    On the flattened cortex if the vertices belong to fsaverage5, fsaverage or a surface through the
    volume of the responses; on slices of the volume if there is no surface; otherwise as
    distributions.
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
    for name, figure in track(figures.items(), "figures written"):
        title = f"{name} of {drawn.backbone}, subject {drawn.subject}"
        save_pair(figure, out, name, title=title, source=drawn.source)

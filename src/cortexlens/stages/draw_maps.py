"""Draw one fit: the layer, the place, the scale and the score of each vertex."""

from pathlib import Path
from typing import Annotated

import typer


def draw_maps(
    fit: Annotated[Path, typer.Option(help="FactorTopy fit (.zarr).")],
    out: Annotated[
        Path, typer.Option(help="Folder for layer.png, space.png, scale.png and r2.png.")
    ],
    whole: Annotated[
        bool,
        typer.Option(
            "--whole", help="Show the hemispheres whole, not only the part that was fitted."
        ),
    ] = False,
) -> None:
    """Draw one fit: the layer, the place, the scale and the score of each vertex.

    On the flattened cortex where the fit names vertices of fsaverage5 or fsaverage, or a surface
    through its volume; on slices of a volume without one; else as distributions.
    """
    from cortexlens.figures.distributions import distribution_figures
    from cortexlens.figures.fits import read_fit
    from cortexlens.figures.maps import map_figures
    from cortexlens.figures.style import save
    from cortexlens.figures.volume_maps import slice_figures
    from cortexlens.stores import open_dataset, replacing

    drawn = read_fit(open_dataset(fit, kind="fit"), str(fit))
    if drawn.cortex is not None:
        figures = map_figures(drawn, whole=whole)
    elif drawn.volume is not None:
        figures = slice_figures(drawn)
    else:
        figures = distribution_figures(drawn)
    for name, figure in figures.items():
        title = f"{name} of {drawn.backbone}, subject {drawn.subject}"
        with replacing(out / f"{name}.png") as partial:
            save(figure, partial, title=title, source=drawn.source)

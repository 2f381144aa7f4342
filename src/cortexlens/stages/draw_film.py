"""Stage: draw the film of unit activity on single images, one network and subject."""

from pathlib import Path
from typing import Annotated

import typer


def draw_film(
    units: Annotated[
        list[Path],
        typer.Argument(help="Stores of kind units (.zarr) of all layers of the dictionary."),
    ],
    dictionary: Annotated[Path, typer.Option(help="Store of kind dictionary (.zarr).")],
    responses: Annotated[Path, typer.Option(help="Response store of the subject (.zarr).")],
    images: Annotated[Path, typer.Option(help="List of the subject's images (images.tsv).")],
    out: Annotated[Path, typer.Option(help="Folder to write film.png and film.svg to.")],
    shown: Annotated[
        str,
        typer.Option(help="Number of test images to show, or ids of images separated by commas."),
    ] = "4",
) -> None:
    """Draw unit activity for single images on the vertices that the units match, layer by layer."""
    import numpy as np

    from cortexlens.analysis.dictionaries.films import film
    from cortexlens.encoding.channel_images import chosen_images
    from cortexlens.figures.dictionaries.films import Strip, film_figure, shown_layers
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.maps.fits import read_fit, shown_rows
    from cortexlens.sae.codes import mean_responses
    from cortexlens.sae.levels import as_fit
    from cortexlens.shapes import SPLIT_NAMES, TEST
    from cortexlens.storage.datasets import open_dataset
    from cortexlens.study.pictures.image_set import ImageSet

    opened = open_dataset(dictionary, kind="dictionary").load()
    recorded = open_dataset(responses, kind="responses")
    pictures, split = ImageSet.read(images), recorded["split"].values
    chosen = chosen_images(shown, pictures.ids, np.flatnonzero(split == TEST))
    stores = [open_dataset(path, kind="units") for path in units]
    found = film(opened, stores, *mean_responses(recorded), chosen)
    layers = opened.attrs["layer_names"]
    drawn, rows = read_fit(as_fit(opened, layers), str(dictionary)), shown_rows(opened)
    kept = np.array(shown_layers(len(layers)))
    strips = [
        Strip(
            picture=pictures.open(image),
            name=pictures.ids[image],
            note=f"{SPLIT_NAMES[split[image]]} image",
            projected=projected[np.ix_(kept, rows)],
            measured=measured[rows],
            correlation=correlation[kept],
        )
        for image, projected, measured, correlation in zip(chosen, *found, strict=True)
    ]
    title = f"film of {drawn.backbone}, subject {drawn.subject}"
    figure = film_figure(drawn, [layers[layer] for layer in kept], strips)
    save_pair(figure, out, "film", title=title, source=drawn.source)

"""Stage: draw images as the channels of each region represent them, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.backbones import options
from cortexlens.backbones.cache import DEFAULT_CACHE


def draw_channel_images(
    fit: Annotated[Path, typer.Option(help="Store of kind fit (.zarr).")],
    channels: Annotated[Path, typer.Option(help="Store of kind channels of that fit (.zarr).")],
    model: Annotated[Path, typer.Option(help="Model of that fit (model.safetensors).")],
    images: Annotated[Path, typer.Option(help="List of the subject's images (images.tsv).")],
    out: Annotated[
        Path, typer.Option(help="Folder to write channel_images.png and channel_images.svg to.")
    ],
    shown: Annotated[
        str,
        typer.Option(help="Number of test images to show, or ids of images separated by commas."),
    ] = "6",
    weights: Annotated[
        str | None,
        typer.Option(help="Weights of the network, if they have moved since the fit was made."),
    ] = None,
    weights_cache: options.WeightsCache = DEFAULT_CACHE,
    trust: options.Trust = None,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
) -> None:
    """Colour images at the full token grid by three components of each region's channels."""
    import numpy as np
    import torch

    from cortexlens.analysis.scores.fit_scores import regions
    from cortexlens.encoding.channel_images import (
        chosen_images,
        paint,
        region_components,
        shared_reading,
        stacked_reading,
    )
    from cortexlens.encoding.ensemble import factortopy_members, load_models
    from cortexlens.encoding.network import fitted_network
    from cortexlens.figures.channels.images import channel_sheet
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.storage.datasets import open_dataset
    from cortexlens.study.pictures.image_set import ImageSet
    from cortexlens.study.pictures.squares import as_square

    torch.set_num_threads(threads)
    fitted, clustered = open_dataset(fit, kind="fit"), open_dataset(channels, kind="channels")
    models, about = load_models(model)
    network, _ = fitted_network(model, about, weights, weights_cache, trust)
    components = region_components(
        clustered["channel_selector_read"].values.astype(np.float64),
        clustered["metric_root"].values,
        fitted["layer_selector"].values.astype(np.float64),
        dict(regions(fitted)),
    )
    pictures = ImageSet.read(images)
    tested = fitted["test_image"].values if "test_image" in fitted.coords else np.zeros(0, int)
    chosen = chosen_images(shown, pictures.ids, tested)
    opened = {pictures.ids[index]: pictures.open(index) for index in chosen}
    if "axis_weight" in clustered:
        weight = clustered["axis_weight"].values.astype(np.float64)
        reading = stacked_reading(weight, network.channels, components)
    else:
        reading = shared_reading(factortopy_members(models, model), components)
    painted = paint(network, reading, components, list(opened.values()))
    notes = {
        name: (f"{100 * each.explained:.0f} % of selectors", f"{each.in_common:.2f} in common")
        for name, each in components.items()
    }
    whose = f"{fitted.attrs['backbone']}  ·  subject {fitted.attrs['subject']}"
    fit_of = network.preprocess.fit
    squares = {name: as_square(picture, fit_of) for name, picture in opened.items()}
    figure = channel_sheet(whose, squares, painted, notes)
    title = f"channel images of {fitted.attrs['backbone']}, subject {fitted.attrs['subject']}"
    source = str(clustered.attrs["content_hash"])
    save_pair(figure, out, "channel_images", title=title, source=source)

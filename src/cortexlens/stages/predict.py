"""Stage: predict responses to new images from a fitted model."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.backbones import options
from cortexlens.backbones.cache import DEFAULT_CACHE


def predict(
    model: Annotated[Path, typer.Option(help="Fitted model (model.safetensors).")],
    images: Annotated[
        Path,
        typer.Option(
            help="Folder or zip file of images, or an images.tsv written by collect-images."
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Predictions to write: a store of kind predictions (.zarr).")
    ],
    weights: Annotated[
        str | None,
        typer.Option(help="Weights of the network, if they have moved since the fit was made."),
    ] = None,
    batch_size: Annotated[int, typer.Option(help="Images per forward pass.", min=1)] = 16,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
    weights_cache: options.WeightsCache = DEFAULT_CACHE,
    trust: options.Trust = None,
) -> None:
    """Predict responses to new images with a fitted model, in the units that it was fitted in."""
    import numpy as np
    import torch
    import xarray as xr

    from cortexlens.encoding.ensemble import load_models
    from cortexlens.encoding.layers import coarsen
    from cortexlens.encoding.network import fitted_network
    from cortexlens.features.extract import extract_tokens
    from cortexlens.progress import track
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import write_dataset
    from cortexlens.study.pictures.image_set import ImageSet

    torch.set_num_threads(threads)
    models, about = load_models(model)
    network, extraction = fitted_network(model, about, weights, weights_cache, trust)
    grid, resize = extraction["grid"], extraction["resize"]
    pictures = ImageSet.from_any(images)
    blocks = []
    for start in track(range(0, len(pictures), batch_size), "batches predicted"):
        last = min(start + batch_size, len(pictures))
        tokens = extract_tokens(
            network, [pictures.open(index) for index in range(start, last)], grid, resize
        )
        with torch.inference_mode():
            layers = [coarsen(torch.from_numpy(layer), about["grid"]) for layer in tokens]
            blocks.append(sum(member(layers).numpy() for member in models) / len(models))
    dataset = xr.Dataset(
        {
            "predicted": (
                ("image", "vertex"),
                np.concatenate(blocks).astype(np.float32),
                {"units": "those of the responses that the model was fitted to"},
            )
        },
        coords={"image": pictures.ids},
        attrs={"backbone": extraction["backbone"], "subject": about["subject"]},
    )
    record = provenance.record("predict", inputs={"model": model}, settings={"images": str(images)})
    record["inputs"]["images"] = pictures.digest
    write_dataset(dataset, out, kind="predictions", provenance=record)

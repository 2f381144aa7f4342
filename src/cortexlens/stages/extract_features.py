"""Stage: run a network on a subject's images and keep the tokens of its layers."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.backbones import options
from cortexlens.backbones.cache import DEFAULT_CACHE


def extract_features(
    backbone: options.Backbone,
    source: options.Source,
    name: options.Name,
    images: Annotated[Path, typer.Option(help="images.tsv of the subject.")],
    out: Annotated[Path, typer.Option(help="Feature store to write (.zarr).")],
    weights: options.Weights = None,
    weights_prefix: options.WeightsPrefix = None,
    weights_without: options.WeightsWithout = None,
    arguments: options.Arguments = None,
    layers: options.Layers = "all",
    input_size: options.InputSize = None,
    mean: options.Mean = None,
    std: options.Std = None,
    channel_order: options.ChannelOrder = "RGB",
    pixel_range: options.PixelRange = 1,
    interpolation: options.Interpolation = None,
    global_token: options.GlobalToken = None,
    timestep: options.Timestep = None,
    seed: options.Seed = 0,
    weights_cache: options.WeightsCache = DEFAULT_CACHE,
    grid: Annotated[int, typer.Option(help="Side of the grid of local tokens, tokens.")] = 8,
    resize: Annotated[
        str, typer.Option(help="area (mean over each cell) or reference (as published).")
    ] = "area",
    batch_size: Annotated[int, typer.Option(help="Images in one forward pass.", min=1)] = 16,
    threads: Annotated[int, typer.Option(help="CPU threads of a forward pass.", min=1)] = 1,
) -> None:
    """Run a network on images and write the tokens of its layers as a 4-D feature store."""
    columns = dict(locals())
    settings = {key: columns.pop(key) for key in ("grid", "resize", "batch_size")}
    for option in ("images", "out", "threads", "weights_cache"):
        del columns[option]
    import torch

    from cortexlens.backbones.checkpoints import weights_path
    from cortexlens.backbones.network import load_backbone
    from cortexlens.backbones.row import BackboneRow
    from cortexlens.features.extract import extract_to_store
    from cortexlens.provenance import record
    from cortexlens.study.images import ImageSet

    torch.set_num_threads(threads)
    row = BackboneRow.from_columns(columns)
    loaded = load_backbone(row, cache=weights_cache)
    inputs = {"images": images}
    file = weights_path(row.weights)
    if file is not None:
        inputs["weights"] = file
    provenance = record(
        "extract_features", inputs=inputs, settings={**columns, **settings}, seed=row.seed
    )
    extract_to_store(loaded, ImageSet.read(images), out, provenance=provenance, **settings)

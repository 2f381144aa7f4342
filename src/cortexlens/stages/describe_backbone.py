"""Stage: load a network, run it once, and write down what it is."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.backbones import options as columns_of
from cortexlens.backbones.locations import DEFAULT_CACHE


def describe_backbone(
    backbone: columns_of.Backbone,
    source: columns_of.Source,
    name: columns_of.Name,
    out: Annotated[Path, typer.Option(help="JSON file to write.")],
    weights: columns_of.Weights = None,
    weights_prefix: columns_of.WeightsPrefix = None,
    options: columns_of.Options = None,
    layers: columns_of.Layers = "all",
    input_size: columns_of.InputSize = None,
    mean: columns_of.Mean = None,
    std: columns_of.Std = None,
    channel_order: columns_of.ChannelOrder = "RGB",
    pixel_range: columns_of.PixelRange = 1,
    interpolation: columns_of.Interpolation = None,
    global_token: columns_of.GlobalToken = None,
    seed: columns_of.Seed = 0,
    timestep: columns_of.Timestep = None,
    weights_cache: columns_of.WeightsCache = DEFAULT_CACHE,
) -> None:
    """Load a network, run it on a random picture and write its layers and preprocessing as JSON."""
    columns = {key: value for key, value in locals().items() if key not in ("out", "weights_cache")}
    import json

    import numpy as np
    from PIL import Image

    from cortexlens.backbones.network import load_backbone
    from cortexlens.backbones.row import BackboneRow
    from cortexlens.features.extract import extract_tokens
    from cortexlens.progress import say
    from cortexlens.stores import replacing

    loaded = load_backbone(BackboneRow.from_columns(columns), cache=weights_cache)
    noise = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    extract_tokens(loaded, [Image.fromarray(noise)], grid=8, resize="area")
    with replacing(out) as partial:
        partial.write_text(json.dumps(loaded.description, indent=2) + "\n")
    say(
        f"{backbone}: {loaded.description['n_parameters']:,} parameters, "
        f"{len(loaded.layer_names)} layers from {loaded.layer_names[0]} to "
        f"{loaded.layer_names[-1]}, input {loaded.preprocess.input_size} px."
    )

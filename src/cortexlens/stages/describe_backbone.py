"""Stage: load a network, run it once, and write a description of it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cortexlens.backbones import options
from cortexlens.backbones.cache import DEFAULT_CACHE


def describe_backbone(
    backbone: options.Backbone,
    source: options.Source,
    name: options.Name,
    out: Annotated[Path, typer.Option(help="JSON file to write.")],
    weights: options.Weights = None,
    weights_prefix: options.WeightsPrefix = None,
    weights_without: options.WeightsWithout = None,
    tuned: options.Tuned = None,
    arguments: options.Arguments = None,
    layers: options.Layers = "all",
    input_size: options.InputSize = None,
    fit: options.Fit = None,
    mean: options.Mean = None,
    std: options.Std = None,
    channel_order: options.ChannelOrder = "RGB",
    pixel_range: options.PixelRange = 1,
    interpolation: options.Interpolation = None,
    global_token: options.GlobalToken = None,
    prefix_tokens: options.PrefixTokens = None,
    timestep: options.Timestep = None,
    inversion_steps: options.InversionSteps = None,
    time_steps: options.TimeSteps = None,
    grid: options.RowGrid = None,
    seed: options.Seed = 0,
    trust: options.Trust = None,
    weights_cache: options.WeightsCache = DEFAULT_CACHE,
) -> None:
    """Load a network, run it on a random image and write its layers and preprocessing as JSON."""
    columns = {key: value for key, value in locals().items() if key not in ("out", "weights_cache")}
    import json
    from dataclasses import asdict

    import numpy as np
    from PIL import Image

    from cortexlens.backbones.measure import measure_network
    from cortexlens.backbones.network import load_backbone
    from cortexlens.backbones.row import BackboneRow
    from cortexlens.errors import CortexlensError
    from cortexlens.features.extract import extract_tokens
    from cortexlens.progress import say
    from cortexlens.storage.datasets import replacing

    row = BackboneRow.from_columns(columns)
    loaded = load_backbone(row, cache=weights_cache)
    noise = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    extract_tokens(loaded, [Image.fromarray(noise)], grid=8, resize="area")
    try:
        size: dict[str, Any] = {"size": asdict(measure_network(row))}
    except CortexlensError:
        size = {}  # the network runs; its cost is then estimated from its description
    with replacing(out) as partial:
        partial.write_text(
            json.dumps({**loaded.description, **size}, indent=2) + "\n", encoding="utf-8"
        )
    say(
        f"{backbone}: {loaded.description['n_parameters']:,} parameters, "
        f"{len(loaded.layer_names)} layers from {loaded.layer_names[0]} to "
        f"{loaded.layer_names[-1]}, input {loaded.preprocess.input_size} px."
    )

"""Stage: run a network on a subject's images and store the tokens of its layers."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cortexlens.backbones import options
from cortexlens.backbones.cache import DEFAULT_CACHE

# Options that do not belong to the network's row and that provenance does not record as settings.
# The precision that was used is stored as an attribute of its own.
NON_RESULT_OPTIONS = (
    "images",
    "out",
    "threads",
    "weights_cache",
    "device",
    "precision",
    "workers",
    "decoded",
    "decoded_gb",
    "scheduler",
)


def extract_features(
    backbone: options.Backbone,
    source: options.Source,
    name: options.Name,
    images: Annotated[Path, typer.Option(help="List of the subject's images (images.tsv).")],
    out: Annotated[Path, typer.Option(help="Feature store to write (.zarr).")],
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
    seed: options.Seed = 0,
    trust: options.Trust = None,
    weights_cache: options.WeightsCache = DEFAULT_CACHE,
    grid: Annotated[
        int, typer.Option(help="Side of the grid that local tokens are resized to, in tokens.")
    ] = 8,
    resize: Annotated[
        str,
        typer.Option(
            help="How tokens are resized: area (mean over each cell) or reference (as in the "
            "published code)."
        ),
    ] = "area",
    batch_size: Annotated[int, typer.Option(help="Images in one forward pass.", min=1)] = 16,
    precision: Annotated[
        str,
        typer.Option(
            help="float32, bfloat16 or auto. auto: bfloat16 if the device is fast at it and "
            "no layer changes by 1 % or more."
        ),
    ] = "auto",
    workers: Annotated[
        int,
        typer.Option(
            help="Threads that decode images; 0: two, or up to 8 if there is a GPU.", min=0, max=64
        ),
    ] = 0,
    decoded: Annotated[
        Path | None, typer.Option(help="Folder of decoded images that several calls share.")
    ] = None,
    decoded_gb: Annotated[
        int, typer.Option(help="Largest size of that folder in GB; 0: do not use it.", min=0)
    ] = 10,
    device: Annotated[
        str, typer.Option(help="Device: auto (a GPU if there is one), cpu or cuda.")
    ] = ("auto"),
    threads: Annotated[int, typer.Option(help="CPU threads for a forward pass.", min=1)] = 1,
    scheduler: Annotated[
        str,
        typer.Option(
            help="Address of a dask scheduler; its workers run the network.",
            envvar="CORTEXLENS_SCHEDULER",
        ),
    ] = "",
) -> None:
    """Run a network on images and write the tokens of its layers as a 4-D feature store."""
    columns = dict(locals())
    settings = {key: columns.pop(key) for key in ("grid", "resize", "batch_size")}
    for option in NON_RESULT_OPTIONS:
        del columns[option]
    import torch

    from cortexlens.backbones.checkpoints import weights_path
    from cortexlens.backbones.network import load_backbone
    from cortexlens.backbones.row import BackboneRow
    from cortexlens.compute.dask_client import connected, identity
    from cortexlens.compute.devices import choose_device
    from cortexlens.features.extract import extract_to_store
    from cortexlens.features.workers import ExtractionOptions, Workers, shaping_of
    from cortexlens.storage.provenance import record
    from cortexlens.study.pictures.decoded import DecodedPictures
    from cortexlens.study.pictures.image_set import ImageSet

    torch.set_num_threads(threads)
    row = BackboneRow.from_columns(columns)
    del columns["trust"]  # a store must not grant permission to run code
    where = "cpu" if scheduler else str(choose_device(device))
    loaded = load_backbone(row, device=where, cache=weights_cache)
    inputs = {"images": images}
    file = weights_path(row.weights)
    if file is not None:
        inputs["weights"] = file
    if row.tuned is not None:
        inputs["tuned"] = Path(row.tuned)
    provenance = record(
        "extract_features", inputs=inputs, settings={**columns, **settings}, seed=row.seed
    )
    pictures = ImageSet.read(images)
    write = partial(extract_to_store, loaded, pictures, out, provenance=provenance, **settings)
    kept = decoded if decoded_gb else None
    if scheduler:
        way = ExtractionOptions(
            row,
            device,
            weights_cache,
            threads,
            grid,
            resize,
            batch_size,
            precision,
            workers,
            kept,
            decoded_gb * 1e9,
            shaping_of(loaded.description),
        )
        with connected(scheduler) as client:
            write(elsewhere=Workers(client, identity("extract_features"), way, pictures))
        return
    shared = DecodedPictures(kept, decoded_gb * 1e9) if kept else None
    write(
        precision=precision,
        workers=workers,
        open_picture=None if shared is None else partial(shared.open, pictures),
    )

"""Stage: fine-tune a network on labelled pictures."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.backbones import options
from cortexlens.backbones.cache import DEFAULT_CACHE

# Settings that shape neither weights nor history: where things lie, and what computes.
NON_RESULT_OPTIONS = ("root", "out", "threads", "weights_cache", "device", "mapped")


def finetune(
    backbone: options.Backbone,
    source: options.Source,
    name: options.Name,
    finetune: Annotated[str, typer.Option(help="Identifier of the fine-tuning data.")],
    kind: Annotated[str, typer.Option(help="folders, table, drawn-texture or drawn-layout.")],
    out: Annotated[Path, typer.Option(help="Folder to write weights, history and report to.")],
    images: Annotated[
        str | None, typer.Option(help="Folder or .zip file of pictures, below --root.")
    ] = None,
    labels: Annotated[
        str | None, typer.Option(help="Tables of labels below --root, by commas.")
    ] = None,
    image_column: Annotated[str | None, typer.Option(help="Column with picture names.")] = None,
    label_column: Annotated[str | None, typer.Option(help="Column with classes.")] = None,
    classes: Annotated[str | None, typer.Option(help="Classes to take, by commas; all.")] = None,
    root: Annotated[str | None, typer.Option(help="Folder that images and labels lie in.")] = None,
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
    seed: options.Seed = 0,
    trust: options.Trust = None,
    weights_cache: options.WeightsCache = DEFAULT_CACHE,
    training_seed: Annotated[
        int, typer.Option(help="Seed of the split, the head, order and mirroring.", min=0)
    ] = 0,
    images_per_class: Annotated[
        int, typer.Option(help="Pictures of each class to learn from.", min=1)
    ] = 50,
    validation_images: Annotated[
        int, typer.Option(help="Pictures to measure on, at most.", min=2)
    ] = 1000,
    steps: Annotated[int, typer.Option(help="Steps of the optimiser.", min=1)] = 3000,
    batch_size: Annotated[int, typer.Option(help="Pictures in a step.", min=1)] = 4,
    learning_rate: Annotated[float, typer.Option(help="Learning rate of AdamW.")] = 3e-5,
    head_lr_multiplier: Annotated[
        float, typer.Option(help="Learning rate of the head, in units of learning rate.")
    ] = 1.0,
    weight_decay: Annotated[float, typer.Option(help="Of AdamW.", min=0)] = 0.01,
    layer_decay: Annotated[
        float, typer.Option(help="Factor of the rate from a layer to the one before.", max=1)
    ] = 1.0,
    trained: Annotated[str, typer.Option(help="all, head (linear probe) or lora.")] = "all",
    lora_rank: Annotated[int, typer.Option(help="Rank of updates, for lora.", min=1)] = 8,
    frozen_layers: Annotated[
        int, typer.Option(help="Layers that stay as they are, from the first.", min=0)
    ] = 0,
    augmentation: Annotated[str, typer.Option(help="flip or none.")] = "flip",
    norm_statistics: Annotated[
        str, typer.Option(help="Of batch normalisation: fixed or batch.")
    ] = "fixed",
    validation_interval: Annotated[
        int, typer.Option(help="Steps from one measurement to the next.", min=1)
    ] = 250,
    checkpoints: Annotated[
        str, typer.Option(help="Steps after which the network is kept, by commas.")
    ] = "",
    precision: Annotated[str, typer.Option(help="auto, float32 or bfloat16.")] = "auto",
    device: Annotated[str, typer.Option(help="auto (a GPU where there is one), cpu, cuda.")] = (
        "auto"
    ),
    threads: Annotated[int, typer.Option(help="CPU threads.", min=1)] = 1,
) -> None:
    """Fine-tune a network on labelled pictures; write its weights, best and last, and curves."""
    given = {key: value for key, value in locals().items() if key not in NON_RESULT_OPTIONS}
    import torch

    from cortexlens.compute.devices import choose_device
    from cortexlens.finetuning.job import FinetuningJob, run_finetuning
    from cortexlens.storage import input_files
    from cortexlens.study.data_files import labelled_files

    torch.set_num_threads(threads)
    row = {key: str(value) for key, value in given.items() if value is not None}
    labelled = labelled_files(Path(root or ""), row)
    input_files.note(path for paths in labelled.values() for path in paths)
    run_finetuning(
        FinetuningJob(given, Path(root or ""), weights_cache), str(choose_device(device)), out
    )

"""Stage: fine-tune a network on labelled images."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.backbones import options
from cortexlens.backbones.cache import DEFAULT_CACHE

# Options that change neither weights nor history: paths, device and threads.
NON_RESULT_OPTIONS = ("root", "out", "threads", "weights_cache", "device", "mapped")


def finetune(
    backbone: options.Backbone,
    source: options.Source,
    name: options.Name,
    finetune: Annotated[str, typer.Option(help="Id of the fine-tuning data set.")],
    kind: Annotated[
        str, typer.Option(help="Kind of data set: folders, table, drawn-texture or drawn-layout.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write weights, history and report to.")],
    images: Annotated[
        str | None, typer.Option(help="Folder or .zip file of images below --root.")
    ] = None,
    labels: Annotated[
        str | None, typer.Option(help="Tables of labels below --root, separated by commas.")
    ] = None,
    image_column: Annotated[
        str | None, typer.Option(help="Column of the table with the names of images.")
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(help="Column of the table with the classes.")
    ] = None,
    classes: Annotated[
        str | None, typer.Option(help="Classes to use, separated by commas. Default: all.")
    ] = None,
    root: Annotated[
        str | None, typer.Option(help="Folder that contains images and labels.")
    ] = None,
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
        int,
        typer.Option(
            help="Seed of the split, the initial head, the order of images and mirroring.", min=0
        ),
    ] = 0,
    images_per_class: Annotated[
        int, typer.Option(help="Number of training images per class.", min=1)
    ] = 50,
    validation_images: Annotated[
        int, typer.Option(help="Largest number of validation images.", min=2)
    ] = 1000,
    steps: Annotated[int, typer.Option(help="Number of optimiser steps.", min=1)] = 3000,
    batch_size: Annotated[int, typer.Option(help="Images per step.", min=1)] = 4,
    learning_rate: Annotated[float, typer.Option(help="Learning rate of AdamW.")] = 3e-5,
    head_lr_multiplier: Annotated[
        float,
        typer.Option(
            help="Learning rate of the classification head, as a multiple of the learning rate."
        ),
    ] = 1.0,
    weight_decay: Annotated[float, typer.Option(help="Weight decay of AdamW.", min=0)] = 0.01,
    layer_decay: Annotated[
        float,
        typer.Option(
            help="Factor by which the learning rate falls from each layer to the one before it.",
            max=1,
        ),
    ] = 1.0,
    trained: Annotated[
        str, typer.Option(help="Weights to train: all, head (linear probe) or lora.")
    ] = "all",
    lora_rank: Annotated[
        int, typer.Option(help="Rank of the weight updates; for lora only.", min=1)
    ] = 8,
    frozen_layers: Annotated[
        int, typer.Option(help="Number of layers to freeze, counted from the first.", min=0)
    ] = 0,
    augmentation: Annotated[
        str, typer.Option(help="Augmentation of training images: flip or none.")
    ] = "flip",
    norm_statistics: Annotated[
        str,
        typer.Option(
            help="Statistics of batch normalisation: fixed (those of the pretrained network) "
            "or batch."
        ),
    ] = "fixed",
    validation_interval: Annotated[
        int, typer.Option(help="Number of steps between validations.", min=1)
    ] = 250,
    checkpoints: Annotated[
        str, typer.Option(help="Steps after which the weights are saved, separated by commas.")
    ] = "",
    precision: Annotated[
        str, typer.Option(help="Precision of training: auto, float32 or bfloat16.")
    ] = "auto",
    device: Annotated[
        str, typer.Option(help="Device: auto (a GPU if there is one), cpu or cuda.")
    ] = ("auto"),
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
) -> None:
    """Fine-tune a network on labelled images; write the best and last weights and the history."""
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

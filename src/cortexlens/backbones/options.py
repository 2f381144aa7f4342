"""Command-line options for the columns of ``backbones.tsv``, shared by stages that take a row."""

from typing import Annotated

import typer

Backbone = Annotated[str, typer.Option(help="Identifier: lower-case letters, digits, hyphens.")]
Source = Annotated[
    str, typer.Option(help="zoo, timm, torchvision, open_clip, diffusers or python.")
]
Name = Annotated[str, typer.Option(help="Model name; for source python module:factory.")]
Weights = Annotated[
    str | None,
    typer.Option(
        help="File (.safetensors, .pt, .pth, …), its URL, packaged:NAME or pretrained; none: "
        "untrained."
    ),
]
WeightsPrefix = Annotated[
    str | None, typer.Option(help="Prefix of the names of the network's tensors in the file.")
]
WeightsWithout = Annotated[
    str | None, typer.Option(help="Comma-separated patterns of tensors of the file to leave out.")
]
Tuned = Annotated[
    str | None, typer.Option(help="Fine-tuned weights (.safetensors) that replace all others.")
]
Arguments = Annotated[
    str | None, typer.Option(help="key=value,… for the constructor (timm, torchvision).")
]
WeightsCache = Annotated[str, typer.Option(help="Folder of fetched weights.")]
Layers = Annotated[
    str,
    typer.Option(help="all, or comma-separated block numbers or module names (* ? […] allowed)."),
]
InputSize = Annotated[
    int | None,
    typer.Option(help="Side of the network's input in pixels; none: the library's default."),
]
Fit = Annotated[
    str | None,
    typer.Option(
        help="How to make images square: squash, crop or pad; none: the library's default."
    ),
]
Mean = Annotated[
    str | None,
    typer.Option(help="Three numbers a,b,c in units of the pixel range, in channel order."),
]
Std = Annotated[
    str | None,
    typer.Option(help="Three numbers a,b,c in units of the pixel range, in channel order."),
]
ChannelOrder = Annotated[str, typer.Option(help="RGB or BGR.")]
PixelRange = Annotated[int, typer.Option(help="Largest pixel value: 1 or 255.")]
Interpolation = Annotated[
    str | None, typer.Option(help="bicubic or bilinear; none: the library's default.")
]
GlobalToken = Annotated[
    str | None,
    typer.Option(help="class or mean; none: the class token if there is one."),
]
PrefixTokens = Annotated[
    int | None,
    typer.Option(
        help="Number of class, register and prompt tokens before those of the map; none: as the "
        "network states."
    ),
]
Timestep = Annotated[
    int | None,
    typer.Option(help="Time step of a diffusion network without inversion; none: 50."),
]
InversionSteps = Annotated[
    int | None, typer.Option(help="Number of steps of a diffusion network's inversion; none: 50.")
]
TimeSteps = Annotated[
    str | None,
    typer.Option(
        help="Steps of the inversion at which layers are read: 25, or 5-50:5 for a single layer."
    ),
]
RowGrid = Annotated[
    int | None, typer.Option(help="Column grid of the row; has no effect on this stage.")
]
Seed = Annotated[int, typer.Option(help="Seed of the initial weights of an untrained network.")]
Trust = Annotated[
    str | None,
    typer.Option(help="python: the module of source python may be executed; read it first."),
]

"""The columns of ``backbones.tsv`` as command-line options, for the stages that take a row."""

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
        help="File (.safetensors, .pt, .pth, …), its address, packaged:NAME or pretrained; none: "
        "untrained."
    ),
]
WeightsPrefix = Annotated[
    str | None, typer.Option(help="What the network's tensors begin with in the file.")
]
WeightsWithout = Annotated[
    str | None, typer.Option(help="Patterns of the file's tensors that are left out, by commas.")
]
Tuned = Annotated[
    str | None, typer.Option(help="Fine-tuned weights (.safetensors) in place of all others.")
]
Arguments = Annotated[
    str | None, typer.Option(help="key=value,… for the constructor (timm, torchvision).")
]
WeightsCache = Annotated[str, typer.Option(help="Folder of fetched weights.")]
Layers = Annotated[
    str, typer.Option(help="all, block numbers, or module names (* ? […] allowed), by commas.")
]
InputSize = Annotated[
    int | None, typer.Option(help="Side of the network's input, pixels; none: as the library says.")
]
Fit = Annotated[
    str | None,
    typer.Option(help="Of non-square pictures: squash, crop or pad; none: as the library says."),
]
Mean = Annotated[
    str | None,
    typer.Option(help="Three numbers a,b,c in units of pixel range, in channel order."),
]
Std = Annotated[
    str | None,
    typer.Option(help="Three numbers a,b,c in units of pixel range, in channel order."),
]
ChannelOrder = Annotated[str, typer.Option(help="RGB or BGR.")]
PixelRange = Annotated[int, typer.Option(help="Largest pixel value: 1 or 255.")]
Interpolation = Annotated[
    str | None, typer.Option(help="bicubic or bilinear; none: as the library says.")
]
GlobalToken = Annotated[
    str | None,
    typer.Option(help="class or mean; none: the class token where there is one."),
]
PrefixTokens = Annotated[
    int | None,
    typer.Option(
        help="Class, register and prompt tokens before those of the map; none: as the network says."
    ),
]
Timestep = Annotated[
    int | None, typer.Option(help="Of a diffusion network that does not invert: none: 50.")
]
InversionSteps = Annotated[
    int | None, typer.Option(help="Steps of a diffusion network's inversion; none: 50.")
]
TimeSteps = Annotated[
    str | None,
    typer.Option(help="Steps of the inversion that are read: 25, or 5-50:5 of one layer."),
]
RowGrid = Annotated[int | None, typer.Option(help="Of the row; the features' concern, not this.")]
Seed = Annotated[int, typer.Option(help="Seed of the initial weights of an untrained network.")]
Trust = Annotated[
    str | None,
    typer.Option(help="python: the module of source python may run; read it before."),
]

"""Check that a network is a function of the image alone, and hash its outputs.

The user's code and networks in memory may depend on things that neither weights nor source show: a
stride, a gain, a file that is read, the version of a library. Their outputs for fixed images
reveal it. A network may also return different values for the same image in another batch or at
another time, in which case its features cannot be stored.
"""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import nn

from cortexlens.backbones.hooks import RawLayer
from cortexlens.errors import CortexlensError
from cortexlens.progress import say

# Tolerated rounding errors, relative to differences between images: in single precision, and in
# reduced precision, which GPUs also use for large products.
SINGLE, REDUCED = 1e-3, 5e-2
# The same relative to the values themselves, for images that hardly differ.
ROUNDING = 1e-2
# Standard deviation of the input that is not an image; it is large enough to reach clipping.
WIDE = 4.0

Read = Callable[[torch.Tensor], Sequence[RawLayer]]


def to_evaluation(network: nn.Module, backbone: str) -> None:
    """Put a network and all of its submodules in evaluation mode, in place.

    This includes modules that override ``train`` or ``eval`` to stay in training mode, such as
    Monte Carlo dropout and some kinds of batch normalisation; these are reported in one line.

    Parameters
    ----------
    network
        The network.
    backbone
        Identifier of the row, for the report.
    """
    network.eval()
    left = [name or "the network" for name, part in network.named_modules() if part.training]
    for part in network.modules():
        part.training = False
    if left:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        say(
            f"backbone {backbone!r}: {left[0]}{more} stayed in training mode after eval(); put "
            "in evaluation mode, so that features do not depend on chance or on the batch."
        )


def probe_inputs(
    preprocess: Callable[[Image.Image], Float[torch.Tensor, "3 height width"]],
) -> Float[torch.Tensor, "image 3 height width"]:
    """Make three fixed inputs: an image of large shapes, one of fine noise, and wide noise.

    Parameters
    ----------
    preprocess
        Preprocessing of the network. The third input has the size of its output, but values that no
        image has.
    """
    rng = np.random.default_rng(0)
    coarse, fine = (rng.integers(0, 256, (side, side, 3), dtype=np.uint8) for side in (6, 96))
    coarse[:2, :2], coarse[-2:, -2:] = 0, 255
    shapes = Image.fromarray(coarse).resize((96, 96), Image.Resampling.BICUBIC)
    pictures = [preprocess(picture) for picture in (shapes, Image.fromarray(fine))]
    wide = WIDE * rng.standard_normal(tuple(pictures[0].shape))
    return torch.stack([*pictures, torch.from_numpy(wide).to(pictures[0].dtype)])


def probe_hash(
    read: Read,
    inputs: Float[torch.Tensor, "image 3 height width"],
    layer_names: Sequence[str],
    backbone: str,
) -> str:
    """Hash the outputs of all layers for fixed inputs, after checking that they are functions.

    Two of the inputs are shown twice, and then in another batch: with the third, in reverse order.

    Parameters
    ----------
    read
        Function from a batch to the outputs of all layers.
    inputs
        Three inputs from :func:`probe_inputs`.
    layer_names
        Names of the layers, for error messages.
    backbone
        Identifier of the row, for error messages.

    Returns
    -------
    str
        SHA-256 of the outputs in hexadecimal. It differs between kinds of processor, because their
        rounding differs.

    Raises
    ------
    CortexlensError
        If a layer's output changes from call to call, or depends on the other images of the batch.
    """
    # copies, since the network may modify its input in place
    layers = read(inputs[:2].clone())
    exact = inputs.device.type == "cpu" and all(layer.local.element_size() > 2 for layer in layers)
    tolerance = SINGLE if exact else REDUCED
    first, again = _values(layers), _values(read(inputs[:2].clone()))
    for name, one, two in zip(layer_names, first, again, strict=True):
        if not _same(one, two, tolerance):
            raise CortexlensError(
                f"backbone {backbone!r}: layer {name} returns other values when the same images "
                "are shown again; features must be a function of the image. Look for dropout or "
                "noise that evaluation mode does not switch off (training=self.training does), "
                "or for values kept from call to call."
            )
    other = _values(read(inputs[[2, 1, 0]].clone()))
    for name, one, two in zip(layer_names, first, other, strict=True):
        if not _same(one, two[[2, 1]], tolerance):
            raise CortexlensError(
                f"backbone {backbone!r}: layer {name} returns other values for an image in another "
                "batch; features must be a function of the image alone. Look for batch "
                "normalisation without running statistics, or for means or attention over the "
                "images of a batch."
            )
    digest = hashlib.sha256()
    for values in (*first, *(layer[:1] for layer in other)):
        digest.update(f"{tuple(values.shape)}".encode())
        digest.update(values.numpy().tobytes())
    return digest.hexdigest()


def _values(layers: Sequence[RawLayer]) -> list[Float[torch.Tensor, "image _"]]:
    """All values of each layer, one row per image."""
    return [
        torch.cat([part.flatten(1) for part in layer if part is not None], dim=1).float().cpu()
        for layer in layers
    ]


def _same(
    one: Float[torch.Tensor, "2 _"], other: Float[torch.Tensor, "2 _"], tolerance: float
) -> bool:
    """Whether the values of two images are equal except for rounding."""
    # non-finite values are refused when features are stored; here they count as large numbers
    one, other = one.double().nan_to_num(), other.double().nan_to_num()
    between = (one[0] - one[1]).norm()
    allowed = tolerance * (between + ROUNDING * one.norm())
    return bool((one - other).norm() <= allowed)

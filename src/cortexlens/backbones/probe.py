"""Whether a network is a function of the picture alone, and a hash of what it gives.

The code of others, and networks in memory, can depend on what neither weights nor source show: a
stride, a gain, a file that is read, a library's version. What they give for fixed pictures does
show it. Networks may also give a picture other values in another batch or at another time, and no
feature store could then hold them.
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

# Differences that rounding may make, relative to those between pictures: in single precision, and
# in formats of fewer bits, which GPUs take for large products too.
SINGLE, REDUCED = 1e-3, 5e-2
# The same relative to the values: where pictures hardly differ, rounding is what is left.
ROUNDING = 1e-2
# Standard deviation of the input that is no picture: it reaches where activations are clipped.
WIDE = 4.0

Read = Callable[[torch.Tensor], Sequence[RawLayer]]


def to_evaluation(network: nn.Module, backbone: str) -> None:
    """Put a network and all of its parts into evaluation mode, in place.

    Parts that override ``train`` or ``eval`` to stay in training mode, as Monte Carlo dropout and
    some batch normalisations do, are put into it all the same, and one line says so.

    Parameters
    ----------
    network
        The network.
    backbone
        Identifier of the row, for the line.
    """
    network.eval()
    left = [name or "the network" for name, part in network.named_modules() if part.training]
    for part in network.modules():
        part.training = False
    if left:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        say(
            f"backbone {backbone!r}: {left[0]}{more} stayed in training mode after eval(); put "
            "into evaluation mode, so that features do not depend on chance or on the batch."
        )


def probe_inputs(
    preprocess: Callable[[Image.Image], Float[torch.Tensor, "3 height width"]],
) -> Float[torch.Tensor, "image 3 height width"]:
    """Give three fixed inputs: a picture of large shapes, one of fine noise, and wide noise.

    Parameters
    ----------
    preprocess
        Of the network; the third input has its size and no picture's values.
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
    """Hash what all layers give for fixed inputs, once they are known to be functions of these.

    Two inputs are shown twice, and again in another batch: with a third, in another order.

    Parameters
    ----------
    read
        Gives all layers of a batch.
    inputs
        Three, from :func:`probe_inputs`.
    layer_names
        Of the layers, for errors.
    backbone
        Identifier of the row, for errors.

    Returns
    -------
    str
        SHA-256 of the values, in hexadecimal. Processors of another kind round otherwise, and
        give another hash.

    Raises
    ------
    CortexlensError
        If a layer's values depend on the call, or on the other pictures of the batch.
    """
    # Copies: a network may work in place on what it is given.
    layers = read(inputs[:2].clone())
    exact = inputs.device.type == "cpu" and all(layer.local.element_size() > 2 for layer in layers)
    tolerance = SINGLE if exact else REDUCED
    first, again = _values(layers), _values(read(inputs[:2].clone()))
    for name, one, two in zip(layer_names, first, again, strict=True):
        if not _same(one, two, tolerance):
            raise CortexlensError(
                f"backbone {backbone!r}: layer {name} gives other values when the same pictures "
                "are shown again; features have to be a function of the picture. Look for dropout "
                "or noise that evaluation mode does not switch off (training=self.training does), "
                "or for values kept from call to call."
            )
    other = _values(read(inputs[[2, 1, 0]].clone()))
    for name, one, two in zip(layer_names, first, other, strict=True):
        if not _same(one, two[[2, 1]], tolerance):
            raise CortexlensError(
                f"backbone {backbone!r}: layer {name} gives a picture other values in another "
                "batch; features have to be a function of the picture alone. Look for batch "
                "normalisation without running statistics, or for means or attention over the "
                "pictures of a batch."
            )
    digest = hashlib.sha256()
    for values in (*first, *(layer[:1] for layer in other)):
        digest.update(f"{tuple(values.shape)}".encode())
        digest.update(values.numpy().tobytes())
    return digest.hexdigest()


def _values(layers: Sequence[RawLayer]) -> list[Float[torch.Tensor, "image _"]]:
    """All values of each layer, by picture."""
    return [
        torch.cat([part.flatten(1) for part in layer if part is not None], dim=1).float().cpu()
        for layer in layers
    ]


def _same(
    one: Float[torch.Tensor, "2 _"], other: Float[torch.Tensor, "2 _"], tolerance: float
) -> bool:
    """Whether values of two pictures are the same but for rounding."""
    # What is not finite is refused when features are stored; here it counts as a large number.
    one, other = one.double().nan_to_num(), other.double().nan_to_num()
    between = (one[0] - one[1]).norm()
    allowed = tolerance * (between + ROUNDING * one.norm())
    return bool((one - other).norm() <= allowed)

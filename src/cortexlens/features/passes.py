"""One batch through a network: its pooled tokens, and these as a store holds them."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from jaxtyping import Float

from cortexlens.backbones.network import Backbone
from cortexlens.errors import CortexlensError
from cortexlens.features.pooling import LARGEST_HALF, pool_tokens, to_halves
from cortexlens.features.store import Tokens


class Pooled(NamedTuple):
    """Pooled tokens of a batch, on the network's device.

    Parameters
    ----------
    layers
        For each layer (image, grid · grid + 1, channel).
    ready
        On a GPU, when they are computed; None on a processor, where they are.
    """

    layers: list[Float[torch.Tensor, "batch token _"]]
    ready: torch.cuda.Event | None


class Float16Batch(NamedTuple):
    """Tokens of a batch as they are stored.

    Parameters
    ----------
    layers
        For each layer (image, grid · grid + 1, channel).
    clipped
        For each layer the number of values that were clipped to float16's range.
    """

    layers: list[Tokens]
    clipped: list[int]


@torch.inference_mode()
def pooled_pass(
    backbone: Backbone,
    batch: Float[torch.Tensor, "batch 3 height width"],
    grid: int,
    resize: str,
    dtype: torch.dtype = torch.float32,
) -> Pooled:
    """Run a network on a batch and pool its layers, so that no more than the grid is kept.

    Parameters
    ----------
    backbone
        The network.
    batch
        Pictures out of its ``preprocess``.
    grid, resize
        As for :func:`cortexlens.features.pooling.pool_tokens`.
    dtype
        Of the large products: float32 or bfloat16.

    Returns
    -------
    Pooled
        On a GPU perhaps not computed yet.
    """
    if backbone.device.type == "cuda":
        batch = batch.pin_memory()  # else the copy to the GPU would wait for the pass before
    layers = [pool_tokens(layer, grid, resize) for layer in backbone.tokens(batch, dtype)]
    if backbone.device.type != "cuda":
        return Pooled(layers, None)
    ready = torch.cuda.Event()
    ready.record(torch.cuda.current_stream(backbone.device))
    return Pooled(layers, ready)


@torch.inference_mode()
def to_store_values(backbone: Backbone, pooled: Pooled) -> Float16Batch:
    """Convert pooled tokens to float16 in the host's memory.

    Raises
    ------
    CortexlensError
        If a value is not finite.
    """
    found = Float16Batch([], [])
    with _beside_passes(backbone, pooled):
        for name, values in zip(backbone.layer_names, pooled.layers, strict=True):
            low, high = torch.stack(values.aminmax()).tolist()  # one look at the values; keeps NaN
            if not (math.isfinite(low) and math.isfinite(high)):
                raise CortexlensError(
                    f"backbone {backbone.description['backbone']!r}: layer {name} gives values "
                    "that are not finite. Check the weights and the columns mean, std and "
                    "pixel_range."
                )
            within = max(-low, high) <= LARGEST_HALF
            halves, n_clipped = (values.half(), 0) if within else to_halves(values)
            found.layers.append(halves.cpu().numpy())
            found.clipped.append(n_clipped)
    return found


@contextmanager
def _beside_passes(backbone: Backbone, pooled: Pooled) -> Iterator[None]:
    """Work on a GPU in a stream of its own: copies do not wait for the pass that runs now."""
    if pooled.ready is None:
        yield
        return
    stream = torch.cuda.Stream(backbone.device)
    stream.wait_event(pooled.ready)
    with torch.cuda.stream(stream):
        yield

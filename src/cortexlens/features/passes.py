"""Run one batch through a network, pool its tokens and convert them to float16."""

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
        Tokens of each layer, (image, grid · grid + 1, channel).
    ready
        CUDA event recorded after their computation; None on a CPU, where they are complete.
    """

    layers: list[Float[torch.Tensor, "batch token _"]]
    ready: torch.cuda.Event | None


class Float16Batch(NamedTuple):
    """Tokens of a batch in float16, as a feature store holds them.

    Parameters
    ----------
    layers
        Tokens of each layer, (image, grid · grid + 1, channel).
    clipped
        Number of values in each layer that were clipped to the range of float16.
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
    """Run a network on a batch and pool each layer to the grid of tokens.

    Parameters
    ----------
    backbone
        The network.
    batch
        Preprocessed images, from the ``preprocess`` of the network.
    grid, resize
        As for :func:`cortexlens.features.pooling.pool_tokens`.
    dtype
        Number format of the large matrix products: float32 or bfloat16.

    Returns
    -------
    Pooled
        Pooled tokens; on a GPU their computation may still be running.
    """
    if backbone.device.type == "cuda":
        batch = batch.pin_memory()  # otherwise the copy would wait for the previous pass
    layers = [pool_tokens(layer, grid, resize) for layer in backbone.tokens(batch, dtype)]
    if backbone.device.type != "cuda":
        return Pooled(layers, None)
    ready = torch.cuda.Event()
    ready.record(torch.cuda.current_stream(backbone.device))
    return Pooled(layers, ready)


@torch.inference_mode()
def to_store_values(backbone: Backbone, pooled: Pooled) -> Float16Batch:
    """Convert pooled tokens to float16 in main memory.

    Parameters
    ----------
    backbone
        The network, for its layers' names.
    pooled
        Tokens from :func:`pooled_pass`.

    Raises
    ------
    CortexlensError
        If a value is not finite.
    """
    converted = Float16Batch([], [])
    with _beside_passes(backbone, pooled):
        for name, values in zip(backbone.layer_names, pooled.layers, strict=True):
            low, high = torch.stack(values.aminmax()).tolist()  # aminmax propagates NaN
            if not (math.isfinite(low) and math.isfinite(high)):
                raise CortexlensError(
                    f"backbone {backbone.description['backbone']!r}: layer {name} gives values "
                    "that are not finite. Check the weights and the columns mean, std and "
                    "pixel_range."
                )
            within = max(-low, high) <= LARGEST_HALF
            halves, n_clipped = (values.half(), 0) if within else to_halves(values)
            converted.layers.append(halves.cpu().numpy())
            converted.clipped.append(n_clipped)
    return converted


@contextmanager
def _beside_passes(backbone: Backbone, pooled: Pooled) -> Iterator[None]:
    """Use a separate CUDA stream, so that copies do not wait for the pass that is running."""
    if pooled.ready is None:
        yield
        return
    stream = torch.cuda.Stream(backbone.device)
    stream.wait_event(pooled.ready)
    with torch.cuda.stream(stream):
        yield

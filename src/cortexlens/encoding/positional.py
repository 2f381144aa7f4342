"""Sinusoidal positional code of cortical coordinates, the input of the selector networks."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

N_FREQUENCIES = 32
LONGEST_AXIS = 100.0
BASE = 1000.0


class SinusoidalCode(nn.Module):
    """The positional code γ(x): sines and cosines of each axis of a coordinate.

    The bounds that shift and scale coordinates are saved with the model, so that the code of a
    vertex does not depend on which other vertices are passed. (The published code takes the bounds
    of the points passed in a call.)

    Parameters
    ----------
    coordinates
        Cortical coordinates of all vertices of the study in mm. They are shifted to start at 0 and
        scaled so that the longest axis spans 100.
    """

    lowest: Tensor
    scale: Tensor
    frequencies: Tensor

    def __init__(self, coordinates: Float[Tensor, "vertex axis"]) -> None:
        super().__init__()
        lowest = coordinates.min(dim=0).values
        span = (coordinates.max(dim=0).values - lowest).max().clamp_min(1e-6)
        self.register_buffer("lowest", lowest)
        self.register_buffer("scale", LONGEST_AXIS / span)
        exponents = torch.arange(N_FREQUENCIES) / N_FREQUENCIES
        self.register_buffer("frequencies", BASE**-exponents)

    @property
    def n_codes(self) -> int:
        """Length of the code: axes × frequencies × (sine, cosine)."""
        return self.lowest.numel() * N_FREQUENCIES * 2

    def forward(self, coordinates: Float[Tensor, "vertex axis"]) -> Float[Tensor, "vertex code"]:
        """Compute the code, with values in [−1, 1], of coordinates in mm."""
        phase = ((coordinates - self.lowest) * self.scale)[:, :, None] * self.frequencies
        return torch.cat([phase.sin(), phase.cos()], dim=-1).flatten(1)

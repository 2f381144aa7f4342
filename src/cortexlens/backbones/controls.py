"""Low-level controls: how well simple image features predict responses without a network.

Two fixed sets of filters in the form of networks. Their layers are spatial scales from fine to
coarse; nothing in them is learnt.
"""

import math
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cortexlens.study.simulation.gabor import BANDWIDTH, FREQUENCIES, GRID, N_ORIENTATIONS

# Controls take images of this size, with pixels from 0 to 1.
CONTROL_SIZE: Final = 96
# Standard deviations of the Gaussian blur, in image widths.
BLURS: Final = (0.0, 1 / 48, 1 / 24, 1 / 12)
# Filters are truncated at this many standard deviations.
_EXTENT: Final = 3.0
LUMINANCE: Final = (0.299, 0.587, 0.114)


class _Padded(nn.Module):
    """A fixed filter on images that are mirrored at their edges (the edge pixel is repeated)."""

    def _mirrored(self, pictures: Tensor, margin: int) -> Tensor:
        width = pictures.shape[-1]
        places = torch.arange(-margin, width + margin, device="cpu") % (2 * width)
        places = torch.minimum(places, 2 * width - 1 - places).to(pictures.device)
        return pictures.index_select(2, places).index_select(3, places)


class GaborScale(_Padded):
    """Amplitudes of quadrature pairs of Gabor filters in several orientations.

    Parameters
    ----------
    frequency
        Spatial frequency in cycles per image.
    """

    weight: Tensor

    def __init__(self, frequency: float) -> None:
        super().__init__()
        self.stride = CONTROL_SIZE // GRID
        # The spectrum of a Gaussian of width σ has the width 1/(2πσ).
        spread = CONTROL_SIZE / (2 * math.pi * BANDWIDTH * frequency)
        # an odd stride puts the centre of each cell of the map on a pixel
        self.margin = math.ceil(_EXTENT * spread)
        self.register_buffer("weight", _gabor_pairs(frequency, spread, self.margin))

    def forward(
        self, luminance: Float[Tensor, "batch 1 height width"]
    ) -> Float[Tensor, "batch orientation cell cell"]:
        """Amplitudes; orientations are ordered as in :mod:`cortexlens.study.simulation.gabor`."""
        centred = luminance - luminance.mean(dim=(2, 3), keepdim=True)
        padded = self._mirrored(centred, self.margin)
        first = self.stride // 2
        answers = nn.functional.conv2d(
            padded[:, :, first:, first:], self.weight, stride=self.stride
        )
        even, odd = answers.unflatten(1, (N_ORIENTATIONS, 2)).unbind(dim=2)
        amplitudes: Tensor = (even.square() + odd.square()).sqrt()
        return amplitudes


def _gabor_pairs(
    frequency: float, spread: float, margin: int
) -> Float[Tensor, "pair 1 height width"]:
    """Even and odd filter of each orientation; the envelope sums to 1."""
    line = torch.arange(-margin, margin + 1, dtype=torch.float64, device="cpu")
    y, x = torch.meshgrid(line, line, indexing="ij")
    envelope = torch.exp(-(x**2 + y**2) / (2 * spread**2))
    envelope /= envelope.sum()
    filters = []
    for number in range(N_ORIENTATIONS):
        turn = math.pi * number / N_ORIENTATIONS
        phase = 2 * math.pi * frequency / CONTROL_SIZE * (x * math.cos(turn) + y * math.sin(turn))
        filters += [envelope * phase.cos(), envelope * phase.sin()]
    return torch.stack(filters)[:, None].float()


class PixelScale(_Padded):
    """Luminance and two colour-opponent channels, blurred.

    Parameters
    ----------
    blur
        Standard deviation of a Gaussian in image widths; 0: no blur.
    """

    weight: Tensor

    def __init__(self, blur: float) -> None:
        super().__init__()
        spread = blur * CONTROL_SIZE
        self.margin = math.ceil(_EXTENT * spread)
        line = torch.arange(-self.margin, self.margin + 1, dtype=torch.float64, device="cpu")
        weight = torch.exp(-(line**2) / (2 * spread**2)) if blur else torch.ones(1).double()
        self.register_buffer("weight", (weight / weight.sum()).float())

    def forward(
        self, colours: Float[Tensor, "batch colour height width"]
    ) -> Float[Tensor, "batch colour height width"]:
        """Blur the channels; the size stays the same."""
        n_colours, length = colours.shape[1], len(self.weight)
        across = self.weight.view(1, 1, 1, length).expand(n_colours, 1, 1, length)
        padded = self._mirrored(colours, self.margin)
        blurred = nn.functional.conv2d(padded, across, groups=n_colours)
        return nn.functional.conv2d(blurred, across.transpose(2, 3), groups=n_colours)


class GaborPyramid(nn.Module):
    """Local orientation energy of luminance; one layer per spatial frequency, high to low."""

    def __init__(self) -> None:
        super().__init__()
        self.scales = nn.ModuleList(GaborScale(f) for f in sorted(FREQUENCIES, reverse=True))

    def forward(self, pictures: Float[Tensor, "batch 3 height width"]) -> list[Tensor]:
        """Return the maps of all scales."""
        weights = torch.tensor(LUMINANCE, device=pictures.device).view(1, 3, 1, 1)
        luminance = (pictures * weights).sum(dim=1, keepdim=True)
        return [scale(luminance) for scale in self.scales]


class Pixels(nn.Module):
    """Luminance, red–green and blue–yellow; one layer per level of blur, sharp to blurred."""

    def __init__(self) -> None:
        super().__init__()
        self.scales = nn.ModuleList(PixelScale(blur) for blur in BLURS)

    def forward(self, pictures: Float[Tensor, "batch 3 height width"]) -> list[Tensor]:
        """Return the maps of all scales."""
        red, green, blue = pictures.unbind(dim=1)
        weights = torch.tensor(LUMINANCE, device=pictures.device).view(3, 1, 1)
        luminance = (pictures * weights).sum(dim=1)
        colours = torch.stack([luminance, red - green, blue - (red + green) / 2], dim=1)
        return [scale(colours) for scale in self.scales]


CONTROLS: Final = {"gabor-pyramid": GaborPyramid, "pixels": Pixels}

"""Local orientation energy: a bank of Gabor filters, evaluated on a coarse grid.

The modulus of a band-limited signal does not change if its band is shifted to zero frequency, where
few samples suffice. So each filter costs one small inverse transform: the part of the image's
spectrum around the filter's frequency is weighted and transformed back onto a 32 × 32 grid.
Energy models of V1: Adelson & Bergen 1985 (J. Opt. Soc. Am. A 2:284).
"""

from functools import cache
from typing import Final

import numpy as np
from jaxtyping import Complex64, Float, Float32, Int
from scipy import fft

# Maps of an image have GRID × GRID cells; cell k is centred at (2 k + 1) / GRID - 1.
GRID: Final = 32
# Cycles per image, a little less than one octave apart: 21 to 5 pixels per cycle at 96 pixels.
FREQUENCIES: Final = (4.5, 7.5, 12.5, 20.0)
N_ORIENTATIONS: Final = 6
N_CHANNELS: Final = len(FREQUENCIES) * N_ORIENTATIONS
# Standard deviation of a filter's spectrum relative to its frequency: about one octave (FWHM).
BANDWIDTH: Final = 1 / 3
# Margin on each side in which the image is mirrored, as a fraction of its width.
_MARGIN: Final = 1 / 8


def cell_centres() -> Float[np.ndarray, "cell 2"]:
    """Centres of the cells of a map, row by row: x (right) and y (down), image coordinates."""
    line = (2 * np.arange(GRID) + 1) / GRID - 1
    return np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)


@cache
def _bank(size: int) -> tuple[Int[np.ndarray, "channel bin"], Complex64[np.ndarray, "channel bin"]]:
    """Bins of the spectrum that each filter uses, and their complex weights."""
    padded = size + 2 * round(size * _MARGIN)
    n_bins = GRID * padded // size
    near = np.arange(n_bins)
    near = np.where(near > n_bins // 2, near - n_bins, near)
    # A cell's centre lies (size / GRID - 1) / 2 pixels after the first pixel of the cell.
    shift = (size / GRID - 1) / 2
    bins, values = [], []
    for frequency in FREQUENCIES:
        spread = BANDWIDTH * frequency * padded / size
        for turn in np.arange(N_ORIENTATIONS) * np.pi / N_ORIENTATIONS:
            centre = frequency * padded / size * np.array([np.cos(turn), np.sin(turn)])
            x, y = np.meshgrid(*(round(part) + near for part in centre))
            gain = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * spread**2))
            inside = (abs(x) < padded / 2) & (abs(y) < padded / 2) & ((x != 0) | (y != 0))
            phase = np.exp(2j * np.pi * shift * (x + y) / padded)
            bins.append(((y % padded) * padded + x % padded).ravel())
            values.append((gain * inside * phase * (n_bins / padded) ** 2).ravel())
    return np.array(bins), np.array(values, np.complex64)


def gabor_amplitudes(
    luminance: Float32[np.ndarray, "batch height width"],
) -> Float32[np.ndarray, "batch channel cell"]:
    """Amplitude of each Gabor filter in each cell.

    Parameters
    ----------
    luminance
        Square images with values from 0 to 1, whose size is a multiple of :data:`GRID`.

    Returns
    -------
    Float32[np.ndarray, "batch channel cell"]
        Channels are ordered by frequency, then orientation: the k-th of :data:`N_ORIENTATIONS`
        responds to luminance that changes along the angle kπ/6 from the x axis towards y; so the
        first (k = 0) responds to vertical bars.
    """
    size = luminance.shape[1]
    margin = round(size * _MARGIN)
    frame = ((0, 0), (margin, margin), (margin, margin))
    padded = np.pad(luminance - luminance.mean(axis=(1, 2), keepdims=True), frame, "symmetric")
    spectrum = fft.fft2(padded).reshape(len(padded), -1)
    bins, values = _bank(size)
    side = round(np.sqrt(bins.shape[1]))
    edge = (side - GRID) // 2
    inner = slice(edge, edge + GRID)
    result = np.empty((len(padded), N_CHANNELS, GRID * GRID), np.float32)
    for channel in range(N_CHANNELS):
        band = (spectrum[:, bins[channel]] * values[channel]).reshape(-1, side, side)
        envelope = np.abs(fft.ifft2(band)[:, inner, inner])
        result[:, channel] = envelope.reshape(len(padded), -1)
    return result

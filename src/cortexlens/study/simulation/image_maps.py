"""Maps that the simulated visual areas compute from an image: energy, texture, shape, colour.

Each family of maps stands for a stage of the ventral stream, reduced to its hallmark: oriented
energy with local normalisation (V1; Heeger 1992, Vis. Neurosci. 9:181), co-occurrence of energies
as in texture statistics (V2; Freeman et al. 2013, Nat. Neurosci. 16:974), contrast of contrast
(V3), curvature and hue (V4; Pasupathy & Connor 2001, J. Neurophysiol. 86:2505; Brouwer & Heeger
2009, J. Neurosci. 29:13992).
"""

from typing import Final

import numpy as np
from jaxtyping import Float32, UInt8

from cortexlens.study.simulation.gabor import (
    FREQUENCIES,
    GRID,
    N_ORIENTATIONS,
    gabor_amplitudes,
)

FAMILIES: Final = ("energy", "conjunction", "contrast", "curvature", "colour")
N_HUES: Final = 6
# Filter amplitude at which normalisation halves the response (semi-saturation).
_HALF_CONTRAST: Final = 0.02
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_BANDS: Final = len(FREQUENCIES)

Maps = Float32[np.ndarray, "batch map cell"]
Channels = Float32[np.ndarray, "batch channel cell"]


def _shape(energy: Channels) -> Float32[np.ndarray, "batch band orientation row column"]:
    return energy.reshape(len(energy), _BANDS, N_ORIENTATIONS, GRID, GRID)


def _flat(*parts: Float32[np.ndarray, "batch ..."]) -> Maps:
    cells = GRID * GRID
    return np.concatenate([part.reshape(len(part), -1, cells) for part in parts], axis=1)


def _moved(values: Float32[np.ndarray, "... row column"], turn: float, cells: int) -> np.ndarray:
    """Values a number of cells further along a direction; values at the edges are repeated."""
    rows = np.clip(np.arange(GRID) + round(cells * np.sin(turn)), 0, GRID - 1)
    columns = np.clip(np.arange(GRID) + round(cells * np.cos(turn)), 0, GRID - 1)
    return values[..., rows[:, None], columns]


def _conjunctions(energy: Channels) -> Maps:
    """Pairs of crossing orientations, and edges present at two neighbouring scales."""
    split = _shape(energy)
    half = N_ORIENTATIONS // 2
    crossing = np.sqrt(split[:, :, :half] * split[:, :, half:])
    sharp = np.sqrt(split[:, :-1] * split[:, 1:])
    return _flat(crossing, sharp)


def _contrasts(energy: Channels) -> Maps:
    """Spatial gradient of energy, by frequency band and by orientation."""
    split = _shape(energy)
    summed = np.concatenate([split.mean(axis=2), split.mean(axis=1)], axis=1)
    down, right = np.gradient(summed, axis=(2, 3))
    return _flat(np.hypot(down, right))


def _curvatures(energy: Channels) -> Maps:
    """Contours that turn by 60° from one side to the other, in the two middle bands."""
    split = _shape(energy)
    turned = []
    for band, reach in ((1, 3), (2, 2)):
        for orientation in range(N_ORIENTATIONS):
            # A filter responds to change along its angle, so the contour is perpendicular to it.
            along = np.pi * orientation / N_ORIENTATIONS + np.pi / 2
            before = _moved(split[:, band, orientation - 1], along, -reach)
            after = _moved(split[:, band, (orientation + 1) % N_ORIENTATIONS], along, reach)
            turned.append(np.sqrt(before * after))
    return _flat(np.stack(turned, axis=1))


def _colours(pictures: Float32[np.ndarray, "batch height width 3"]) -> Maps:
    """Strength of six hues, saturation and luminance in each cell."""
    batch, size = pictures.shape[:2]
    step = size // GRID
    cells = pictures.reshape(batch, GRID, step, GRID, step, 3).mean(axis=(2, 4))
    red_green = cells[..., 0] - cells[..., 1]
    yellow_blue = (cells[..., 0] + cells[..., 1]) / 2 - cells[..., 2]
    turns = 2 * np.pi * np.arange(N_HUES, dtype=np.float32) / N_HUES
    hues = [np.maximum(0, np.cos(t) * red_green + np.sin(t) * yellow_blue) for t in turns]
    saturation = np.hypot(red_green, yellow_blue)
    return _flat(np.stack([*hues, saturation, cells @ _LUMA], axis=1).astype(np.float32))


def image_maps(
    images: UInt8[np.ndarray, "batch height width 3"] | Float32[np.ndarray, "batch height width 3"],
) -> dict[str, Maps]:
    """Compute every family of maps for a batch of images.

    Parameters
    ----------
    images
        Square images whose size is a multiple of 32 pixels; uint8 from 0 to 255, or float32 from 0
        to 1.

    Returns
    -------
    dict
        For each name in :data:`FAMILIES`, non-negative maps of shape (batch, map, cell); cells as
        in :func:`cortexlens.study.simulation.gabor.cell_centres`. ``energy`` has the channels of
        :func:`cortexlens.study.simulation.gabor.gabor_amplitudes`.
    """
    pictures = images if images.dtype == np.float32 else images.astype(np.float32) / 255
    amplitude = gabor_amplitudes(pictures @ _LUMA)
    pooled = amplitude.mean(axis=1, keepdims=True)
    energy = amplitude / (_HALF_CONTRAST + pooled)
    return {
        "energy": energy,
        "conjunction": _conjunctions(energy),
        "contrast": _contrasts(amplitude),
        "curvature": _curvatures(energy),
        "colour": _colours(pictures),
    }

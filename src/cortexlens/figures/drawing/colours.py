"""Colours of all figures, chosen to be distinguishable in colour blindness and in greyscale.

Colours are mixed in Oklab (Ottosson 2020), where equal steps look equal; colours returned by this
module are sRGB in [0, 1].
"""

from functools import cache
from typing import Final

import numpy as np
from jaxtyping import Float
from matplotlib import colormaps
from matplotlib.colors import to_rgb

from cortexlens.shapes import LAYER, TIME_STEP

# From blue via magenta to yellow with increasing lightness (Oklab 0.42 to 0.93), spaced so that the
# smallest difference for normal, deuteranope or protanope vision is the same at every step.
_DEPTH_ANCHORS: Final = (
    *("#013fb3", "#0032cc", "#6126e0", "#b324ce", "#d424bb", "#e825ab", "#f9299b", "#ff458a"),
    *("#ff637c", "#fe7874", "#fe8b70", "#ff9d6f", "#ffae70", "#ffc175", "#ffd476", "#ffe16c"),
    "#ffeb4e",
)
# Time steps, from green via teal to pale cyan: equally even in lightness, with hues that layers do
# not have.
_TIME_ANCHORS: Final = (
    *("#006a35", "#007d47", "#00905c", "#00a273", "#00b38c", "#1fc4a6"),
    *("#55d3bf", "#86e1d5", "#b4eee8", "#dcf9f6"),
)
# Fraction of a colour's lightness that is left at a confidence of 0.
_DIMMEST: Final = 0.35
# Oklab colours of the image's corners: left to right is blue to yellow or red, up is light and
# down is dark, so that both axes are visible in colour blindness, and up and down in greyscale.
_CORNERS: Final = np.array(
    [[[0.86, -0.10, -0.05], [0.90, 0.02, 0.15]], [[0.38, 0.05, -0.20], [0.50, 0.19, 0.08]]]
)
# Fitted centres cluster around the image centre: the exponent spreads the colours there.
_PLACE_EXPONENT: Final = 0.65

_LMS_FROM_LINEAR: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB_FROM_ROOTS: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

SCORES: Final = colormaps["magma"]
CEILINGS: Final = colormaps["cividis"]
SCALES: Final = colormaps["viridis"]
# Receptive-field sizes, with hues that are rare in the colours of receptive-field centres.
SIZES: Final = colormaps["plasma"]
# Changes: orange for decrease, violet for increase, both darker than no change.
CHANGES: Final = colormaps["PuOr"]
# Losses: darker is larger.
LOSSES: Final = colormaps["YlGnBu"]
# Zero is as white as the page, so that small weights are inconspicuous.
WEIGHTS: Final = colormaps["BuPu"]


def depth_colours(
    depth: Float[np.ndarray, "*place"],
    confidence: Float[np.ndarray, "*place"],
    axis: str = LAYER,
) -> Float[np.ndarray, "*place rgb"]:
    """Colours of layers: hue for the depth in the network, brightness for the confidence.

    Parameters
    ----------
    depth
        0 the first layer, 1 the last; a layer l of L has (l - 1)/(L - 1).
    confidence
        0 uniform over layers, 1 a single layer. Darkens without change of hue: linear light falls
        with the cube of the lightness.
    axis
        ``layer`` or ``time step``, which have different colours.

    Returns
    -------
    Float[np.ndarray, "*place rgb"]
        sRGB; NaN where either is NaN.
    """
    anchors = _depth_anchors(axis)
    along = np.clip(depth, 0, 1) * (len(anchors) - 1)
    lab = np.stack([np.interp(along, np.arange(len(anchors)), part) for part in anchors.T], -1)
    lightness = _DIMMEST + (1 - _DIMMEST) * np.clip(confidence, 0, 1)
    return _srgb_from_linear(_linear_from_lab(lab * lightness[..., None]))


def place_colours(place: Float[np.ndarray, "*place axis"]) -> Float[np.ndarray, "*place rgb"]:
    """Colours of locations in the image.

    Parameters
    ----------
    place
        x to the right, y downward, in [-1, 1]; locations outside get the colour of the nearest
        edge.

    Returns
    -------
    Float[np.ndarray, "*place rgb"]
        sRGB; NaN where a coordinate is NaN.
    """
    clipped = np.clip(place, -1, 1)
    spread = (np.sign(clipped) * np.abs(clipped) ** _PLACE_EXPONENT + 1) / 2
    x, y = spread[..., :1], spread[..., 1:]
    upper, lower = ((1 - x) * row[0] + x * row[1] for row in _CORNERS)
    return _srgb_from_linear(_linear_from_lab((1 - y) * upper + y * lower))


@cache
def _depth_anchors(axis: str) -> Float[np.ndarray, "anchor lab"]:
    anchors = _TIME_ANCHORS if axis == TIME_STEP else _DEPTH_ANCHORS
    linear = _linear_from_srgb(np.array([to_rgb(anchor) for anchor in anchors]))
    return np.asarray(np.cbrt(linear @ _LMS_FROM_LINEAR.T) @ _LAB_FROM_ROOTS.T)


def _linear_from_lab(lab: Float[np.ndarray, "*place lab"]) -> Float[np.ndarray, "*place rgb"]:
    roots = lab @ np.linalg.inv(_LAB_FROM_ROOTS).T
    return np.asarray(np.clip(roots**3 @ np.linalg.inv(_LMS_FROM_LINEAR).T, 0, 1))


def _srgb_from_linear(linear: Float[np.ndarray, "*place rgb"]) -> Float[np.ndarray, "*place rgb"]:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def _linear_from_srgb(srgb: Float[np.ndarray, "*place rgb"]) -> Float[np.ndarray, "*place rgb"]:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)

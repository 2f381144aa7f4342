"""Positions of the names of regions, without overlap where possible."""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Bool
from scipy.ndimage import distance_transform_edt, label

from cortexlens.cortex.flat import Window

# Spacing of the grid of candidate positions, mm.
_STEP_MM: Final = 1.0
# Mean width of a bold letter and height of a line, as multiples of the font size.
_LETTER_WIDTH: Final = 0.72
_LINE_HEIGHT: Final = 1.25
# Smallest size of a region's second part, relative to the largest, at which it is labelled too.
_SECOND_PART: Final = 0.35


class Label(NamedTuple):
    """A name and the position of its centre, mm on the flat patch."""

    text: str
    x: float
    y: float


class _Box(NamedTuple):
    left: float
    right: float
    bottom: float
    top: float

    def overlap(self, other: "_Box") -> float:
        """Area that two boxes share, mm²."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(0.0, width) * max(0.0, height)


def place_labels(
    masks: dict[str, Bool[np.ndarray, "height width"]], window: Window, size: float
) -> list[Label]:
    """Find a position for each region's name.

    A name is placed as deep inside its region as possible without covering an earlier name; the
    smallest regions are placed first. A region with two large parts is labelled twice.

    Parameters
    ----------
    masks
        Pixels of each region.
    window
        Area shown by the masks, mm.
    size
        Font size, mm on the flat patch.

    Returns
    -------
    list of Label
        No labels for regions without pixels.
    """
    placed: list[tuple[Label, _Box]] = []
    parts = [(name, part) for name, mask in masks.items() for part in _parts(mask, window)]
    for name, part in sorted(parts, key=lambda item: int(item[1].sum())):
        placed.append(_first_free(name, part, window, size, [box for _, box in placed]))
    return [found for found, _ in placed]


def _first_free(
    name: str,
    part: Bool[np.ndarray, "height width"],
    window: Window,
    size: float,
    taken: list[_Box],
) -> tuple[Label, _Box]:
    """Find the deepest position that covers no name, or else the one with the least overlap."""
    places = [(x, y, _box(name, x, y, size)) for x, y in _deepest_first(part, window)]
    least = np.inf
    for x, y, box in [place for place in places if _holds(window, place[2])] or places:
        covered = sum(box.overlap(other) for other in taken)
        if covered < least:
            least, found = covered, (Label(name, x, y), box)
        if not covered:
            break
    return found


def _pixel(mask: Bool[np.ndarray, "height width"], window: Window) -> float:
    """Height of a pixel, mm."""
    return (window.top - window.bottom) / len(mask)


def _parts(
    mask: Bool[np.ndarray, "height width"], window: Window
) -> list[Bool[np.ndarray, "coarse_height coarse_width"]]:
    """Find the largest connected part of a region, and a second large one, on a coarser grid."""
    step = max(1, round(_STEP_MM / _pixel(mask, window)))
    numbered, n_parts = label(mask[::step, ::step])
    sizes = np.bincount(numbered.ravel(), minlength=n_parts + 1)[1:]
    largest = np.argsort(-sizes, kind="stable")[:2]
    return [numbered == part + 1 for part in largest if sizes[part] >= _SECOND_PART * sizes.max()]


def _deepest_first(
    part: Bool[np.ndarray, "height width"], window: Window
) -> list[tuple[float, float]]:
    depth = distance_transform_edt(np.pad(part, 1))[1:-1, 1:-1]
    rows, columns = np.nonzero(part)
    order = np.argsort(-depth[rows, columns], kind="stable")
    pixel = _pixel(part, window)
    x = window.left + (columns[order] + 0.5) * pixel
    y = window.top - (rows[order] + 0.5) * pixel
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _box(name: str, x: float, y: float, size: float) -> _Box:
    half_width, half_height = len(name) * _LETTER_WIDTH * size / 2, _LINE_HEIGHT * size / 2
    return _Box(x - half_width, x + half_width, y - half_height, y + half_height)


def _holds(window: Window, box: _Box) -> bool:
    return (
        window.left <= box.left
        and box.right <= window.right
        and window.bottom <= box.bottom
        and box.top <= window.top
    )

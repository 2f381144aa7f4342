"""How non-square images become the square that a network sees: squashed, cropped or padded.

There are two coordinate frames, both with x to the right and y downward: that of the *window*, the
square that a network sees, and that of the *picture*, whose sides are at −1 and 1 whatever its
shape. The image is centred in the window, so one factor per axis converts between the two.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from cortexlens.errors import CortexlensError

Fit = Literal["squash", "crop", "pad"]
FITS: Final = ("squash", "crop", "pad")
SQUASH: Final = "squash"
PICTURE, WINDOW = "picture", "window"
# Images whose shapes differ by no more than this (1 px in 100) share a frame.
ALIKE: Final = 0.01
# Attribute of stores of features and of fits that holds the frame.
ATTRIBUTE: Final = "place_frame"


def window_scale(fit: str, width: int, height: int) -> tuple[float, float]:
    """Half the window's width and height, in units of half the image's width and height.

    Parameters
    ----------
    fit
        ``squash``: the whole image, whatever its shape; ``crop``: the largest centred square;
        ``pad``: the smallest square around the image.
    width, height
        Size of the image in pixels.

    Returns
    -------
    tuple of float
        At most 1 for ``crop``, at least 1 for ``pad``, 1 for ``squash``.

    Raises
    ------
    CortexlensError
        If ``fit`` is unknown.
    """
    if fit not in FITS:
        raise CortexlensError(f"fit: found {fit!r}; allowed are {', '.join(FITS)}.")
    if fit == SQUASH:
        return 1.0, 1.0
    side = min(width, height) if fit == "crop" else max(width, height)
    return side / width, side / height


@dataclass(frozen=True)
class Frame:
    """Coordinate frame of receptive-field positions.

    Attributes
    ----------
    fit
        How images were made square.
    of
        ``picture``; or ``window`` if images have several shapes and ``fit`` is not ``squash``,
        since a position in the window then corresponds to different positions in the images.
    x, y
        Factors from the window to the image, as from :func:`window_scale`; 1 for ``window``.
    """

    fit: str = SQUASH
    of: str = PICTURE
    x: float = 1.0
    y: float = 1.0

    @classmethod
    def of_sizes(cls, fit: str, sizes: Iterable[tuple[int, int]]) -> "Frame":
        """Return the frame of images with the given sizes, (width, height) in pixels.

        Parameters
        ----------
        fit
            ``squash``, ``crop`` or ``pad``.
        sizes
            Sizes of the images.

        Raises
        ------
        CortexlensError
            If ``fit`` is unknown.
        """
        scales = {window_scale(fit, *size) for size in set(sizes)}
        if not scales:
            return cls(fit)
        means = []
        for factors in zip(*scales, strict=True):
            low, high = min(factors), max(factors)
            if high - low > ALIKE * high:
                return cls(fit, WINDOW)
            means.append(low if low == high else math.sqrt(low * high))
        return cls(fit, PICTURE, *means)

    @classmethod
    def read(cls, attributes: Mapping[str, Any]) -> "Frame":
        """Read the output of :meth:`entry`; older stores without it hold squashed images."""
        return cls(**attributes.get(ATTRIBUTE, {}))

    def entry(self) -> dict[str, str | float]:
        """Return the frame as JSON values, for use in attributes."""
        return {"fit": self.fit, "of": self.of, "x": self.x, "y": self.y}

    @property
    def scale(self) -> tuple[float, float]:
        """Factors of x and y."""
        return self.x, self.y


# Frame of squashed images, the only one in older stores.
WHOLE: Final = Frame()

"""Where the square that a network sees lies in a picture: squashed, cropped or padded.

Two frames of coordinates, both with x to the right and y downward: the *window*, the square that a
network is shown, and the *picture*, whose sides are at −1 and 1 whatever its shape. A picture is
mapped about its centre, so that one factor an axis leads from the one to the other.
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
# Pictures whose shapes differ by no more than this have one frame: 1 px in 100.
ALIKE: Final = 0.01
# What the attribute of a store of features or of a fit is called.
ATTRIBUTE: Final = "place_frame"


def window_scale(fit: str, width: int, height: int) -> tuple[float, float]:
    """Half the window's width and height, in half widths and half heights of the picture.

    Parameters
    ----------
    fit
        ``squash``: the whole picture, whatever its shape; ``crop``: the largest square in its
        middle; ``pad``: the smallest square around it.
    width, height
        Of the picture, pixels.

    Returns
    -------
    tuple of float
        At most 1 for ``crop``, at least 1 for ``pad``.

    Raises
    ------
    CortexlensError
        If ``fit`` is none of these.
    """
    if fit not in FITS:
        raise CortexlensError(f"fit: found {fit!r}; allowed are {', '.join(FITS)}.")
    if fit == SQUASH:
        return 1.0, 1.0
    side = min(width, height) if fit == "crop" else max(width, height)
    return side / width, side / height


@dataclass(frozen=True)
class Frame:
    """What the coordinates of places are relative to.

    Attributes
    ----------
    fit
        How pictures became squares.
    of
        ``picture``, or ``window`` where pictures have several shapes and ``fit`` is not
        ``squash``: then one place of the window is another place in each of them.
    x, y
        Factors from the window to the picture, as of :func:`window_scale`; 1 of a window.
    """

    fit: str = SQUASH
    of: str = PICTURE
    x: float = 1.0
    y: float = 1.0

    @classmethod
    def of_sizes(cls, fit: str, sizes: Iterable[tuple[int, int]]) -> "Frame":
        """Give the frame of pictures of some sizes, (width, height) in pixels.

        Raises
        ------
        CortexlensError
            If ``fit`` is not known.
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
        """Read what :meth:`entry` gave; stores of before it are of squashed pictures."""
        return cls(**attributes.get(ATTRIBUTE, {}))

    def entry(self) -> dict[str, str | float]:
        """Give itself as JSON values, for attributes."""
        return {"fit": self.fit, "of": self.of, "x": self.x, "y": self.y}

    @property
    def scale(self) -> tuple[float, float]:
        """Factors of x and y."""
        return self.x, self.y


# Of squashed pictures: all that there was before there was a choice.
WHOLE: Final = Frame()

"""A pen that draws in an object's own coordinates, and named colours."""

import colorsys
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy.random import Generator
from PIL import Image, ImageDraw

# Static type checkers accept an int as a float; run-time checks do not.
Number = float | int
Colour = tuple[Number, Number, Number]
Points = Sequence[tuple[Number, Number]] | Float[np.ndarray, "point axis"]

# Mean hue, saturation and value (all 0 to 1) of each named colour.
NAMED_COLOURS: dict[str, Colour] = {
    "red": (0.99, 0.80, 0.75),
    "orange": (0.075, 0.85, 0.90),
    "yellow": (0.145, 0.80, 0.92),
    "green": (0.34, 0.65, 0.58),
    "blue": (0.60, 0.72, 0.72),
    "purple": (0.77, 0.55, 0.60),
    "pink": (0.93, 0.42, 0.92),
    "brown": (0.065, 0.60, 0.42),
    "white": (0.12, 0.04, 0.95),
    "grey": (0.60, 0.05, 0.52),
    "black": (0.65, 0.15, 0.12),
}
COLOUR_NAMES = tuple(NAMED_COLOURS)
_JITTER = np.array([0.018, 0.07, 0.06])
_TURN = np.linspace(0, 2 * np.pi, 25)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)


def pick_colour(rng: Generator, names: Sequence[str] = COLOUR_NAMES) -> tuple[str, Colour]:
    """Pick a named colour at random, and one of its shades.

    Parameters
    ----------
    rng
        Generator of the choice.
    names
        Names to choose from, keys of :data:`NAMED_COLOURS`.

    Returns
    -------
    tuple
        The name, and red, green, blue from 0 to 1.
    """
    name = names[int(rng.integers(len(names)))]
    hue, saturation, value = np.asarray(NAMED_COLOURS[name]) + _JITTER * rng.standard_normal(3)
    return name, colorsys.hsv_to_rgb(hue % 1, float(np.clip(saturation, 0, 1)), min(value, 1))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Blend two colours; ``share`` (0 to 1) is the weight of the second."""
    red, green, blue = (a + share * (b - a) for a, b in zip(one, other, strict=True))
    return red, green, blue


def lit(colour: Colour, factor: float) -> Colour:
    """Make a colour lighter (factor > 1) or darker (factor < 1), clipped to 0 to 1."""
    red, green, blue = (min(max(part * factor, 0.0), 1.0) for part in colour)
    return red, green, blue


def luminance(colour: Colour) -> float:
    """Rec. 601 luma of a colour, from 0 to 1."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def _bytes(colour: Colour) -> tuple[int, ...]:
    return tuple([0 if part < 0 else 255 if part > 1 else round(255 * part) for part in colour])


class Pen:
    """Draws filled shapes on a Pillow image in its own coordinate system.

    Parameters
    ----------
    image
        RGB or RGBA image to draw on.
    centre
        Pixel of the origin (x to the right, y downward).
    scale
        Pixels per unit.
    angle
        Rotation of the axes in radians, clockwise in the image.
    """

    def __init__(
        self, image: Image.Image, centre: tuple[Number, Number], scale: Number, angle: Number = 0.0
    ) -> None:
        self.image = image
        self.scale = scale
        self._draw = ImageDraw.Draw(image)
        self._centre = np.asarray(centre)
        cosine, sine = np.cos(angle), np.sin(angle)
        self._turn = scale * np.array([[cosine, sine], [-sine, cosine]])

    def pixels(self, points: Points) -> list[tuple[float, float]]:
        """Convert points to pixel coordinates of the image."""
        return list(map(tuple, (np.asarray(points) @ self._turn + self._centre).tolist()))

    def polygon(self, points: Points, colour: Colour) -> None:
        """Fill a polygon."""
        self._draw.polygon(self.pixels(points), fill=_bytes(colour))

    def ellipse(
        self,
        x: Number,
        y: Number,
        rx: Number,
        ry: Number,
        colour: Colour,
        part: tuple[Number, Number] = (0, 1),
    ) -> None:
        """Fill an ellipse, or the segment that the chord between two angles cuts off.

        Parameters
        ----------
        x, y, rx, ry
            Centre and radii, in units of the pen.
        colour
            Red, green, blue from 0 to 1.
        part
            Start and end angle in turns: 0 points right, 0.25 down, 0.5 left, 0.75 up.
        """
        circle = _CIRCLE
        if part != (0, 1):
            turn = part[0] * 2 * np.pi + _TURN * (part[1] - part[0])
            circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        self.polygon(circle * (rx, ry) + (x, y), colour)

    def box(self, left: Number, top: Number, right: Number, bottom: Number, colour: Colour) -> None:
        """Fill a rectangle given by its edges."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def line(self, points: Points, width: Number, colour: Colour) -> None:
        """Draw a line of a given width (in units) with round ends and joints."""
        pixels = self.pixels(points)
        thick = max(1, round(width * self.scale))
        self._draw.line(pixels, fill=_bytes(colour), width=thick)
        if thick > 2:
            radius = thick / 2
            for x, y in pixels:
                box = (x - radius, y - radius, x + radius, y + radius)
                self._draw.ellipse(box, fill=_bytes(colour))

"""Words, texture patches and simple things, drawn in units of half their longer side."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from jaxtyping import Float
from numpy.random import Generator
from PIL import Image, ImageFont

from cortexlens.study.simulation.pen import Colour, Pen, lit, luminance, mix, pick_colour

# fmt: off
WORDS = (
    "exit", "open", "shop", "stop", "cafe", "taxi", "zoo", "milk", "bread", "fish", "hotel",
    "bank", "book", "art", "sale", "news", "park", "bus", "tea", "ice", "one", "two", "sun",
    "moon", "star", "go", "left", "menu", "bar", "home",
)
# fmt: on
FONTS = ("DejaVuSans-Bold", "DejaVuSans", "DejaVuSerif-Bold", "DejaVuSansMono-Bold", "cmr10")
TEXTURES = ("grating", "plaid", "checks", "dots", "rings", "rays")


@lru_cache
def _font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts/ttf", f"{name}.ttf"), pixels)


def paint_word(pen: Pen, rng: Generator) -> tuple[str, str]:
    """Draw a word or a row of letters, with or without a sign behind it.

    Parameters
    ----------
    pen
        Pen to draw with.
    rng
        Generator of text, font and colours.

    Returns
    -------
    tuple of str
        The text, and the name of its colour.
    """
    letters = "".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), int(rng.integers(1, 5))))
    text = str(rng.choice(WORDS)) if rng.random() < 0.7 else letters
    text = text.upper() if rng.random() < 0.5 else text
    name, ink = pick_colour(rng)
    font = _font(FONTS[int(rng.integers(len(FONTS)))], 48)
    left, top, right, bottom = font.getbbox(text)
    word = Image.new("L", (int(right - left) + 8, int(bottom - top) + 8))
    mask = font.getmask(text)
    word.paste(Image.frombytes("L", mask.size, bytes(mask)), (4, 4))
    longer = max(word.size)
    half = (word.width / longer, word.height / longer)
    if rng.random() < 0.65:
        dark = luminance(ink) > 0.5
        paper = lit(pick_colour(rng)[1], 0.4) if dark else mix(pick_colour(rng)[1], (1, 1, 1), 0.6)
        pen.box(-half[0], -half[1], half[0], half[1], lit(paper, 0.6))
        pen.box(-half[0] + 0.03, -half[1] + 0.03, half[0] - 0.03, half[1] - 0.03, paper)
    else:
        ink = mix(ink, (1, 1, 1), 0.4) if luminance(ink) > 0.45 else lit(ink, 0.6)
    _stamp(pen, word, ink, 0.93)
    return text.lower(), name


def _stamp(pen: Pen, mask: Image.Image, ink: Colour, fill: float) -> None:
    """Paint a mask in one colour onto the pen's image, rotated and scaled like the pen."""
    step = fill * 2 / max(mask.size)
    corners = [(0.0, 0.0), (step, 0.0), (0.0, step)]
    (ox, oy), (ax, ay), (bx, by) = pen.pixels(corners)
    forward = np.array([[ax - ox, bx - ox], [ay - oy, by - oy]])
    back = np.linalg.inv(forward)
    shift = np.array([mask.width / 2, mask.height / 2]) - back @ [ox, oy]
    coefficients = (*back[0], shift[0], *back[1], shift[1])
    turned = mask.transform(
        pen.image.size,
        Image.Transform.AFFINE,
        tuple(map(float, coefficients)),
        Image.Resampling.BILINEAR,
    )
    colour = tuple(round(255 * part) for part in ink)
    pen.image.paste((*colour, 255), (0, 0), turned)


def _texture(
    kind: str, u: Float[np.ndarray, "height width"], v: Float[np.ndarray, "height width"], f: float
) -> Float[np.ndarray, "height width"]:
    """Values from -1 to 1 of a texture with ``f`` periods per patch, at (u, v) in [-1, 1]."""
    along, across = np.sin(np.pi * f * u), np.sin(np.pi * f * v)
    value: Float[np.ndarray, "height width"]
    if kind == "grating":
        value = along
    elif kind == "plaid":
        value = (along + across) / 2
    elif kind == "checks":
        value = np.sign(along * across)
    elif kind == "dots":
        distance = np.hypot((u * f / 1.3) % 1 - 0.5, (v * f / 1.3) % 1 - 0.5)
        value = np.clip((0.32 - distance) * 12, -1, 1)
    elif kind == "rings":
        value = np.sin(np.pi * f * np.hypot(u, v))
    else:
        value = np.sin(np.round(f * 2) * np.arctan2(v, u))
    return value


def paint_texture(pen: Pen, rng: Generator) -> tuple[str, str]:
    """Draw a patch of regular texture in two colours, in a round, square or soft window.

    Parameters
    ----------
    pen
        Pen to draw with.
    rng
        Generator of texture, colours and window.

    Returns
    -------
    tuple of str
        The texture's name, and the name of one of its colours.
    """
    kind = TEXTURES[int(rng.integers(len(TEXTURES)))]
    name, one = pick_colour(rng)
    other = pick_colour(rng)[1]
    contrast = rng.uniform(0.5, 1)
    width, height = pen.image.size
    (ox, oy), (ax, ay) = pen.pixels([(0.0, 0.0), (1.0, 0.0)])
    x, y = np.meshgrid(np.arange(width) - ox, np.arange(height) - oy)
    cosine, sine = (ax - ox) / pen.scale**2, (ay - oy) / pen.scale**2
    u, v = x * cosine + y * sine, y * cosine - x * sine
    turn = rng.uniform(0, np.pi)
    p, q = u * np.cos(turn) + v * np.sin(turn), v * np.cos(turn) - u * np.sin(turn)
    value = _texture(kind, p, q, float(np.exp(rng.uniform(np.log(2), np.log(9)))))
    value = value if rng.random() < 0.5 else np.sign(value)
    share = (0.5 + 0.5 * contrast * value)[..., None]
    colour = np.asarray(one) * share + np.asarray(other) * (1 - share)
    window = rng.random()
    radius = np.hypot(u, v) if window < 0.7 else np.maximum(abs(u), abs(v)) * 1.05
    soft = 0.35 if window < 0.3 else 2 / pen.scale
    alpha = np.clip((1 - radius) / soft, 0, 1)
    pixels = np.concatenate([colour, alpha[..., None]], axis=2)
    patch = Image.fromarray((255 * np.clip(pixels, 0, 1)).astype(np.uint8), "RGBA")
    pen.image.paste(patch, (0, 0))
    return kind, name


def _ball(pen: Pen, rng: Generator, colour: Colour) -> None:
    for step in np.linspace(0, 1, 7):
        radius = 1 - 0.85 * step
        tone = mix(lit(colour, 0.55), mix(colour, (1, 1, 1), 0.35), float(step))
        pen.ellipse(-0.3 * step, -0.35 * step, radius, radius, tone)


def _box(pen: Pen, rng: Generator, colour: Colour) -> None:
    deep, side = rng.uniform(0.25, 0.5), 1 if rng.random() < 0.5 else -1
    a, b = -0.95 * side, (0.95 - deep) * side
    pen.polygon([(a, -1 + deep), (b, -1 + deep), (b, 1), (a, 1)], colour)
    c, d = b + deep * side, a + deep * side
    pen.polygon([(b, -1 + deep), (c, -1), (c, 1 - deep), (b, 1)], lit(colour, 0.6))
    pen.polygon([(a, -1 + deep), (d, -1), (c, -1), (b, -1 + deep)], lit(colour, 1.3))


def _cup(pen: Pen, rng: Generator, colour: Colour) -> None:
    turn = np.linspace(0, 2 * np.pi, 20)
    handle = np.stack([0.6 + 0.34 * np.cos(turn), 0.05 + 0.42 * np.sin(turn)], 1)
    pen.line(handle, 0.15, lit(colour, 0.8))
    pen.polygon([(-0.75, -0.7), (0.6, -0.7), (0.45, 0.9), (-0.6, 0.9)], colour)
    pen.polygon([(0.2, -0.7), (0.6, -0.7), (0.45, 0.9), (0.15, 0.9)], lit(colour, 0.75))
    pen.ellipse(-0.075, -0.7, 0.675, 0.2, lit(colour, 1.15))
    pen.ellipse(-0.075, -0.68, 0.56, 0.14, (0.25, 0.14, 0.08))


def _bottle(pen: Pen, rng: Generator, colour: Colour) -> None:
    right = [(0.1, -0.85), (0.12, -0.4), (0.34, -0.1), (0.34, 1)]
    pen.polygon([*right, *((-x, y) for x, y in reversed(right))], colour)
    pen.box(-0.13, -1, 0.13, -0.82, lit(colour, 0.5))
    pen.box(-0.34, 0.15, 0.34, 0.65, mix(colour, (1, 1, 0.95), 0.8))
    pen.line([(-0.22, -0.02), (-0.22, 0.9)], 0.06, mix(colour, (1, 1, 1), 0.5))


def _chair(pen: Pen, rng: Generator, colour: Colour) -> None:
    dark = lit(colour, 0.65)
    for x, bottom in ((-0.3, 0.8), (0.62, 0.8), (-0.55, 1.0), (0.4, 1.0)):
        pen.line([(x, 0.15), (x, bottom - 0.06)], 0.11, dark)
    pen.polygon([(-0.55, 0.05), (0.35, 0.05), (0.62, -0.1), (-0.3, -0.1)], lit(colour, 1.15))
    pen.polygon([(-0.61, 0.05), (0.45, 0.05), (0.45, 0.22), (-0.61, 0.22)], colour)
    pen.polygon([(-0.6, -1), (-0.3, -0.95), (-0.25, -0.05), (-0.61, 0.15)], dark)


def _lamp(pen: Pen, rng: Generator, colour: Colour) -> None:
    pen.line([(0, -0.3), (0, 0.9)], 0.09, (0.25, 0.22, 0.2))
    pen.ellipse(0, 0.92, 0.38, 0.09, (0.25, 0.22, 0.2))
    pen.polygon(
        [(-0.28, -1), (0.28, -1), (0.62, -0.2), (-0.62, -0.2)], mix(colour, (1, 1, 0.8), 0.3)
    )
    pen.ellipse(0, -0.2, 0.62, 0.1, (1, 0.97, 0.75))


def _apple(pen: Pen, rng: Generator, colour: Colour) -> None:
    pen.ellipse(-0.33, 0.15, 0.58, 0.8, colour)
    pen.ellipse(0.33, 0.15, 0.58, 0.8, lit(colour, 0.85))
    pen.ellipse(0, 0.2, 0.5, 0.7, colour)
    pen.ellipse(-0.45, -0.15, 0.14, 0.24, mix(colour, (1, 1, 1), 0.5))
    pen.line([(0, -0.5), (0.08, -0.92)], 0.1, (0.3, 0.2, 0.1))
    pen.ellipse(0.35, -0.8, 0.28, 0.12, (0.25, 0.55, 0.2))


def _tree(pen: Pen, rng: Generator, colour: Colour) -> None:
    leaf = mix((0.20, 0.42, 0.16), colour, 0.25)
    pen.polygon([(-0.1, 0.1), (0.1, 0.1), (0.15, 1), (-0.15, 1)], (0.33, 0.23, 0.15))
    if rng.random() < 0.4:
        for top, half in ((-0.1, 0.62), (-0.5, 0.5), (-0.95, 0.36)):
            shape = [(0, top - 0.05), (half, top + 0.65), (-half, top + 0.65)]
            pen.polygon(shape, lit(leaf, 0.8 - 0.3 * top))
        return
    for _ in range(9):
        x, y = rng.uniform(-0.38, 0.38), rng.uniform(-0.68, 0.05)
        pen.ellipse(x, y, 0.32, 0.28, lit(leaf, 0.85 - 0.45 * y + rng.uniform(-0.1, 0.1)))


def _car(pen: Pen, rng: Generator, colour: Colour) -> None:
    pen.polygon([(-0.6, 0), (-0.38, -0.42), (0.35, -0.42), (0.62, 0)], lit(colour, 0.9))
    pen.polygon([(-0.48, -0.02), (-0.32, -0.34), (-0.03, -0.34), (-0.03, -0.02)], (0.6, 0.75, 0.85))
    pen.polygon([(0.05, -0.02), (0.05, -0.34), (0.3, -0.34), (0.47, -0.02)], (0.5, 0.66, 0.78))
    pen.polygon([(-1, 0.05), (-0.9, -0.02), (0.85, -0.02), (1, 0.1), (1, 0.35), (-1, 0.35)], colour)
    pen.box(-1, 0.24, 1, 0.36, lit(colour, 0.6))
    for x in (-0.58, 0.58):
        pen.ellipse(x, 0.34, 0.23, 0.23, (0.08, 0.08, 0.09))
        pen.ellipse(x, 0.34, 0.11, 0.11, (0.7, 0.7, 0.72))
    pen.ellipse(0.93, 0.1, 0.06, 0.06, (1, 0.95, 0.7))


def _clock(pen: Pen, rng: Generator, colour: Colour) -> None:
    pen.ellipse(0, 0, 1, 1, colour)
    pen.ellipse(0, 0, 0.82, 0.82, (0.95, 0.94, 0.9))
    for turn in np.linspace(0, 2 * np.pi, 13)[:-1]:
        x, y = np.cos(turn), np.sin(turn)
        pen.line([(0.66 * x, 0.66 * y), (0.76 * x, 0.76 * y)], 0.06, (0.1, 0.1, 0.1))
    for length, width in ((0.4, 0.1), (0.62, 0.06)):
        turn = rng.uniform(0, 2 * np.pi)
        tip = (length * float(np.cos(turn)), length * float(np.sin(turn)))
        pen.line([(0, 0), tip], width, (0.1, 0.1, 0.1))


# Half extents of each thing in units of half its longer side, and the function that draws it.
THINGS: dict[str, tuple[tuple[float, float], Callable[[Pen, Generator, Colour], None]]] = {
    "ball": ((1.0, 1.0), _ball),
    "box": ((0.97, 1.0), _box),
    "cup": ((1.0, 0.95), _cup),
    "bottle": ((0.36, 1.0), _bottle),
    "chair": ((0.68, 1.0), _chair),
    "lamp": ((0.64, 1.0), _lamp),
    "apple": ((0.92, 1.0), _apple),
    "tree": ((0.72, 1.0), _tree),
    "car": ((1.0, 0.58), _car),
    "clock": ((1.0, 1.0), _clock),
}


def paint_thing(pen: Pen, rng: Generator, kind: str) -> str:
    """Draw a thing of :data:`THINGS`; return the name of its colour.

    Parameters
    ----------
    pen
        Pen to draw with.
    rng
        Generator of the thing's details and colour.
    kind
        A key of :data:`THINGS`.
    """
    name, colour = pick_colour(rng)
    THINGS[kind][1](pen, rng, colour)
    return name

"""Backgrounds of scenes: coloured natural noise, rooms, landscapes, streets, buildings."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from numpy.random import Generator
from PIL import Image
from scipy import fft

from cortexlens.study.simulation.pen import Colour, Pen, lit, mix, pick_colour

OVERSAMPLING = 2
_FAR = 12.0
GLASS: Colour = (0.16, 0.20, 0.26)


@dataclass(frozen=True)
class Layout:
    """Spatial layout that a background shows.

    Attributes
    ----------
    openness
        From 0, enclosed by walls, to 1, open to the horizon; NaN if the background shows no space.
    horizon, vanishing
        Height (y) of the horizon and x of the vanishing point, in image coordinates.
    """

    openness: float
    horizon: float
    vanishing: float


NO_LAYOUT = Layout(float("nan"), float("nan"), float("nan"))


@lru_cache
def _frequencies(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Cycles per image along x and y for a real-to-complex transform."""
    x = np.fft.rfftfreq(size, 1 / size).astype(np.float32)
    return x[None, :], np.fft.fftfreq(size, 1 / size).astype(np.float32)[:, None]


def natural_noise(
    rng: Generator, size: int, exponent: float, stretch: float, turn: float
) -> Float[np.ndarray, "field height width"]:
    """Draw three Gaussian fields whose amplitude is proportional to frequency^(−exponent).

    Natural images have exponents of about 1 (Field 1987, J. Opt. Soc. Am. A 4:2379).

    Parameters
    ----------
    rng
        Generator of the noise.
    size
        Height and width in pixels.
    exponent
        Exponent of the amplitude spectrum, about 0.7 (rough) to 1.6 (cloudy).
    stretch, turn
        Ratio of the two axes of the spectrum, and their angle to the image's axes in radians.

    Returns
    -------
    Float[np.ndarray, "field height width"]
        Mean 0, standard deviation 1 each.
    """
    fx, fy = _frequencies(size)
    u = fx * np.cos(turn) + fy * np.sin(turn)
    v = (fy * np.cos(turn) - fx * np.sin(turn)) * np.float32(stretch)
    squared = u**2 + v**2
    squared[0, 0] = 1
    amplitude = squared ** np.float32(-exponent / 2)
    amplitude[0, 0] = 0
    white = rng.standard_normal((3, size, size // 2 + 1, 2), dtype=np.float32).view(np.complex64)
    fields = fft.irfft2(white[..., 0] * amplitude, s=(size, size))
    scaled: Float[np.ndarray, "field height width"] = fields / fields.std(
        axis=(1, 2), keepdims=True
    )
    return scaled


def _canvas(size: int, top: Colour, bottom: Colour) -> tuple[Pen, Image.Image]:
    """Make an oversampled image with a vertical gradient, and a pen in image coordinates."""
    pixels = size * OVERSAMPLING
    share = np.linspace(0, 1, pixels)[:, None, None]
    rows = (255 * (np.asarray(top) * (1 - share) + np.asarray(bottom) * share)).astype(np.uint8)
    image = Image.fromarray(rows).resize((pixels, pixels), Image.Resampling.NEAREST)
    return Pen(image, (pixels / 2, pixels / 2), pixels / 2), image


def _toward(
    x: float, y: float, vanishing: tuple[float, float], nearness: float
) -> tuple[float, float]:
    """Move a point away from the vanishing point: 1 leaves it, 2 halves its distance to the eye."""
    return (
        vanishing[0] + (x - vanishing[0]) * nearness,
        vanishing[1] + (y - vanishing[1]) * nearness,
    )


def _noise(rng: Generator, size: int) -> tuple[Image.Image, str, Layout]:
    name, colour = pick_colour(rng)
    colour = mix(colour, (0.5, 0.48, 0.45), float(rng.uniform(0.2, 0.8)))
    other = mix(colour, pick_colour(rng)[1], 0.3)
    return _canvas(size, colour, other)[1], name, NO_LAYOUT


def _wall_things(pen: Pen, rng: Generator, edges: tuple[float, float, float, float]) -> None:
    """Hang a window or pictures on the back wall."""
    left, top, right, bottom = edges
    width, height = right - left, bottom - top
    if rng.random() < 0.5:
        a, b = left + width * rng.uniform(0.1, 0.3), right - width * rng.uniform(0.1, 0.3)
        c, d = top + height * 0.15, top + height * rng.uniform(0.5, 0.65)
        pen.box(a - 0.03, c - 0.03, b + 0.03, d + 0.03, (0.92, 0.91, 0.88))
        pen.box(a, c, b, d, mix((0.55, 0.75, 0.92), (0.98, 0.95, 0.85), float(rng.random())))
        pen.line([((a + b) / 2, c), ((a + b) / 2, d)], 0.03, (0.92, 0.91, 0.88))
        pen.line([(a, (c + d) / 2), (b, (c + d) / 2)], 0.03, (0.92, 0.91, 0.88))
        return
    for share in rng.permutation([0.08, 0.4, 0.7])[: int(rng.integers(1, 3))]:
        a, c = left + width * share, top + height * rng.uniform(0.15, 0.3)
        b, d = a + width * rng.uniform(0.14, 0.24), c + height * rng.uniform(0.2, 0.35)
        pen.box(a, c, b, d, (0.22, 0.17, 0.13))
        pen.box(a + 0.025, c + 0.025, b - 0.025, d - 0.025, pick_colour(rng)[1])


def _floor(
    pen: Pen,
    rng: Generator,
    eye: tuple[float, float],
    edges: tuple[float, float, float, float],
    colour: Colour,
) -> None:
    """Lay planks or tiles that converge towards the vanishing point."""
    left, _, right, bottom = edges
    dark, steps = lit(colour, float(rng.uniform(0.6, 0.9))), int(rng.integers(4, 9))
    xs = np.linspace(left, right, steps + 1)
    if rng.random() < 0.5:
        for a, b in zip(xs[:-1:2], xs[1::2], strict=False):
            far = (_toward(b, bottom, eye, _FAR), _toward(a, bottom, eye, _FAR))
            pen.polygon([(a, bottom), (b, bottom), *far], dark)
        return
    for x in xs:
        pen.line([(x, bottom), _toward(x, bottom, eye, _FAR)], 0.015, dark)
    for nearness in 1 / np.linspace(1, 0.25, steps)[1:]:
        row = (_toward(left, bottom, eye, nearness), _toward(right, bottom, eye, nearness))
        pen.line(row, 0.015, dark)


def _furniture(
    pen: Pen,
    rng: Generator,
    eye: tuple[float, float],
    edges: tuple[float, float, float, float],
) -> None:
    """Put a low block (a chest, table or bed) on the floor against the back wall."""
    left, top, right, bottom = edges
    colour = mix(pick_colour(rng)[1], (0.4, 0.28, 0.18), 0.5)
    width = right - left
    a = left + width * rng.uniform(0, 0.5)
    b, c = a + width * rng.uniform(0.3, 0.5), bottom - (bottom - top) * rng.uniform(0.2, 0.4)
    near = float(rng.uniform(1.2, 1.6))
    (p, q), (r, s) = _toward(a, c, eye, near), _toward(b, bottom, eye, near)
    pen.polygon([(a, c), (b, c), (r, q), (p, q)], lit(colour, 1.25))
    side = a if eye[0] < p else b
    edge = p if eye[0] < p else r
    if edge in (p, r) and not p <= eye[0] <= r:
        pen.polygon([(side, c), (edge, q), (edge, s), (side, bottom)], lit(colour, 0.6))
    pen.box(p, q, r, s, colour)
    for share in (0.33, 0.67):
        x = p + (r - p) * share
        pen.line([(x, q + 0.02), (x, s - 0.02)], 0.015, lit(colour, 0.7))


def _room(rng: Generator, size: int) -> tuple[Image.Image, str, Layout]:
    name, wall = pick_colour(rng)
    wall = mix(wall, (0.92, 0.88, 0.8), float(rng.uniform(0.25, 0.75)))
    floor = mix((0.5, 0.34, 0.2), pick_colour(rng)[1], float(rng.uniform(0, 0.5)))
    eye = (float(rng.uniform(-0.45, 0.45)), float(rng.uniform(-0.3, 0.1)))
    half, high, low = rng.uniform(0.35, 0.7), rng.uniform(0.35, 0.6), rng.uniform(0.25, 0.45)
    shift = rng.uniform(-0.15, 0.15)
    left, right = eye[0] - half + shift, eye[0] + half + shift
    top, bottom = eye[1] - high, eye[1] + low
    edges = (left, top, right, bottom)
    pen, image = _canvas(size, lit(wall, 1.05), wall)
    far = {(x, y): _toward(x, y, eye, _FAR) for x in (left, right) for y in (top, bottom)}
    ceiling = mix(wall, (1, 1, 1), 0.6)
    above = [(left, top), (right, top), far[right, top], far[left, top]]
    pen.polygon(above, lit(ceiling, float(rng.uniform(0.85, 1.05))))
    below = [(left, bottom), (right, bottom), far[right, bottom], far[left, bottom]]
    pen.polygon(below, floor)
    _floor(pen, rng, eye, edges, floor)
    light = rng.permutation([0.62, 0.86])
    for x, shade in zip((left, right), light, strict=True):
        pen.polygon([(x, top), (x, bottom), far[x, bottom], far[x, top]], lit(wall, float(shade)))
    _wall_things(pen, rng, edges)
    if rng.random() < 0.7:
        x, near = (left, right)[int(rng.integers(2))], float(rng.uniform(1.1, 1.3))
        lintel = top + (bottom - top) * rng.uniform(0.15, 0.3)
        posts = [_toward(x, y, eye, n) for n in (near, near * 1.35) for y in (lintel, bottom)]
        door = mix(pick_colour(rng)[1], (0.45, 0.3, 0.2), 0.6)
        pen.polygon([posts[0], posts[1], posts[3], posts[2]], door)
        pen.line([posts[1], posts[0], posts[2], posts[3]], 0.025, lit(door, 0.5))
    if rng.random() < 0.6:
        _furniture(pen, rng, eye, edges)
    return image, name, Layout(0.0, eye[1], eye[0])


def _sky(rng: Generator) -> tuple[Colour, Colour]:
    """Colours of the sky at the top and at the horizon: noon, haze, overcast or dusk."""
    skies: tuple[tuple[Colour, Colour], ...] = (
        ((0.25, 0.48, 0.85), (0.75, 0.87, 0.96)),
        ((0.45, 0.62, 0.85), (0.88, 0.90, 0.90)),
        ((0.55, 0.58, 0.63), (0.80, 0.81, 0.82)),
        ((0.25, 0.25, 0.50), (0.98, 0.62, 0.38)),
    )
    return skies[int(rng.integers(len(skies)))]


def _ground(rng: Generator) -> tuple[str, Colour]:
    grounds: dict[str, Colour] = {
        "grass": (0.34, 0.50, 0.20),
        "sand": (0.84, 0.73, 0.50),
        "snow": (0.92, 0.94, 0.97),
        "water": (0.20, 0.40, 0.55),
        "earth": (0.46, 0.33, 0.22),
    }
    name = list(grounds)[int(rng.integers(len(grounds)))]
    return name, lit(grounds[name], float(rng.uniform(0.8, 1.15)))


def _landscape(rng: Generator, size: int) -> tuple[Image.Image, str, Layout]:
    above, haze = _sky(rng)
    horizon, eye = float(rng.uniform(-0.35, 0.35)), float(rng.uniform(-0.6, 0.6))
    pen, image = _canvas(size, above, mix(above, haze, 1.3))
    if rng.random() < 0.3:
        x, y = rng.uniform(-0.8, 0.8), rng.uniform(-0.8, horizon)
        pen.ellipse(x, y, 0.12, 0.12, (1, 0.96, 0.8))
    xs = np.linspace(-1.1, 1.1, 25)
    tone = mix((0.30, 0.38, 0.45), (0.35, 0.42, 0.25), float(rng.random()))
    for distance in np.linspace(0.75, 0.2, int(rng.integers(0, 4))):
        waves = rng.uniform(1, 6, 3)[:, None] * xs + rng.uniform(0, 6.3, 3)[:, None]
        peaks = (np.sin(waves) / [[1], [1.5], [2.5]]).sum(axis=0) / 2
        ridge = horizon - rng.uniform(0.1, 0.5) * distance * (0.5 + 0.5 * peaks)
        outline = [*zip(xs, ridge, strict=True), (1.1, 1.0), (-1.1, 1.0)]
        pen.polygon(outline, mix(tone, haze, float(distance)))
    name, ground = _ground(rng)
    pen.box(-1.1, horizon, 1.1, 1.1, mix(ground, haze, 0.35))
    for y in horizon + (1 - horizon) * np.array([0.06, 0.15, 0.3, 0.5, 0.75]):
        pen.box(-1.1, y, 1.1, 1.1, mix(ground, haze, 0.3 * (1 - y)))
    if name == "water":
        for _ in range(14):
            y = horizon + (1 - horizon) * rng.random() ** 2
            x, long = rng.uniform(-1, 1), 0.05 + 0.3 * (y - horizon)
            pen.line([(x - long, y), (x + long, y)], 0.012, mix(ground, (1, 1, 1), 0.45))
    elif rng.random() < 0.6:
        path = lit(mix(ground, (0.6, 0.5, 0.38), 0.7), 0.95)
        bend, wide = rng.uniform(-0.5, 0.5), rng.uniform(0.2, 0.5)
        near = [(eye + bend + wide, 1.1), (eye + bend - wide, 1.1)]
        pen.polygon([(eye - 0.02, horizon), (eye + 0.02, horizon), *near], path)
    for x in rng.uniform(-1, 1, int(rng.integers(0, 7))):
        high, leaf = rng.uniform(0.06, 0.2), lit((0.2, 0.36, 0.16), float(rng.uniform(0.6, 1.2)))
        pen.line([(x, horizon + 0.04), (x, horizon - high * 0.5)], 0.02, (0.25, 0.18, 0.12))
        pen.ellipse(x, horizon - high * 0.6, high * 0.5, high * 0.6, leaf)
    return image, name, Layout(1.0, horizon, eye)


def _facade(
    pen: Pen,
    rng: Generator,
    corners: list[tuple[float, float]],
    grid: tuple[int, int],
    colour: Colour,
) -> None:
    """Draw a wall with windows; corners: top left, top right, bottom right, bottom left."""
    pen.polygon(corners, colour)
    a, b, d, c = (np.asarray(corner) for corner in corners)
    pane = mix(GLASS, (0.95, 0.85, 0.5), float(rng.random() ** 3))
    lights = rng.random(grid) < 0.8
    margin = rng.uniform(0.2, 0.32)
    u = (np.arange(grid[1])[:, None] + [margin, 1 - margin]) / grid[1]
    v = (np.arange(grid[0])[:, None] + [margin, 1 - margin]) / (grid[0] + 0.4)
    s = u[None, :, [0, 1, 1, 0], None]
    t = v[:, None, [0, 0, 1, 1], None]
    quads = (1 - t) * ((1 - s) * a + s * b) + t * ((1 - s) * c + s * d)
    for quad, alight in zip(quads.reshape(-1, 4, 2), lights.ravel(), strict=True):
        pen.polygon(quad, pane if alight else lit(pane, 1.7))


def _brick(rng: Generator) -> tuple[str, Colour]:
    name, colour = pick_colour(rng)
    return name, mix(colour, (0.68, 0.58, 0.5), float(rng.uniform(0.35, 0.75)))


def _street(rng: Generator, size: int) -> tuple[Image.Image, str, Layout]:
    above, haze = _sky(rng)
    eye = (float(rng.uniform(-0.4, 0.4)), float(rng.uniform(-0.15, 0.3)))
    pen, image = _canvas(size, above, haze)
    pen.box(-1.1, eye[1], 1.1, 1.1, lit((0.62, 0.6, 0.57), float(rng.uniform(0.8, 1.1))))
    half = rng.uniform(0.5, 0.9)
    asphalt = lit((0.33, 0.33, 0.35), float(rng.uniform(0.7, 1.2)))
    pen.polygon([eye, (eye[0] + 2 * half, eye[1] + 2), (eye[0] - 2 * half, eye[1] + 2)], asphalt)
    for near in (0.12, 0.25, 0.5, 1.0):
        dash = [(eye[0], eye[1] + near), (eye[0], eye[1] + near * 1.4)]
        pen.line(dash, 0.05 * near, (0.9, 0.88, 0.75))
    name = "grey"
    for side in (-1, 1):
        wide, floor = rng.uniform(0.12, 0.22), 0.1
        nearness = np.cumprod([1.0, *rng.uniform(1.7, 2.6, 3)])
        light = float(rng.uniform(0.65, 1.05))
        for near, nearer in pairwise(nearness):
            name, colour = _brick(rng)
            x, top = eye[0] + side * wide, eye[1] - rng.uniform(0.12, 0.4)
            corners = [
                _toward(x, y, eye, n)
                for y, n in ((top, near), (top, nearer), (eye[1] + floor, nearer))
            ]
            corners.append(_toward(x, eye[1] + floor, eye, near))
            grid = (int(rng.integers(2, 4)), 2)
            _facade(pen, rng, corners, grid, lit(mix(haze, colour, 0.85), light))
    return image, name, Layout(0.6, eye[1], eye[0])


def _building(rng: Generator, size: int) -> tuple[Image.Image, str, Layout]:
    above, haze = _sky(rng)
    pen, image = _canvas(size, above, haze)
    base, (name, colour) = float(rng.uniform(0.3, 0.75)), _brick(rng)
    half, high = rng.uniform(0.35, 0.85), rng.uniform(0.6, 1.3)
    x = float(rng.uniform(-0.4, 0.4))
    ground = _ground(rng)[1]
    pen.box(-1.1, base - 0.06, 1.1, 1.1, ground)
    left, right, top = x - half, x + half, base - high
    deep, side = rng.uniform(0.1, 0.35), 1 if rng.random() < 0.5 else -1
    edge = right if side > 0 else left
    shadow = [(edge, top), (edge + side * deep, top + 0.12), (edge + side * deep, base - 0.08)]
    pen.polygon([*shadow, (edge, base)], lit(colour, 0.6))
    corners = [(left, top), (right, top), (right, base), (left, base)]
    _facade(pen, rng, corners, (int(rng.integers(2, 5)), int(rng.integers(2, 6))), colour)
    if rng.random() < 0.5:
        roof = mix((0.5, 0.22, 0.15), (0.3, 0.3, 0.33), float(rng.random()))
        ridge = [(x + half * 0.6, top - 0.3), (x - half * 0.6, top - 0.3)]
        pen.polygon([(left - 0.06, top), (right + 0.06, top), *ridge], roof)
    else:
        pen.box(left - 0.03, top - 0.05, right + 0.03, top + 0.02, lit(colour, 0.75))
    door, at = pick_colour(rng)[1], x + half * rng.uniform(-0.5, 0.5)
    pen.box(at - 0.11, base - 0.3, at + 0.11, base, lit(colour, 0.55))
    pen.box(at - 0.08, base - 0.27, at + 0.08, base, lit(door, 0.8))
    return image, name, Layout(0.4, base, x)


BACKGROUNDS: dict[str, Callable[[Generator, int], tuple[Image.Image, str, Layout]]] = {
    "noise": _noise,
    "room": _room,
    "landscape": _landscape,
    "street": _street,
    "building": _building,
}
# Contrast of the natural noise added to each background, on top of its own contrast.
_NOISE_CONTRAST = {"noise": 0.30, "room": 0.05, "landscape": 0.09, "street": 0.07, "building": 0.07}


def paint_background(
    rng: Generator, size: int, kind: str
) -> tuple[Float[np.ndarray, "height width 3"], str, Layout]:
    """Draw a background of one kind, with lighting and natural noise.

    Parameters
    ----------
    rng
        Generator of the background.
    size
        Height and width in pixels.
    kind
        One of :data:`BACKGROUNDS`.

    Returns
    -------
    tuple
        Red, green, blue (about 0 to 1, not clipped); name of its colour or ground; layout.
    """
    image, name, layout = BACKGROUNDS[kind](rng, size)
    base = np.asarray(image.reduce(OVERSAMPLING), np.float32) / 255
    exponent, stretch = rng.uniform(0.75, 1.5), np.exp(rng.uniform(0, 1.2))
    # Outdoors the noise is stretched horizontally, like ground and clouds.
    turn = rng.uniform(0, np.pi) if kind in ("noise", "room") else np.pi / 2
    fields = natural_noise(rng, size, float(exponent), float(stretch), float(turn))
    contrast = _NOISE_CONTRAST[kind] * float(rng.uniform(0.5, 1.3))
    chroma = 0.3 * contrast * float(rng.uniform(0.2, 1))
    red, blue = chroma * fields[1], chroma * fields[2]
    rough = 1 + contrast * fields[0]
    gain = np.stack([rough + red, rough - 0.5 * (red + blue), rough + blue], axis=2)
    slope = rng.normal(0, 0.12, 2)
    x = np.linspace(-1, 1, size, dtype=np.float32)
    light = 1 + float(slope[0]) * x[None, :, None] + float(slope[1]) * x[:, None, None]
    return (base * gain * light).astype(np.float32), name, layout

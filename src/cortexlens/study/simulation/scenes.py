"""Drawn scenes with known content, each determined by (seed, index) alone.

A scene is a background (natural noise, room, landscape, street or building) with up to three
objects: faces, bodies, words, texture patches and simple things, at any position and size.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, UInt8
from numpy.random import Generator
from PIL import Image

from cortexlens.errors import CortexlensError
from cortexlens.study.simulation.backgrounds import (
    BACKGROUNDS,
    OVERSAMPLING,
    Layout,
    paint_background,
)
from cortexlens.study.simulation.captions import describe
from cortexlens.study.simulation.pen import Pen
from cortexlens.study.simulation.people import paint_body, paint_face
from cortexlens.study.simulation.things import THINGS, paint_texture, paint_thing, paint_word

CATEGORIES = ("face", "body", "word", "texture", "thing")
LABELS = (*CATEGORIES, *BACKGROUNDS)
COLUMNS = ("image_id", "file", "label", "caption", "background", "layout", "objects")
_CATEGORY_SHARES = (0.25, 0.24, 0.16, 0.12, 0.23)
_BACKGROUND_SHARES = (0.16, 0.26, 0.22, 0.18, 0.18)
_COUNT_SHARES = (0.20, 0.45, 0.25, 0.10)
# Longer side of an object in image coordinates: smallest; largest if alone or with others.
_SMALLEST, _LARGEST = 0.45, (1.5, 1.0)
# Fraction of the image that an object must cover to give the scene its label.
_DOMINANT_AREA = 0.03


@dataclass(frozen=True)
class SceneObject:
    """One object of a scene, as it appears in the image.

    Attributes
    ----------
    category, kind, colour
        One of :data:`CATEGORIES`; the kind within the category (the letters of a word, the pose of
        a body); the name of the main colour.
    x, y
        Centre of the bounding box in image coordinates.
    width, height
        Size of the bounding box in image coordinates (2 is the whole image), before cropping.
    visible
        Fraction of the image that the object covers, 0 to 1, after occlusion by later objects.
    """

    category: str
    kind: str
    colour: str
    x: float
    y: float
    width: float
    height: float
    visible: float


@dataclass(frozen=True)
class Scene:
    """An image and the ground truth of its content.

    Attributes
    ----------
    pixels
        Red, green, blue, 0 to 255.
    label
        Category of the dominant object, or kind of the background; one of :data:`LABELS`.
    caption
        One English sentence.
    background, layout, objects
        Ground truth; objects from back to front.
    """

    pixels: UInt8[np.ndarray, "height width 3"]
    label: str
    caption: str
    background: str
    layout: Layout
    objects: tuple[SceneObject, ...]


def _place(
    rng: Generator, size: float, taken: list[tuple[float, float, float]]
) -> tuple[float, float]:
    """Find a centre at which an object overlaps earlier objects as little as possible."""
    best, least = (0.0, 0.0), np.inf
    reach = 1 - 0.35 * size
    for _ in range(6):
        x, y = rng.uniform(-reach, reach, 2)
        overlap = max(
            (size / 2 + other / 2 - max(abs(x - a), abs(y - b)) for a, b, other in taken),
            default=-1.0,
        )
        if overlap < least:
            best, least = (float(x), float(y)), overlap
        if overlap <= 0:
            break
    return best


def _paint(pen: Pen, rng: Generator, category: str) -> tuple[str, str]:
    """Draw an object of a category; return its kind and the name of its colour."""
    if category == "face":
        return "face", paint_face(pen, rng)
    if category == "body":
        return paint_body(pen, rng)
    if category == "word":
        return paint_word(pen, rng)
    if category == "texture":
        return paint_texture(pen, rng)
    kind = list(THINGS)[int(rng.integers(len(THINGS)))]
    return kind, paint_thing(pen, rng, kind)


def _patch(
    rng: Generator, size: int, category: str, centre: tuple[float, float], extent: float
) -> tuple[Float[np.ndarray, "height width 4"], tuple[int, int], str, str]:
    """Draw one object on a transparent patch; return the patch, its corner, kind and colour."""
    half = extent / 2 * size / 2
    side = 2 * int(np.ceil(half * 1.2)) + 2
    left, top = (round((place + 1) * size / 2 - side / 2) for place in centre)
    image = Image.new("RGBA", (side * OVERSAMPLING, side * OVERSAMPLING))
    middle = side * OVERSAMPLING / 2
    turn = rng.normal(0, 0.1 if category in ("face", "body") else 0.15)
    pen = Pen(image, (middle, middle), half * OVERSAMPLING, float(turn))
    kind, colour = _paint(pen, rng, category)
    patch = np.asarray(image.reduce(OVERSAMPLING), np.float32) / 255
    slope = rng.normal(0, 0.18, 2)
    ramp = np.linspace(-1, 1, side, dtype=np.float32)
    light = 1 + float(slope[0]) * ramp[None, :] + float(slope[1]) * ramp[:, None]
    grain = 1 + 0.03 * rng.standard_normal((side, side), dtype=np.float32)
    patch = patch.copy()
    patch[..., :3] *= (float(rng.uniform(0.8, 1.1)) * light * grain)[..., None]
    return patch, (left, top), kind, colour


def _compose(
    canvas: Float[np.ndarray, "height width 3"],
    patch: Float[np.ndarray, "patch_height patch_width 4"],
    corner: tuple[int, int],
) -> Float[np.ndarray, "height width"]:
    """Blend a patch into the image in place; return its opacity at each pixel."""
    size, side = canvas.shape[0], patch.shape[0]
    opaque = np.zeros((size, size), np.float32)
    rows = slice(max(corner[1], 0), min(corner[1] + side, size))
    columns = slice(max(corner[0], 0), min(corner[0] + side, size))
    seen = patch[
        rows.start - corner[1] : rows.stop - corner[1],
        columns.start - corner[0] : columns.stop - corner[0],
    ]
    alpha = seen[..., 3]
    under = canvas[rows, columns]
    under *= 1 - alpha[..., None]
    under += seen[..., :3] * alpha[..., None]
    opaque[rows, columns] = alpha
    return opaque


def _extent(
    patch: Float[np.ndarray, "height width 4"], corner: tuple[int, int], size: int
) -> tuple[float, float, float, float]:
    """Centre and size of the visible part of a patch, in image coordinates."""
    ink = patch[..., 3] > 0.25
    xs, ys = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    left, right, top, bottom = xs[0], xs[-1] + 1, ys[0], ys[-1] + 1
    step = 2 / size
    return (
        (corner[0] + (left + right) / 2) * step - 1,
        (corner[1] + (top + bottom) / 2) * step - 1,
        float(right - left) * step,
        float(bottom - top) * step,
    )


def _finish(
    rng: Generator, canvas: Float[np.ndarray, "height width 3"]
) -> UInt8[np.ndarray, "height width 3"]:
    """Apply one tint, contrast and grain to the whole image, as a camera does."""
    tint = 1 + rng.normal(0, 0.05, 3).astype(np.float32)
    gamma, grain = float(np.exp(rng.normal(0, 0.15))), float(rng.uniform(0.004, 0.02))
    picture = np.clip(canvas * tint, 0, 1) ** np.float32(gamma)
    picture = picture + grain * rng.standard_normal(picture.shape, dtype=np.float32)
    pixels: UInt8[np.ndarray, "height width 3"]
    pixels = (255 * np.clip(picture, 0, 1) + 0.5).astype(np.uint8)
    return pixels


def draw_scene(seed: int, index: int, size: int = 96) -> Scene:
    """Draw one scene; it depends only on the seed, its index and its size.

    Parameters
    ----------
    seed
        Seed of the whole set, at least 0.
    index
        Index of the scene in the set, at least 0.
    size
        Height and width in pixels.

    Returns
    -------
    Scene
    """
    rng = np.random.default_rng([seed, index])
    background = str(rng.choice(list(BACKGROUNDS), p=_BACKGROUND_SHARES))
    canvas, ground, layout = paint_background(rng, size, background)
    objects = _add_objects(rng, canvas)
    caption = describe(background, ground, objects)
    return Scene(
        _finish(rng, canvas), _label(background, objects), caption, background, layout, objects
    )


def _add_objects(
    rng: Generator, canvas: Float[np.ndarray, "height width 3"]
) -> tuple[SceneObject, ...]:
    """Draw up to three objects onto the image, from back to front."""
    size = canvas.shape[0]
    count = int(rng.choice(len(_COUNT_SHARES), p=_COUNT_SHARES))
    largest = _LARGEST[0] if count < 2 else _LARGEST[1]
    taken: list[tuple[float, float, float]] = []
    seen, masks = [], []
    for category in rng.choice(CATEGORIES, count, p=_CATEGORY_SHARES).tolist():
        extent = float(np.exp(rng.uniform(np.log(_SMALLEST), np.log(largest))))
        # Bodies are thin, so they are drawn larger to cover about as much as other objects.
        extent *= 1.3 if category == "body" else 1.0
        centre = _place(rng, extent, taken)
        taken.append((*centre, extent))
        patch, corner, kind, colour = _patch(rng, size, category, centre, extent)
        masks.append(_compose(canvas, patch, corner))
        seen.append((category, kind, colour, _extent(patch, corner, size)))
    objects = []
    for index, (category, kind, colour, extents) in enumerate(seen):
        open_ = np.prod([1 - later for later in masks[index + 1 :]], axis=0)
        visible = float((masks[index] * open_).mean())
        objects.append(SceneObject(category, kind, colour, *extents, visible))
    return tuple(objects)


def _label(background: str, objects: tuple[SceneObject, ...]) -> str:
    """Category of the object that covers most, or kind of the background if none covers enough."""
    first = max(objects, key=lambda thing: thing.visible, default=None)
    if first is None or first.visible < _DOMINANT_AREA:
        return background
    return first.category


def scene_row(scene: Scene, index: int) -> dict[str, str]:
    """Row of ``scenes.tsv`` for a scene: :data:`COLUMNS`, with the truth as JSON.

    Parameters
    ----------
    scene
        The scene.
    index
        Index of the scene in the set.
    """
    return {
        "image_id": f"scene-{index:05d}",
        "file": f"{index:04d}.png",
        "label": scene.label,
        "caption": scene.caption,
        "background": scene.background,
        "layout": _json(asdict(scene.layout)),
        "objects": _json([asdict(thing) for thing in scene.objects]),
    }


def _json(value: object) -> str:
    """JSON with four decimals; NaN, which JSON does not have, becomes null."""

    def plain(part: Any) -> Any:
        if isinstance(part, Mapping):
            return {key: plain(value) for key, value in part.items()}
        if isinstance(part, list):
            return [plain(value) for value in part]
        if isinstance(part, float):
            return round(part, 4) if np.isfinite(part) else None
        return part

    return json.dumps(plain(value), ensure_ascii=False)


def read_scenes(folder: Path) -> pd.DataFrame:
    """Read the table of a folder of drawn scenes, including the ground truth.

    Parameters
    ----------
    folder
        Folder written by the stage ``draw_scenes``.

    Returns
    -------
    pd.DataFrame
        :data:`COLUMNS`; ``layout`` holds dicts, and ``objects`` lists of dicts.

    Raises
    ------
    CortexlensError
        If there is no ``scenes.tsv``, it cannot be read, or columns are missing.
    """
    path = folder / "scenes.tsv"
    if not path.is_file():
        raise CortexlensError(f"{path}: not found. Draw scenes with `cortexlens draw-scenes`.")
    again = "Draw the scenes again with `cortexlens draw-scenes`."
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
        missing = [name for name in COLUMNS if name not in table]
        if missing:
            raise CortexlensError(
                f"{path}: columns {', '.join(missing)} are missing; needed are "
                f"{', '.join(COLUMNS)}. {again}"
            )
        for name in ("layout", "objects"):
            table[name] = [json.loads(text) for text in table[name]]
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise CortexlensError(f"{path}: cannot be read: {error}. {again}") from error
    if table.empty:
        raise CortexlensError(f"{path}: found no scenes. {again}")
    return table

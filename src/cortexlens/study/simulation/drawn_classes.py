"""Two small synthetic tasks for fine-tuning, generated from a seed: texture and layout."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from PIL import Image

from cortexlens.study.simulation.backgrounds import natural_noise, paint_background
from cortexlens.study.simulation.pen import pick_colour

SIZE = 96  # px
# Exponent of the amplitude spectrum, ratio of its axes, and angle in degrees. Mirroring an image
# does not change its class.
GRAINS = {
    "fine": (0.2, 1.0, 0.0),
    "rough": (0.8, 1.0, 0.0),
    "across": (0.6, 6.0, 0.0),
    "upright": (0.6, 6.0, 90.0),
}
PLACES = ("room", "landscape", "street", "building")


class Task(NamedTuple):
    """A classification task: its classes, and a function that draws an image of a class."""

    classes: tuple[str, ...]
    draw: Callable[[Generator, str], Image.Image]


def _grain(rng: Generator, name: str) -> Image.Image:
    """Draw grain a few pixels wide on a plain colour, equally informative everywhere."""
    exponent, stretch, degrees = GRAINS[name]
    field = natural_noise(rng, SIZE, exponent, stretch, float(np.deg2rad(degrees)))[0]
    colour = np.asarray(pick_colour(rng)[1], np.float32)
    return _picture(colour + rng.uniform(0.1, 0.3) * field[..., None])


def _place(rng: Generator, name: str) -> Image.Image:
    """Draw a kind of place without colour, so that only its layout identifies it."""
    canvas = paint_background(rng, SIZE, name)[0]
    grey = canvas.mean(axis=2, keepdims=True)
    return _picture(np.broadcast_to(grey, (SIZE, SIZE, 3)))


def _picture(values: np.ndarray) -> Image.Image:
    return Image.fromarray((255 * np.clip(values, 0, 1) + 0.5).astype(np.uint8))


TASKS = {
    "drawn-texture": Task(tuple(GRAINS), _grain),
    "drawn-layout": Task(PLACES, _place),
}


def draw_class(kind: str, name: str, count: int, seed: int) -> list[Image.Image]:
    """Draw images of one class; each depends only on (seed, class, index).

    Parameters
    ----------
    kind
        Task, a key of :data:`TASKS`.
    name
        One of its classes.
    count
        Number of images.
    seed
        Seed of the whole set.
    """
    task = TASKS[kind]
    place = task.classes.index(name)
    return [task.draw(np.random.default_rng([seed, place, i]), name) for i in range(count)]

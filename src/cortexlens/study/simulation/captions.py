"""Captions of scenes: one English sentence that says what is where."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class Seen(Protocol):
    """Properties of an object that a caption needs."""

    @property
    def category(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def colour(self) -> str: ...  # noqa: D102
    @property
    def x(self) -> float: ...  # noqa: D102
    @property
    def y(self) -> float: ...  # noqa: D102
    @property
    def width(self) -> float: ...  # noqa: D102
    @property
    def height(self) -> float: ...  # noqa: D102


def _where(x: float, y: float) -> str:
    across = "left" if x < -0.25 else "right" if x > 0.25 else ""
    down = "top" if y < -0.25 else "bottom" if y > 0.25 else ""
    if not (across or down):
        return "in the middle"
    return f"at the {' '.join(part for part in (down, across) if part)}"


def _a(phrase: str) -> str:
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def _what(seen: Seen) -> str:
    extent = max(seen.width, seen.height)
    size = "small " if extent < 0.6 else "large " if extent > 1.0 else ""
    if seen.category == "face":
        hair = "bald" if seen.colour == "bald" else f"{seen.colour}-haired"
        return _a(f"{size}{hair} face")
    if seen.category == "body":
        return _a(f"{size}person {seen.kind} in {_a(seen.colour)} shirt")
    if seen.category == "word":
        return f"the {size}{seen.colour} word “{seen.kind}”"
    if seen.category == "texture":
        return _a(f"{size}patch of {seen.colour} {seen.kind}")
    return _a(f"{size}{seen.colour} {seen.kind}")


def describe(background: str, ground: str, objects: Sequence[Seen]) -> str:
    """Write the caption of a scene.

    Parameters
    ----------
    background
        Kind of the background.
    ground
        Name of its colour, or of the material of its ground.
    objects
        Objects of the scene, from back to front.

    Returns
    -------
    str
        For example, ``"a large red ball at the left, in a room with blue walls"``.
    """
    place = {
        "noise": f"on {ground} mottled ground",
        "room": f"in a room with {ground} walls",
        "landscape": f"in a landscape of {ground}",
        "street": f"in a street of {ground} houses",
        "building": f"before {_a(ground)} building",
    }[background]
    if not objects:
        return "nothing " + place
    seen = [f"{_what(thing)} {_where(thing.x, thing.y)}" for thing in objects]
    listed = seen[0] if len(seen) == 1 else f"{', '.join(seen[:-1])} and {seen[-1]}"
    return f"{listed}, {place}"

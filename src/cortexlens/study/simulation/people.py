"""Faces and bodies, drawn in units of half their height (y from -1, the top, to 1)."""

import numpy as np
from numpy.random import Generator

from cortexlens.study.simulation.pen import Colour, Pen, lit, mix, pick_colour

SKINS: tuple[Colour, ...] = (
    (0.98, 0.86, 0.76),
    (0.93, 0.76, 0.62),
    (0.82, 0.60, 0.44),
    (0.62, 0.42, 0.29),
    (0.42, 0.28, 0.20),
)
HAIRS: dict[str, Colour] = {
    "black": (0.10, 0.08, 0.08),
    "brown": (0.34, 0.21, 0.12),
    "blond": (0.85, 0.70, 0.38),
    "red": (0.66, 0.28, 0.12),
    "grey": (0.70, 0.69, 0.68),
}
EYES: tuple[Colour, ...] = ((0.25, 0.15, 0.08), (0.25, 0.45, 0.65), (0.30, 0.45, 0.25))
WHITE: Colour = (0.96, 0.95, 0.93)
POSES = ("standing", "walking", "running", "waving", "sitting")
FACE_EXTENT = (0.74, 1.0)
BODY_EXTENT = (0.55, 1.0)


def _skin(rng: Generator) -> Colour:
    first, second = rng.integers(len(SKINS), size=2)
    return mix(SKINS[first], SKINS[second], float(rng.uniform(0, 0.4)))


def _eyes(pen: Pen, rng: Generator, skin: Colour, hair: Colour, yaw: float) -> None:
    iris = EYES[int(rng.integers(len(EYES)))]
    open_, gaze = rng.uniform(0.07, 0.12), rng.uniform(-0.05, 0.05)
    height, lift = rng.uniform(-0.08, 0.0), rng.uniform(-0.04, 0.04)
    glasses = rng.random() < 0.2
    for side in (-1, 1):
        x = 0.27 * side + 0.45 * yaw
        width = 0.15 * (1 - 0.6 * max(0.0, side * yaw))
        pen.ellipse(x, height - 0.01, width + 0.04, 0.14, lit(skin, 0.82))
        pen.ellipse(x, height, width, open_, WHITE)
        pen.ellipse(x + gaze, height, min(0.075, width), open_ * 0.95, iris)
        pen.ellipse(x + gaze, height, 0.035, open_ * 0.5, (0.03, 0.03, 0.03))
        brow = [(x - side * 0.12, height - 0.20), (x + side * 0.14, height - 0.20 - lift)]
        pen.line(brow, 0.055, lit(hair, 0.75))
        if glasses:
            turn = np.linspace(0, 2 * np.pi, 20)
            ring = np.stack([x + 0.2 * np.cos(turn), height + 0.17 * np.sin(turn)], 1)
            pen.line(ring, 0.035, (0.1, 0.1, 0.12))
    if glasses:
        pen.line([(0.45 * yaw - 0.08, height), (0.45 * yaw + 0.08, height)], 0.03, (0.1, 0.1, 0.12))


def _nose_and_mouth(pen: Pen, rng: Generator, skin: Colour, yaw: float) -> None:
    x, lip = 0.6 * yaw, mix(skin, (0.75, 0.15, 0.18), float(rng.uniform(0.45, 0.8)))
    pen.polygon([(x - 0.02, -0.05), (x - 0.11, 0.26), (x + 0.08, 0.28)], lit(skin, 0.86))
    pen.ellipse(x, 0.26, 0.11, 0.06, lit(skin, 0.75))
    pen.ellipse(x + 0.02, 0.22, 0.06, 0.08, lit(skin, 1.06))
    x, width, mood = 0.5 * yaw, rng.uniform(0.17, 0.27), rng.random()
    if mood < 0.35:
        pen.ellipse(x, 0.46, width, 0.15, lit(lip, 0.8), (0, 0.5))
        pen.ellipse(x, 0.47, width * 0.8, 0.06, WHITE, (0, 0.5))
    elif mood < 0.55:
        pen.ellipse(x, 0.52, width * 0.6, 0.12, lip)
        pen.ellipse(x, 0.52, width * 0.4, 0.08, (0.2, 0.05, 0.06))
    else:
        pen.ellipse(x, 0.51, width, 0.06, lip)
        pen.line([(x - width, 0.51), (x, 0.52), (x + width, 0.51)], 0.02, lit(lip, 0.6))


def _front_hair(pen: Pen, rng: Generator, hair: Colour, style: str) -> None:
    if style == "bald":
        return
    drop = rng.uniform(0.18, 0.34)
    turn = np.linspace(np.pi, 2 * np.pi, 16)
    outer = np.stack([0.68 * np.cos(turn), 0.02 + 0.98 * np.sin(turn)], 1)
    parting = rng.uniform(-0.35, 0.35)
    fringe = [(0.60, -0.22), (0.42, -0.62 + drop * 0.4), (parting, -0.72), (-0.42, -0.85 + drop)]
    pen.polygon(np.concatenate([outer, [*fringe, (-0.60, -0.22)]]), hair)
    shine = [(-0.3 + parting / 2, -0.82), (parting / 2, -0.88), (0.25 + parting / 2, -0.8)]
    pen.line(shine, 0.06, lit(hair, 1.35))


def paint_face(pen: Pen, rng: Generator) -> str:
    """Draw a face with random skin, hair, gaze and expression, turned slightly to a side.

    Parameters
    ----------
    pen
        Pen to draw with.
    rng
        Generator of the face.

    Returns
    -------
    str
        Colour of the hair, or ``"bald"``.
    """
    skin, yaw = _skin(rng), float(rng.uniform(-0.32, 0.32))
    name = list(HAIRS)[int(rng.integers(len(HAIRS)))]
    hair = lit(HAIRS[name], float(rng.uniform(0.85, 1.2)))
    style = str(rng.choice(["short", "long", "bun", "bald"], p=[0.4, 0.35, 0.13, 0.12]))
    if style == "long":
        pen.ellipse(0, -0.05, 0.74, 0.95, hair)
        pen.polygon([(-0.74, -0.1), (0.74, -0.1), (0.70, 0.85), (-0.70, 0.85)], hair)
    elif style == "bun":
        pen.ellipse(0, -0.86, 0.26, 0.14, lit(hair, 0.9))
    pen.polygon([(-0.27, 0.5), (0.27, 0.5), (0.34, 1), (-0.34, 1)], lit(skin, 0.72))
    for side in (-1, 1):
        if side * yaw < 0.2:
            pen.ellipse(side * 0.62, 0.06, 0.10, 0.19, lit(skin, 0.85))
    pen.ellipse(0, -0.12, 0.63, 0.82, skin)
    jaw = 0.50 + rng.uniform(-0.06, 0.05)
    chin = [(-0.61, -0.05), (0.61, -0.05), (jaw, 0.5), (0.2, 0.83), (-0.2, 0.83), (-jaw, 0.5)]
    pen.polygon(chin, skin)
    if style != "long" and rng.random() < 0.25:
        beard = [(-0.59, 0.2), (0, 0.36), (0.59, 0.2), (jaw, 0.54), (0.2, 0.86), (-0.2, 0.86)]
        pen.polygon([*beard, (-jaw, 0.54)], lit(hair, 0.95))
    for side in (-1, 1):
        pen.ellipse(0.36 * side + 0.3 * yaw, 0.24, 0.13, 0.1, mix(skin, (0.9, 0.4, 0.35), 0.18))
    _nose_and_mouth(pen, rng, skin, yaw)
    _eyes(pen, rng, skin, hair, yaw)
    _front_hair(pen, rng, hair, style)
    return "bald" if style == "bald" else name


def _limb(
    pen: Pen,
    start: tuple[float, float],
    angles: tuple[float, float],
    lengths: tuple[float, float],
    width: float,
    colours: tuple[Colour, Colour],
) -> tuple[float, float]:
    """Draw two segments, with angles in radians from straight down; return the end point."""
    points = [start]
    for angle, length in zip(angles, lengths, strict=True):
        x, y = points[-1]
        points.append((x + length * float(np.sin(angle)), y + length * float(np.cos(angle))))
    pen.line(points[1:], width * 0.8, colours[1])
    pen.line(points[:2], width, colours[0])
    return points[2]


def _angles(rng: Generator, pose: str) -> tuple[list[float], list[float], list[float], list[float]]:
    """Angles of upper and lower segments: left and right leg, left and right arm."""
    way = 1.0 if rng.random() < 0.5 else -1.0
    wobble = rng.normal(0, 0.08, 8)
    left_leg, right_leg, left_arm, right_arm = {
        "standing": ([-0.08, -0.02], [0.08, 0.02], [-0.22, -0.1], [0.22, 0.1]),
        "walking": ([-0.40, -0.55], [0.40, 0.15], [0.5, 0.75], [-0.5, -0.3]),
        "running": ([-0.55, -1.75], [0.95, 0.05], [0.8, 2.2], [-1.0, 0.4]),
        "waving": ([-0.15, -0.05], [0.15, 0.05], [-0.35, -0.1], [1.9, 2.9]),
        "sitting": ([1.15, 0.05], [1.35, 0.12], [0.45, 1.1], [0.3, 1.3]),
    }[pose]
    angles = [left_leg, right_leg, left_arm, right_arm]
    turned = np.asarray(angles) * way + wobble.reshape(4, 2)
    return tuple(turned.tolist())


def _head(pen: Pen, rng: Generator, skin: Colour, lean: float) -> None:
    """Draw a head without facial features, so that a body does not contain a face."""
    hair = list(HAIRS.values())[int(rng.integers(len(HAIRS)))]
    pen.line([(lean, -0.66), (lean * 1.2, -0.8)], 0.1, lit(skin, 0.8))
    pen.ellipse(lean * 1.3, -0.86, 0.105, 0.135, skin)
    pen.ellipse(lean * 1.3, -0.88, 0.115, 0.125, hair, (0.42, 1.08))


def paint_body(pen: Pen, rng: Generator) -> tuple[str, str]:
    """Draw a clothed person in a random pose; a third of them have no head.

    Parameters
    ----------
    pen
        Pen to draw with.
    rng
        Generator of the body.

    Returns
    -------
    tuple of str
        The pose, and the name of the shirt's colour.
    """
    skin = _skin(rng)
    pose = POSES[int(rng.integers(len(POSES)))]
    name, shirt = pick_colour(rng)
    _, trousers = pick_colour(rng, ("blue", "black", "brown", "grey", "green", "red"))
    shoe = lit(pick_colour(rng, ("black", "brown", "white", "red"))[1], 0.8)
    shorts, sleeves, skirt = rng.random(3) < (0.3, 0.5, 0.2)
    legs = (trousers, skin if shorts or skirt else trousers)
    arms = (shirt, shirt if sleeves else skin)
    far = tuple(lit(colour, 0.75) for colour in (*legs, *arms))
    left_leg, right_leg, left_arm, right_arm = _angles(rng, pose)
    lean, hip, build = float(rng.normal(0, 0.04)), 0.02, float(rng.uniform(0.85, 1.2))
    width, bone = 0.17 * build, (0.46, 0.46)
    if rng.random() < 0.67:
        _head(pen, rng, skin, lean)
    hand = _limb(
        pen, (lean - 0.17, -0.58), _pair(left_arm), (0.30, 0.28), 0.12 * build, (far[2], far[3])
    )
    pen.ellipse(*hand, 0.06, 0.06, lit(skin, 0.8))
    foot = _limb(pen, (-0.09, hip), _pair(left_leg), bone, width, (far[0], far[1]))
    pen.ellipse(foot[0] + 0.04, foot[1] + 0.02, 0.11, 0.06, lit(shoe, 0.8))
    foot = _limb(pen, (0.09, hip), _pair(right_leg), bone, width, legs)
    pen.ellipse(foot[0] + 0.04, foot[1] + 0.02, 0.11, 0.06, shoe)
    shoulder, waist = 0.21 * build, 0.16 * build
    torso = [(lean - shoulder, -0.62), (lean, -0.68), (lean + shoulder, -0.62)]
    pen.polygon([*torso, (waist, hip + 0.06), (-waist, hip + 0.06)], shirt)
    if skirt:
        pen.polygon([(-waist, hip), (waist, hip), (0.3, hip + 0.42), (-0.3, hip + 0.42)], trousers)
    else:
        pen.box(-waist, hip - 0.02, waist, hip + 0.1, trousers)
    hand = _limb(pen, (lean + 0.17, -0.58), _pair(right_arm), (0.30, 0.28), 0.12 * build, arms)
    pen.ellipse(*hand, 0.06, 0.06, skin)
    return pose, name


def _pair(angles: list[float]) -> tuple[float, float]:
    return angles[0], angles[1]

"""Log-polar maps of the visual field along the calcarine sulcus: V1, V2 and V3.

The cortex around the calcarine is flattened, with u in mm forward from the representation of the
fovea and v in mm towards dorsal. A complex logarithm maps the visual field there (Schwartz 1977,
Biol. Cybern. 25:181). A second pole makes the map narrow again in the periphery, and the three
areas are wedges of one plane (Balasubramanian, Polimeni & Schwartz 2002, Neural Networks 15:1157):
V1 in the middle, V2 on both of its sides with the field mirrored at the vertical meridian, and V3
outside with the field mirrored again at the horizontal meridian. The upper visual field is
represented ventrally, the right field in the left hemisphere.

The eccentricity of 0.75° at which magnification has halved is from Horton & Hoyt (1991, Arch.
Ophthalmol. 109:816). Images are assumed to be 10° wide. As a simplification, all of V1 up to its
anterior end represents the image, whereas the larger, anterior part of the real V1 represents
eccentricities beyond 5°.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Complex, Float, Int

# Degrees of visual angle per unit of image coordinates: an image is 10° wide.
DEGREES_PER_UNIT: Final = 5.0
HALF_MAGNIFICATION: Final = 0.75 / DEGREES_PER_UNIT
# Second pole of the map, and the largest eccentricity that is mapped, in image coordinates.
FAR_POLE: Final = 1.6
FARTHEST: Final = 0.95
# Outer boundaries of V1, V2 and V3, as angles (radians) in the plane of which they are wedges.
WEDGES: Final = (0.82, 1.40, 1.85)
# Offset and slope of receptive-field size (standard deviation) over eccentricity, in image
# coordinates; slopes follow Dumoulin & Wandell 2008 (NeuroImage 39:647), and offsets make the
# smallest fields a few pixels wide.
FIELD_SIZES: Final = {"V1": (0.06, 0.10), "V2": (0.09, 0.14), "V3": (0.12, 0.18)}


class Fields(NamedTuple):
    """Receptive fields of vertices.

    Attributes
    ----------
    area
        0 for V1, 1 for V2, 2 for V3, -1 for none of them.
    centre
        Receptive-field centre, x to the right and y downward, image coordinates; NaN if ``area`` is
        -1.
    """

    area: Int[np.ndarray, "vertex"]
    centre: Float[np.ndarray, "vertex 2"]


@dataclass(frozen=True)
class Chart:
    """A flat, equidistant map of the sphere around the calcarine sulcus.

    Attributes
    ----------
    middle, forward, dorsal
        Orthogonal unit vectors in the sphere's axes: the centre of the chart, and its two axes.
    length
        Distance from the fovea (u = 0) to the anterior end of V1, in mm on the sphere.
    """

    middle: Float[np.ndarray, "3"]
    forward: Float[np.ndarray, "3"]
    dorsal: Float[np.ndarray, "3"]
    length: float

    def locate(self, sphere: Float[np.ndarray, "vertex 3"]) -> Complex[np.ndarray, "vertex"]:
        """Positions u + iv on the chart, in mm, of points on the sphere (radius 100 mm)."""
        unit = sphere / np.linalg.norm(sphere, axis=1, keepdims=True)
        along, across = unit @ self.forward, unit @ self.dorsal
        angle = np.arccos(np.clip(unit @ self.middle, -1, 1))
        spread = np.hypot(along, across)
        scale = 100 * np.divide(angle, spread, out=np.ones_like(angle), where=spread > 1e-9)
        return np.asarray(scale * (along + 1j * across) + self.length / 2)


def calcarine_chart(
    fovea: Float[np.ndarray, "3"], anterior: Float[np.ndarray, "3"], dorsal: Float[np.ndarray, "3"]
) -> Chart:
    """Lay out a chart of the cortex around the calcarine sulcus.

    Parameters
    ----------
    fovea, anterior
        Points on the sphere (radius 100 mm): the posterior and the anterior end of V1.
    dorsal
        Any point above the calcarine, such as one on the cuneus.

    Returns
    -------
    Chart
    """
    start, end, up = (point / np.linalg.norm(point) for point in (fovea, anterior, dorsal))
    middle = (start + end) / np.linalg.norm(start + end)
    forward = end - start - ((end - start) @ middle) * middle
    forward /= np.linalg.norm(forward)
    across = np.cross(middle, forward)
    across *= np.sign(across @ up)
    length = 100 * float(np.arccos(np.clip(start @ end, -1, 1)))
    return Chart(middle, forward, across, length)


def visual_field(
    places: Complex[np.ndarray, "vertex"], length: float, hemisphere: int, width: float = 1.0
) -> Fields:
    """Area and receptive field of positions on the chart.

    Parameters
    ----------
    places
        Positions u + iv from :meth:`Chart.locate`, in mm.
    length
        Distance from the fovea to the anterior end of V1, in mm.
    hemisphere
        0 left (represents x > 0), 1 right.
    width
        Factor that stretches the areas across the calcarine; 1 keeps the map conformal.

    Returns
    -------
    Fields
    """
    near, far = HALF_MAGNIFICATION, FAR_POLE
    reach = np.log((FARTHEST + near) / (FARTHEST + far)) - np.log(near / far)
    log = (places.real + 1j * places.imag / width) * (reach / length)
    ratio = np.exp(log) * near / far
    plane = (far * ratio - near) / (1 - ratio)
    radius, turn = np.abs(plane), np.abs(np.angle(plane))
    first, second, third = WEDGES
    area = np.select([turn < first, turn < second, turn < third], [0, 1, 2], -1)
    # The inverse of the logarithm repeats beyond half a turn, and no area extends past the
    # anterior end of the sulcus.
    area[(radius > FARTHEST) | (places.real > length) | (np.abs(log.imag) > np.pi)] = -1
    from_horizontal = (np.pi / 2) * np.select(
        [area == 0, area == 1, area == 2],
        [turn / first, (second - turn) / (second - first), (turn - second) / (third - second)],
        np.nan,
    )
    side = 1.0 if hemisphere == 0 else -1.0
    centre = radius[:, None] * np.stack(
        [side * np.cos(from_horizontal), np.sign(plane.imag) * np.sin(from_horizontal)], axis=1
    )
    return Fields(area, centre)


def field_size(area: str, eccentricity: Float[np.ndarray, "vertex"]) -> Float[np.ndarray, "vertex"]:
    """Receptive-field size (standard deviation) in V1, V2 or V3, in image coordinates.

    Parameters
    ----------
    area
        ``V1``, ``V2`` or ``V3``.
    eccentricity
        Eccentricity of the receptive-field centre, in image coordinates.
    """
    least, growth = FIELD_SIZES[area]
    return np.asarray(least + growth * eccentricity)

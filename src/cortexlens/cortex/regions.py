"""The visual regions of a simulated subject, on fsaverage5.

V1, V2 and V3 come from :mod:`cortexlens.cortex.retinotopy`. The other regions are patches grown
over the folded surface around a centre. Centres are millimetres in the MNI305 space of fsaverage,
those published in the Talairach space are converted by :func:`mni_from_talairach`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int
from numpy.random import Generator
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from cortexlens.cortex.meshes import (
    LEFT,
    RIGHT,
    encoder_coordinates,
    fsaverage5_surface,
    sphere_coordinates,
)
from cortexlens.cortex.retinotopy import (
    FIELD_SIZES,
    Fields,
    calcarine_chart,
    field_size,
    visual_field,
)

SPACE: Final = "fsaverage5"
EARLY: Final = ("V1", "V2", "V3")
# Place of a region in the hierarchy, 0 to 1. V1, V2, V3, OPA and EBA as in "Brain Decodes Deep
# Nets" (arXiv 2312.01280); hV4, PPA and FFA put between and beside them here.
LEVELS: Final = {
    "V1": 0.0,
    "V2": 1 / 3,
    "V3": 1 / 3,
    "hV4": 0.5,
    "OPA": 2 / 3,
    "PPA": 0.8,
    "EBA": 1.0,
    "FFA": 1.0,
}
REGIONS: Final = tuple(LEVELS)


@dataclass(frozen=True)
class Patch:
    """A region that is not part of the map along the calcarine.

    Attributes
    ----------
    left, right
        Centres, mm, MNI305.
    vertices
        Size, in vertices of fsaverage5 a hemisphere.
    eccentricity
        Of the receptive fields' centres from the patch's posterior to its anterior edge.
    elevation
        Angle of the centres from the horizontal, degrees, at the medial (ventral) and at the
        lateral (dorsal) edge; positive is the lower field.
    size
        Standard deviation of the fields in the centre of gaze, and its growth with eccentricity.
    """

    left: tuple[float, float, float]
    right: tuple[float, float, float]
    vertices: int
    eccentricity: tuple[float, float]
    elevation: tuple[float, float]
    size: tuple[float, float]


def mni_from_talairach(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Convert a place from Talairach to MNI space by the inverse of M. Brett's transform.

    Parameters
    ----------
    x, y, z
        Millimetres in the space of Talairach & Tournoux (1988).

    Returns
    -------
    tuple of float
        Millimetres in MNI space.
    """
    scale, shear = (0.9189, 0.0460) if z >= 0 else (0.8390, 0.0420)
    back = np.linalg.inv([[0.9688, shear], [-0.0485, scale]])
    forward, up = back @ [y, z]
    return x / 0.99, float(forward), float(up)


# Centres of FFA, PPA and EBA are the Talairach coordinates for which the papers that named them are
# cited: Kanwisher, McDermott & Chun 1997 (J. Neurosci. 17:4302); Epstein & Kanwisher 1998 (Nature
# 392:598), both sides averaged; Downing et al. 2001 (Science 293:2470). OPA and hV4 were put where
# the papers describe them, not at a printed number: OPA on the transverse occipital sulcus, in
# front of and below V3A (Nasr et al. 2011, J. Neurosci. 31:13771; Dilks et al. 2013, J. Neurosci.
# 33:1331); hV4 beside the ventral V3, at the posterior transverse collateral sulcus (Wade et al.
# 2002, Phil. Trans. R. Soc. B 357:963; Witthoft et al. 2014, Cereb. Cortex 24:2401).
# Fields: OPA leans to the lower and PPA to the upper field (Silson et al. 2015, J. Vis. 15(6):12),
# faces to the centre and places to the periphery (Levy et al. 2001, Nat. Neurosci. 4:533).
PATCHES: Final[Mapping[str, Patch]] = {
    "hV4": Patch(
        (-29.0, -76.0, -14.0), (29.0, -75.0, -14.0), 110, (0.12, 0.80), (-80.0, 70.0), (0.17, 0.25)
    ),
    "OPA": Patch(
        (-33.0, -82.0, 20.0), (35.0, -80.0, 21.0), 110, (0.25, 0.70), (75.0, -10.0), (0.30, 0.20)
    ),
    "PPA": Patch(
        mni_from_talairach(-24.0, -39.0, -5.5),
        mni_from_talairach(24.0, -39.0, -5.5),
        110,
        (0.30, 0.60),
        (-70.0, 20.0),
        (0.45, 0.20),
    ),
    "EBA": Patch(
        mni_from_talairach(-51.0, -72.0, 8.0),
        mni_from_talairach(51.0, -71.0, 1.0),
        160,
        (0.15, 0.50),
        (-30.0, 50.0),
        (0.40, 0.20),
    ),
    "FFA": Patch(
        mni_from_talairach(-35.0, -63.0, -10.0),
        mni_from_talairach(40.0, -55.0, -10.0),
        120,
        (0.05, 0.35),
        (-60.0, 40.0),
        (0.40, 0.20),
    ),
}
# Ends of V1 (Horton & Hoyt 1991): the occipital pole, and where the calcarine meets the
# parieto-occipital sulcus; and a place on the cuneus, above the calcarine. MNI305, right.
_FOVEA, _ANTERIOR, _CUNEUS = (18, -98, -8), (21, -60, 6), (4, -85, 20)


@dataclass(frozen=True)
class Cortex:
    """Surfaces of one hemisphere: folded (midway from white to pial), sphere, and the edges.

    Attributes
    ----------
    folded, sphere
        Places of the vertices, mm.
    edges
        Lengths of the edges of the folded surface, mm; symmetric.
    """

    folded: Float[np.ndarray, "vertex 3"]
    sphere: Float[np.ndarray, "vertex 3"]
    edges: coo_array

    def nearest(self, place: Float[np.ndarray, "3"]) -> int:
        """Vertex of the folded surface that is nearest to a place, mm."""
        return int(np.linalg.norm(self.folded - place, axis=1).argmin())


def cortex_of(side: int) -> Cortex:
    """Read the surfaces of a hemisphere of fsaverage5 (0 left, 1 right)."""
    white, faces = fsaverage5_surface("white", side)
    folded = (white.astype(np.float64) + fsaverage5_surface("pial", side)[0]) / 2
    pairs = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    lengths = np.linalg.norm(folded[pairs[:, 0]] - folded[pairs[:, 1]], axis=1)
    # Each edge belongs to two triangles that run along it in opposite directions, so this holds
    # every edge once in each direction.
    edges = coo_array((lengths, (pairs[:, 0], pairs[:, 1])), shape=2 * (len(folded),))
    return Cortex(folded, sphere_coordinates(SPACE, side).astype(np.float64), edges)


def _grow(
    cortex: Cortex, centre: Float[np.ndarray, "3"], count: int, free: Bool[np.ndarray, "vertex"]
) -> Int[np.ndarray, "member"]:
    """Vertices of a patch: the free ones nearest to its centre along paths over free vertices.

    Pockets between other regions that are too small for the patch are passed over.
    """
    members = np.flatnonzero(free)
    inside = cortex.edges.tocsr()[members][:, members]
    _, island = connected_components(inside, directed=False)
    roomy = np.bincount(island)[island] >= count
    away = np.linalg.norm(cortex.folded[members] - centre, axis=1)
    start = np.where(roomy, away, np.inf).argmin()
    # scipy's stubs do not know a sliced sparse array for a graph
    distance = dijkstra(inside, directed=False, indices=start)  # type: ignore[call-overload]
    return np.asarray(members[np.argsort(distance, kind="stable")[:count]])


def _patch_fields(
    patch: Patch, places: Float[np.ndarray, "member 3"], side: int
) -> tuple[Float[np.ndarray, "member 2"], Float[np.ndarray, "member"]]:
    """Centres and sizes of the fields of a patch, changing smoothly over it."""
    local = places - places.mean(axis=0)
    outward = 1.0 if side == RIGHT else -1.0
    forward = local[:, 1] / np.abs(local[:, 1]).max()
    # Medial and ventral count alike, so that one rule serves ventral and lateral patches.
    across = outward * local[:, 0] + local[:, 2]
    across = across / np.abs(across).max()
    eccentricity = np.interp(forward, [-1, 1], patch.eccentricity)
    turn = np.deg2rad(np.interp(across, [-1, 1], patch.elevation))
    contralateral = -outward
    centre = eccentricity[:, None] * np.stack([contralateral * np.cos(turn), np.sin(turn)], axis=1)
    return centre, patch.size[0] + patch.size[1] * eccentricity


def _early(cortex: Cortex, side: int, rng: Generator | None) -> Fields:
    """Areas and field centres of V1, V2 and V3 on one hemisphere."""
    outward = np.array([1.0 if side == RIGHT else -1.0, 1, 1])
    places = np.array([_FOVEA, _ANTERIOR, _CUNEUS]) * outward
    ends = [cortex.sphere[cortex.nearest(place)] for place in places]
    chart = calcarine_chart(*ends)
    chart_places, width = chart.locate(cortex.sphere), 1.0
    if rng is not None:
        chart_places = chart_places + complex(*rng.normal(0, 1.5, 2))
        width = float(np.exp(rng.normal(0, 0.05)))
    return visual_field(chart_places, chart.length, side, width)


def _lay_out(side: int, rng: Generator | None) -> dict[str, np.ndarray]:
    """Lay the regions of one hemisphere out; one entry a vertex that belongs to a region."""
    cortex = cortex_of(side)
    fields = _early(cortex, side, rng)
    region = np.where(fields.area >= 0, fields.area, -1)
    space, size = fields.centre.copy(), np.full(len(region), np.nan)
    eccentricity = np.linalg.norm(space, axis=1)
    for code, name in enumerate(EARLY):
        size[region == code] = field_size(name, eccentricity[region == code])
    for name, patch in PATCHES.items():
        centre = np.array(patch.left if side == LEFT else patch.right)
        count = patch.vertices
        if rng is not None:
            centre = centre + rng.normal(0, 1.5, 3)
            count = round(count * float(np.exp(rng.normal(0, 0.08))))
        members = _grow(cortex, centre, count, region < 0)
        region[members] = REGIONS.index(name)
        space[members], size[members] = _patch_fields(patch, cortex.folded[members], side)
    vertex = np.flatnonzero(region >= 0)
    return {
        "hemisphere": np.full(len(vertex), side, np.int8),
        "vertex_index": vertex.astype(np.int64),
        "region": region[vertex],
        "space": space[vertex],
        "size": size[vertex],
    }


def typical_field_size(
    level: Float[np.ndarray, "vertex"], eccentricity: Float[np.ndarray, "vertex"]
) -> Float[np.ndarray, "vertex"]:
    """Receptive-field size of vertices that belong to no region, by their place in the hierarchy.

    Parameters
    ----------
    level
        0 to 1, as of :data:`LEVELS`.
    eccentricity
        Of the receptive field's centre, image coordinates.

    Returns
    -------
    ndarray
        Standard deviation, image coordinates: it grows with eccentricity, by an offset and a slope
        that lie between those of the regions next in level.
    """
    sizes = {**FIELD_SIZES, **{name: patch.size for name, patch in PATCHES.items()}}
    known = sorted(set(LEVELS.values()))
    pairs = [
        np.mean([sizes[name] for name in REGIONS if LEVELS[name] == each], axis=0) for each in known
    ]
    offset, slope = (np.interp(level, known, values) for values in np.transpose(pairs))
    return np.asarray(offset + slope * eccentricity)


def visual_cortex(rng: Generator | None = None) -> xr.Dataset:
    """Lay out the visual cortex of a simulated subject.

    Parameters
    ----------
    rng
        Shifts regions by some 1.5 mm, changes their size by some 8 % and shakes the receptive
        fields a little, so that subjects differ; the plain layout when left out.

    Returns
    -------
    xr.Dataset
        Dimension ``vertex`` (about 2,400, the left hemisphere first): ``coordinates`` (vertex,
        axis; mm, for the encoder), ``hemisphere``, ``vertex_index`` (on fsaverage5), ``roi_mask``
        (vertex, roi), and the truth: ``planted_category`` (name of the region), ``planted_space``
        (vertex, image_axis; centre of the receptive field, x right, y down, image coordinates),
        ``planted_size`` (its standard deviation, image coordinates), ``planted_level`` (0 to 1).
    """
    sides = [_lay_out(side, rng) for side in (LEFT, RIGHT)]
    joined = {name: np.concatenate([side[name] for side in sides]) for name in sides[0]}
    if rng is not None:
        space, size = joined["space"], joined["size"]
        joined["space"] = space + 0.15 * size[:, None] * rng.standard_normal(space.shape)
        joined["size"] = size * np.exp(rng.normal(0, 0.1, size.shape))
    coordinates = encoder_coordinates(SPACE, joined["hemisphere"], joined["vertex_index"])
    placed = {
        "coordinates": (("vertex", "axis"), coordinates, {"units": "mm"}),
        "hemisphere": ("vertex", joined["hemisphere"], {"description": "0 left, 1 right"}),
        "vertex_index": ("vertex", joined["vertex_index"], {"description": f"on {SPACE}"}),
    }
    return xr.Dataset(
        placed | _truth(joined["region"], joined["space"], joined["size"]),
        coords={"roi": list(REGIONS)},
        attrs={"space": SPACE},
    )


def _truth(
    region: Int[np.ndarray, "vertex"],
    space: Float[np.ndarray, "vertex 2"],
    size: Float[np.ndarray, "vertex"],
) -> dict[str, tuple[object, ...]]:
    """Make the variables that say what each vertex is."""
    unit = {"units": "image coordinates"}
    centre = unit | {"description": "centre of the receptive field"}
    spread = unit | {"description": "standard deviation of the receptive field"}
    level = np.array(list(LEVELS.values()), np.float32)
    return {
        "roi_mask": (("vertex", "roi"), region[:, None] == np.arange(len(REGIONS))),
        "planted_category": ("vertex", np.array(REGIONS)[region]),
        "planted_space": (("vertex", "image_axis"), space.astype(np.float32), centre),
        "planted_size": ("vertex", size.astype(np.float32), spread),
        "planted_level": (
            "vertex",
            level[region],
            {"description": "place in the hierarchy, 0 to 1"},
        ),
    }

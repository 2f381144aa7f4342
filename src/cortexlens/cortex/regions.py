"""The visual regions of a simulated subject on fsaverage5.

V1, V2 and V3 come from :mod:`cortexlens.cortex.retinotopy`. The other regions are patches grown on
the folded surface around a centre. Centres are in mm in the MNI305 space of fsaverage; those that
were published in Talairach space are converted by :func:`mni_from_talairach`.
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
# Level of a region in the hierarchy, 0 to 1. V1, V2, V3, OPA and EBA are as in "Brain Decodes Deep
# Nets" (arXiv 2312.01280); the levels of hV4, PPA and FFA were chosen to fit among them.
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
    """A region that is not part of the retinotopic map along the calcarine sulcus.

    Attributes
    ----------
    left, right
        Centre in each hemisphere, MNI305, in mm.
    vertices
        Size in vertices of fsaverage5 per hemisphere.
    eccentricity
        Eccentricity of receptive-field centres at the posterior and at the anterior edge of the
        patch.
    elevation
        Angle of receptive-field centres from the horizontal in degrees, at the medial (ventral) and
        at the lateral (dorsal) edge; positive is the lower visual field.
    size
        Receptive-field size (standard deviation) at the fovea, and its slope over eccentricity.
    """

    left: tuple[float, float, float]
    right: tuple[float, float, float]
    vertices: int
    eccentricity: tuple[float, float]
    elevation: tuple[float, float]
    size: tuple[float, float]


def mni_from_talairach(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Convert coordinates from Talairach to MNI space by the inverse of M. Brett's transform.

    Parameters
    ----------
    x, y, z
        Coordinates in mm in the space of Talairach & Tournoux (1988).

    Returns
    -------
    tuple of float
        Coordinates in mm in MNI space.
    """
    scale, shear = (0.9189, 0.0460) if z >= 0 else (0.8390, 0.0420)
    back = np.linalg.inv([[0.9688, shear], [-0.0485, scale]])
    forward, up = back @ [y, z]
    return x / 0.99, float(forward), float(up)


# Centres of FFA, PPA and EBA are the Talairach coordinates commonly cited from the papers that
# named these regions: Kanwisher, McDermott & Chun 1997 (J. Neurosci. 17:4302); Epstein & Kanwisher
# 1998 (Nature 392:598), averaged over hemispheres; Downing et al. 2001 (Science 293:2470). Centres
# of OPA and hV4 follow anatomical descriptions rather than published coordinates: OPA on the
# transverse occipital sulcus, anterior and inferior to V3A (Nasr et al. 2011, J. Neurosci.
# 31:13771; Dilks et al. 2013, J. Neurosci. 33:1331); hV4 next to ventral V3, at the posterior
# transverse collateral sulcus (Wade et al. 2002, Phil. Trans. R. Soc. B 357:963; Witthoft et al.
# 2014, Cereb. Cortex 24:2401). Receptive fields: OPA is biased to the lower and PPA to the upper
# visual field (Silson et al. 2015, J. Vis. 15(6):12), faces to the fovea and places to the
# periphery (Levy et al. 2001, Nat. Neurosci. 4:533).
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
# Ends of V1 (Horton & Hoyt 1991), the occipital pole and the junction of the calcarine and the
# parieto-occipital sulcus; and a point on the cuneus, above the calcarine. MNI305, right
# hemisphere.
_FOVEA, _ANTERIOR, _CUNEUS = (18, -98, -8), (21, -60, 6), (4, -85, 20)


@dataclass(frozen=True)
class Cortex:
    """Surfaces of one hemisphere: folded (midway between white and pial) and sphere, and edges.

    Attributes
    ----------
    folded, sphere
        Coordinates of the vertices, in mm.
    edges
        Lengths of the edges of the folded surface, in mm; symmetric.
    """

    folded: Float[np.ndarray, "vertex 3"]
    sphere: Float[np.ndarray, "vertex 3"]
    edges: coo_array

    def nearest(self, place: Float[np.ndarray, "3"]) -> int:
        """Vertex of the folded surface that is nearest to a point, given in mm."""
        return int(np.linalg.norm(self.folded - place, axis=1).argmin())


def cortex_of(side: int) -> Cortex:
    """Read the surfaces of a hemisphere of fsaverage5 (0 left, 1 right)."""
    white, faces = fsaverage5_surface("white", side)
    folded = (white.astype(np.float64) + fsaverage5_surface("pial", side)[0]) / 2
    pairs = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    lengths = np.linalg.norm(folded[pairs[:, 0]] - folded[pairs[:, 1]], axis=1)
    # Each edge belongs to two triangles that traverse it in opposite directions, so every edge is
    # listed once in each direction.
    edges = coo_array((lengths, (pairs[:, 0], pairs[:, 1])), shape=2 * (len(folded),))
    return Cortex(folded, sphere_coordinates(SPACE, side).astype(np.float64), edges)


def _grow(
    cortex: Cortex, centre: Float[np.ndarray, "3"], count: int, free: Bool[np.ndarray, "vertex"]
) -> Int[np.ndarray, "member"]:
    """Vertices of a patch: the free ones nearest to its centre along paths of free vertices.

    Gaps between other regions that are too small for the patch are ignored.
    """
    members = np.flatnonzero(free)
    inside = cortex.edges.tocsr()[members][:, members]
    _, island = connected_components(inside, directed=False)
    roomy = np.bincount(island)[island] >= count
    away = np.linalg.norm(cortex.folded[members] - centre, axis=1)
    start = np.where(roomy, away, np.inf).argmin()
    # scipy's type stubs do not accept a sliced sparse array as a graph
    distance = dijkstra(inside, directed=False, indices=start)  # type: ignore[call-overload]
    return np.asarray(members[np.argsort(distance, kind="stable")[:count]])


def _patch_fields(
    patch: Patch, places: Float[np.ndarray, "member 3"], side: int
) -> tuple[Float[np.ndarray, "member 2"], Float[np.ndarray, "member"]]:
    """Receptive-field centres and sizes of a patch, which vary smoothly across it."""
    local = places - places.mean(axis=0)
    outward = 1.0 if side == RIGHT else -1.0
    forward = local[:, 1] / np.abs(local[:, 1]).max()
    # medial and ventral are treated as one direction, so that one rule fits all patches
    across = outward * local[:, 0] + local[:, 2]
    across = across / np.abs(across).max()
    eccentricity = np.interp(forward, [-1, 1], patch.eccentricity)
    turn = np.deg2rad(np.interp(across, [-1, 1], patch.elevation))
    contralateral = -outward
    centre = eccentricity[:, None] * np.stack([contralateral * np.cos(turn), np.sin(turn)], axis=1)
    return centre, patch.size[0] + patch.size[1] * eccentricity


def _early(cortex: Cortex, side: int, rng: Generator | None) -> Fields:
    """Areas and receptive-field centres of V1, V2 and V3 in one hemisphere."""
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
    """Lay out the regions of one hemisphere; one entry for each vertex that belongs to a region."""
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
    """Typical receptive-field size of vertices outside the regions, by level in the hierarchy.

    Parameters
    ----------
    level
        Level in the hierarchy, 0 to 1, as in :data:`LEVELS`.
    eccentricity
        Eccentricity of the receptive-field centre, in image coordinates.

    Returns
    -------
    ndarray
        Standard deviation in image coordinates. It grows linearly with eccentricity; offset and
        slope are interpolated between those of the regions nearest in level.
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
        Generator that makes subjects differ: it shifts regions by about 1.5 mm, changes their size
        by about 8 %, and jitters receptive fields. None: the standard layout.

    Returns
    -------
    xr.Dataset
        Dimension ``vertex`` (about 2,400, left hemisphere first): ``coordinates`` (vertex, axis;
        mm, for the encoder), ``hemisphere``, ``vertex_index`` (on fsaverage5), ``roi_mask``
        (vertex, roi), and the truth: ``planted_category`` (name of the region), ``planted_space``
        (vertex, image_axis; receptive-field centre, x right, y down, image coordinates),
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
    """Variables that hold the ground truth of each vertex."""
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
            {"description": "level in the hierarchy, 0 to 1"},
        ),
    }

"""Data of a fit that the figures need, checked once."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int

from cortexlens.cortex.meshes import N_VERTICES, check_vertices
from cortexlens.errors import CortexlensError
from cortexlens.shapes import LAYER

_NEEDED = {
    "layer_selector": ("vertex", "layer"),
    "space_selector": ("vertex", "image_axis"),
    "scale_selector": ("vertex",),
    "confidence": ("vertex",),
    "r2_test": ("vertex",),
}
TEST_R2 = "test R²"
# Meaning of a fit's ``confidence``: 1 − entropy, or the probability of the strongest layer.
CONFIDENCE: Final = "confidence"
PROBABILITY: Final = "probability"
# Names of readouts in figures; other readouts are shown by their id.
READOUT_NAMES: Final = {"factortopy": "FactorTopy", "stacked": "stacked fit"}
_SURFACE = {"surface_hemisphere", "surface_vertex", "surface_voxel"}


@dataclass(frozen=True)
class Cortex:
    """Vertices of a fit on a template cortex.

    Attributes
    ----------
    space
        ``"fsaverage5"`` or ``"fsaverage"``.
    hemisphere
        0 left, 1 right.
    vertex_index
        Index on the mesh of the hemisphere.
    """

    space: str
    hemisphere: Int[np.ndarray, "vertex"]
    vertex_index: Int[np.ndarray, "vertex"]


@dataclass(frozen=True)
class Volume:
    """Voxels of a fit in their volume.

    Attributes
    ----------
    voxel
        Indices along the volume's axes, from 0.
    affine
        Matrix from these indices to mm; x to the right, y to the front, z upward.
    shape
        Shape of the whole volume in voxels.
    """

    voxel: Int[np.ndarray, "vertex axis"]
    affine: Float[np.ndarray, "4 4"]
    shape: tuple[int, int, int]


@dataclass(frozen=True)
class DrawnFit:
    """A fit with maps, ready to be drawn. Values that are not finite are NaN.

    Attributes
    ----------
    backbone, subject
        Ids of the network and of the subject.
    layer_names
        Names of the layers, first to last.
    layer
        Layer selector, rows sum to 1.
    place
        Receptive-field centre, x right and y down, in [-1, 1].
    scale
        0 local, 1 global.
    confidence
        0 uniform over layers to 1 a single layer, or the probability that the strongest layer is
        the true one, depending on ``meaning``; 1 in a network of a single layer.
    r2
        Raw R² on test images; all NaN if unknown.
    ceiling
        Noise ceiling on r²; all NaN if unknown.
    cortex
        None for a study without a template cortex.
    volume
        None if the vertices are not voxels, or are drawn on a cortex.
    regions
        Name of each non-empty region → membership of each vertex.
    recorded_r2
        As ``r2``, with each recorded vertex or voxel once, for means: on a surface through a
        volume, several vertices show one voxel, and some voxels are shown by none.
    source
        Content hash of the store.
    layer_axis
        Kind of the layers: ``layer``, or ``time step`` of a diffusion network.
    score
        Name of ``r2``, which holds another score in maps that are not of fits.
    readout
        Kind of fit, or id of a variant.
    meaning
        Meaning of the confidence: ``confidence`` or ``probability``.
    size
        Receptive-field size: standard deviation of the window in image widths; None if the readout
        does not estimate it.
    probability
        Probability of each layer of being the strongest, rows sum to 1; None if unknown.
    above_chance
        False if the fit was tested and not shown to predict test responses better than their mean.
    """

    backbone: str
    subject: str
    layer_names: tuple[str, ...]
    layer: Float[np.ndarray, "vertex layer"]
    place: Float[np.ndarray, "vertex axis"]
    scale: Float[np.ndarray, "vertex"]
    confidence: Float[np.ndarray, "vertex"]
    r2: Float[np.ndarray, "vertex"]
    ceiling: Float[np.ndarray, "vertex"]
    cortex: Cortex | None
    volume: Volume | None
    regions: dict[str, Bool[np.ndarray, "vertex"]]
    recorded_r2: Float[np.ndarray, "recorded"]
    source: str
    layer_axis: str = LAYER
    score: str = TEST_R2
    readout: str = "factortopy"
    meaning: str = CONFIDENCE
    size: Float[np.ndarray, "vertex"] | None = None
    probability: Float[np.ndarray, "vertex layer"] | None = None
    above_chance: bool = True

    @property
    def readout_name(self) -> str:
        """Name of the readout in figures."""
        return READOUT_NAMES.get(self.readout, self.readout)

    @property
    def layer_depth(self) -> Float[np.ndarray, "layer"]:
        """Depth of each layer in the network: 0 first, 1 last."""
        n_layers = len(self.layer_names)
        return np.asarray(np.arange(n_layers) / max(1, n_layers - 1))

    @property
    def best_depth(self) -> Float[np.ndarray, "vertex"]:
        """Depth of each vertex's strongest layer; NaN where the selector is NaN."""
        known = ~np.isnan(self.layer).any(axis=1)
        best = np.full(len(self.layer), np.nan)
        best[known] = self.layer_depth[self.layer[known].argmax(axis=1)]
        return best

    @property
    def expected_depth(self) -> Float[np.ndarray, "vertex"]:
        """Mean depth under the layer selector: the expected level of a vertex."""
        return np.asarray(self.layer @ self.layer_depth)

    @property
    def scored(self) -> bool:
        """Whether the test R² of any vertex is known; imported models may have none."""
        return bool(np.isfinite(self.r2).any())

    @property
    def predicted(self) -> Bool[np.ndarray, "vertex"]:
        """Whether the test R² of a vertex is above 0; True for all if none is known."""
        return np.asarray(np.nan_to_num(self.r2, nan=-1.0 if self.scored else 1.0) > 0)

    @property
    def has_ceiling(self) -> bool:
        """Whether the noise ceiling of any vertex is known."""
        return bool(np.isfinite(self.ceiling).any())


def read_fit(dataset: xr.Dataset, name: str) -> DrawnFit:
    """Read from a fit what figures need.

    Parameters
    ----------
    dataset
        Dataset of kind ``fit``, of a readout with layer, space and scale selectors.
    name
        Name of the fit in error messages, usually its path.

    Returns
    -------
    DrawnFit
        With the vertices of a mesh if the store has a mesh or a surface through its volume; else
        with voxels, if it has these.

    Raises
    ------
    CortexlensError
        If a variable is missing or has other dimensions, if there are no vertices, if the number of
        layer names does not match the selector, or if a vertex lies outside the mesh or a voxel
        outside its volume.
    """
    for variable, dims in _NEEDED.items():
        found = dataset[variable].dims if variable in dataset else None
        if found != dims:
            raise CortexlensError(
                f"{name}: needed the variable {variable} over {dims}, found "
                f"{'none' if found is None else found}; maps can be drawn of stacked and "
                "FactorTopy fits only."
            )
    n_vertices, n_layers = dataset["layer_selector"].shape
    names = tuple(map(str, dataset.attrs.get("layer_names", ())))
    if n_vertices == 0 or len(names) != n_layers:
        raise CortexlensError(
            f"{name}: found {n_vertices} vertices, {n_layers} layers and {len(names)} layer "
            "names; needed at least one vertex and one name per layer. Fit again."
        )
    fit = DrawnFit(
        backbone=str(dataset.attrs.get("backbone", "?")),
        subject=str(dataset.attrs.get("subject", "?")),
        layer_names=names,
        layer=_finite(dataset["layer_selector"]),
        place=_finite(dataset["space_selector"]),
        scale=_finite(dataset["scale_selector"]),
        confidence=np.ones(n_vertices) if n_layers == 1 else _finite(dataset["confidence"]),
        r2=_finite(dataset["r2_test"]),
        ceiling=_finite(dataset["noise_ceiling"])
        if "noise_ceiling" in dataset
        else np.full(n_vertices, np.nan),
        cortex=cortex_of(dataset),
        volume=volume_of(dataset, name),
        regions=_regions(dataset),
        recorded_r2=_finite(dataset["r2_test"]),
        source=str(dataset.attrs.get("content_hash", "")),
        layer_axis=str(dataset.attrs.get("layer_axis", LAYER)),
        score=str(dataset.attrs.get("score", TEST_R2)),
        readout=str(dataset.attrs.get("readout", "factortopy")),
        meaning=str(dataset["confidence"].attrs.get("meaning", CONFIDENCE)),
        size=_optional(dataset, "receptive_field_size", ("vertex",)),
        probability=_optional(dataset, "layer_probability", ("vertex", "layer")),
        above_chance=_above_chance(dataset),
    )
    return _on_surface(fit, dataset, name) if set(dataset.variables) >= _SURFACE else fit


def shown_rows(dataset: xr.Dataset) -> Int[np.ndarray, "shown"]:
    """Row of the store that each vertex of :func:`read_fit` shows."""
    if set(dataset.variables) >= _SURFACE:
        return np.asarray(dataset["surface_voxel"].values, np.int64)
    return np.arange(dataset.sizes["vertex"])


def _above_chance(dataset: xr.Dataset) -> bool:
    """Whether a fit is above chance: as its store says, else whether its mean R² is above 0.

    True if no test R² is known.
    """
    if "score" in dataset.attrs:
        return True
    if "above_chance" in dataset.attrs:
        return bool(dataset.attrs["above_chance"])
    r2 = _finite(dataset["r2_test"])
    means = [r2[mask & np.isfinite(r2)] for mask in (r2 == r2, *_regions(dataset).values())]
    known = [values.mean() for values in means if values.size]
    return not known or bool(max(known) > 0)


def _finite(variable: xr.DataArray) -> Float[np.ndarray, "*place"]:
    values = variable.values.astype(np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _optional(
    dataset: xr.Dataset, variable: str, dims: tuple[str, ...]
) -> Float[np.ndarray, "*place"] | None:
    """Values of a variable that not every readout has; None if it is missing."""
    if variable not in dataset or dataset[variable].dims != dims:
        return None
    return _finite(dataset[variable])


def _regions(dataset: xr.Dataset) -> dict[str, Bool[np.ndarray, "vertex"]]:
    if "roi_mask" not in dataset:
        return {}
    masks = dataset["roi_mask"].values.astype(bool).T
    names = map(str, dataset["roi"].values)
    return {name: mask for name, mask in zip(names, masks, strict=True) if mask.any()}


def cortex_of(dataset: xr.Dataset) -> Cortex | None:
    """Vertices on a template cortex; None if the fit has none, as for a volume or neurons."""
    space = dataset.attrs.get("space")
    if space not in N_VERTICES or not {"hemisphere", "vertex_index"} <= set(dataset.variables):
        return None
    cortex = Cortex(
        str(space),
        dataset["hemisphere"].values.astype(np.int8),
        dataset["vertex_index"].values.astype(np.int64),
    )
    check_vertices(cortex.space, cortex.hemisphere, cortex.vertex_index)
    return cortex


def volume_of(dataset: xr.Dataset, name: str) -> Volume | None:
    """Voxels in their volume; None if the fit is not of a volume, whatever its space's name."""
    if "voxel" not in dataset or not {"volume_affine", "volume_shape"} <= set(dataset.attrs):
        return None
    voxel = dataset["voxel"].values.astype(np.int64)
    affine = np.asarray(dataset.attrs["volume_affine"], np.float64)
    shape = tuple(map(int, dataset.attrs["volume_shape"]))
    if voxel.ndim != 2 or voxel.shape[1] != 3 or affine.shape != (4, 4) or len(shape) != 3:
        raise CortexlensError(
            f"{name}: found voxels of shape {voxel.shape}, an affine of {affine.shape} and a "
            f"volume of {len(shape)} axes; needed are three axes and an affine of 4 by 4."
        )
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine)) < 1e-12:
        raise CortexlensError(
            f"{name}: the affine {affine.tolist()} gives voxels no size. Correct the header of the "
            "responses, and collect them again."
        )
    outside = ((voxel < 0) | (voxel >= shape)).any(axis=1)
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        raise CortexlensError(
            f"{name}: voxel {voxel[row].tolist()} at row {row} lies outside the volume of shape "
            f"{shape}. Collect the responses again."
        )
    return Volume(voxel, affine, (shape[0], shape[1], shape[2]))


def _on_surface(fit: DrawnFit, dataset: xr.Dataset, name: str) -> DrawnFit:
    """Give each vertex of a surface the values of the voxel that it lies in."""
    row = dataset["surface_voxel"].values.astype(np.int64)
    if row.size == 0 or row.min() < 0 or row.max() >= len(fit.r2):
        raise CortexlensError(
            f"{name}: found {row.size} vertices of a surface, in voxels {row.min(initial=0)} to "
            f"{row.max(initial=0)} of {len(fit.r2)}. Collect the responses again."
        )
    cortex = Cortex(
        str(dataset.attrs.get("surface_space")),
        dataset["surface_hemisphere"].values.astype(np.int8),
        dataset["surface_vertex"].values.astype(np.int64),
    )
    check_vertices(cortex.space, cortex.hemisphere, cortex.vertex_index)
    regions = {region: mask[row] for region, mask in fit.regions.items() if mask[row].any()}
    names = ("layer", "place", "scale", "confidence", "r2", "ceiling")
    optional = [name for name in ("size", "probability") if getattr(fit, name) is not None]
    values = {field: getattr(fit, field)[row] for field in (*names, *optional)}
    return replace(fit, **values, cortex=cortex, volume=None, regions=regions)

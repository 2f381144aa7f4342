"""What the pictures need of a fit, checked once."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int

from cortexlens.cortex.meshes import N_VERTICES, check_vertices
from cortexlens.errors import CortexlensError

_NEEDED = {
    "layer_selector": ("vertex", "layer"),
    "space_selector": ("vertex", "image_axis"),
    "scale_selector": ("vertex",),
    "confidence": ("vertex",),
    "r2_test": ("vertex",),
}


@dataclass(frozen=True)
class Cortex:
    """Where the vertices of a fit lie on a template cortex, and in which regions.

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
class DrawnFit:
    """A FactorTopy fit, ready to be drawn. Values that are not finite are NaN.

    Attributes
    ----------
    backbone, subject
        Ids of the network and of the subject.
    layer_names
        One a layer, first to last.
    layer
        Layer selector, rows sum to 1.
    place
        Receptive-field centre, x right and y down, in [-1, 1].
    scale
        0 local, 1 global.
    confidence
        0 uniform over layers, 1 one layer; 1 in a network of a single layer.
    r2
        Raw R² on test images; all NaN where it is unknown.
    ceiling
        Noise ceiling on r²; all NaN where it is unknown.
    cortex
        None for a study without a template cortex.
    regions
        Membership of each vertex in each region that has any, by the region's name.
    source
        Content hash of the store.
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
    regions: dict[str, Bool[np.ndarray, "vertex"]]
    source: str

    @property
    def layer_depth(self) -> Float[np.ndarray, "layer"]:
        """Place of each layer in the network: 0 first, 1 last."""
        n_layers = len(self.layer_names)
        return np.asarray(np.arange(n_layers) / max(1, n_layers - 1))

    @property
    def best_depth(self) -> Float[np.ndarray, "vertex"]:
        """Depth of each vertex's strongest layer; NaN where the selector is."""
        known = ~np.isnan(self.layer).any(axis=1)
        best = np.full(len(self.layer), np.nan)
        best[known] = self.layer_depth[self.layer[known].argmax(axis=1)]
        return best

    @property
    def expected_depth(self) -> Float[np.ndarray, "vertex"]:
        """Mean depth under the layer selector: the hierarchy score of a vertex."""
        return np.asarray(self.layer @ self.layer_depth)

    @property
    def scored(self) -> bool:
        """Whether the test R² of any vertex is known; a model from elsewhere may have none."""
        return bool(np.isfinite(self.r2).any())

    @property
    def predicted(self) -> Bool[np.ndarray, "vertex"]:
        """Whether the fit predicts a vertex at all: test R² above 0; all where none is known."""
        return np.asarray(np.nan_to_num(self.r2, nan=-1.0 if self.scored else 1.0) > 0)

    @property
    def has_ceiling(self) -> bool:
        """Whether the noise ceiling of any vertex is known."""
        return bool(np.isfinite(self.ceiling).any())


def read_fit(dataset: xr.Dataset, name: str) -> DrawnFit:
    """Take what is drawn out of a fit.

    Parameters
    ----------
    dataset
        Of kind ``fit``, readout FactorTopy.
    name
        How errors call it, usually its file name.

    Returns
    -------
    DrawnFit

    Raises
    ------
    CortexlensError
        If a variable is missing or has other dimensions, if there are no vertices, if the layer
        names do not match the selector, or if a vertex lies outside the mesh.
    """
    for variable, dims in _NEEDED.items():
        found = dataset[variable].dims if variable in dataset else None
        if found != dims:
            raise CortexlensError(
                f"{name}: needed the variable {variable} over {dims}, found "
                f"{'none' if found is None else found}; pictures are drawn of FactorTopy fits."
            )
    n_vertices, n_layers = dataset["layer_selector"].shape
    names = tuple(map(str, dataset.attrs.get("layer_names", ())))
    if n_vertices == 0 or len(names) != n_layers:
        raise CortexlensError(
            f"{name}: found {n_vertices} vertices, {n_layers} layers and {len(names)} layer "
            "names; needed at least one vertex and one name a layer. Fit again."
        )
    return DrawnFit(
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
        cortex=_cortex(dataset),
        regions=_regions(dataset),
        source=str(dataset.attrs.get("content_hash", "")),
    )


def _finite(variable: xr.DataArray) -> Float[np.ndarray, "*place"]:
    values = variable.values.astype(np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _regions(dataset: xr.Dataset) -> dict[str, Bool[np.ndarray, "vertex"]]:
    if "roi_mask" not in dataset:
        return {}
    masks = dataset["roi_mask"].values.astype(bool).T
    names = map(str, dataset["roi"].values)
    return {name: mask for name, mask in zip(names, masks, strict=True) if mask.any()}


def _cortex(dataset: xr.Dataset) -> Cortex | None:
    """Where the vertices lie, or None where no template cortex is named: a volume, a neuron."""
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

"""Ground truth to plant in a subject's cortex: hierarchy levels, and locations in the image."""

from typing import Final

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy.random import Generator
from scipy.stats import rankdata
from sklearn.neighbors import KNeighborsRegressor

from cortexlens.analysis.hierarchy.slope import ideal_level
from cortexlens.cortex.regions import typical_field_size

# Correlation length of the random fields, as a fraction of the cortex's longest axis.
_REACH: Final = 0.2
_N_WAVES: Final = 200
# Standard deviation of levels around that of their region.
_STRAY: Final = 0.15
# Largest distance of a planted centre from the centre of the image, along each axis.
FARTHEST: Final = 0.8
_NEIGHBOURS: Final = 5


def smooth_field(
    coordinates: Float[np.ndarray, "vertex axis"], rng: Generator
) -> Float[np.ndarray, " vertex"]:
    """Draw a Gaussian random field: correlated between neighbours, independent at large distances.

    The sum of random waves has the covariance exp(−d²/2ℓ²), with ℓ a fifth of the longest axis
    (Rahimi & Recht 2007, *Random features for large-scale kernel machines*).

    Parameters
    ----------
    coordinates
        Coordinates of the vertices, in any unit.
    rng
        Random generator.

    Returns
    -------
    ndarray
        Mean 0 and variance 1 over the ensemble of fields.
    """
    longest = float(np.ptp(coordinates, axis=0).max())
    # Vertices with identical coordinates get identical values.
    reach = _REACH * longest if longest else 1.0
    waves = rng.standard_normal((coordinates.shape[1], _N_WAVES)) / reach
    phase = rng.uniform(0, 2 * np.pi, _N_WAVES)
    field: np.ndarray = np.cos(coordinates @ waves + phase).sum(axis=1) * (2 / _N_WAVES) ** 0.5
    return field


def planted_truth(responses: xr.Dataset, rng: Generator) -> xr.Dataset:
    """Draw what is planted in a subject: a level and an image location for every vertex.

    Regions with an ideal level have that level; others are interpolated from the nearest
    of these vertices, and all deviate smoothly. Without two such levels, levels rise along the
    cortex's longest axis. Locations are smooth over the cortex and cover the image evenly. Without
    coordinates both are random for every vertex. Receptive-field sizes grow with the level and with
    eccentricity, as in the simulated subjects.

    Parameters
    ----------
    responses
        Store of kind ``responses``; ``coordinates`` and ``roi_mask`` are used if present.
    rng
        Random generator.

    Returns
    -------
    xr.Dataset
        ``planted_level`` (vertex), 0 the first layer to 1 the last; ``planted_space`` (vertex,
        image_axis), x right and y down, as in :func:`cortexlens.cortex.regions.visual_cortex`; and
        ``planted_size`` (vertex), the standard deviation of the receptive field in image widths.
    """
    n_vertices = responses.sizes["vertex"]
    if "coordinates" not in responses:
        level = rng.uniform(size=n_vertices)
        x, y = rng.uniform(-FARTHEST, FARTHEST, (2, n_vertices))
    else:
        places = responses["coordinates"].values.astype(np.float64)
        level = _levels(responses, places, rng)
        x, y = (FARTHEST * (2 * _quantile(smooth_field(places, rng)) - 1) for _ in range(2))
    size = typical_field_size(level, np.hypot(x, y)) / 2  # the image is two units wide
    return xr.Dataset(
        {
            "planted_level": ("vertex", level),
            "planted_space": (("vertex", "image_axis"), np.stack([x, y], axis=1)),
            "planted_size": ("vertex", size, {"units": "image widths"}),
        }
    )


def _levels(
    responses: xr.Dataset, places: Float[np.ndarray, "vertex axis"], rng: Generator
) -> Float[np.ndarray, " vertex"]:
    ideal = ideal_level(responses)
    known = np.isfinite(ideal)
    if np.unique(ideal[known]).size < 2:
        centred = places - places.mean(axis=0)
        _, _, axes = np.linalg.svd(centred, full_matrices=False)
        return _quantile(centred @ axes[0])
    near = KNeighborsRegressor(min(_NEIGHBOURS, int(known.sum())), weights="distance")
    level = np.where(known, ideal, near.fit(places[known], ideal[known]).predict(places))
    return np.clip(level + _STRAY * smooth_field(places, rng), 0, 1)


def _quantile(values: Float[np.ndarray, " vertex"]) -> Float[np.ndarray, " vertex"]:
    """Rank of each value, from 0 to 1."""
    ranks: np.ndarray = (rankdata(values) - 0.5) / len(values)
    return ranks

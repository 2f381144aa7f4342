"""Agreement of the maps of one network between two subjects who share a cortex."""

from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float, Int

from cortexlens.analysis.statistics.agreement import (
    argmax_agreement,
    centre_distance,
    total_variation,
)
from cortexlens.analysis.statistics.intervals import Resampling, first_region, patch_means
from cortexlens.cortex.meshes import N_VERTICES, encoder_coordinates

QUANTITIES: Final = ("argmax_agreement", "total_variation", "field_shift", "scale_difference")
COLUMNS = (
    *("backbone", "readout", "first", "second"),
    *(f"{name}{end}" for name in QUANTITIES for end in ("", "_low", "_high")),
    *("n", "blocks"),
)


class Shared(NamedTuple):
    """Vertices that two fits share.

    Attributes
    ----------
    first, second
        Row of each shared vertex in either fit.
    places
        ``coordinates`` (mm) and, on a cortex, ``hemisphere`` of each shared vertex.
    """

    first: Int[np.ndarray, " place"]
    second: Int[np.ndarray, " place"]
    places: xr.Dataset


def shared_places(first: xr.Dataset, second: xr.Dataset) -> Shared | None:
    """Vertices that two fits share: those of one mesh, or else all if coordinates are identical.

    Parameters
    ----------
    first, second
        Datasets of kind ``fit``. On a mesh, vertices are identified by hemisphere and index, or by
        those of the surface through their volume.

    Returns
    -------
    Shared or None
        None if they share no vertices.
    """
    one, other = _on_mesh(first), _on_mesh(second)
    if one is not None and other is not None:
        return _on_same_mesh(*one, *other)
    alike = all("coordinates" in fit for fit in (first, second)) and np.array_equal(
        first["coordinates"].values, second["coordinates"].values
    )
    if not alike:
        return None
    rows = np.arange(first.sizes["vertex"])
    kept = [name for name in ("coordinates", "hemisphere") if name in first]
    return Shared(rows, rows, first[kept].reset_coords(drop=True))


def _on_same_mesh(
    space: str,
    names: pd.MultiIndex,
    rows: np.ndarray,
    space_too: str,
    names_too: pd.MultiIndex,
    rows_too: np.ndarray,
) -> Shared | None:
    common = names.intersection(names_too)
    if space != space_too or len(common) == 0:
        return None
    side, vertex = (common.get_level_values(level).to_numpy() for level in (0, 1))
    side, vertex = side.astype(np.int8), vertex.astype(np.int64)
    places = xr.Dataset(
        {
            "coordinates": (("vertex", "axis"), encoder_coordinates(space, side, vertex)),
            "hemisphere": ("vertex", side),
        }
    )
    return Shared(rows[names.get_indexer(common)], rows_too[names_too.get_indexer(common)], places)


def _on_mesh(fit: xr.Dataset) -> tuple[str, pd.MultiIndex, np.ndarray] | None:
    """Name of a fit's mesh, its vertices by hemisphere and index, and the row of each."""
    if {"surface_hemisphere", "surface_vertex", "surface_voxel"} <= set(fit.variables):
        space, names = fit.attrs.get("surface_space"), ("surface_hemisphere", "surface_vertex")
        rows = fit["surface_voxel"].values
    elif {"hemisphere", "vertex_index"} <= set(fit.variables):
        space, names = fit.attrs.get("space"), ("hemisphere", "vertex_index")
        rows = np.arange(fit.sizes["vertex"])
    else:
        return None
    if space not in N_VERTICES:
        return None
    return str(space), pd.MultiIndex.from_arrays([fit[name].values for name in names]), rows


def differences(
    first: xr.Dataset, second: xr.Dataset, shared: Shared
) -> Float[np.ndarray, "place quantity"]:
    """Each of :data:`QUANTITIES` at each shared vertex, for two fits of one network."""
    one, other = first.isel(vertex=shared.first), second.isel(vertex=shared.second)
    layers, centres, scales = (
        [np.asarray(fit[f"{name}_selector"].values, np.float64) for fit in (one, other)]
        for name in ("layer", "space", "scale")
    )
    return np.stack(
        [
            argmax_agreement(*layers).astype(np.float64),
            total_variation(*layers),
            centre_distance(*centres),
            np.abs(scales[0] - scales[1]),
        ],
        axis=1,
    )


def agreement_table(
    fits: list[xr.Dataset], *, confidence_level: float = 0.95, bootstraps: int = 1000, seed: int = 0
) -> tuple[pd.DataFrame, list[str]]:
    """``subject_agreement.tsv``: one row for each network, readout and pair of subjects.

    Parameters
    ----------
    fits
        Fits with layer, space and scale selectors.
    confidence_level
        Confidence level of the intervals from ``_low`` to ``_high``, over errors within regions.
    bootstraps, seed
        Number of draws, and their seed.

    Returns
    -------
    table, apart
        Table with columns :data:`COLUMNS`; and a line for each pair that shares no vertices and
        thus has no row.
    """
    rows: list[dict[str, object]] = []
    apart: list[str] = []
    keys = ("backbone", "readout", "subject")
    fits = sorted(fits, key=lambda fit: [str(fit.attrs[key]) for key in keys])
    for first, second in combinations(fits, 2):
        backbone, who = first.attrs["backbone"], [fit.attrs["subject"] for fit in (first, second)]
        if any(first.attrs[key] != second.attrs[key] for key in keys[:2]):
            continue
        shared = shared_places(first, second)
        if shared is None:
            apart.append(f"{backbone}: {' and '.join(who)} share no place; no row")
            continue
        values = differences(first, second, shared)
        region = first_region(first)[shared.first]
        found = patch_means(
            values, shared.places, region, Resampling(confidence_level, bootstraps, seed)
        )
        about = {"backbone": backbone, "readout": first.attrs["readout"]}
        about |= {"first": who[0], "second": who[1]}
        rows.append(about | found.columns(QUANTITIES) | {"n": found.n, "blocks": found.blocks})
    return pd.DataFrame(rows, columns=list(COLUMNS)), apart

"""Regions of interest: named masks, assembled from labels."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Integer

from cortexlens.errors import CortexlensError

Regions = dict[str, Bool[np.ndarray, "vertex"]]
MERGED = {area: (f"{area}v", f"{area}d") for area in ("V1", "V2", "V3")}


def named_regions(
    labels: Integer[np.ndarray, "vertex"],
    names: Mapping[int, str],
    where: Path,
    hemisphere: Integer[np.ndarray, "vertex"] | None = None,
) -> Regions:
    """Turn labels into named masks; the left and the right label of one name make one region.

    Parameters
    ----------
    labels
        Label of each vertex.
    names
        Label → name; other labels are ignored.
    where
        File that names the labels, for error messages.
    hemisphere
        Hemisphere of each vertex, if known: 0 left, 1 right.

    Returns
    -------
    dict
        Name → mask over vertices, in the order of the labels that have a vertex.

    Raises
    ------
    CortexlensError
        If two labels share a name without being the left and the right part of a region.
    """
    present = np.unique(labels)
    regions: Regions = {}
    parts: dict[str, dict[int, float]] = {}
    for label in (int(one) for one in present if int(one) in names):
        name, mask = names[label], labels == label
        # majority vote: a region at the midline may extend a few voxels across it
        side = 0.5 if hemisphere is None else float(np.rint(hemisphere[mask].mean()))
        others = parts.setdefault(name, {})
        twin = next((one for one, there in others.items() if there in (side, 0.5)), None)
        if twin is not None:
            raise CortexlensError(
                f"{where}: the labels {twin} and {label} are both named {name!r}, but are not the "
                "left and the right part of one region. Give them different names, or one label."
            )
        others[label] = side
        regions[name] = regions[name] | mask if name in regions else mask
    return regions


def joined_regions(
    classes: Iterable[Mapping[str, Bool[np.ndarray, "vertex"]]], n_vertices: int, where: Path
) -> tuple[list[str], Bool[np.ndarray, "vertex roi"]]:
    """Combine the regions of several classes into one table of masks, and join V1v and V1d to V1.

    Parameters
    ----------
    classes
        For each class, region → mask over vertices.
    n_vertices
        Number of vertices.
    where
        Origin of the regions, for error messages.

    Returns
    -------
    names, masks
        The regions of the classes in order, followed by those of V1, V2 and V3 whose parts are
        present.

    Raises
    ------
    CortexlensError
        If two classes have a region of the same name.
    """
    columns = {}
    for regions in classes:
        for region, mask in regions.items():
            if region in columns:
                raise CortexlensError(f"{where}: two classes have a region {region}.")
            columns[region] = mask
    for area, parts in MERGED.items():
        present = [columns[part] for part in parts if part in columns]
        if present and area not in columns:
            columns[area] = np.logical_or.reduce(present)
    if not columns:
        return [], np.zeros((n_vertices, 0), bool)
    return list(columns), np.stack(list(columns.values()), axis=1)

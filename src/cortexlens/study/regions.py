"""Regions of interest: masks by name, put together from tables of labels."""

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
    """Put labels under their names: the left and the right label of one name make one region.

    Parameters
    ----------
    labels
        Label of each vertex.
    names
        Label → name, of all labels that count.
    where
        File that names them, for the error.
    hemisphere
        0 left, 1 right, of each vertex, where that is known.

    Returns
    -------
    dict
        Name → which vertices belong to it, in the order of the labels that have a vertex.

    Raises
    ------
    CortexlensError
        If two labels have one name and do not lie in one hemisphere each.
    """
    present = np.unique(labels)
    regions: Regions = {}
    parts: dict[str, dict[int, float]] = {}
    for label in (int(one) for one in present if int(one) in names):
        name, mask = names[label], labels == label
        # by majority: a region at the midline reaches a few voxels over it
        side = 0.5 if hemisphere is None else float(np.rint(hemisphere[mask].mean()))
        others = parts.setdefault(name, {})
        twin = next((one for one, there in others.items() if there in (side, 0.5)), None)
        if twin is not None:
            raise CortexlensError(
                f"{where}: the labels {twin} and {label} are both named {name!r}, and are not the "
                "left and the right of one region. Give each a name of its own, or both regions "
                "one label."
            )
        others[label] = side
        regions[name] = regions[name] | mask if name in regions else mask
    return regions


def joined_regions(
    classes: Iterable[Mapping[str, Bool[np.ndarray, "vertex"]]], n_vertices: int, where: Path
) -> tuple[list[str], Bool[np.ndarray, "vertex roi"]]:
    """Put the regions of several classes side by side, and V1v and V1d together to V1.

    Parameters
    ----------
    classes
        For each class, region → which vertices belong to it.
    n_vertices
        How many vertices there are.
    where
        Where the regions come from, for the error.

    Returns
    -------
    names, masks
        Those of the classes in order, then V1, V2 and V3 where there are parts of them.

    Raises
    ------
    CortexlensError
        If two classes name the same region.
    """
    columns = {}
    for regions in classes:
        for region, mask in regions.items():
            if region in columns:
                raise CortexlensError(f"{where}: two classes name {region}.")
            columns[region] = mask
    for area, parts in MERGED.items():
        present = [columns[part] for part in parts if part in columns]
        if present and area not in columns:
            columns[area] = np.logical_or.reduce(present)
    if not columns:
        return [], np.zeros((n_vertices, 0), bool)
    return list(columns), np.stack(list(columns.values()), axis=1)

"""Regions of interest: masks by name, put together from tables of labels."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from cortexlens.errors import CortexlensError

MERGED = {area: (f"{area}v", f"{area}d") for area in ("V1", "V2", "V3")}


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

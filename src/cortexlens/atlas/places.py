"""Positions of a subject's vertices, their regions and their noise ceilings."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Int

from cortexlens.atlas.packing import BYTE, FLOAT, LONG, Coded, numbers
from cortexlens.errors import CortexlensError
from cortexlens.figures.maps.fits import Cortex, cortex_of, shown_rows, volume_of


@dataclass(frozen=True)
class Place:
    """Vertices of a subject.

    Attributes
    ----------
    subject
        Id of the subject.
    rows
        Row of the stores that each vertex shows; on a surface through a volume, several vertices
        show one voxel.
    cortex
        Vertices on a template cortex; None if there is none.
    arrays
        Arrays for the page.
    rois
        Names of the regions.
    n_stored
        Number of vertices in the stores.
    """

    subject: str
    rows: Int[np.ndarray, " vertex"]
    cortex: Cortex | None
    arrays: dict[str, Coded]
    rois: list[str]
    n_stored: int

    @property
    def entry(self) -> dict[str, Any]:
        """Entry of the subject in the manifest."""
        return {
            "id": self.subject,
            "space": None if self.cortex is None else self.cortex.space,
            "n_vertices": len(self.rows),
            "rois": self.rois,
        }


def place_of(dataset: xr.Dataset, name: str) -> Place:
    """Determine the positions of the vertices of a store.

    Parameters
    ----------
    dataset
        Dataset of kind ``fit``, ``dictionary`` or ``channels``.
    name
        Name of the store in error messages.

    Raises
    ------
    CortexlensError
        If a vertex lies outside the mesh, or a voxel outside its volume.
    """
    rows, cortex = shown_rows(dataset), _cortex(dataset)
    arrays: dict[str, Coded] = {}
    if cortex is not None:
        arrays["vertex_index"] = (cortex.vertex_index, LONG)
        arrays["hemisphere"] = (cortex.hemisphere, BYTE)
    else:
        arrays.update(_off_mesh(dataset, name))
    n_stored = int(dataset.sizes["vertex"])
    if not np.array_equal(rows, np.arange(n_stored)):
        arrays["row"] = (rows, numbers(n_stored))
    if "noise_ceiling" in dataset:
        arrays["ceiling"] = (dataset["noise_ceiling"].values[rows], FLOAT)
    rois: list[str] = []
    if "roi_mask" in dataset:
        masks = dataset["roi_mask"].values.astype(bool)[rows]
        kept = masks.any(axis=0)
        rois = [str(roi) for roi in dataset["roi"].values[kept]]
        arrays["roi"] = (masks[:, kept], BYTE)
    return Place(str(dataset.attrs["subject"]), rows, cortex, arrays, rois, n_stored)


def check_place(place: Place, dataset: xr.Dataset, name: str) -> None:
    """Refuse a store whose vertices differ from those of the first store of the subject.

    Raises
    ------
    CortexlensError
        If the number of vertices differs.
    """
    found = dataset.sizes["vertex"]
    if found != place.n_stored:
        raise CortexlensError(
            f"{name}: found {found} vertices of subject {place.subject}, but other stores have "
            f"{place.n_stored}. Make all of them from the same responses."
        )


def _cortex(dataset: xr.Dataset) -> Cortex | None:
    if "surface_vertex" not in dataset:
        return cortex_of(dataset)
    return Cortex(
        str(dataset.attrs["surface_space"]),
        dataset["surface_hemisphere"].values.astype(np.int8),
        dataset["surface_vertex"].values.astype(np.int64),
    )


def _off_mesh(dataset: xr.Dataset, name: str) -> dict[str, Coded]:
    """Coordinates (mm) and hemisphere of voxels, or of any vertices with coordinates."""
    arrays: dict[str, Coded] = {}
    volume = volume_of(dataset, name)
    if volume is not None:
        points = volume.voxel @ volume.affine[:3, :3].T + volume.affine[:3, 3]
        arrays["coordinates"] = (points, FLOAT)
    elif "coordinates" in dataset:
        arrays["coordinates"] = (dataset["coordinates"].values, FLOAT)
    if "hemisphere" in dataset:
        arrays["hemisphere"] = (dataset["hemisphere"].values, BYTE)
    return arrays

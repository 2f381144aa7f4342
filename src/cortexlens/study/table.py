"""Studies of kind ``table``: images in a folder or zip file, responses in a ``.npy`` array."""

from pathlib import Path
from typing import Literal, get_args

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float32, Float64, Shaped

from cortexlens.errors import CortexlensError
from cortexlens.study.arrays import map_npy
from cortexlens.study.images import ImageSet
from cortexlens.study.tsv import read_tsv

BLOCK_VERTICES = 512  # vertices held in float64 at a time
Axes = Literal["vertex,image", "image,vertex"]


def table_images(path: Path) -> ImageSet:
    """List the images of a folder or zip file, in natural order of their names.

    Raises
    ------
    CortexlensError
        If there is neither, or no images in it.
    """
    if path.is_dir():
        return ImageSet.from_folder(path)
    if not path.exists():
        raise CortexlensError(
            f"{path}: there is no such folder or zip file of images. See the column images of "
            "subjects.tsv and dataset.root in the config."
        )
    return ImageSet.from_zip(path)


def table_responses(
    path: Path,
    axes: str,
    train: Bool[np.ndarray, "image"],
    *,
    coordinates: Path | None = None,
    rois: Path | None = None,
    units: str | None = None,
    n_repeats: int | None = None,
) -> xr.Dataset:
    """Read responses that have one value a vertex and image, in the order of the images.

    Each vertex is scaled to mean 0 and standard deviation 1 over the training images, so that
    fits behave alike whatever the unit; ``response_mean`` and ``response_std`` lead back.

    Parameters
    ----------
    path
        Array of numbers, a vertex being any recorded place.
    axes
        ``vertex,image`` or ``image,vertex``.
    train
        Which images are for training.
    coordinates
        Table with the columns x, y and z in mm, one row a vertex.
    rois
        Table with one column of 0 and 1 a region, one row a vertex.
    units
        Unit of the array, for labels.
    n_repeats
        Presentations that each response is an average of.

    Returns
    -------
    xr.Dataset
        For :func:`cortexlens.study.responses.finish_responses`: one trial an image.

    Raises
    ------
    CortexlensError
        If a file is missing or malformed, or its counts do not match the others'.
    """
    raw = _oriented(path, axes, len(train))
    n_vertices = raw.shape[1]
    response, mean, std = _scaled(raw, train)
    given = xr.Dataset(
        {
            "response": (("trial", "vertex"), response),
            "trial_image": ("trial", np.arange(len(train), dtype=np.int64)),
            "response_mean": ("vertex", mean),
            "response_std": ("vertex", std),
        }
    )
    given["response"].attrs["units"] = "standard deviations over the training images"
    for name in ("response_mean", "response_std"):
        given[name].attrs["units"] = units or "as given"
    if n_repeats is not None:
        given.attrs["n_repeats"] = n_repeats
    if coordinates is not None:
        given["coordinates"] = (("vertex", "axis"), _coordinates(coordinates, n_vertices))
        given["coordinates"].attrs["units"] = "mm"
    if rois is not None:
        names, masks = _rois(rois, n_vertices)
        given = given.assign(roi_mask=(("vertex", "roi"), masks)).assign_coords(roi=names)
    return given


def _oriented(path: Path, axes: str, n_images: int) -> Shaped[np.ndarray, "image vertex"]:
    """Map the array as (image, vertex)."""
    if axes not in get_args(Axes):
        raise CortexlensError(
            f"axes {axes!r} are unknown; allowed are {' and '.join(get_args(Axes))}."
        )
    raw = map_npy(path, kinds="fiu", n_axes=2)
    raw = raw.T if axes == "vertex,image" else raw
    if raw.shape[0] != n_images:
        hint = " The other axis has that length: see the column axes." * (raw.shape[1] == n_images)
        raise CortexlensError(
            f"{path}: found responses to {raw.shape[0]} images with axes {axes}, but there are "
            f"{n_images} images.{hint}"
        )
    return raw


def _scaled(
    raw: Shaped[np.ndarray, "image vertex"], train: Bool[np.ndarray, "image"]
) -> tuple[
    Float32[np.ndarray, "image vertex"],
    Float64[np.ndarray, "vertex"],
    Float64[np.ndarray, "vertex"],
]:
    """Scale each vertex by its training images; also the means and standard deviations."""
    response = np.empty(raw.shape, np.float32)
    mean, std = np.empty(raw.shape[1]), np.empty(raw.shape[1])
    for start in range(0, raw.shape[1], BLOCK_VERTICES):
        block = slice(start, start + BLOCK_VERTICES)
        values = raw[:, block].astype(np.float64)
        training = values[train]
        # What is not finite is refused later, by name.
        with np.errstate(invalid="ignore", over="ignore"):
            mean[block], spread = training.mean(axis=0), training.std(axis=0)
            # By value, for equal numbers may miss their mean by rounding; 1 leads back as well.
            varies = training.max(axis=0) > training.min(axis=0)
            std[block] = np.where(varies, spread, 1.0)
            response[:, block] = (values - mean[block]) / std[block]
    return response, mean, std


def _coordinates(path: Path, n_vertices: int) -> Float32[np.ndarray, "vertex axis"]:
    columns = _numbers(path, ("x", "y", "z"), n_vertices)
    return np.stack([columns[name] for name in ("x", "y", "z")], axis=1).astype(np.float32)


def _rois(path: Path, n_vertices: int) -> tuple[list[str], Bool[np.ndarray, "vertex roi"]]:
    columns = _numbers(path, (), n_vertices)
    for name, values in columns.items():
        wrong = np.flatnonzero((values != 0) & (values != 1))
        if wrong.size:
            raise CortexlensError(
                f"{path}, line {wrong[0] + 2}: column {name} holds {values[wrong[0]]:g}; allowed "
                "are 0 and 1, one column a region."
            )
    return list(columns), np.stack(list(columns.values()), axis=1) == 1


def _numbers(path: Path, needed: tuple[str, ...], n_vertices: int) -> dict[str, np.ndarray]:
    """Columns of a table of numbers with one row a vertex."""
    table = read_tsv(path, needed=needed)
    columns = {name: _floats(path, name, table[name]) for name in needed or table}
    n_rows = len(next(iter(columns.values())))
    if n_rows != n_vertices:
        raise CortexlensError(f"{path}: found {n_rows} rows for {n_vertices} vertices.")
    return columns


def _floats(path: Path, name: str, cells: list[str]) -> np.ndarray:
    values = np.empty(len(cells))
    for row, cell in enumerate(cells):
        try:
            values[row] = float(cell)
        except ValueError as error:
            raise CortexlensError(
                f"{path}, line {row + 2}: column {name} holds {cell!r}, which is no number."
            ) from error
    return values

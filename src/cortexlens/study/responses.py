"""The ``responses`` dataset, the common form of the responses of every kind of study."""

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterable

import numpy as np
import xarray as xr
from jaxtyping import Int, Int8

from cortexlens.errors import CortexlensError
from cortexlens.progress import say
from cortexlens.shapes import SPLIT_NAMES
from cortexlens.storage.datasets import row_blocks
from cortexlens.study.pictures.image_set import ImageSet

BLOCK_VALUES = 2**24  # responses processed at a time
DESCRIPTIONS = {
    "response": "response of a vertex in a trial",
    "trial_image": "image shown in a trial, index on the image axis",
    "session": "session of a trial, 0-based",
    "split": ", ".join(f"{code} {name}" for code, name in enumerate(SPLIT_NAMES)),
    "ncsnr": "noise-ceiling signal-to-noise ratio of a single trial",
    "coordinates": "coordinates of a vertex for the topological constraint; axes x, y, z",
    "hemisphere": "0 left, 1 right",
    "voxel": "indices of a voxel in the volume, x, y, z from 0",
    "vertex_index": "index of a vertex on its hemisphere's mesh",
    "surface_hemisphere": "0 left, 1 right: of a vertex of the mesh surface_space",
    "surface_vertex": "index of that vertex on its hemisphere's mesh",
    "surface_voxel": "the voxel that it shows, index on the axis vertex",
    "roi_mask": "whether a vertex belongs to a region",
    "response_mean": "mean before scaling: response * response_std + response_mean is as given",
    "response_std": "standard deviation before scaling",
}


def finish_responses(
    given: xr.Dataset, images: ImageSet, split: Int8[np.ndarray, "image"], *, source: str
) -> xr.Dataset:
    """Check the responses of a subject and fill in the variables that its kind of study lacks.

    Parameters
    ----------
    given
        ``response`` (trial, vertex) and ``trial_image`` (trial), and any other variable of
        ``responses.zarr`` that the study knows. Missing ones are filled in: session 0, ncsnr NaN,
        no regions. ``response`` may be larger than memory; it is read chunk by chunk.
    images
        The images, in the order of the ``image`` axis.
    split
        Part of each image, from :func:`cortexlens.study.split.split_by_image`.
    source
        Origin of the responses, for error messages.

    Returns
    -------
    xr.Dataset
        Ready for :func:`cortexlens.storage.datasets.write_dataset`. Vertices with constant
        responses are kept; their number is reported on standard error.

    Raises
    ------
    CortexlensError
        If there is no vertex, a response is not finite, a trial shows an unknown image, an image
        has no trial, or a vertex or region occurs twice.
    """
    check_responses(given, images, source)
    response = given["response"].transpose("trial", "vertex")
    n_trials, n_vertices = response.shape
    filled = {
        "session": ("trial", np.zeros(n_trials, np.int64)),
        "ncsnr": ("vertex", np.full(n_vertices, np.nan, np.float32)),
        "roi_mask": (("vertex", "roi"), np.zeros((n_vertices, 0), bool)),
    }
    data = given.assign(
        {name: made for name, made in filled.items() if name not in given.variables}
    ).assign(
        response=response.astype(np.float32, copy=False),
        image_id=("image", np.array(images.ids, dtype=object)),
        split=("image", split),
    )
    for name, description in DESCRIPTIONS.items():
        if name in data.variables:
            data[name].attrs.setdefault("description", description)
    return data


def check_responses(given: xr.Dataset, images: ImageSet, source: str) -> None:
    """Refuse responses that no model can be fitted to.

    Parameters
    ----------
    given, images, source
        As for :func:`finish_responses`.

    Raises
    ------
    CortexlensError
        As for :func:`finish_responses`.
    """
    response = given["response"].transpose("trial", "vertex")
    n_trials, n_vertices = response.shape
    if n_trials == 0 or n_vertices == 0:
        raise CortexlensError(
            f"{source}: found {n_trials} trials of {n_vertices} vertices; at least one is needed."
        )
    _check_response(response, source)
    _check_trials(given["trial_image"].to_numpy(), images, source)
    _check_vertices(given, source)


def _check_response(response: xr.DataArray, source: str) -> None:
    """Refuse responses that are not finite or all constant; report vertices that are constant."""
    n_vertices = response.shape[1]
    finite = np.ones(n_vertices, bool)
    lowest = np.full(n_vertices, np.inf, response.dtype)
    highest = -lowest
    step = max(1, BLOCK_VALUES // n_vertices)
    for rows in row_blocks(response):
        for start in range(0, len(rows), step):
            block = rows[start : start + step]
            finite &= np.isfinite(block).all(axis=0)
            np.fmin(lowest, block.min(axis=0), out=lowest)
            np.fmax(highest, block.max(axis=0), out=highest)
    if not finite.all():
        raise CortexlensError(
            f"{source}: {int((~finite).sum())} of {n_vertices} vertices hold NaN or infinite "
            f"responses, the first is vertex {int(np.argmin(finite))} (from 0). Leave these "
            "vertices out, or fill in the values."
        )
    constant = lowest == highest
    if constant.all():
        raise CortexlensError(
            f"{source}: each of {n_vertices} vertices gives the same response in every trial, the "
            f"first {lowest[0]:g}; there is nothing to predict. Check that the file is the right "
            "one, and complete."
        )
    if constant.any():
        say(
            f"{source}: {int(constant.sum())} of {n_vertices} vertices give the same response in "
            f"every trial, the first is vertex {int(np.argmax(constant))}; they are kept"
        )


def _check_trials(trial_image: Int[np.ndarray, "trial"], images: ImageSet, source: str) -> None:
    """Refuse trials without an image and images without a trial."""
    outside = (trial_image < 0) | (trial_image >= len(images))
    if outside.any():
        trial = int(np.argmax(outside))
        raise CortexlensError(
            f"{source}: trial {trial} shows image {trial_image[trial]}; allowed are the images 0 "
            f"to {len(images) - 1}."
        )
    unseen = np.flatnonzero(np.bincount(trial_image, minlength=len(images)) == 0)
    if unseen.size:
        raise CortexlensError(
            f"{source}: {unseen.size} of {len(images)} images have no response, the first is "
            f"{images.ids[unseen[0]]}. List only images that the subject saw."
        )


def _check_vertices(given: xr.Dataset, source: str) -> None:
    """Refuse coordinates that are not finite, and vertices or regions that occur twice."""
    if "coordinates" in given:
        placed = np.isfinite(given["coordinates"].to_numpy()).all(axis=1)
        if not placed.all():
            raise CortexlensError(
                f"{source}: {int((~placed).sum())} vertices have coordinates that are not "
                f"finite, the first is vertex {int(np.argmin(placed))} (from 0)."
            )
    if "vertex_index" in given:
        places = zip(
            given["hemisphere"].to_numpy().tolist(),
            given["vertex_index"].to_numpy().tolist(),
            strict=True,
        )
        _check_once(places, "vertex (hemisphere, index) {}", source)
    if "roi_mask" in given:
        _check_once(given["roi"].to_numpy().tolist(), "region {}", source)


def _check_once(names: Iterable[Hashable], what: str, source: str) -> None:
    """Refuse a name that occurs more than once."""
    for name, times in Counter(names).most_common(1):
        if times > 1:
            raise CortexlensError(f"{source}: {what.format(name)} occurs {times} times.")


def subject_seed(seed: int, subject: str) -> int:
    """Derive a subject's own seed from the study's.

    Parameters
    ----------
    seed
        Seed of the study.
    subject
        Identifier of the subject.

    Returns
    -------
    int
        Below 2⁶³; the same for the same arguments on every machine.
    """
    digest = hashlib.sha256(f"{seed}:{subject}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1

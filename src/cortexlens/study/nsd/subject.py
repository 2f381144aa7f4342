"""Studies of kind ``nsd``: the Natural Scenes Dataset in its released form.

Responses are single trials of up to 40 sessions, on fsaverage or in the subject's 1.8 mm volume,
z-scored within session. Sessions are read one at a time, so memory does not grow with their
number, except for the estimate of the noise ceiling. Source: Allen et al. 2022.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float32, Int64

from cortexlens.errors import CortexlensError
from cortexlens.progress import say, track
from cortexlens.study.ceiling import RunningNcsnr, zscore_within_session
from cortexlens.study.nsd.betas import check_length, read_session, recorded
from cortexlens.study.nsd.design import Design, read_design
from cortexlens.study.nsd.layout import Layout
from cortexlens.study.nsd.places import Places, find_places, find_regions
from cortexlens.study.pictures.hdf5 import brick_source, open_brick
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.table.surfaces import surface_voxels

if TYPE_CHECKING:
    import zarr

BRICK = "imgBrick"


def nsd_images(layout: Layout) -> ImageSet:
    """List the images that a subject saw in some sessions.

    Parameters
    ----------
    layout
        Subject and sessions.

    Returns
    -------
    ImageSet
        Identifiers are the images' numbers among all 73,000, from 0, e.g. ``nsd-00013``; ascending.
        Sources point into the file of stimuli; nothing is unpacked.

    Raises
    ------
    CortexlensError
        If a file is missing or damaged, or lacks an image.
    """
    shown = read_design(layout).shown
    brick = open_brick(layout.stimuli, BRICK)
    if shown[-1] >= len(brick):
        raise CortexlensError(
            f"{layout.stimuli}: {BRICK} holds {len(brick)} images, but {layout.folder} saw image "
            f"{shown[-1]} (from 0) by {layout.design}. Copy both files again."
        )
    sources = [brick_source(layout.stimuli, BRICK, number) for number in shown.tolist()]
    return ImageSet.from_sources(_ids(shown), sources)


def nsd_responses(layout: Layout, image_ids: Sequence[str], scratch: Path) -> xr.Dataset:
    """Read the single trials of a subject's sessions, with coordinates and regions.

    Parameters
    ----------
    layout
        Subject, sessions, and version of the responses.
    image_ids
        Identifiers of the images in ``images.tsv``.
    scratch
        An empty folder that holds the responses while they are collected: 4 bytes per trial and
        vertex.

    Returns
    -------
    xr.Dataset
        Input of :func:`cortexlens.study.responses.finish_responses`. ``response`` is not in memory
        but in ``scratch``, in one chunk per session. Vertices are left out if they are NaN in the
        first trial of a session, or constant in some but not all sessions; their number is reported
        on standard error.

    Raises
    ------
    CortexlensError
        If a file is missing or malformed, or the images are not those of the sessions.
    """
    design = read_design(layout)
    if list(image_ids) != _ids(design.shown):
        raise CortexlensError(
            f"{layout.design}: {layout.folder} saw {len(design.shown)} images in sessions "
            f"{', '.join(map(str, layout.sessions))}, which are not the {len(image_ids)} of "
            "images.tsv. List the images again, with the same sessions."
        )
    places = _recorded_places(layout, find_places(layout), design.trials_per_session)
    names, masks = find_regions(layout, places)
    array, ratio, complete = _gather(layout, places, design, scratch)
    responses = _chunked(array)
    if not complete.all():
        places, masks, ratio = places.those(complete), masks[complete], ratio[complete]
        names = [name for name, there in zip(names, masks.any(axis=0), strict=True) if there]
        masks = masks[:, masks.any(axis=0)]
        responses = responses[:, complete]
    dataset = xr.Dataset(
        {
            "response": (("trial", "vertex"), responses),
            "trial_image": ("trial", design.trial_image),
            "session": (
                "trial",
                np.repeat(np.array(layout.sessions, np.int64) - 1, design.trials_per_session),
            ),
            "ncsnr": ("vertex", ratio),
            "hemisphere": ("vertex", places.hemisphere),
            "coordinates": (("vertex", "axis"), places.coordinates),
            "roi_mask": (("vertex", "roi"), masks),
        },
        coords={"roi": np.array(names, dtype=object)},
        attrs={"space": layout.space},
    )
    dataset["response"].attrs["units"] = "standard deviations within session"
    dataset["coordinates"].attrs["units"] = "mm"
    return _with_indices(dataset, places, layout)


def survey_nsd(layout: Layout) -> tuple[int, int, int, list[str]]:
    """Count the images, trials and vertices of a subject and list the regions.

    The file of every session is opened. On the surface, its first and last trial are read; of a
    compressed volume, only the recorded length.

    Parameters
    ----------
    layout
        As for :func:`nsd_responses`.

    Raises
    ------
    CortexlensError
        As for :func:`nsd_responses`.
    """
    design = read_design(layout)
    places = _recorded_places(layout, find_places(layout), design.trials_per_session)
    for session in layout.sessions:
        for path in layout.betas_files(session):
            check_length(path, places.shape, design.trials_per_session)
    names, masks = find_regions(layout, places)
    n_trials = len(layout.sessions) * design.trials_per_session
    return len(design.shown), n_trials, len(masks), list(names)


def _chunked(array: "zarr.Array[Any]") -> Any:
    """View an array on disk as a dask array with the same chunks."""
    import dask.array

    return dask.array.from_array(array, array.chunks)  # type: ignore[no-untyped-call]


def _ids(shown: Int64[np.ndarray, "image"]) -> list[str]:
    return [f"nsd-{number:05d}" for number in shown.tolist()]


def _with_indices(given: xr.Dataset, places: Places, layout: Layout) -> xr.Dataset:
    """Add the index of each vertex on the mesh, or of each voxel in the volume and on surfaces."""
    if places.affine is None:
        return given.assign(vertex_index=("vertex", np.concatenate(places.flat)))
    given = given.assign(voxel=(("vertex", "axis"), places.voxel)).assign_attrs(
        volume_affine=places.affine.tolist(), volume_shape=list(places.shape)
    )
    if not layout.surface:
        return given
    drawn = surface_voxels(layout.surface, layout.surface_space, places.voxel, places.affine)
    return given.assign({name: ("surface", values) for name, values in drawn.items()}).assign_attrs(
        surface_space=layout.surface_space
    )


def _recorded_places(layout: Layout, places: Places, n_trials: int) -> Places:
    """Leave out vertices that are NaN in some session."""
    valid = np.ones(len(places.hemisphere), bool)
    for session in layout.sessions:
        files = zip(layout.betas_files(session), places.flat, strict=True)
        valid &= np.concatenate(
            [recorded(path, flat, places.shape, n_trials) for path, flat in files]
        )
    if valid.all():
        return places
    where = layout.betas_files(layout.sessions[0])[0].parent
    if not valid.any():
        raise CortexlensError(f"{where}: every vertex of {layout.mask} is NaN in some session.")
    say(
        f"{where}: {int((~valid).sum())} of {len(valid)} vertices of {layout.mask} are NaN in some "
        "session; they are left out"
    )
    return places.those(valid)


def _gather(
    layout: Layout, places: Places, design: Design, scratch: Path
) -> tuple["zarr.Array[Any]", Float32[np.ndarray, "vertex"], Bool[np.ndarray, "vertex"]]:
    """Write the z-scored sessions one after another into an array on disk.

    Also return the ncsnr, and which vertices vary in every session or in none. Integers have no
    NaN, so a volume is 0 throughout a session whose slices did not cover a voxel.
    """
    import zarr

    length, n_vertices = design.trials_per_session, len(places.hemisphere)
    array = zarr.create_array(
        scratch / "response.zarr",
        shape=(len(design.picture), n_vertices),
        chunks=(length, n_vertices),
        dtype="float32",
        compressors=None,
    )
    trial_image = design.trial_image
    running = RunningNcsnr(np.bincount(trial_image), n_vertices)
    constant = np.zeros((len(layout.sessions), n_vertices), bool)
    for number, session in enumerate(track(layout.sessions, "sessions read")):
        response = read_session(layout.betas_files(session), places.flat, places.shape, length)
        constant[number] = response.max(axis=0) == response.min(axis=0)
        response = zscore_within_session(response, np.zeros(length, np.int64))
        trials = slice(number * length, (number + 1) * length)
        array[trials] = response
        running.add(response, trial_image[trials])
    complete = np.asarray(~constant.any(axis=0) | constant.all(axis=0))
    if not complete.all():
        say(
            f"{layout.folder}: {int((~complete).sum())} of {n_vertices} vertices are constant "
            "throughout some session but vary elsewhere; they are left out"
        )
    return array, running.result(), complete

"""Studies of kind ``table``: images and responses in files of common formats."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Literal, get_args

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float32, Float64, Int64, Shaped

from cortexlens.cortex.meshes import RIGHT
from cortexlens.errors import CortexlensError
from cortexlens.progress import say
from cortexlens.study.ceiling import ncsnr, zscore_within_session
from cortexlens.study.files import existing
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.table.array_files import USUAL_AXES
from cortexlens.study.table.grids import Resample
from cortexlens.study.table.label_files import read_regions
from cortexlens.study.table.missing import check_rule, find_missing, kept
from cortexlens.study.table.pairing import order_lines
from cortexlens.study.table.recordings import Recording
from cortexlens.study.table.subject_files import (
    TRIALS,
    TableFiles,
    check_lengths,
    paired,
    read_files,
)
from cortexlens.study.table.trials import PictureNames, Trials, read_trials, shown_in
from cortexlens.study.table.vertex_places import place_vertices, space_attributes
from cortexlens.study.tsv import read_tsv

BLOCK_VERTICES = 512  # vertices held in float64 at a time
ARRAYS = (".npy", ".zarr")  # formats whose axes the user has to name
Scale = Literal["training", "session"]


def table_images(path: Path, trials: Sequence[Path] = ()) -> ImageSet:
    """List a subject's images.

    Parameters
    ----------
    path
        Folder or zip file, whose images are taken in natural order of their names; or a table
        (tab-separated) with the columns ``image_id`` and ``path`` (relative to the table's folder)
        and, optionally, ``split``, ``label`` and ``caption``.
    trials
        Tables of trials. If there are any, only the images that they show are listed.

    Raises
    ------
    CortexlensError
        If ``path`` is none of these, or holds no images.
    """
    path = existing(path)
    if path.suffix.lower() == ".tsv":
        return _listed(path, trials)
    if path.is_dir():
        pictures = ImageSet.from_folder(path)
    elif path.exists():
        pictures = ImageSet.from_zip(path)
    else:
        raise CortexlensError(
            f"{path}: there is no such folder, zip file or table of images. See the column images "
            "of subjects.tsv and dataset.root in the config."
        )
    if not trials:
        for line in order_lines(pictures.sources):
            say(f"responses are matched to the {len(pictures)} images of {path} by order: {line}")
        return pictures
    seen = shown_in(trials, PictureNames(pictures.ids, pictures.sources))
    if not seen:
        raise CortexlensError(f"{trials[0]}: shows none of the {len(pictures)} images of {path}.")
    return pictures.those(seen)


def _listed(path: Path, trials: Sequence[Path]) -> ImageSet:
    """Images of a table that are shown in a trial; those that are not shown are not opened."""
    table = read_tsv(path, needed=("image_id", "path"))
    unknown = set(table) - {"image_id", "path", "split", "label", "caption"}
    if unknown:
        raise CortexlensError(
            f"{path}: unknown column {min(unknown)!r}; allowed are image_id, path, split, label "
            "and caption."
        )
    table = {name: [cell.strip() for cell in cells] for name, cells in table.items()}
    sources = [str(existing(path.parent / name)) for name in table["path"]]
    rows = list(range(len(sources)))
    if trials:
        rows = shown_in(trials, PictureNames(table["image_id"], sources))
        if not rows:
            raise CortexlensError(f"{path}: none of its images is shown in a trial.")
    extra = {name: table.get(name) for name in ("label", "caption", "split")}
    chosen = {name: cells and [cells[row] for row in rows] for name, cells in extra.items()}
    return ImageSet.from_sources(
        [table["image_id"][row] for row in rows],
        [sources[row] for row in rows],
        labels=chosen["label"],
        captions=chosen["caption"],
        splits=chosen["split"],
    )


def table_responses(
    files: TableFiles,
    pictures: ImageSet,
    train: Bool[np.ndarray, "image"],
    *,
    axes: str | None = None,
    space: str | None = None,
    units: str | None = None,
    n_repeats: int | None = None,
    scale: str = "training",
    resample: str | None = None,
    missing: str | None = None,
) -> xr.Dataset:
    """Read a subject's responses; a vertex is any recorded location (vertex, voxel or other unit).

    Parameters
    ----------
    files
        The subject's files.
    pictures
        The subject's images.
    train
        Which of the images are training images.
    axes
        Order of the axes of ``.npy`` and ``.zarr`` arrays. Along an axis ``repeat``, presentations
        that are NaN in every vertex count as not recorded.
    space
        ``fsaverage5`` or ``fsaverage``, if the vertices or the surfaces belong to that mesh.
    units
        Unit of the responses, for labels.
    n_repeats
        Number of presentations that each response averages over, if responses are averages.
    scale
        ``training``: each vertex is scaled to mean 0 and standard deviation 1 over the trials of
        training images, and ``response_mean`` and ``response_std`` allow undoing it. ``session``:
        each vertex is z-scored within each session.
    resample
        ``nearest``: masks and label volumes on another grid than the responses are resampled to it.
        None: they are refused, unless only the order or direction of their axes differs.
    missing
        Rule for missing responses, as in :func:`cortexlens.study.table.missing.kept`. With
        ``keep-constant``, a vertex with a single value throughout a run or session counts as data.

    Returns
    -------
    xr.Dataset
        Input of :func:`cortexlens.study.responses.finish_responses`. It has ``ncsnr`` if any image
        was repeated.

    Raises
    ------
    CortexlensError
        If a file is missing or malformed, or the counts in different files do not match.
    """
    if scale not in get_args(Scale):
        raise CortexlensError(f"scale {scale!r}: allowed are {' and '.join(get_args(Scale))}.")
    if resample is not None and resample not in get_args(Resample):
        raise CortexlensError(f"resample is {resample!r}; allowed is nearest, or an empty cell.")
    check_rule(missing)
    files = paired(files)
    recording = read_files(files, axes, resample)
    raw, trials, run = _presentations(recording, files, pictures, axes, missing)
    right = recording.places.get("hemisphere", np.zeros(raw.shape[1], np.int8)) == RIGHT
    valid, vertices = _without_missing(raw, trials, run, right, files, pictures, missing)
    n_vertices = raw.shape[1]
    # the responses are copied only if some of them are left out
    raw = raw if valid.all() and vertices.all() else raw[np.ix_(valid, vertices)]
    trials = Trials(trials.image[valid], trials.session[valid])
    responses = _scaled(raw, trials, train, scale, units)
    responses["trial_image"] = ("trial", trials.image)
    responses["session"] = ("trial", trials.session)
    if np.bincount(trials.image).max(initial=0) > 1:
        standard = zscore_within_session(raw, trials.session)
        snr = ncsnr(standard, trials.image, len(pictures), full_only=False)
        responses["ncsnr"] = ("vertex", snr)
    if n_repeats is not None:
        responses.attrs["n_repeats"] = n_repeats
    places = place_vertices(
        recording,
        n_vertices,
        coordinates=files.coordinates,
        mesh=files.mesh,
        space=space,
        surface=files.surface,
    )
    responses = responses.assign(_of_vertices(places, vertices))
    responses = responses.assign_attrs(space_attributes(recording, space))
    regions = read_regions(files.rois, recording, resample) if files.rois else {}
    found = {name: mask[vertices] for name, mask in regions.items() if mask[vertices].any()}
    if found:
        masks = np.stack(list(found.values()), axis=1)
        responses = responses.assign(roi_mask=(("vertex", "roi"), masks))
        responses = responses.assign_coords(roi=np.array(list(found), dtype=object))
    return responses


def _without_missing(
    raw: Shaped[np.ndarray, "trial vertex"],
    trials: Trials,
    run: Int64[np.ndarray, "trial"],
    right: Bool[np.ndarray, "vertex"],
    files: TableFiles,
    pictures: ImageSet,
    rule: str | None,
) -> tuple[Bool[np.ndarray, "trial"], Bool[np.ndarray, "vertex"]]:
    """Select the trials and vertices to use, and check that every image still has a response."""
    source = files.responses[0]
    missing = find_missing(raw, run, trials.session, constant=rule != "keep-constant")
    named = files.responses
    if files.responses_right and missing.any():  # name the file of the first missing response
        first = missing[np.argmax(missing.any(axis=1))].argmax()
        named = files.responses_right if right[first] else named
    valid, vertices = kept(missing, rule, [named[file] for file in run])
    before, after = (
        np.bincount(image, minlength=len(pictures)) > 0
        for image in (trials.image, trials.image[valid])
    )
    lost = np.flatnonzero(before & ~after)
    if lost.size:
        raise CortexlensError(
            f"{source}: without the trials with missing responses, {lost.size} images have no "
            f"response, the first is {pictures.ids[lost[0]]}. Exclude these images (a table of "
            "images lists those to use), or set the column missing of subjects.tsv to "
            "drop-vertex."
        )
    return valid, vertices


def _of_vertices(
    places: Mapping[str, xr.Variable], vertices: Bool[np.ndarray, "vertex"]
) -> dict[str, xr.Variable]:
    """Select vertices from variables; of a surface, keep the points that show one of them."""
    found = {
        name: values.isel(vertex=vertices) if "vertex" in values.dims else values
        for name, values in places.items()
    }
    if "surface_voxel" in found:
        voxel = found["surface_voxel"].to_numpy()
        shown = vertices[voxel]
        for name in found:
            if name.startswith("surface_"):
                found[name] = found[name].isel(surface=shown)
        found["surface_voxel"] = xr.Variable("surface", (np.cumsum(vertices) - 1)[voxel[shown]])
    return found


def _presentations(
    recording: Recording,
    files: TableFiles,
    pictures: ImageSet,
    axes: str | None,
    missing: str | None,
) -> tuple[Shaped[np.ndarray, "trial vertex"], Trials, Int64[np.ndarray, "trial"]]:
    """Responses trial by trial, with the image, session and file of each trial."""
    values, source = recording.values, files.responses[0]
    run = np.repeat(np.arange(len(recording.counts), dtype=np.int64), recording.counts)
    if files.trials:
        trials = read_trials(files.trials, pictures.ids, pictures.sources)
        if values.ndim == 2 and len(files.responses) > 1:  # names the file at fault
            check_lengths(files.responses, recording.counts, files.trials, trials.counts, TRIALS)
        if values.ndim != 2 or len(values) != len(trials.image):
            raise CortexlensError(
                f"{files.trials[0]}: the tables list {len(trials.image)} trials, but the shape of "
                f"the responses is {values.shape[:-1]}. There must be one response per trial."
            )
        check_lengths(files.responses, recording.counts, files.trials, trials.counts, TRIALS)
        return values, trials, run
    if len(values) != len(pictures):
        named = f" with axes {axes or USUAL_AXES}" if source.suffix in ARRAYS else ""
        turned = values.ndim == 2 and values.shape[1] == len(pictures)
        hint = " The other axis has that length: check the column axes." if turned else ""
        files_of = _lengths(files.responses, recording.counts)
        raise CortexlensError(
            f"{source}: found responses to {len(values)} images{named}, but there are "
            f"{len(pictures)} images.{files_of}{hint}"
        )
    if values.ndim == 2:
        image = _images_by_name(files.responses, recording.counts, pictures)
        return values, Trials(image, np.zeros(len(values), np.int64)), run
    absent = np.isnan(values)
    recorded = ~absent.all(axis=2)
    partial = np.argwhere(recorded & absent.any(axis=2))
    if len(partial) and missing not in ("drop-vertex", "drop-trial"):
        raise CortexlensError(
            f"{source}: repeat {partial[0][1]} of image {partial[0][0]} (from 0) is NaN in some "
            "vertices and not in others; a presentation must be present or missing in all "
            "vertices, unless the column missing of subjects.tsv is drop-vertex or drop-trial."
        )
    image = np.argwhere(recorded)[:, 0]
    return values[recorded], Trials(image, np.zeros(len(image), np.int64)), run[image]


def _lengths(paths: Sequence[Path], counts: Sequence[int]) -> str:
    """Describe how many responses each of several files holds, and which ones differ from most."""
    if len(paths) < 2:
        return ""
    usual = max(set(counts), key=lambda count: (list(counts).count(count), count))
    shown = [f"{path} {count}" for path, count in zip(paths, counts, strict=True)]
    unlike = [text for text, count in zip(shown, counts, strict=True) if count != usual]
    if unlike and len(unlike) < len(paths):
        return f" Most of the {len(paths)} files hold {usual}, but {', '.join(unlike[:5])}."
    return f" The {len(paths)} files hold {usual} each."


def _images_by_name(
    paths: Sequence[Path], counts: Sequence[int], pictures: ImageSet
) -> Int64[np.ndarray, "image"]:
    """Image of each response: by file name if every file holds one response, else by order."""
    image = np.arange(len(pictures), dtype=np.int64)
    if len(paths) < 2 or set(counts) != {1}:
        return image
    stems: dict[str, set[int]] = {}
    for i, (name, source) in enumerate(zip(pictures.ids, pictures.sources, strict=True)):
        for each in (name, PurePath(source).stem):
            stems.setdefault(each, set()).add(i)
    # a stem that images in several folders share identifies none of them
    known = {stem: min(which) for stem, which in stems.items() if len(which) == 1}
    found = [known.get(path.name.split(".")[0]) for path in paths]
    named = [index for index in found if index is not None]
    if not named:
        return image
    if len(set(named)) < len(paths):
        wrong = found.index(None) if None in found else _second(named)
        raise CortexlensError(
            f"{paths[wrong]}: has the name of no image, or of the same image as another file, "
            f"while {len(named)} of {len(paths)} single-response files are named after an image. "
            "Name all files after their images, or give a table of trials."
        )
    return np.array(named, np.int64)


def _second(indices: Sequence[int]) -> int:
    """Position of the first index that occurred before."""
    return next(i for i, index in enumerate(indices) if index in indices[:i])


def _scaled(
    raw: Shaped[np.ndarray, "trial vertex"],
    trials: Trials,
    train: Bool[np.ndarray, "image"],
    scale: str,
    units: str | None,
) -> xr.Dataset:
    """Scale each vertex to mean 0 and standard deviation 1 over training trials or each session."""
    if scale == "session":
        counts = np.bincount(trials.session)
        if counts.min(initial=2) < 2:
            raise CortexlensError(
                f"scale is 'session', but session {int(counts.argmin())} (from 0) has "
                f"{int(counts.min())} trial; at least 2 are needed. Correct the column session of "
                "the tables of trials, or set scale to training."
            )
        scaled = xr.Dataset(
            {"response": (("trial", "vertex"), zscore_within_session(raw, trials.session))}
        )
        scaled["response"].attrs["units"] = "standard deviations within session"
        return scaled
    response, mean, std = _over_training(raw, train[trials.image])
    scaled = xr.Dataset(
        {
            "response": (("trial", "vertex"), response),
            "response_mean": ("vertex", mean),
            "response_std": ("vertex", std),
        }
    )
    scaled["response"].attrs["units"] = "standard deviations over the training images"
    for name in ("response_mean", "response_std"):
        scaled[name].attrs["units"] = units or "as given"
    return scaled


def _over_training(
    raw: Shaped[np.ndarray, "trial vertex"], train: Bool[np.ndarray, "trial"]
) -> tuple[
    Float32[np.ndarray, "trial vertex"],
    Float64[np.ndarray, "vertex"],
    Float64[np.ndarray, "vertex"],
]:
    """Scale each vertex by its training trials; also return the means and standard deviations."""
    response = np.empty(raw.shape, np.float32)
    mean, std = np.empty(raw.shape[1]), np.empty(raw.shape[1])
    for start in range(0, raw.shape[1], BLOCK_VERTICES):
        block = slice(start, start + BLOCK_VERTICES)
        values = raw[:, block].astype(np.float64)
        training = values[train]
        # Non-finite values are refused later, with a message that names them.
        with np.errstate(invalid="ignore", over="ignore"):
            mean[block], spread = training.mean(axis=0), training.std(axis=0)
            # Range, not standard deviation: rounding can make that of equal values non-zero.
            # Dividing constant vertices by 1 keeps the scaling invertible.
            varies = training.max(axis=0) > training.min(axis=0)
            std[block] = np.where(varies, spread, 1.0)
            response[:, block] = (values - mean[block]) / std[block]
    return response, mean, std

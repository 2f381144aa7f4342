"""Studies of kind ``table``: images and responses in files of the usual formats."""

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
ARRAYS = (".npy", ".zarr")  # whose axes the user names
Scale = Literal["training", "session"]


def table_images(path: Path, trials: Sequence[Path] = ()) -> ImageSet:
    """List a subject's images.

    Parameters
    ----------
    path
        Folder or zip file, in natural order of the names; or a table (tab-separated) with the
        columns ``image_id`` and ``path`` (from the table's own folder), and, where they are known,
        ``split``, ``label`` and ``caption``.
    trials
        Tables of trials; where there are any, only the images that they show are listed.

    Raises
    ------
    CortexlensError
        If there is none of these, or no images in it.
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
            say(f"responses meet the {len(pictures)} pictures of {path} in natural order: {line}")
        return pictures
    seen = shown_in(trials, PictureNames(pictures.ids, pictures.sources))
    if not seen:
        raise CortexlensError(f"{trials[0]}: shows none of the {len(pictures)} images of {path}.")
    return pictures.those(seen)


def _listed(path: Path, trials: Sequence[Path]) -> ImageSet:
    """Images of a table, those that a trial shows; unseen ones are not opened."""
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
    """Read a subject's responses, a vertex being any recorded place.

    Parameters
    ----------
    files
        Where they lie.
    pictures
        The subject's images.
    train
        Which of them are for training.
    axes
        Order of the axes of ``.npy`` and ``.zarr`` arrays. Along an axis ``repeat``,
        presentations that hold NaN in every vertex are missing ones.
    space
        ``fsaverage5`` or ``fsaverage``, where the vertices or the surface are of such a mesh.
    units
        Unit of the responses, for labels.
    n_repeats
        Presentations that each response is an average of, where they are averages.
    scale
        ``training``: each vertex has mean 0 and standard deviation 1 over the trials of training
        images, and ``response_mean`` and ``response_std`` lead back; ``session``: within each
        session.
    resample
        ``nearest``: masks and label volumes of another grid than the responses are resampled to
        it; None: they are refused, unless their axes alone are stored in another order.
    missing
        What becomes of missing responses, as :func:`cortexlens.study.table.missing.kept` takes it;
        ``keep-constant``: a vertex that gives one value throughout a run or session is data.

    Returns
    -------
    xr.Dataset
        For :func:`cortexlens.study.responses.finish_responses`. ``ncsnr`` is there where images
        were repeated.

    Raises
    ------
    CortexlensError
        If a file is missing or malformed, or its counts do not match the others'.
    """
    if scale not in get_args(Scale):
        raise CortexlensError(f"scale {scale!r}: allowed are {' and '.join(get_args(Scale))}.")
    if resample is not None and resample not in get_args(Resample):
        raise CortexlensError(f"resample is {resample!r}; allowed is nearest, or nothing.")
    check_rule(missing)
    files = paired(files)
    recording = read_files(files, axes, resample)
    raw, trials, run = _presentations(recording, files, pictures, axes, missing)
    right = recording.places.get("hemisphere", np.zeros(raw.shape[1], np.int8)) == RIGHT
    there, vertices = _without_missing(raw, trials, run, right, files, pictures, missing)
    n_vertices = raw.shape[1]
    # a copy of all responses is made only where some are left out
    raw = raw if there.all() and vertices.all() else raw[np.ix_(there, vertices)]
    trials = Trials(trials.image[there], trials.session[there])
    given = _scaled(raw, trials, train, scale, units)
    given["trial_image"] = ("trial", trials.image)
    given["session"] = ("trial", trials.session)
    if np.bincount(trials.image).max(initial=0) > 1:
        standard = zscore_within_session(raw, trials.session)
        snr = ncsnr(standard, trials.image, len(pictures), full_only=False)
        given["ncsnr"] = ("vertex", snr)
    if n_repeats is not None:
        given.attrs["n_repeats"] = n_repeats
    places = place_vertices(
        recording,
        n_vertices,
        coordinates=files.coordinates,
        mesh=files.mesh,
        space=space,
        surface=files.surface,
    )
    given = given.assign(_of_vertices(places, vertices))
    given = given.assign_attrs(space_attributes(recording, space))
    regions = read_regions(files.rois, recording, resample) if files.rois else {}
    found = {name: mask[vertices] for name, mask in regions.items() if mask[vertices].any()}
    if found:
        masks = np.stack(list(found.values()), axis=1)
        given = given.assign(roi_mask=(("vertex", "roi"), masks))
        given = given.assign_coords(roi=np.array(list(found), dtype=object))
    return given


def _without_missing(
    raw: Shaped[np.ndarray, "trial vertex"],
    trials: Trials,
    run: Int64[np.ndarray, "trial"],
    right: Bool[np.ndarray, "vertex"],
    files: TableFiles,
    pictures: ImageSet,
    rule: str | None,
) -> tuple[Bool[np.ndarray, "trial"], Bool[np.ndarray, "vertex"]]:
    """Decide which trials and vertices stay, and see that every image keeps a response."""
    source = files.responses[0]
    missing = find_missing(raw, run, trials.session, constant=rule != "keep-constant")
    named = files.responses
    if files.responses_right and missing.any():  # the file that the first missing response is in
        first = missing[np.argmax(missing.any(axis=1))].argmax()
        named = files.responses_right if right[first] else named
    there, vertices = kept(missing, rule, [named[file] for file in run])
    before, after = (
        np.bincount(image, minlength=len(pictures)) > 0
        for image in (trials.image, trials.image[there])
    )
    bare = np.flatnonzero(before & ~after)
    if bare.size:
        raise CortexlensError(
            f"{source}: without the trials that miss a response, {bare.size} images have none, the "
            f"first is {pictures.ids[bare[0]]}. Take them off the images (a table lists those to "
            "use), or fill the column missing of subjects.tsv with drop-vertex."
        )
    return there, vertices


def _of_vertices(
    places: Mapping[str, xr.Variable], vertices: Bool[np.ndarray, "vertex"]
) -> dict[str, xr.Variable]:
    """Keep some vertices, and of a surface the places that show one of them."""
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
    """Responses trial by trial, what each is to, and the file that it lies in."""
    values, source = recording.values, files.responses[0]
    run = np.repeat(np.arange(len(recording.counts), dtype=np.int64), recording.counts)
    if files.trials:
        trials = read_trials(files.trials, pictures.ids, pictures.sources)
        if values.ndim == 2 and len(files.responses) > 1:  # which of the files is at fault
            check_lengths(files.responses, recording.counts, files.trials, trials.counts, TRIALS)
        if values.ndim != 2 or len(values) != len(trials.image):
            raise CortexlensError(
                f"{files.trials[0]}: the tables list {len(trials.image)} trials, but the responses "
                f"are {values.shape[:-1]}. There has to be one response a trial."
            )
        check_lengths(files.responses, recording.counts, files.trials, trials.counts, TRIALS)
        return values, trials, run
    if len(values) != len(pictures):
        named = f" with axes {axes or USUAL_AXES}" if source.suffix in ARRAYS else ""
        turned = values.ndim == 2 and values.shape[1] == len(pictures)
        hint = " The other axis has that length: see the column axes." if turned else ""
        files_of = _lengths(files.responses, recording.counts)
        raise CortexlensError(
            f"{source}: found responses to {len(values)} images{named}, but there are "
            f"{len(pictures)} images.{files_of}{hint}"
        )
    if values.ndim == 2:
        image = _of_names(files.responses, recording.counts, pictures)
        return values, Trials(image, np.zeros(len(values), np.int64)), run
    absent = np.isnan(values)
    given = ~absent.all(axis=2)
    torn = np.argwhere(given & absent.any(axis=2))
    if len(torn) and missing not in ("drop-vertex", "drop-trial"):
        raise CortexlensError(
            f"{source}: repeat {torn[0][1]} of image {torn[0][0]} (from 0) is NaN in some vertices "
            "and not in others; a presentation is there or missing as a whole, unless the column "
            "missing of subjects.tsv says drop-vertex or drop-trial."
        )
    image = np.argwhere(given)[:, 0]
    return values[given], Trials(image, np.zeros(len(image), np.int64)), run[image]


def _lengths(paths: Sequence[Path], counts: Sequence[int]) -> str:
    """Say how many responses each of several files holds, and which of them is unlike most."""
    if len(paths) < 2:
        return ""
    usual = max(set(counts), key=lambda count: (list(counts).count(count), count))
    shown = [f"{path} {count}" for path, count in zip(paths, counts, strict=True)]
    unlike = [text for text, count in zip(shown, counts, strict=True) if count != usual]
    if unlike and len(unlike) < len(paths):
        return f" Most of the {len(paths)} files hold {usual}, but {', '.join(unlike[:5])}."
    return f" The {len(paths)} files hold {usual} each."


def _of_names(
    paths: Sequence[Path], counts: Sequence[int], pictures: ImageSet
) -> Int64[np.ndarray, "image"]:
    """Image of each response: where every file holds one, that of its name; else by order."""
    image = np.arange(len(pictures), dtype=np.int64)
    if len(paths) < 2 or set(counts) != {1}:
        return image
    stems: dict[str, set[int]] = {}
    for i, (name, source) in enumerate(zip(pictures.ids, pictures.sources, strict=True)):
        for each in (name, PurePath(source).stem):
            stems.setdefault(each, set()).add(i)
    # a stem of pictures in several folders is the name of none
    known = {stem: min(which) for stem, which in stems.items() if len(which) == 1}
    found = [known.get(path.name.split(".")[0]) for path in paths]
    named = [index for index in found if index is not None]
    if not named:
        return image
    if len(set(named)) < len(paths):
        wrong = found.index(None) if None in found else _second(named)
        raise CortexlensError(
            f"{paths[wrong]}: has the name of no picture, though {len(named)} of {len(paths)} "
            "files of one response have, or has that of another file's. Name all files after "
            "their pictures, or give a table of trials."
        )
    return np.array(named, np.int64)


def _second(indices: Sequence[int]) -> int:
    """Position of the first index that was there before."""
    return next(i for i, index in enumerate(indices) if index in indices[:i])


def _scaled(
    raw: Shaped[np.ndarray, "trial vertex"],
    trials: Trials,
    train: Bool[np.ndarray, "image"],
    scale: str,
    units: str | None,
) -> xr.Dataset:
    """Give each vertex mean 0 and standard deviation 1, over training trials or each session."""
    if scale == "session":
        counts = np.bincount(trials.session)
        if counts.min(initial=2) < 2:
            raise CortexlensError(
                f"scale is 'session', but session {int(counts.argmin())} (from 0) has "
                f"{int(counts.min())} trial; at least 2 are needed. Correct the column session of "
                "the tables of trials, or take scale training."
            )
        given = xr.Dataset(
            {"response": (("trial", "vertex"), zscore_within_session(raw, trials.session))}
        )
        given["response"].attrs["units"] = "standard deviations within session"
        return given
    response, mean, std = _over_training(raw, train[trials.image])
    given = xr.Dataset(
        {
            "response": (("trial", "vertex"), response),
            "response_mean": ("vertex", mean),
            "response_std": ("vertex", std),
        }
    )
    given["response"].attrs["units"] = "standard deviations over the training images"
    for name in ("response_mean", "response_std"):
        given[name].attrs["units"] = units or "as given"
    return given


def _over_training(
    raw: Shaped[np.ndarray, "trial vertex"], train: Bool[np.ndarray, "trial"]
) -> tuple[
    Float32[np.ndarray, "trial vertex"],
    Float64[np.ndarray, "vertex"],
    Float64[np.ndarray, "vertex"],
]:
    """Scale each vertex by its training trials; also the means and standard deviations."""
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

"""The files of one subject of a study of kind ``table``: paired, read, and masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from cortexlens.cortex.meshes import HEMISPHERE_NAMES, LEFT, RIGHT
from cortexlens.errors import CortexlensError
from cortexlens.progress import say
from cortexlens.study.claims import load_image
from cortexlens.study.table.array_files import reading
from cortexlens.study.table.hemispheres import by_hemisphere, stated_hemisphere
from cortexlens.study.table.pairing import (
    check_counts,
    check_once,
    described,
    order_lines,
    pair_files,
)
from cortexlens.study.table.recordings import Recording, read_recording

# What files of responses are paired with, for log lines and errors.
TRIALS, RIGHT_RESPONSES = "trials", "responses of the right hemisphere"


@dataclass(frozen=True)
class TableFiles:
    """The files of one subject.

    Parameters
    ----------
    responses
        One or several files, joined along the image axis; of the left hemisphere if there are
        ``responses_right``.
    responses_right
        Files of the right hemisphere, in the same order.
    trials
        Tables that say which image each response is to. Empty: one response per image, in the order
        of the images.
    mask
        One volume, above 0 in the voxels to use; or one GIFTI file per hemisphere.
    coordinates
        Table with x, y, z in mm, or with hemisphere and vertex_index on a known mesh.
    mesh
        Surface files of the left and the right hemisphere, whose vertices give the coordinates.
    rois
        Files of regions, as for :func:`cortexlens.study.table.label_files.read_regions`.
    surface
        Surface files of the left and the right hemisphere in the volume of the responses.
    """

    responses: Sequence[Path]
    responses_right: Sequence[Path] = ()
    trials: Sequence[Path] = ()
    mask: Sequence[Path] = ()
    coordinates: Path | None = None
    mesh: Sequence[Path] = ()
    rois: Sequence[Path] = field(default=())
    surface: Sequence[Path] = ()

    @classmethod
    def of(cls, found: Mapping[str, Sequence[Path]]) -> "TableFiles":
        """Make it from files by column of subjects.tsv; columns may be missing."""
        columns = {"responses": (), **found}
        coordinates = columns.pop("coordinates", ())
        return cls(coordinates=next(iter(coordinates), None), **columns)


def paired(files: TableFiles) -> TableFiles:
    """Order a subject's files so that those of the same recording correspond.

    Tables of trials, responses and responses of the right hemisphere are paired by the BIDS
    entities in their names (:func:`~.pairing.pair_files`). Pairs that are made by order alone are
    listed on standard error.

    Parameters
    ----------
    files
        The subject's files, in the order of subjects.tsv.

    Raises
    ------
    CortexlensError
        If a file has no partner, or a file of responses is named twice.
    """
    for paths in (files.responses, files.responses_right):
        check_once(paths)
    if files.trials:
        pairing = pair_files(files.responses, files.trials, TRIALS)
        for line in described(pairing, TRIALS):
            say(line)
        files = replace(files, responses=pairing.responses, trials=pairing.others)
    elif len(files.responses) > 1:
        for line in order_lines(files.responses):
            say(line)
    if files.responses_right:
        pairing = pair_files(files.responses, files.responses_right, RIGHT_RESPONSES)
        for line in described(pairing, RIGHT_RESPONSES):
            say(line)
        partners = {match.responses: match.others for match in pairing.matches}
        if any(len(left) != 1 or len(right) != 1 for left, right in partners.items()):
            raise CortexlensError(
                f"{files.responses_right[0]}: found {len(files.responses_right)} files of the "
                f"right hemisphere for {len(files.responses)} of the left; each needs exactly one."
            )
        right = tuple(partners[(path,)][0] for path in files.responses)
        files = replace(files, responses_right=right)
    return files


def check_lengths(
    responses: Sequence[Path],
    n_responses: Sequence[int],
    others: Sequence[Path],
    n_others: Sequence[int],
    what: str,
) -> None:
    """Refuse paired files that hold different numbers of responses.

    Parameters
    ----------
    responses, n_responses
        Files of responses, and the number of responses in each.
    others, n_others
        The files that they are paired with, and the number of entries in each.
    what
        What the other files hold, for error messages.

    Raises
    ------
    CortexlensError
        Naming the first two such files and both numbers.
    """
    check_counts(
        pair_files(responses, others, what),
        dict(zip(responses, n_responses, strict=True)),
        dict(zip(others, n_others, strict=True)),
        what,
    )


def read_files(files: TableFiles, axes: str | None, resample: str | None) -> Recording:
    """Read the responses of one or both hemispheres, and apply the mask.

    Parameters
    ----------
    files
        Files in the order that :func:`paired` gives.
    axes, resample
        Columns of the subject's row in subjects.tsv.

    Raises
    ------
    CortexlensError
        If files do not belong together, or a mask does not match the responses.
    """
    volume = [path for path in files.mask if ".gii" not in path.name.lower()]
    if len(volume) > 1 or 0 < len(volume) < len(files.mask):
        raise CortexlensError(
            f"{files.mask[-1]}: column mask names {len(files.mask)} files; allowed is one volume, "
            "or one GIFTI file per hemisphere."
        )
    mask = volume[0] if volume else None
    if not files.responses_right:
        return _masked(read_recording(files.responses, axes, mask, None, resample), files)
    left = read_recording(files.responses, axes, mask, LEFT, resample)
    right = read_recording(files.responses_right, axes, None, RIGHT)
    if left.values.shape[:-1] != right.values.shape[:-1] or "vertex_index" not in left.places:
        raise CortexlensError(
            f"{files.responses_right[0]}: holds {right.values.shape[:-1]} responses per vertex, "
            f"the left hemisphere {left.values.shape[:-1]}; needed are surface files of equal "
            "length."
        )
    check_lengths(
        files.responses, left.counts, files.responses_right, right.counts, RIGHT_RESPONSES
    )
    places = {name: np.concatenate([left.places[name], right.places[name]]) for name in left.places}
    counts = {**left.space["n_vertices"], **right.space["n_vertices"]}
    values = np.concatenate([left.values, right.values], axis=-1)
    return _masked(Recording(values, places, {"n_vertices": counts}, left.counts), files)


def _masked(recording: Recording, files: TableFiles) -> Recording:
    """Select the vertices of a surface in which a GIFTI mask is above 0."""
    surfaces = [path for path in files.mask if ".gii" in path.name.lower()]
    if not surfaces:
        return recording
    if "n_vertices" not in recording.space:
        raise CortexlensError(
            f"{surfaces[0]}: is a mask of a surface, but the responses in {files.responses[0]} are "
            "not surface data. Give a volume, or leave the column mask empty."
        )
    keep = np.zeros(recording.values.shape[-1], bool)
    stated, masks = zip(*(_surface_mask(path) for path in surfaces), strict=True)
    sides = by_hemisphere(surfaces, stated, "mask")
    for side in np.setdiff1d(recording.places["hemisphere"], list(sides)).tolist():
        raise CortexlensError(
            f"{surfaces[0]}: masks one hemisphere, but there are also responses of the "
            f"{HEMISPHERE_NAMES[side]} one. Give a mask of each, left and right, separated by a "
            "comma."
        )
    for side, index in sides.items():
        path, values = surfaces[index], masks[index]
        here = recording.places["hemisphere"] == side
        if len(values) != recording.space["n_vertices"].get(side):
            raise CortexlensError(
                f"{path}: masks {len(values)} vertices, but the meshes of the responses have "
                f"{list(recording.space['n_vertices'].values())}."
            )
        keep[here] = values[recording.places["vertex_index"][here]] > 0
    places = {name: values[keep] for name, values in recording.places.items()}
    return recording._replace(values=recording.values[..., keep], places=places)


def _surface_mask(path: Path) -> tuple[int | None, Shaped[np.ndarray, "mesh"]]:
    """Hemisphere that a GIFTI mask states, and its values."""
    with reading(path):
        image = load_image(path)
        values = np.asarray(image.darrays[0].data)
    if len(image.darrays) != 1 or values.ndim != 1:
        raise CortexlensError(
            f"{path}: holds {len(image.darrays)} arrays, the first of shape {values.shape}; a mask "
            "must be a single array with one number per vertex."
        )
    return stated_hemisphere(path, image), values

"""Files of one subject of a study of kind ``table``: put in order, read, and masked."""

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

# What files of responses are paired with, in lines and errors.
TRIALS, RIGHT_RESPONSES = "trials", "responses of the right hemisphere"


@dataclass(frozen=True)
class TableFiles:
    """Files of one subject.

    Parameters
    ----------
    responses
        One or several that follow one another along the image axis; of the left hemisphere where
        there are ``responses_right``.
    responses_right
        The right hemisphere's, in the same order.
    trials
        Tables that say what each response is to; empty: one response an image, in their order.
    mask
        Volume, above 0 in the voxels to keep; or one GIFTI file a hemisphere.
    coordinates
        Table with x, y, z in mm, or with hemisphere and vertex_index on a known mesh.
    mesh
        Surfaces of the left and the right hemisphere, whose vertices are the coordinates.
    rois
        As :func:`cortexlens.study.table.label_files.read_regions` takes them.
    surface
        Surfaces of the left and the right hemisphere through the volume of the responses.
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
        """Take what the columns of a row name, each several files or one."""
        columns = {"responses": (), **found}
        coordinates = columns.pop("coordinates", ())
        return cls(coordinates=next(iter(coordinates), None), **columns)


def paired(files: TableFiles) -> TableFiles:
    """Put a subject's files into an order in which those of one recording meet.

    Events, responses and the right hemisphere's responses are paired by the entities of BIDS in
    their names (:func:`~.pairing.pair_files`); which files met is said in lines on
    standard error where only their order pairs them.

    Raises
    ------
    CortexlensError
        If a file has no partner, or one of responses is named twice.
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
                f"right hemisphere for {len(files.responses)} of the left; needed is one for each."
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
    """Refuse files that belong together and hold different numbers of responses.

    Parameters
    ----------
    responses, n_responses
        Files of responses, and how many each holds.
    others, n_others
        The files that they are paired with, likewise.
    what
        What the others hold, for the error.

    Raises
    ------
    CortexlensError
        Naming the first two such files, with both numbers.
    """
    check_counts(
        pair_files(responses, others, what),
        dict(zip(responses, n_responses, strict=True)),
        dict(zip(others, n_others, strict=True)),
        what,
    )


def read_files(files: TableFiles, axes: str | None, resample: str | None) -> Recording:
    """Read the responses of one or of both hemispheres, and keep what the mask keeps.

    Parameters
    ----------
    files
        In the order that :func:`paired` gives.
    axes, resample
        As the row of subjects.tsv says.

    Raises
    ------
    CortexlensError
        If files do not belong together, or a mask is not of these responses.
    """
    volume = [path for path in files.mask if ".gii" not in path.name.lower()]
    if len(volume) > 1 or 0 < len(volume) < len(files.mask):
        raise CortexlensError(
            f"{files.mask[-1]}: column mask names {len(files.mask)} files; allowed is one volume, "
            "or GIFTI files of the left and the right mesh."
        )
    mask = volume[0] if volume else None
    if not files.responses_right:
        return _masked(read_recording(files.responses, axes, mask, None, resample), files)
    left = read_recording(files.responses, axes, mask, LEFT, resample)
    right = read_recording(files.responses_right, axes, None, RIGHT)
    if left.values.shape[:-1] != right.values.shape[:-1] or "vertex_index" not in left.places:
        raise CortexlensError(
            f"{files.responses_right[0]}: holds {right.values.shape[:-1]} responses a vertex, the "
            f"left hemisphere {left.values.shape[:-1]}; needed are surface files of equal length."
        )
    check_lengths(
        files.responses, left.counts, files.responses_right, right.counts, RIGHT_RESPONSES
    )
    places = {name: np.concatenate([left.places[name], right.places[name]]) for name in left.places}
    counts = {**left.space["n_vertices"], **right.space["n_vertices"]}
    values = np.concatenate([left.values, right.values], axis=-1)
    return _masked(Recording(values, places, {"n_vertices": counts}, left.counts), files)


def _masked(recording: Recording, files: TableFiles) -> Recording:
    """Keep the vertices of a surface in which a GIFTI mask is above 0."""
    surfaces = [path for path in files.mask if ".gii" in path.name.lower()]
    if not surfaces:
        return recording
    if "n_vertices" not in recording.space:
        raise CortexlensError(
            f"{surfaces[0]}: is a mask of a surface, but the responses in {files.responses[0]} are "
            "not of one. Give a volume, or leave the column mask empty."
        )
    keep = np.zeros(recording.values.shape[-1], bool)
    stated, masks = zip(*(_surface_mask(path) for path in surfaces), strict=True)
    sides = by_hemisphere(surfaces, stated, "mask")
    for side in np.setdiff1d(recording.places["hemisphere"], list(sides)).tolist():
        raise CortexlensError(
            f"{surfaces[0]}: masks one hemisphere, but there are responses of the "
            f"{HEMISPHERE_NAMES[side]} one too. Give a mask of each, left and right with a comma."
        )
    for side, index in sides.items():
        path, values = surfaces[index], masks[index]
        here = recording.places["hemisphere"] == side
        if len(values) != recording.space["n_vertices"].get(side):
            raise CortexlensError(
                f"{path}: masks {len(values)} vertices; the responses are of meshes with "
                f"{list(recording.space['n_vertices'].values())}."
            )
        keep[here] = values[recording.places["vertex_index"][here]] > 0
    places = {name: values[keep] for name, values in recording.places.items()}
    return recording._replace(values=recording.values[..., keep], places=places)


def _surface_mask(path: Path) -> tuple[int | None, Shaped[np.ndarray, "mesh"]]:
    """Hemisphere that a GIFTI mask says it is of, and its values."""
    with reading(path):
        image = load_image(path)
        values = np.asarray(image.darrays[0].data)
    if len(image.darrays) != 1 or values.ndim != 1:
        raise CortexlensError(
            f"{path}: holds {len(image.darrays)} arrays, the first of shape {values.shape}; a mask "
            "is one array of one number a vertex."
        )
    return stated_hemisphere(path, image), values

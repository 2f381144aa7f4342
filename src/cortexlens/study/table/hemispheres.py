"""The hemisphere of a surface file, from its name and content, checked against its column."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cortexlens.cortex.meshes import HEMISPHERE_NAMES, LEFT, RIGHT
from cortexlens.errors import CortexlensError

STRUCTURES: Final = {"cortexleft": LEFT, "cortexright": RIGHT}
# BIDS, FreeSurfer and the Human Connectome Project name hemispheres in these ways.
_NAMES: Final = (
    re.compile(r"(?:^|_)hemi-(?P<side>L|R|left|right|lh|rh)(?=[_.]|$)", re.IGNORECASE),
    re.compile(r"(?:^|[._-])(?P<side>lh|rh)(?=[._-]|$)", re.IGNORECASE),
    re.compile(r"\.(?P<side>L|R)\."),
)


def stated_hemisphere(path: Path, image: Any = None) -> int | None:
    """Hemisphere that a file states in its name or content.

    Parameters
    ----------
    path
        The file, whose name may contain ``hemi-L`` (BIDS), ``lh.`` (FreeSurfer) or ``.L.`` (HCP).
    image
        A GIFTI image as read by nibabel, whose AnatomicalStructurePrimary may state the hemisphere.

    Returns
    -------
    int or None
        0 left, 1 right; None if neither states it.

    Raises
    ------
    CortexlensError
        If the structure is not part of the cortex, or name and content contradict each other.
    """
    by_name = _by_name(path.name)
    by_content = None if image is None else _by_structure(path, image)
    if None not in (by_name, by_content) and by_name != by_content:
        raise CortexlensError(
            f"{path}: is named as the {HEMISPHERE_NAMES[by_name or 0]} hemisphere, but its "
            f"AnatomicalStructurePrimary is the {HEMISPHERE_NAMES[by_content or 0]} cortex. Rename "
            "it, or correct its structure (wb_command -set-structure)."
        )
    return by_name if by_content is None else by_content


def by_hemisphere(
    paths: Sequence[Path], stated: Sequence[int | None], column: str
) -> dict[int, int]:
    """Assign the files of a column, left before right, to their hemispheres.

    Parameters
    ----------
    paths
        One or two files.
    stated
        Hemisphere that each file states, as from :func:`stated_hemisphere`.
    column
        Column of subjects.tsv, for error messages.

    Returns
    -------
    dict
        Hemisphere → index of its file. A single file is of the hemisphere that it states, or of the
        left one if it states none.

    Raises
    ------
    CortexlensError
        If there are more than two files, or they are in the wrong order.
    """
    if len(paths) > 2:
        raise CortexlensError(
            f"{paths[2]}: column {column} names {len(paths)} GIFTI or FreeSurfer files; allowed "
            "is one per hemisphere, left and right, separated by a comma."
        )
    if len(paths) == 1:
        return {LEFT if stated[0] is None else stated[0]: 0}
    for side, (path, found) in enumerate(zip(paths, stated, strict=True)):
        if found not in (None, side):
            raise wrong_hemisphere(path, found, side, column)
    return {LEFT: 0, RIGHT: 1}


def wrong_hemisphere(path: Path, found: int | None, wanted: int, column: str) -> CortexlensError:
    """Make the error for a file that is listed as the other hemisphere's.

    Parameters
    ----------
    path
        The file.
    found
        Hemisphere that the file states.
    wanted
        Hemisphere that its column is for.
    column
        Column of subjects.tsv.
    """
    return CortexlensError(
        f"{path}: is of the {HEMISPHERE_NAMES[found or 0]} hemisphere, but is listed as the "
        f"{HEMISPHERE_NAMES[wanted]} one (column {column} of subjects.tsv). Swap the files."
    )


def _by_name(name: str) -> int | None:
    for pattern in _NAMES:
        if found := pattern.search(name):
            return LEFT if found["side"].lower().startswith("l") else RIGHT
    return None


def _by_structure(path: Path, image: Any) -> int | None:
    """Hemisphere by the structure that a GIFTI file states, in its own metadata or its arrays'."""
    found = {
        str(meta.get("AnatomicalStructurePrimary"))
        for meta in (image.meta, *(array.meta for array in image.darrays))
        if meta is not None and meta.get("AnatomicalStructurePrimary")
    }
    sides = {STRUCTURES.get(re.sub("[^a-z]", "", name.lower())) for name in found}
    if len(sides) > 1 or (None in sides and not _uninformative(found)):
        raise CortexlensError(
            f"{path}: its AnatomicalStructurePrimary is {', '.join(sorted(found))}; allowed is one "
            "of CortexLeft and CortexRight."
        )
    return next(iter(sides), None)


def _uninformative(names: set[str]) -> bool:
    """Tell whether all structures that a file names leave its hemisphere open."""
    return {name.lower() for name in names} <= {"invalid", "unknown", "all", "other", "cortex"}

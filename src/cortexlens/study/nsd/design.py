"""Experimental design of the Natural Scenes Dataset: which image every trial shows."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from cortexlens.errors import CortexlensError
from cortexlens.study.nsd.layout import PLANNED_SESSIONS, SESSIONS, Layout


@dataclass(frozen=True)
class Design:
    """The trials of some sessions of a subject, in order.

    Attributes
    ----------
    picture
        Number of the image that each trial shows, from 0, among all 73,000.
    trials_per_session
        Number of trials in a session; 750 in the released data.
    """

    picture: Int64[np.ndarray, "trial"]
    trials_per_session: int

    @property
    def shown(self) -> Int64[np.ndarray, "image"]:
        """Numbers of the images that were shown, ascending."""
        return np.unique(self.picture)

    @property
    def trial_image(self) -> Int64[np.ndarray, "trial"]:
        """Index of each trial's image among those that were shown."""
        return np.searchsorted(self.shown, self.picture).astype(np.int64)


def read_design(layout: Layout) -> Design:
    """Read the trials of a subject's sessions.

    All indices in the file start at 1. ``masterordering`` lists the trials of 40 sessions of equal
    length (30,000 trials, 750 per session) in the order common to all subjects. The image shown to
    subject s in trial t is ``subjectim[s, masterordering[t] - 1] - 1``, counted from 0.

    Parameters
    ----------
    layout
        Subject and sessions.

    Raises
    ------
    CortexlensError
        If the file is missing or damaged, lacks a field, or a field has an invalid value.
    """
    path = layout.design
    fields = _read_fields(path, ("masterordering", "subjectim"))
    order, pictures = fields["masterordering"].ravel(), fields["subjectim"]
    if order.size == 0 or order.size % PLANNED_SESSIONS:
        raise CortexlensError(
            f"{path}: masterordering holds {order.size} trials, which are not {PLANNED_SESSIONS} "
            "sessions of equal length (30000 as released). Copy the file again."
        )
    if pictures.ndim != 2 or pictures.shape[0] != len(SESSIONS):
        raise CortexlensError(
            f"{path}: subjectim has the shape {pictures.shape}; needed is one row for each of the "
            f"{len(SESSIONS)} subjects. Copy the file again."
        )
    _check_range(order, pictures.shape[1], f"{path}: masterordering")
    _check_range(pictures, 10**9, f"{path}: subjectim")
    length = order.size // PLANNED_SESSIONS
    trials = np.concatenate(
        [np.arange((session - 1) * length, session * length) for session in layout.sessions]
    )
    own = pictures[list(SESSIONS).index(layout.folder)]
    return Design(own[order[trials] - 1] - 1, length)


def _read_fields(path: Path, names: tuple[str, ...]) -> dict[str, Int64[np.ndarray, "..."]]:
    """Read fields of a MATLAB file as whole numbers."""
    from scipy.io import loadmat

    try:
        fields = loadmat(path, variable_names=names)
    except Exception as error:  # damaged files fail in many ways
        raise CortexlensError(
            f"{path}: cannot be read as a MATLAB file ({type(error).__name__}: {error}). "
            "Copy the file again."
        ) from error
    numbers = {}
    for name in names:
        if name not in fields:
            raise CortexlensError(f"{path}: lacks the field {name}. Copy the file again.")
        field = fields[name]
        if field.dtype.kind not in "iuf" or (field != np.floor(field)).any():
            raise CortexlensError(
                f"{path}: {name} holds {field.dtype}, not whole numbers. Copy the file again."
            )
        numbers[name] = field.astype(np.int64)
    return numbers


def _check_range(values: Int64[np.ndarray, "..."], highest: int, what: str) -> None:
    """Refuse indices that are below 1 or too large."""
    outside = values[(values < 1) | (values > highest)]
    if outside.size:
        raise CortexlensError(
            f"{what} holds {outside[0]}; allowed are 1 to {highest}. Copy the file again."
        )

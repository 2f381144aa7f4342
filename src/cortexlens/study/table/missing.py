"""Responses that are not there: NaN and infinite values, and runs that hold nothing.

Programs fill what was not recorded with NaN, with 0 or with another constant. A vertex that gives
one value throughout a run or session, and others elsewhere, was not recorded there (the slice did
not reach it); a z-score would turn that into an ordinary 0.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Int64, Shaped

from cortexlens.errors import CortexlensError
from cortexlens.progress import say
from cortexlens.study.table.recordings import LEAST_RUN

BLOCK_VALUES = 2**24  # responses looked at in one go
Missing = Literal["drop-vertex", "drop-trial", "keep-constant"]


def find_missing(
    values: Shaped[np.ndarray, "trial vertex"],
    run: Int64[np.ndarray, "trial"],
    session: Int64[np.ndarray, "trial"],
    *,
    constant: bool = True,
) -> Bool[np.ndarray, "trial vertex"]:
    """Tell which responses are missing.

    Parameters
    ----------
    values
        Responses as given.
    run, session
        File and session of each trial.
    constant
        Whether a vertex that gives one value throughout a run or session of at least
        ``LEAST_RUN`` trials, and others elsewhere, is missing there.

    Returns
    -------
    ndarray
        True where a response is NaN, infinite or missing with its run.
    """
    missing = np.zeros(values.shape, bool)
    step = max(1, BLOCK_VALUES // max(1, len(values)))
    for start in range(0, values.shape[1], step):
        block = values[:, start : start + step]
        missing[:, start : start + step] = ~np.isfinite(block)
        if not constant:
            continue
        varies = ~_alike(block)
        for groups in (run, session):
            for group in np.unique(groups):
                trials = np.flatnonzero(groups == group)
                if LEAST_RUN <= len(trials) < len(values):
                    silent = start + np.flatnonzero(_alike(block[trials]) & varies)
                    missing[np.ix_(trials, silent)] = True
    return missing


def _alike(values: Shaped[np.ndarray, "trial vertex"]) -> Bool[np.ndarray, "vertex"]:
    """Vertices that give one and the same value, whatever is not finite left aside."""
    if values.dtype.kind != "f":
        return np.asarray(values.max(axis=0) == values.min(axis=0))
    finite = np.isfinite(values)
    high = np.where(finite, values, -np.inf).max(axis=0)
    low = np.where(finite, values, np.inf).min(axis=0)
    return np.asarray(high <= low)


def kept(
    missing: Bool[np.ndarray, "trial vertex"], rule: str | None, sources: Sequence[Path]
) -> tuple[Bool[np.ndarray, "trial"], Bool[np.ndarray, "vertex"]]:
    """Decide which trials and vertices stay.

    Parameters
    ----------
    missing
        As :func:`find_missing` gives it.
    rule
        ``drop-vertex``: leave out vertices that miss a response; ``drop-trial``: trials in which
        one is missing; otherwise none may be.
    sources
        File that each trial lies in, for errors.

    Returns
    -------
    trials, vertices
        Those without a missing response; how many were left out is said on standard error.

    Raises
    ------
    CortexlensError
        If a response is missing and the rule does not say what to do, or nothing stays.
    """
    every = np.ones(missing.shape[0], bool), np.ones(missing.shape[1], bool)
    if not missing.any():
        return every
    lost = np.asarray(missing.any(axis=1)), np.asarray(missing.any(axis=0))
    trial = int(np.argmax(lost[0]))
    own = trial - sources.index(sources[trial])
    within = f", in this file trial {own}" if own != trial else ""
    found = (
        f"{sources[trial]}: responses are missing (NaN, infinite, or one value throughout a run) "
        f"in {int(lost[0].sum())} of {missing.shape[0]} trials and {int(lost[1].sum())} of "
        f"{missing.shape[1]} vertices; the first is trial {trial}, vertex "
        f"{int(np.argmax(missing[trial]))} (from 0{within})"
    )
    if rule == "drop-vertex":
        trials, vertices = every[0], ~lost[1]
    elif rule == "drop-trial":
        trials, vertices = ~lost[0], every[1]
    else:
        rules = " or ".join(get_args(Missing)[:2])
        raise CortexlensError(
            f"{found}. Fill them in, leave them out by a mask, or fill the column missing of "
            f"subjects.tsv with {rules}; or with keep-constant where runs of one value are data."
        )
    if not (trials.any() and vertices.any()):
        raise CortexlensError(
            f"{found}; {rule} leaves nothing. Take the other rule, or correct it."
        )
    say(f"{found}; they are left out ({rule})")
    return trials, vertices


def check_rule(rule: str | None) -> None:
    """Refuse a rule that is not known.

    Raises
    ------
    CortexlensError
        Naming the known ones.
    """
    if rule is not None and rule not in get_args(Missing):
        raise CortexlensError(
            f"missing is {rule!r}; allowed are {', '.join(get_args(Missing))}, or nothing, by "
            "which missing responses are refused. Correct subjects.tsv."
        )

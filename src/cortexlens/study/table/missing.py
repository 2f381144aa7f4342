"""Missing responses: NaN and infinite values, and runs in which a vertex is constant.

Programs fill in what was not recorded with NaN, 0 or another constant. A vertex that has one value
throughout a run or session but varies elsewhere was not recorded there (for example, because it
lay outside the slices); a z-score would turn those values into ordinary zeros.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Int64, Shaped

from cortexlens.errors import CortexlensError
from cortexlens.progress import say
from cortexlens.study.table.recordings import LEAST_RUN

BLOCK_VALUES = 2**24  # responses processed at a time
Missing = Literal["drop-vertex", "drop-trial", "keep-constant"]


def find_missing(
    values: Shaped[np.ndarray, "trial vertex"],
    run: Int64[np.ndarray, "trial"],
    session: Int64[np.ndarray, "trial"],
    *,
    constant: bool = True,
) -> Bool[np.ndarray, "trial vertex"]:
    """Find missing responses.

    Parameters
    ----------
    values
        Responses in their original units.
    run, session
        File and session of each trial.
    constant
        Whether a vertex counts as missing in a run or session of at least ``LEAST_RUN`` trials if
        it has one value throughout it and other values elsewhere.

    Returns
    -------
    ndarray
        True where a response is NaN, infinite, or missing together with its run or session.
    """
    missing = np.zeros(values.shape, bool)
    step = max(1, BLOCK_VALUES // max(1, len(values)))
    for start in range(0, values.shape[1], step):
        block = values[:, start : start + step]
        missing[:, start : start + step] = ~np.isfinite(block)
        if not constant:
            continue
        varies = ~_constant(block)
        for groups in (run, session):
            for group in np.unique(groups):
                trials = np.flatnonzero(groups == group)
                if LEAST_RUN <= len(trials) < len(values):
                    unrecorded = start + np.flatnonzero(_constant(block[trials]) & varies)
                    missing[np.ix_(trials, unrecorded)] = True
    return missing


def _constant(values: Shaped[np.ndarray, "trial vertex"]) -> Bool[np.ndarray, "vertex"]:
    """Vertices whose finite values are all equal."""
    if values.dtype.kind != "f":
        return np.asarray(values.max(axis=0) == values.min(axis=0))
    finite = np.isfinite(values)
    high = np.where(finite, values, -np.inf).max(axis=0)
    low = np.where(finite, values, np.inf).min(axis=0)
    return np.asarray(high <= low)


def kept(
    missing: Bool[np.ndarray, "trial vertex"], rule: str | None, sources: Sequence[Path]
) -> tuple[Bool[np.ndarray, "trial"], Bool[np.ndarray, "vertex"]]:
    """Select the trials and vertices to keep, by a rule for missing responses.

    Parameters
    ----------
    missing
        Which responses are missing, as from :func:`find_missing`.
    rule
        ``drop-vertex``: drop vertices with a missing response; ``drop-trial``: drop trials with
        one; anything else: refuse missing responses.
    sources
        File of each trial, for error messages.

    Returns
    -------
    trials, vertices
        True for those to keep. How many are dropped is reported on standard error.

    Raises
    ------
    CortexlensError
        If a response is missing and the rule does not allow it, or if nothing remains.
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
            f"{found}. Fill them in, exclude them with a mask, or set the column missing of "
            f"subjects.tsv to {rules}; or to keep-constant if runs of one value are data."
        )
    if not (trials.any() and vertices.any()):
        raise CortexlensError(
            f"{found}; {rule} leaves nothing. Use the other rule, or correct the file."
        )
    say(f"{found}; they are left out ({rule})")
    return trials, vertices


def check_rule(rule: str | None) -> None:
    """Refuse an unknown rule for missing responses.

    Raises
    ------
    CortexlensError
        If the rule is unknown; the message lists the allowed ones.
    """
    if rule is not None and rule not in get_args(Missing):
        raise CortexlensError(
            f"missing is {rule!r}; allowed are {', '.join(get_args(Missing))}, or an empty cell, "
            "with which missing responses are refused. Correct subjects.tsv."
        )

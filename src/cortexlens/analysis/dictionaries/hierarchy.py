"""Hierarchy of dictionaries' layers, and of fits on the same layers and vertices."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool

from cortexlens.analysis.hierarchy.slope import (
    LINE_COLUMNS,
    MEAN,
    Hierarchy,
    hierarchy,
    hierarchy_change,
    hierarchy_row,
    mean_hierarchy,
)
from cortexlens.analysis.scores.brain_score import SIGNIFICANT
from cortexlens.progress import track
from cortexlens.sae.levels import as_fit, check_same_vertices, chosen, on_layers, positions

# Names of maps for which a line is fitted: the dictionary; a fit, on all layers of the network, on
# those of the dictionary, and on the strongest of these alone (its readout and one of these
# suffixes); the dictionary minus the last of these.
DICTIONARY: Final = "dictionary"
OF_FITS: Final = ("", "_shared", "_strongest")
DIFFERENCE: Final = "difference"
ALL, WITH_LIKENESS = "all", "significant"
TABLE_COLUMNS: Final = ("map", "vertices", *LINE_COLUMNS)


class Pair(NamedTuple):
    """A dictionary, and the fit that it is compared with.

    Attributes
    ----------
    dictionary
        Dataset of kind ``dictionary``.
    layers
        Names of all layers of its network, first to last.
    fit
        Fit of the same network and subject with layer selectors; None if there is none.
    """

    dictionary: xr.Dataset
    layers: tuple[str, ...]
    fit: xr.Dataset | None


def significant(dictionary: xr.Dataset) -> Bool[np.ndarray, " vertex"]:
    """Whether vertices are more similar to their unit on test images than expected by chance."""
    return np.asarray(chosen(dictionary)["q"].values < SIGNIFICANT)


def maps_of(pair: Pair) -> dict[str, xr.Dataset]:
    """Layers of a pair's vertices in each of its maps, for the vertices that all maps have.

    Parameters
    ----------
    pair
        Dictionary, with or without a fit.

    Returns
    -------
    dict
        Name of the map → dataset like that of a fit to all layers, with the variable
        ``significant``.

    Raises
    ------
    CortexlensError
        If network, subject or vertices of the fit differ.
    """
    maps = {DICTIONARY: as_fit(pair.dictionary, pair.layers)}
    if pair.fit is not None:
        check_same_vertices(pair.dictionary, pair.fit)
        places = positions(pair.dictionary, pair.layers)
        versions = (
            pair.fit,
            on_layers(pair.fit, places),
            on_layers(pair.fit, places, strongest=True),
        )
        maps |= dict(zip(names_of(pair.fit), versions, strict=True))
    found = significant(pair.dictionary)
    selectors = (each["layer_selector"].values for each in maps.values())
    known = np.all([np.isfinite(each).all(axis=1) for each in selectors], axis=0)
    return {
        name: each.assign(significant=("vertex", found)).isel(vertex=np.flatnonzero(known))
        for name, each in maps.items()
    }


def names_of(fit: xr.Dataset) -> list[str]:
    """Names of the maps of a fit, one for each of :data:`OF_FITS`."""
    return [f"{fit.attrs['readout']}{ending}" for ending in OF_FITS]


def of_vertices(fit: xr.Dataset, vertices: str) -> xr.Dataset:
    """All vertices of a map, or only those with a significant similarity to their unit."""
    if vertices == ALL:
        return fit
    return fit.isel(vertex=np.flatnonzero(fit["significant"].values))


def pair_hierarchies(
    pair: Pair, *, bootstraps: int, seed: int
) -> Iterator[tuple[str, str, Hierarchy]]:
    """Yield the name of a map, the set of vertices, and their hierarchy, if there is one.

    Parameters
    ----------
    pair
        Dictionary, with or without a fit.
    bootstraps, seed
        As for :func:`cortexlens.analysis.hierarchy.slope.hierarchy`.
    """
    maps = maps_of(pair)
    for vertices in (ALL, WITH_LIKENESS):
        own = {name: of_vertices(each, vertices) for name, each in maps.items()}
        for name, each in own.items():
            line = hierarchy(each, bootstraps=bootstraps, seed=seed)
            if line is not None:
                yield name, vertices, line
        if pair.fit is not None:
            both = own[names_of(pair.fit)[-1]], own[DICTIONARY]
            change = hierarchy_change(*both, bootstraps=bootstraps, seed=seed)
            if change is not None:
                yield DIFFERENCE, vertices, _linear(change)


def _linear(change: Hierarchy) -> Hierarchy:
    """Drop the rank correlation, which for changes is not the change of the rank correlation."""
    found, draws = change.found.copy(), change.draws.copy()
    found[3], draws[:, 3] = np.nan, np.nan
    return Hierarchy(found, draws, change.n, change.blocks, change.members, change.axis)


def dictionary_hierarchy(
    pairs: Sequence[Pair], *, confidence_level: float = 0.95, bootstraps: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """``dictionary_hierarchy.tsv``: hierarchy of each pair, then means over subjects.

    Parameters
    ----------
    pairs
        Dictionaries, with or without fits.
    confidence_level
        Confidence level of the intervals from ``_low`` to ``_high``.
    bootstraps, seed
        Number of draws and their seed; draws are independent between pairs.

    Returns
    -------
    pd.DataFrame
        Columns :data:`TABLE_COLUMNS`.
    """
    rows: list[dict[str, object]] = []
    shared: dict[tuple[str, str, str], list[Hierarchy]] = {}
    for number, pair in enumerate(track(sorted(pairs, key=_whose), "hierarchies fitted")):
        subject, backbone = _whose(pair)
        for name, vertices, line in pair_hierarchies(
            pair, bootstraps=bootstraps, seed=seed + number
        ):
            about = {"map": name, "vertices": vertices}
            rows.append(about | hierarchy_row(subject, backbone, line, confidence_level))
            shared.setdefault((backbone, name, vertices), []).append(line)
    rows += _means(shared, confidence_level)
    return pd.DataFrame(rows, columns=list(TABLE_COLUMNS))


def _means(
    shared: Mapping[tuple[str, str, str], list[Hierarchy]], confidence_level: float
) -> Iterator[dict[str, object]]:
    for (backbone, name, vertices), lines in shared.items():
        if len(lines) > 1:
            about = {"map": name, "vertices": vertices}
            yield about | hierarchy_row(MEAN, backbone, mean_hierarchy(lines), confidence_level)


def _whose(pair: Pair) -> tuple[str, str]:
    return str(pair.dictionary.attrs["subject"]), str(pair.dictionary.attrs["backbone"])

"""Stability of the maps of a fit: between seeds, and between halves of the training images.

If two fits of the same kind assign a vertex to different layers, neither is informative about that
vertex.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float

from cortexlens.analysis.scores.fit_scores import regions
from cortexlens.analysis.statistics.agreement import (
    argmax_agreement,
    centre_distance,
    total_variation,
)
from cortexlens.analysis.statistics.intervals import Resampling, first_region, patch_means
from cortexlens.compute.schedule import BY_IMAGES

MEASURES = ("argmax_agreement", "total_variation", "field_shift", "scale_difference")
COLUMNS = (
    *("subject", "backbone", "readout", "compared", "roi", "n_pairs"),
    *("n_vertices", "blocks"),
    *(f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")),
)
# Settings of where a fit was computed, which do not affect the result.
PLACES = ("threads", "device")


class Selection(NamedTuple):
    """Selectors of a fit, or of one of its members."""

    layer: Float[np.ndarray, "vertex layer"]
    space: Float[np.ndarray, "vertex image_axis"]
    scale: Float[np.ndarray, " vertex"]


# Name of a measure → its value at each vertex.
Measured = dict[str, Float[np.ndarray, " vertex"]]


def selection_of(fit: xr.Dataset) -> Selection:
    """Selectors of a FactorTopy fit, averaged over its members."""
    return Selection(*(fit[f"{name}_selector"].values for name in Selection._fields))


def members_of(fit: xr.Dataset) -> list[Selection]:
    """Selectors of each member; a store without those of members has one."""
    if "member_layer_selector" not in fit:
        return [selection_of(fit)]
    parts = [fit[f"member_{name}_selector"].values for name in Selection._fields]
    return [Selection(*each) for each in zip(*parts, strict=True)]


def compared(pairs: Sequence[tuple[Selection, Selection]]) -> Measured:
    """Agreement of pairs of fits, averaged over the pairs.

    Parameters
    ----------
    pairs
        At least one pair, all of the same vertices.

    Returns
    -------
    dict
        Name from :data:`MEASURES` → value at each vertex: share of pairs with the same strongest
        layer; total variation of the layer weights, 0 to 1; distance of receptive-field centres,
        image widths; difference of scales, 0 to 1.
    """
    measured = [
        (
            argmax_agreement(one.layer, other.layer),
            total_variation(one.layer, other.layer),
            centre_distance(one.space, other.space),
            np.abs(one.scale - other.scale),
        )
        for one, other in pairs
    ]
    return {
        name: np.stack(values).astype(np.float64).mean(axis=0)
        for name, values in zip(MEASURES, zip(*measured, strict=True), strict=True)
    }


def across_seeds(fit: xr.Dataset) -> Measured | None:
    """Agreement over all pairs of a fit's members; None if there is only one."""
    pairs = list(combinations(members_of(fit), 2))
    return compared(pairs) if pairs else None


def alike(fit: xr.Dataset, *apart: str) -> str:
    """Key of everything that a fit depends on, except some settings; equal for comparable fits.

    Settings that followed from the number of training images enter as they were given: as left out.
    """
    settings = dict(fit.attrs["provenance"]["settings"])
    settings |= dict.fromkeys(settings.pop(BY_IMAGES, ()))
    kept = {key: value for key, value in settings.items() if key not in (*PLACES, *apart)}
    return json.dumps([fit.attrs["subject"], fit.attrs["backbone"], kept], sort_keys=True)


def half_of(fit: xr.Dataset) -> str | None:
    """Half of the training images that a fit was trained on; None for both."""
    half: str | None = fit.attrs["provenance"]["settings"].get("half")
    return half


def halves(fits: Sequence[xr.Dataset]) -> Iterator[tuple[xr.Dataset, xr.Dataset]]:
    """Yield pairs of fits that differ only in the half of the training images."""
    second = {alike(fit, "half"): fit for fit in fits if half_of(fit) == "b"}
    for fit in fits:
        if half_of(fit) == "a" and alike(fit, "half") in second:
            yield fit, second[alike(fit, "half")]


def measured_rows(
    fit: xr.Dataset, measured: Measured, how: Resampling
) -> Iterator[dict[str, object]]:
    """Yield means of measures over each region of a fit, with intervals over patches of cortex."""
    if not measured:
        yield from ({"roi": roi, "n_vertices": int(mask.sum())} for roi, mask in regions(fit))
        return
    names, values = tuple(measured), np.stack(list(measured.values()), axis=1)
    inside = first_region(fit)
    for roi, mask in regions(fit):
        found = patch_means(values[mask], fit.isel(vertex=mask), inside[mask], how)
        yield {"roi": roi, "n_vertices": found.n, "blocks": found.blocks, **found.columns(names)}


def map_stability_table(
    fits: Sequence[xr.Dataset],
    how: Resampling = Resampling(),  # noqa: B008
) -> pd.DataFrame:
    """``stability.tsv``: agreement between seeds, and between halves of the training images.

    Parameters
    ----------
    fits
        Fits of FactorTopy and its variants; those with a single member and no other half give no
        row.
    how
        Parameters of the intervals, over patches of cortex.
    """
    rows = []
    for fit in fits:
        between = across_seeds(fit)
        if between is not None:
            n_members = len(members_of(fit))
            about = {"compared": "seeds", "n_pairs": n_members * (n_members - 1) // 2}
            about["readout"] = fit.attrs["readout"]
            rows += _rows(fit, about, between, how)
    for one, other in halves(fits):
        about = {"compared": "halves", "n_pairs": 1}
        about["readout"] = f"{one.attrs['readout']}/{other.attrs['readout']}"
        between = compared([(selection_of(one), selection_of(other))])
        rows += _rows(one, about, between, how)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["subject", "backbone", "compared", "readout"], kind="stable")


def _rows(
    fit: xr.Dataset, about: dict[str, object], measured: Measured, how: Resampling
) -> list[dict[str, object]]:
    whose = {key: fit.attrs[key] for key in ("subject", "backbone")}
    return [{**whose, **about, **row} for row in measured_rows(fit, measured, how)]

"""Learning curves: scores and maps of fits to increasing numbers of training images."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from cortexlens.analysis.scores.fit_scores import region_means, regions
from cortexlens.analysis.scores.stability import (
    MEASURES,
    Measured,
    alike,
    compared,
    half_of,
    halves,
    measured_rows,
    selection_of,
)
from cortexlens.analysis.statistics.intervals import Resampling, mean_of, region_scores
from cortexlens.config.readouts import CURVE

COLUMNS = (
    *(
        "subject",
        "backbone",
        "readout",
        "compared",
        "training_images",
        "roi",
        "n_vertices",
    ),
    *("r2_mean", "r2_mean_low", "r2_mean_high", "r2_share"),
    *(f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")),
    "blocks",
)


def learning_table(
    fits: Sequence[xr.Dataset],
    how: Resampling = Resampling(),  # noqa: B008
) -> pd.DataFrame:
    """``learning_curve.tsv``: scores and maps by the number of training images.

    Parameters
    ----------
    fits
        Fits of FactorTopy and its variants. Fits of one network and subject belong to one curve if
        they differ only in their training images, epochs and patience. The fit to all images is the
        full fit, without which there is no curve. Fits that belong to no curve give no row.
    how
        Parameters of the intervals: of scores over test images, of maps over patches of cortex.

    Returns
    -------
    pd.DataFrame
        Rows ``full`` compare the maps of a fit with those of the full fit, which shares its images;
        rows ``halves`` compare two fits without common images, and contain their mean score.
        ``r2_share`` is the score as a fraction of that of the full fit.
    """
    curves: dict[str, list[xr.Dataset]] = {}
    for fit in fits:
        curves.setdefault(alike(fit, *CURVE), []).append(fit)
    rows = [
        row
        for points in curves.values()
        for full in filter(_is_full, points)
        for row in _curve(points, full, how)
        if len(points) > 1
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = ["subject", "backbone", "compared", "training_images"]
    return table.sort_values(order, kind="stable")


def _is_full(fit: xr.Dataset) -> bool:
    settings = fit.attrs["provenance"]["settings"]
    return settings.get("training_images") is None and half_of(fit) is None


def _curve(
    points: Sequence[xr.Dataset], full: xr.Dataset, how: Resampling
) -> Iterator[dict[str, object]]:
    """Yield the rows of one curve."""
    for fit in points:
        if half_of(fit) is None:
            # The agreement of the full fit with itself is trivial.
            pairs = [] if fit is full else [(selection_of(fit), selection_of(full))]
            measured = compared(pairs) if pairs else {}
            yield from _point("full", [fit], full, measured, how)
    for pair in halves(points):
        one, other = map(selection_of, pair)
        yield from _point("halves", pair, full, compared([(one, other)]), how)


def _point(
    what: str,
    fits: Sequence[xr.Dataset],
    full: xr.Dataset,
    measured: Measured,
    how: Resampling,
) -> Iterator[dict[str, object]]:
    """Yield the rows of one point of a curve, by region."""
    scores = mean_of([region_scores(fit, how) for fit in fits])
    masks = np.stack([mask for _, mask in regions(full)], axis=1)
    of_full = region_means(full["r2_test"].values.astype(np.float64), masks)
    measures = measured_rows(full, measured, how)
    for row, columns, mean in zip(measures, scores.columns("r2_mean", how), of_full, strict=True):
        yield {
            **{key: full.attrs[key] for key in ("subject", "backbone")},
            "readout": "/".join(fit.attrs["readout"] for fit in fits),
            "compared": what,
            "training_images": fits[0].attrs["training_images"],
            **row,
            **columns,
            "r2_share": columns["r2_mean"] / mean,
        }

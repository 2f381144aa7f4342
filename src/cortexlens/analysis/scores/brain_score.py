"""Table of brain scores: every fit, by region of interest and hemisphere."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

COLUMNS = (
    "subject",
    "backbone",
    "readout",
    "roi",
    "hemisphere",
    "n_vertices",
    "r2_mean",
    "r2_mean_low",
    "r2_mean_high",
    "r2_median",
    "pearson_mean",
    "ceiling_mean",
    "r2_over_ceiling_median",
    "pearson_over_ceiling_median",
    "r2_validation_mean",
    "share_significant",
    "p_family",
)
# False discovery rate below which a vertex counts as significant.
SIGNIFICANT = 0.05


def score_rows(scores: xr.Dataset) -> Iterator[dict[str, object]]:
    """One row per region and hemisphere, with the columns of ``brain_score.tsv``.

    Vertices with constant test responses have no score and are left out of means.

    Parameters
    ----------
    scores
        Store of kind ``scores``.

    Yields
    ------
    dict
    """
    scores = scores.load()
    r2 = scores["r2"].values.astype(np.float64)
    for index, mask in enumerate(scores["region_mask"].values.T):
        scored = mask & np.isfinite(r2)
        region = scores.isel(region=index)
        yield {
            **{key: scores.attrs[key] for key in ("subject", "backbone", "readout")},
            "roi": str(region["roi"].values),
            "hemisphere": str(region["side"].values),
            "n_vertices": int(scored.sum()),
            "r2_mean": float(region["region_r2"]),
            "r2_mean_low": float(region["region_r2_low"]),
            "r2_mean_high": float(region["region_r2_high"]),
            "r2_median": _median(r2[scored]),
            "pearson_mean": mean_of_known(scores["pearson"].values[scored]),
            "ceiling_mean": mean_of_known(scores["noise_ceiling"].values[scored]),
            "r2_over_ceiling_median": _median(scores["r2_over_ceiling"].values[scored]),
            "pearson_over_ceiling_median": _median(scores["pearson_over_ceiling"].values[scored]),
            "r2_validation_mean": mean_of_known(scores["r2_validation"].values[scored]),
            "share_significant": mean_of_known(_significant(scores["q"].values[scored])),
            "p_family": _lowest(region["p_family"].values[scored]),
        }


def score_table(scores: list[xr.Dataset]) -> pd.DataFrame:
    """``brain_score.tsv``: all regions of all fits, sorted by subject, network and readout."""
    rows = [row for each in scores for row in score_rows(each)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["subject", "backbone", "readout"], kind="stable")


def _significant(q: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(q), q < SIGNIFICANT, np.nan)


def _lowest(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.min()) if known.size else float("nan")


def mean_of_known(values: np.ndarray) -> float:
    """Mean of the finite values; NaN if there are none."""
    known = values[np.isfinite(values)]
    return float(known.mean(dtype=np.float64)) if known.size else float("nan")


def _median(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")

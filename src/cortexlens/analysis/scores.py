"""The table of brain scores: every fit, by region of interest."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float

BOOTSTRAPS = 1000
INTERVAL = (2.5, 97.5)
COLUMNS = (
    "subject",
    "backbone",
    "readout",
    "roi",
    "n_vertices",
    "r2_mean",
    "r2_mean_low",
    "r2_mean_high",
    "r2_median",
    "pearson_mean",
    "ceiling_mean",
    "r2_over_ceiling_median",
    "r2_validation_mean",
)
LOWEST_CEILING_TO_DIVIDE_BY = 0.05


def regions(fit: xr.Dataset) -> Iterator[tuple[str, Bool[np.ndarray, " vertex"]]]:
    """The rows of a fit: ``all`` vertices, then each region of interest with any vertex."""
    n_vertices = fit.sizes["vertex"]
    yield "all", np.ones(n_vertices, dtype=bool)
    if "roi_mask" in fit:
        for name, mask in zip(fit["roi"].values, fit["roi_mask"].values.T, strict=True):
            if mask.any():
                yield str(name), mask.astype(bool)


def bootstrap_mean(
    values: Float[np.ndarray, " vertex"], generator: np.random.Generator
) -> tuple[float, float]:
    """95 % percentile interval of the mean over resampled vertices.

    It speaks of the spread over vertices, not of other test images, and neighbouring vertices
    are taken as independent: on a cortex it is narrower than the truth.
    """
    if len(values) == 0:
        return float("nan"), float("nan")
    picks = generator.integers(0, len(values), (BOOTSTRAPS, len(values)))
    low, high = np.percentile(values[picks].mean(axis=1), INTERVAL)
    return float(low), float(high)


def score_rows(fit: xr.Dataset, seed: int = 0) -> Iterator[dict[str, object]]:
    """One row a region of interest, with the columns of ``brain_score.tsv``.

    Vertices without variance in the test set have no score and are left out of means.

    Parameters
    ----------
    fit
        Store of kind ``fit``.
    seed
        Of the bootstrap.

    Yields
    ------
    dict
    """
    generator = np.random.default_rng(seed)
    r2, ceiling = fit["r2_test"].values.astype(np.float64), fit["noise_ceiling"].values
    for name, mask in regions(fit):
        scored = mask & np.isfinite(r2)
        reachable = scored & (ceiling > LOWEST_CEILING_TO_DIVIDE_BY)
        low, high = bootstrap_mean(r2[scored], generator)
        yield {
            **{key: fit.attrs[key] for key in ("subject", "backbone", "readout")},
            "roi": name,
            "n_vertices": int(scored.sum()),
            "r2_mean": _mean(r2[scored]),
            "r2_mean_low": low,
            "r2_mean_high": high,
            "r2_median": _median(r2[scored]),
            "pearson_mean": _mean(fit["pearson_test"].values[scored]),
            "ceiling_mean": _mean(ceiling[scored]),
            "r2_over_ceiling_median": _median(r2[reachable] / ceiling[reachable]),
            "r2_validation_mean": _mean(fit["r2_validation"].values[scored]),
        }


def score_table(fits: list[xr.Dataset]) -> pd.DataFrame:
    """``brain_score.tsv``: all regions of all fits, sorted by subject, network and readout."""
    rows = [row for fit in fits for row in score_rows(fit)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["subject", "backbone", "readout"], kind="stable")


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean(dtype=np.float64)) if known.size else float("nan")


def _median(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")

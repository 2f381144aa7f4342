"""Ablations: scores of variants of a fit compared with the fit itself."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool

from cortexlens.analysis.recovery.measures import recovery_rows
from cortexlens.analysis.scores.fit_scores import regions
from cortexlens.analysis.statistics.intervals import RegionScores, Resampling, region_scores
from cortexlens.progress import track

RECOVERED = ("space_r_x", "space_r_y", "layer_within_one")
COLUMNS = (
    *("subject", "backbone", "readout", "roi", "n_vertices"),
    *("r2_mean", "r2_mean_low", "r2_mean_high"),
    *("difference", "difference_low", "difference_high"),
    *("confidence_mean", *RECOVERED, "training_images", "fit_seconds"),
)


def ablation_table(
    fits: Sequence[xr.Dataset],
    how: Resampling = Resampling(),  # noqa: B008
    base: str = "factortopy",
) -> pd.DataFrame:
    """``ablations.tsv``: scores of every fit by region, and their difference from a base readout.

    Parameters
    ----------
    fits
        Fits of any readouts. Differences are from the readout ``base`` of the same network and
        subject, in the same resamples of test images; NaN if there is no such fit.
    how
        Parameters of the intervals, over test images.
    base
        Readout that all others are compared with.
    """
    scores = {_whose(fit): region_scores(fit, how) for fit in track(fits, "fits scored")}
    rows = [row for fit in fits for row in _rows(fit, scores, how, base)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["subject", "backbone"], kind="stable")


def _whose(fit: xr.Dataset, readout: str = "") -> tuple[str, str, str]:
    return fit.attrs["subject"], fit.attrs["backbone"], readout or fit.attrs["readout"]


def _rows(
    fit: xr.Dataset,
    scores: dict[tuple[str, str, str], RegionScores],
    how: Resampling,
    readout: str,
) -> Iterator[dict[str, object]]:
    """Yield one row per region of interest."""
    own, base = scores[_whose(fit)], scores.get(_whose(fit, readout))
    r2 = own.columns("r2_mean", how)
    apart = own.less(base).columns("difference", how) if base else [{} for _ in r2]
    found = {row["roi"]: row for row in recovery_rows(fit)} if "space_selector" in fit else {}
    scored = np.isfinite(fit["r2_test"].values)
    for (roi, mask), *numbers in zip(regions(fit), r2, apart, strict=True):
        recovered = found.get(roi, {})
        yield {
            **{key: fit.attrs[key] for key in ("subject", "backbone", "readout")},
            "roi": roi,
            "n_vertices": int(scored[mask].sum()),
            **numbers[0],
            **numbers[1],
            "confidence_mean": _confidence(fit, mask),
            **{name: recovered.get(name, float("nan")) for name in RECOVERED},
            "training_images": fit.attrs["training_images"],
            "fit_seconds": fit.attrs["fit_seconds"],
        }


def _confidence(fit: xr.Dataset, mask: Bool[np.ndarray, " vertex"]) -> float:
    if "confidence" not in fit:
        return float("nan")
    return float(fit["confidence"].values[mask].mean(dtype=np.float64))

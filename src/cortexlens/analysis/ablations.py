"""What each part of the model is worth: variants of a fit beside the fit itself."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool

from cortexlens.analysis.fit_scores import regions
from cortexlens.analysis.intervals import mean_columns
from cortexlens.analysis.recovery import recovery_rows

BASE = "factortopy"
RECOVERED = ("space_r_x", "space_r_y", "layer_within_one")
COLUMNS = (
    *("subject", "backbone", "readout", "roi", "n_vertices"),
    *("r2_mean", "r2_mean_low", "r2_mean_high"),
    *("difference", "difference_low", "difference_high"),
    *("confidence_mean", *RECOVERED, "training_images", "fit_seconds"),
)


def ablation_table(
    fits: Sequence[xr.Dataset], interval: float = 0.95, seed: int = 0
) -> pd.DataFrame:
    """``ablations.tsv``: every fit by region, and its difference to ``factortopy``.

    Parameters
    ----------
    fits
        Of any readouts; differences are to the readout ``factortopy`` of the same network and
        subject, vertex by vertex, and NaN where there is none.
    interval, seed
        As of :func:`cortexlens.analysis.intervals.mean_and_interval`.
    """
    bases = {_whose(fit): fit for fit in fits if fit.attrs["readout"] == BASE}
    rows = [row for fit in fits for row in _rows(fit, bases.get(_whose(fit)), interval, seed)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["subject", "backbone"], kind="stable")


def _whose(fit: xr.Dataset) -> tuple[str, str]:
    return fit.attrs["subject"], fit.attrs["backbone"]


def _rows(
    fit: xr.Dataset, base: xr.Dataset | None, interval: float, seed: int
) -> Iterator[dict[str, object]]:
    """One row a region of interest."""
    r2 = fit["r2_test"].values.astype(np.float64)
    difference = np.full_like(r2, np.nan) if base is None else r2 - base["r2_test"].values
    found = {row["roi"]: row for row in recovery_rows(fit)} if "space_selector" in fit else {}
    for roi, mask in regions(fit):
        recovered = found.get(roi, {})
        yield {
            **{key: fit.attrs[key] for key in ("subject", "backbone", "readout")},
            "roi": roi,
            "n_vertices": int(np.isfinite(r2[mask]).sum()),
            **mean_columns("r2_mean", r2[mask], interval, seed),
            **mean_columns("difference", difference[mask], interval, seed),
            "confidence_mean": _confidence(fit, mask),
            **{name: recovered.get(name, float("nan")) for name in RECOVERED},
            "training_images": fit.attrs["training_images"],
            "fit_seconds": fit.attrs["fit_seconds"],
        }


def _confidence(fit: xr.Dataset, mask: Bool[np.ndarray, " vertex"]) -> float:
    if "confidence" not in fit:
        return float("nan")
    return float(fit["confidence"].values[mask].mean(dtype=np.float64))

"""Table of dictionaries: every network and subject, by region, hemisphere and metric."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from cortexlens.analysis.scores.brain_score import SIGNIFICANT, mean_of_known

COLUMNS = (
    *("subject", "backbone", "metric", "roi", "hemisphere", "n_vertices", "ceiling_mean"),
    *("training_mean", "held_out_mean", "held_out_mean_low", "held_out_mean_high"),
    *("null_training_mean", "null_training_high", "null_held_out_mean", "null_held_out_high"),
    *("share_significant", "assigned_held_out_mean", "share_assigned"),
    *("seed_layer_agreement", "seed_correlation"),
)
# Quantile of the null distribution, over vertices and permutations, that is reported.
_HIGH = 0.975


def dictionary_table(dictionaries: Sequence[xr.Dataset]) -> pd.DataFrame:
    """``dictionary.tsv``: all regions of all dictionaries, one row per metric.

    Vertices without a unit, or whose unit or response is constant on test images, have no test
    similarity; means are over the other vertices, which ``n_vertices`` counts.

    Parameters
    ----------
    dictionaries
        Stores of kind ``dictionary``.
    """
    rows = [row for each in dictionaries for row in _rows(each.load())]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["subject", "backbone", "metric"], kind="stable")


def _rows(dictionary: xr.Dataset) -> Iterator[dict[str, object]]:
    for metric in dictionary["metric"].values:
        one = dictionary.sel(metric=metric)
        for number, mask in enumerate(dictionary["region_mask"].values.T):
            region = one.isel(region=number)
            known = mask & np.isfinite(one["held_out"].values)
            yield {
                **{key: dictionary.attrs[key] for key in ("subject", "backbone")},
                "metric": str(metric),
                "roi": str(region["region_roi"].values),
                "hemisphere": str(region["region_side"].values),
                **_cells(one.isel(vertex=known)),
                "held_out_mean": float(region["region_held_out"]),
                "held_out_mean_low": float(region["region_held_out_low"]),
                "held_out_mean_high": float(region["region_held_out_high"]),
                **_of_seeds(one.isel(vertex=known), str(metric)),
            }


def _cells(part: xr.Dataset) -> dict[str, object]:
    """Columns for some of the vertices."""
    assigned = part["assigned_unit"].values >= 0
    return {
        "n_vertices": part.sizes["vertex"],
        "ceiling_mean": mean_of_known(part["noise_ceiling"].values),
        "training_mean": mean_of_known(part["similarity"].values),
        "null_training_mean": mean_of_known(part["null_maximum"].values),
        "null_training_high": _high(part["null_maximum"].values),
        "null_held_out_mean": mean_of_known(part["null_held_out"].values),
        "null_held_out_high": _high(part["null_held_out"].values),
        "share_significant": mean_of_known((part["q"].values < SIGNIFICANT).astype(float)),
        "assigned_held_out_mean": mean_of_known(part["assigned_held_out"].values),
        "share_assigned": mean_of_known(assigned.astype(float)),
    }


def _of_seeds(part: xr.Dataset, metric: str) -> dict[str, object]:
    """Stability over seeds, which is measured only with the metric of the maps."""
    if metric != part.attrs["metric"]:
        return {"seed_layer_agreement": np.nan, "seed_correlation": np.nan}
    return {
        name: mean_of_known(part[name].values)
        for name in ("seed_layer_agreement", "seed_correlation")
    }


def _high(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(np.quantile(known, _HIGH)) if known.size else float("nan")

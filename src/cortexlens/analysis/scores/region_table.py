"""Summary of a fit by region, as a table."""

import numpy as np
import pandas as pd
import xarray as xr

from cortexlens.analysis.hierarchy.slope import expected_level
from cortexlens.analysis.scores.brain_score import mean_of_known
from cortexlens.analysis.scores.fit_scores import regions_by_side

# Column → variable of the fit that is averaged over the region's vertices.
_MEANS = {
    "r2_mean": "r2_test",
    "ceiling_mean": "noise_ceiling",
    "confidence_mean": "confidence",
    "scale_mean": "scale_selector",
}


def region_table(fit: xr.Dataset) -> pd.DataFrame:
    """Means of a fit over each region and hemisphere, one row each.

    Parameters
    ----------
    fit
        Dataset of kind ``fit``; variables that it lacks, such as the scale of a ridge regression,
        are NaN.

    Returns
    -------
    pd.DataFrame
        ``roi``, ``hemisphere``, ``n_vertices``; ``r2_mean`` (raw), ``ceiling_mean``,
        ``confidence_mean``, ``scale_mean``; ``level_mean``, 0 the first layer to 1 the last;
        ``strongest_layer``, the name of the layer with the largest mean weight.
    """
    weights = fit["layer_selector"].values.astype(np.float64)
    level = expected_level(weights)
    values = {
        column: fit[name].values.astype(np.float64) if name in fit else np.full(len(level), np.nan)
        for column, name in _MEANS.items()
    }
    names = [str(name) for name in fit.attrs["layer_names"]]
    rows = []
    for roi, hemisphere, mask in regions_by_side(fit):
        known = weights[mask & np.isfinite(level)]
        rows.append(
            {
                **{"roi": roi, "hemisphere": hemisphere, "n_vertices": int(mask.sum())},
                **{column: mean_of_known(each[mask]) for column, each in values.items()},
                "level_mean": mean_of_known(level[mask]),
                "strongest_layer": names[int(known.mean(axis=0).argmax())] if len(known) else "",
            }
        )
    return pd.DataFrame(rows)

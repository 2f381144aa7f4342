"""How the order of a network's layers follows the visual hierarchy.

Source: "Brain Decodes Deep Nets", arXiv 2312.01280, Table 2.
"""

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float

# Ideal level of a region: published values, V2 and V3 together. Kinds of study whose regions are
# cut in two (V1d, V1v) offer the whole region as well.
IDEAL_LEVEL = {"V1": 0.0, "V2": 0.33, "V3": 0.33, "OPA": 0.66, "EBA": 1.0}
COLUMNS = ("subject", "backbone", "slope", "b0", "b1", "n")


def expected_level(
    layer_selector: Float[np.ndarray, "vertex layer"],
) -> Float[np.ndarray, " vertex"]:
    """ι̂ = Σ_l (l−1)/(L−1) ω̂_l: 0 the first layer, 1 the last; 0 for a single layer."""
    return layer_selector @ np.linspace(0.0, 1.0, layer_selector.shape[1])


def ideal_level(fit: xr.Dataset) -> Float[np.ndarray, " vertex"]:
    """ι of each vertex by its region; NaN outside the regions that have one."""
    level = np.full(fit.sizes["vertex"], np.nan)
    if "roi_mask" in fit:
        for name, mask in zip(fit["roi"].values, fit["roi_mask"].values.T, strict=True):
            if str(name) in IDEAL_LEVEL:
                level[mask.astype(bool)] = IDEAL_LEVEL[str(name)]
    return level


def hierarchy_row(fit: xr.Dataset) -> dict[str, object] | None:
    """Least squares ι̂ = β·ι + ε: slope = β, b0 = ε, b1 = β + ε.

    Parameters
    ----------
    fit
        FactorTopy fit of one network and subject.

    Returns
    -------
    dict or None
        A row of ``hierarchy.tsv``; ``n`` is the number of vertices. None where the study's
        regions span fewer than two levels, so that there is no line to fit.
    """
    ideal = ideal_level(fit)
    known = np.isfinite(ideal)
    if np.unique(ideal[known]).size < 2:
        return None
    found = expected_level(fit["layer_selector"].values.astype(np.float64))
    slope, start = np.polyfit(ideal[known], found[known], 1)
    return {
        "subject": fit.attrs["subject"],
        "backbone": fit.attrs["backbone"],
        "slope": float(slope),
        "b0": float(start),
        "b1": float(slope + start),
        "n": int(known.sum()),
    }


def hierarchy_table(fits: list[xr.Dataset]) -> pd.DataFrame:
    """``hierarchy.tsv``: one row a fit, sorted by subject and network."""
    rows = [row for fit in fits if (row := hierarchy_row(fit)) is not None]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["subject", "backbone"], kind="stable")

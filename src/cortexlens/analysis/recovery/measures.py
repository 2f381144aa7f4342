"""How well a fit recovers what was planted in a simulated subject."""

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float

from cortexlens.analysis.recovery.tables import FEWEST, recovery_measures
from cortexlens.analysis.scores.fit_scores import regions

# Noise ceilings (r²) below which noise dominates and nothing can be recovered.
CEILING_FOR_SPACE = 0.2
CEILING_FOR_LAYER = 0.3
COLUMNS = (
    "subject",
    "backbone",
    "readout",
    "roi",
    "n_space",
    "space_r_x",
    "space_r_y",
    "n_layer",
    "layer_within_one",
    "scale_error",
    *("layer_exact", "layer_named", "level_r", "space_error", "size_r"),
)


def recovery_rows(fit: xr.Dataset) -> list[dict[str, object]]:
    """One row per region, with the columns of ``recovery.tsv``.

    Parameters
    ----------
    fit
        Fit of a simulated subject with layer, space and scale selectors.

    Returns
    -------
    list of dict
        ``nan`` if fewer than ten vertices have a sufficient noise ceiling, or if the quantity was
        not planted; empty for a subject without planted truth.
    """
    if "planted_space" not in fit:
        return []
    ceiling = fit["noise_ceiling"].values
    rows = []
    for name, mask in regions(fit):
        placed, layered = mask & (ceiling > CEILING_FOR_SPACE), mask & (ceiling > CEILING_FOR_LAYER)
        x, y = _place_correlation(fit, placed)
        within, error = _layer_and_scale(fit, layered)
        rows.append(
            {
                "subject": fit.attrs["subject"],
                "backbone": fit.attrs["backbone"],
                "readout": fit.attrs["readout"],
                "roi": name,
                "n_space": int(placed.sum()),
                "space_r_x": x,
                "space_r_y": y,
                "n_layer": int(layered.sum()),
                "layer_within_one": within,
                "scale_error": error,
                **_further(fit, placed, layered),
            }
        )
    return rows


def _place_correlation(fit: xr.Dataset, mask: Bool[np.ndarray, " vertex"]) -> tuple[float, float]:
    """Correlation of fitted and planted receptive-field centres over vertices, for x and y."""
    if mask.sum() < FEWEST:
        return float("nan"), float("nan")
    found, planted = fit["space_selector"].values[mask], fit["planted_space"].values[mask]
    return _correlation(found[:, 0], planted[:, 0]), _correlation(found[:, 1], planted[:, 1])


def _correlation(a: Float[np.ndarray, " vertex"], b: Float[np.ndarray, " vertex"]) -> float:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def _layer_and_scale(fit: xr.Dataset, mask: Bool[np.ndarray, " vertex"]) -> tuple[float, float]:
    """Share of vertices within one layer of the planted one, and mean error of the scale."""
    if "planted_layer" not in fit or mask.sum() < FEWEST:
        return float("nan"), float("nan")
    found = fit["layer_selector"].values[mask].argmax(axis=1)
    planted = fit["planted_layer"].values[mask].argmax(axis=1)
    error = np.abs(fit["scale_selector"].values - fit["planted_scale"].values)[mask]
    return float((np.abs(found - planted) <= 1).mean()), float(error.mean())


def _further(
    fit: xr.Dataset, placed: Bool[np.ndarray, " vertex"], layered: Bool[np.ndarray, " vertex"]
) -> dict[str, float]:
    """Measures of a recovery study, each over the vertices that it applies to."""
    wanted = {"layer_exact": layered, "layer_named": layered, "level_r": layered}
    wanted |= {"space_error": placed, "size_r": placed}
    found: dict[str, float] = {}
    for name, mask in wanted.items():
        known = recovery_measures(fit.isel(vertex=mask)) if mask.sum() >= FEWEST else {}
        found[name] = known.get(name, float("nan"))
    return found


def recovery_table(fits: list[xr.Dataset]) -> pd.DataFrame:
    """``recovery.tsv``: all regions of all fits, sorted by subject and network."""
    rows = [row for fit in fits for row in recovery_rows(fit)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["subject", "backbone"], kind="stable")

"""Variables and attributes of a stacked fit, as a store of kind ``fit`` holds them."""

from typing import Any

import numpy as np

from cortexlens.encoding.results import Variables
from cortexlens.encoding.stacked.certainty import INTERVAL, RANGE
from cortexlens.encoding.stacked.fit import StackedFit
from cortexlens.encoding.stacked.regressions import SCALES

_PLACE = ("vertex",)


def stacked_variables(fit: StackedFit) -> Variables:
    """Collect the selectors, sizes, probabilities and intervals of a stacked fit.

    Parameters
    ----------
    fit
        Fit from :func:`~cortexlens.encoding.stacked.fit.fit_stacked`.

    Returns
    -------
    dict
        Name → (dimensions, values, description), for
        :func:`cortexlens.encoding.results.fit_dataset`.
    """
    n_layers = fit.layer.shape[1]
    weight = fit.weight.cpu().numpy().reshape(n_layers, len(SCALES), -1).transpose(2, 0, 1)
    total = weight.sum(axis=(1, 2))
    wide = weight[:, :, 1:].sum(axis=(1, 2))
    scale = np.divide(wide, total, out=np.full(len(total), 0.5), where=total > 0)
    level = fit.layer @ np.arange(n_layers) / max(n_layers - 1, 1)
    sure, where = fit.certainty, fit.place_interval
    share, held = f"{INTERVAL:.0%} interval", f"{RANGE:.0%} of the probability"
    penalty = fit.penalty.reshape(n_layers, len(SCALES), -1).transpose(2, 0, 1)
    return {
        "layer_selector": (
            ("vertex", "layer"),
            _single(fit.layer),
            "stack weight of each layer, over all scales; rows sum to 1",
        ),
        "space_selector": (
            ("vertex", "image_axis"),
            _single(fit.place),
            "receptive-field centre, x right and y down, in [−1, 1]",
        ),
        "space_low": (("vertex", "image_axis"), _single(where.low), f"lower end of its {share}"),
        "space_high": (("vertex", "image_axis"), _single(where.high), f"upper end of its {share}"),
        "receptive_field_size": (
            _PLACE,
            _single(fit.windows.size[fit.found.window]),
            "standard deviation of the receptive field, image widths",
        ),
        "size_low": (_PLACE, _single(where.size_low), f"lower end of its {share}, image widths"),
        "size_high": (_PLACE, _single(where.size_high), f"upper end of its {share}, image widths"),
        "scale_selector": (
            _PLACE,
            _single(scale),
            "share of the stack in image-wide features: 0 all from the receptive field, 1 none",
        ),
        "set_weight": (
            ("vertex", "layer", "scale"),
            _single(weight),
            "weight of each ridge regression in the stack, at least 0",
        ),
        "penalty": (
            ("vertex", "layer", "scale"),
            _single(penalty),
            "ridge penalty by generalised cross-validation, in units of the mean eigenvalue",
        ),
        "confidence": (
            _PLACE,
            _single(sure.confidence),
            "probability that the layer with the largest weight is the strongest, in [0, 1]",
        ),
        "layer_probability": (
            ("vertex", "layer"),
            _single(sure.probability),
            "probability that the layer is the strongest; rows sum to 1",
        ),
        "layer_range_low": (
            _PLACE,
            sure.range_low.astype(np.int64),
            f"first layer, from 0, of the smallest range that holds {held}",
        ),
        "layer_range_high": (
            _PLACE,
            sure.range_high.astype(np.int64),
            f"last layer, from 0, of the smallest range that holds {held}",
        ),
        "expected_level": (
            _PLACE,
            _single(level),
            "Σ (l − 1)/(L − 1) · layer_selector: 0 the first layer, 1 the last",
        ),
        "expected_level_low": (_PLACE, _single(sure.level_low), f"lower end of its {share}"),
        "expected_level_high": (_PLACE, _single(sure.level_high), f"upper end of its {share}"),
        "expected_level_draw": (
            ("draw", "vertex"),
            _single(sure.level_draw),
            "expected level over resampled blocks of images, paired between fits to one subject",
        ),
        "r2_left_out": (
            _PLACE,
            _single(fit.r2_left_out),
            "R² on training images, each left out by the regressions that predict it",
        ),
    }


def stacked_attributes(fit: StackedFit) -> dict[str, Any]:
    """Collect the attributes of a stacked fit's dataset.

    Parameters
    ----------
    fit
        Fit from :func:`~cortexlens.encoding.stacked.fit.fit_stacked`.
    """
    return {
        "bandwidth_mm": list(fit.bandwidth.sigma),
        "blocks": fit.blocks,
        "draws": fit.draws,
        "scales": list(SCALES),
        "variance_lost": fit.variance_lost,
        "prior_steps": fit.prior_steps,
        "prior_gain": list(fit.prior_gain),
        "planted_accuracy": fit.calibration.accuracy,
    }


def _single(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32)

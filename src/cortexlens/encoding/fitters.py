"""How each kind of readout is fitted to data in memory: one function a kind.

A new kind is a function with the signature of :data:`Fitter` and a line in :data:`FITTERS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np
import xarray as xr
from jaxtyping import Float

from cortexlens.encoding.data import FitData
from cortexlens.encoding.fit import FitOptions, fit_members
from cortexlens.encoding.results import Variables, divergences
from cortexlens.errors import CortexlensError


@dataclass(frozen=True)
class Found:
    """What a fit found.

    Attributes
    ----------
    variables
        As for :func:`cortexlens.encoding.results.fit_dataset`: name → (dimensions, values,
        description), under the names that a store of kind ``fit`` has.
    predicted
        Predictions for every image.
    attributes
        What else is to be said of the fit, e.g. that it diverged.
    """

    variables: Variables
    predicted: Float[np.ndarray, "image vertex"]
    attributes: Mapping[str, Any] = field(default_factory=dict)


# Data, the vertices' places (``coordinates``, mm, and ``hemisphere``, where the responses have
# them), the options of the kind's section of the config, and the seed.
Fitter = Callable[[FitData, xr.Dataset, Mapping[str, Any], int], Found]


def factortopy_options(options: Mapping[str, Any]) -> FitOptions:
    """Give the options of FactorTopy's fit among those of section ``encoder`` of a config."""
    known = {each.name for each in fields(FitOptions)}
    return FitOptions(**{key: value for key, value in options.items() if key in known})


def fit_factortopy(
    data: FitData, places: xr.Dataset, options: Mapping[str, Any], seed: int
) -> Found:
    """Fit FactorTopy: its selectors, averaged over members.

    Parameters
    ----------
    data, places, options, seed
        As of :func:`fit_readout`; members have the seeds from ``seed · members`` on, so that those
        of different seeds are different.
    """
    from cortexlens.encoding.best_layer import fit_best_layer
    from cortexlens.encoding.ensemble import selector_variables
    from cortexlens.encoding.predictions import mean_prediction

    wanted = factortopy_options(options)
    fit = fit_best_layer if options.get("layers") == "best" else fit_members
    coordinates = places["coordinates"].values if "coordinates" in places else None
    seeds = range(seed * wanted.members, (seed + 1) * wanted.members)
    fitted = fit(data, coordinates, wanted, seeds)
    predicted = mean_prediction([member.model for member in fitted], data)
    said = divergences([member.diverged for member in fitted])
    return Found(selector_variables(fitted), predicted, said)


def fit_ridge(data: FitData, places: xr.Dataset, options: Mapping[str, Any], seed: int) -> Found:
    """Fit ridge regression: ``layer_selector`` alone, of the best layer or of all layers.

    Parameters
    ----------
    data, places, options, seed
        As of :func:`fit_readout`.
    """
    from cortexlens.encoding import ridge

    penalties = np.geomspace(
        options["smallest_penalty"], options["largest_penalty"], options["penalties"]
    )
    count = options["components"]
    if options["layers"] == "all":
        joint = ridge.fit_ridge_jointly(data, components=count, penalties=penalties, seed=seed)
        share, predicted = joint.layer_share, joint.predicted
        meaning = "variance that each layer adds to the prediction, as a part of their sum"
    else:
        fit = ridge.fit_ridge(data, components=count, penalties=penalties, seed=seed)
        share, predicted = np.eye(len(data.layers))[fit.layer], fit.predicted
        meaning = "1 for the layer chosen on validation"
    selector = (("vertex", "layer"), share.astype(np.float32), meaning)
    return Found({"layer_selector": selector}, predicted)


def fit_stacked(data: FitData, places: xr.Dataset, options: Mapping[str, Any], seed: int) -> Found:
    """Fit the stacked readout; nothing of it depends on the seed.

    Parameters
    ----------
    data, places, options, seed
        As of :func:`fit_readout`.
    """
    from cortexlens.encoding.predictions import predicted_responses
    from cortexlens.encoding.stacked import fit as stacked
    from cortexlens.encoding.stacked.settings import read_options
    from cortexlens.encoding.stacked.variables import stacked_attributes, stacked_variables

    known = {each.name for each in fields(stacked.StackedOptions)}
    wanted = read_options(**{key: value for key, value in options.items() if key in known})
    at = (places[name].values if name in places else None for name in ("coordinates", "hemisphere"))
    coordinates, hemisphere = at
    fitted = stacked.fit_stacked(data, coordinates, wanted, hemisphere)
    predicted = predicted_responses(fitted.model, data)
    return Found(stacked_variables(fitted), predicted, stacked_attributes(fitted))


def fit_banded(data: FitData, places: xr.Dataset, options: Mapping[str, Any], seed: int) -> Found:
    """Fit banded ridge regression: ``layer_selector`` alone, from its split of R².

    Parameters
    ----------
    data, places, options, seed
        As of :func:`fit_readout`.
    """
    from cortexlens.encoding.banded import fit_banded as fit

    penalties = np.geomspace(
        options["smallest_penalty"], options["largest_penalty"], options["penalties"]
    )
    found = fit(
        data,
        components=options["components"],
        samples=options["samples"],
        penalties=penalties,
        seed=seed,
        device=data.device,
    )
    meaning = "validation R² due to each layer, as a part of the sum of what is positive"
    selector = (("vertex", "layer"), found.layer_share.astype(np.float32), meaning)
    return Found({"layer_selector": selector}, found.predicted)


FITTERS: Final[dict[str, Fitter]] = {
    "stacked": fit_stacked,
    "factortopy": fit_factortopy,
    "ridge": fit_ridge,
    "banded": fit_banded,
}


def check_kind(kind: str) -> None:
    """Refuse a kind of readout that cannot be fitted here.

    Raises
    ------
    CortexlensError
        If there is no function for it.
    """
    if kind not in FITTERS:
        raise CortexlensError(f"readout: found {kind!r}; allowed are {', '.join(FITTERS)}.")


def fit_readout(
    kind: str, data: FitData, places: xr.Dataset, options: Mapping[str, Any], seed: int
) -> Found:
    """Fit a readout.

    Parameters
    ----------
    kind
        A key of :data:`FITTERS`.
    data
        Features and responses.
    places
        ``coordinates`` (vertex, axis; mm) and ``hemisphere`` (vertex), where they are known.
    options
        Of the kind's section of the config, complete.
    seed
        Of the fit.

    Raises
    ------
    CortexlensError
        If there is no such kind, or the fit fails.
    """
    check_kind(kind)
    return FITTERS[kind](data, places, options, seed)

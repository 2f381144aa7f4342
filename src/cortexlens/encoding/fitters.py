"""Functions that fit each kind of readout to data in memory.

To add a kind, write a function with the signature of :data:`Fitter` and list it in
:data:`FITTERS`.
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
    """Result of a fit, of any kind of readout.

    Attributes
    ----------
    variables
        Variables of a store of kind ``fit``: name → (dimensions, values, description), as for
        :func:`cortexlens.encoding.results.fit_dataset`.
    predicted
        Predicted responses to every image.
    attributes
        Further attributes of the fit's dataset, e.g. ``diverged``.
    """

    variables: Variables
    predicted: Float[np.ndarray, "image vertex"]
    attributes: Mapping[str, Any] = field(default_factory=dict)


# Arguments: data; positions of vertices (``coordinates``, mm, and ``hemisphere``, if responses
# have them); the options of this kind's section of the config; and the seed.
Fitter = Callable[[FitData, xr.Dataset, Mapping[str, Any], int], Found]


def factortopy_options(options: Mapping[str, Any]) -> FitOptions:
    """Extract the options of a FactorTopy fit from section ``encoder`` of a config.

    Parameters
    ----------
    options
        Keys and values of the section; keys that are not fields of
        :class:`~cortexlens.encoding.fit.FitOptions` are ignored.
    """
    known = {each.name for each in fields(FitOptions)}
    return FitOptions(**{key: value for key, value in options.items() if key in known})


def fit_factortopy(
    data: FitData, places: xr.Dataset, options: Mapping[str, Any], seed: int
) -> Found:
    """Fit FactorTopy, with selectors and predictions averaged over members.

    Parameters
    ----------
    data, places, options, seed
        As for :func:`fit_readout`. Members have consecutive seeds from ``seed · members`` on, so
        that fits with different seeds share no member.
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
    """Fit ridge regression on the best layer or on all layers; its variable is ``layer_selector``.

    Parameters
    ----------
    data, places, options, seed
        As for :func:`fit_readout`.
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
    """Fit the stacked readout, which does not depend on the seed.

    Parameters
    ----------
    data, places, options, seed
        As for :func:`fit_readout`.
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
    """Fit banded ridge regression; its variable is ``layer_selector``, from a split of R².

    Parameters
    ----------
    data, places, options, seed
        As for :func:`fit_readout`.
    """
    from cortexlens.encoding.banded import fit_banded as fit

    penalties = np.geomspace(
        options["smallest_penalty"], options["largest_penalty"], options["penalties"]
    )
    fitted = fit(
        data,
        components=options["components"],
        samples=options["samples"],
        penalties=penalties,
        seed=seed,
        device=data.device,
    )
    meaning = "validation R² due to each layer, as a part of the sum of what is positive"
    selector = (("vertex", "layer"), fitted.layer_share.astype(np.float32), meaning)
    return Found({"layer_selector": selector}, fitted.predicted)


FITTERS: Final[dict[str, Fitter]] = {
    "stacked": fit_stacked,
    "factortopy": fit_factortopy,
    "ridge": fit_ridge,
    "banded": fit_banded,
}


def check_kind(kind: str) -> None:
    """Check that a kind of readout can be fitted in memory.

    Parameters
    ----------
    kind
        Kind of readout.

    Raises
    ------
    CortexlensError
        If ``kind`` is not a key of :data:`FITTERS`.
    """
    if kind not in FITTERS:
        raise CortexlensError(f"readout: found {kind!r}; allowed are {', '.join(FITTERS)}.")


def fit_readout(
    kind: str, data: FitData, places: xr.Dataset, options: Mapping[str, Any], seed: int
) -> Found:
    """Fit a readout of any kind.

    Parameters
    ----------
    kind
        Kind of readout, a key of :data:`FITTERS`.
    data
        Features and responses.
    places
        Variables ``coordinates`` (vertex, axis; mm) and ``hemisphere`` (vertex), as far as they are
        known.
    options
        All options of this kind's section of the config.
    seed
        Seed of the fit.

    Raises
    ------
    CortexlensError
        If ``kind`` is unknown, or the fit fails.
    """
    check_kind(kind)
    return FITTERS[kind](data, places, options, seed)

"""Options of a fit, written as text: ``epochs=7,learning_rate=0.01``."""

import json
from dataclasses import dataclass, fields
from typing import Any

from cortexlens.encoding.fit import FitOptions
from cortexlens.errors import CortexlensError

# What of the config's section encoder is about the data, not about the model.
DATA = ("single_trials", "grid", "memory", "low_memory")
# What a recovery says itself or does without: its conditions name the images, and selectors that
# are looked for have to be free to weigh layers.
PASSED_OVER = ("topology", "shared_pass", "layers", "training_images", "half", "shuffled")


@dataclass(frozen=True)
class EncoderSettings:
    """A fit's settings.

    Attributes
    ----------
    options
        Of the model and its optimiser.
    data
        Arguments of :func:`cortexlens.encoding.data.load_fit_data`.
    """

    options: FitOptions
    data: dict[str, Any]

    @property
    def members(self) -> int:
        """Models that are averaged."""
        return self.options.members


def parse_encoder(text: str, topology: bool) -> EncoderSettings:
    """Read settings.

    Parameters
    ----------
    text
        ``key=value`` pairs with commas, keys as of section ``encoder`` of the config; those that
        are left out take their defaults. Those of :data:`PASSED_OVER` change nothing.
    topology
        Whether selectors are smooth.

    Returns
    -------
    EncoderSettings

    Raises
    ------
    CortexlensError
        If a key is unknown or a value is of another type.
    """
    known = {field.name: field.type for field in fields(FitOptions)}
    allowed = list(dict.fromkeys([*known, *DATA, *PASSED_OVER]))
    given: dict[str, Any] = {}
    for pair in filter(None, text.split(",")):
        key, _, value = pair.partition("=")
        if key not in allowed:
            raise CortexlensError(
                f"--encoder: found {pair!r}; allowed are {', '.join(f'{k}=…' for k in allowed)}."
            )
        if key not in PASSED_OVER:
            given[key] = _value(key, value, known.get(key))
    data: dict[str, Any] = {"single_trials": False, **{k: given[k] for k in DATA if k in given}}
    model = {key: value for key, value in given.items() if key in known}
    return EncoderSettings(FitOptions(**{**model, "topology": topology}), data)


def _value(key: str, text: str, wanted: Any) -> Any:
    """Read a number or truth value; text where the option is text."""
    if wanted is str:
        return text
    try:
        return json.loads(text.lower())
    except ValueError as error:
        raise CortexlensError(
            f"--encoder: {key}: found {text!r}; allowed is a number, true or false."
        ) from error

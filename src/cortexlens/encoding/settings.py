"""Options of a readout's fit, written as JSON text: ``{"epochs": 7, "learning_rate": 0.01}``."""

import json
from dataclasses import dataclass
from typing import Any, Final

from cortexlens.config.readouts import SECTIONS
from cortexlens.config.schema import completed, config_schema, find_faults, typed
from cortexlens.errors import CortexlensError

# What sections of the config say of the data, not of the model.
DATA: Final = ("single_trials", "grid", "memory", "low_memory")
# What a recovery says itself or does without: its conditions name the images.
PASSED_OVER: Final = ("topology", "shared_pass", "training_images", "half", "shuffled")


@dataclass(frozen=True)
class FitSettings:
    """A fit's settings.

    Attributes
    ----------
    options
        Of the readout, by the names of its section of the config.
    data
        Arguments of :func:`cortexlens.encoding.data.load_fit_data`.
    """

    options: dict[str, Any]
    data: dict[str, Any]


def parse_settings(kind: str, text: str) -> FitSettings:
    """Read settings.

    Parameters
    ----------
    kind
        Kind of readout, a key of :data:`cortexlens.config.readouts.SECTIONS`.
    text
        JSON object with keys of the kind's section of the config; empty for none. Those that are
        left out take the section's defaults; those of :data:`PASSED_OVER` change nothing.

    Returns
    -------
    FitSettings

    Raises
    ------
    CortexlensError
        If the text is no JSON object, a key is unknown or a value is not allowed.
    """
    section = config_schema()["properties"][SECTIONS[kind]]
    try:
        given = json.loads(text or "{}")
    except ValueError as error:
        raise CortexlensError(
            f"--options: found {text!r}; allowed is a JSON object, e.g. "
            f"'{{\"single_trials\": true}}' ({error})."
        ) from error
    given = typed(given, section)  # of another type than an object it is a fault
    for fault in find_faults(given, section):
        raise CortexlensError(f"--options: {fault}.")
    known = completed(given, section)
    own = {key: value for key, value in known.items() if key not in PASSED_OVER}
    data = {"single_trials": False, **{key: own[key] for key in DATA if key in own}}
    return FitSettings({key: value for key, value in own.items() if key not in DATA}, data)

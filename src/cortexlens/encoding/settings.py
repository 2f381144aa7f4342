"""Parse a readout's options from JSON text, e.g. ``{"epochs": 7, "learning_rate": 0.01}``."""

import json
from dataclasses import dataclass
from typing import Any, Final

from cortexlens.config.readouts import SECTIONS
from cortexlens.config.schema import completed, config_schema, find_faults, typed
from cortexlens.errors import CortexlensError

# Keys of a readout's config section that describe how data are loaded, not the model.
DATA: Final = ("single_trials", "grid", "memory", "low_memory")
# Keys that a recovery analysis ignores: it sets them itself, or its conditions choose the images.
PASSED_OVER: Final = ("topology", "shared_pass", "training_images", "half", "shuffled")


@dataclass(frozen=True)
class FitSettings:
    """Validated settings of a readout's fit, split into model options and data options.

    Attributes
    ----------
    options
        Options of the readout, under the key names of its section of the config.
    data
        Keyword arguments of :func:`cortexlens.encoding.data.load_fit_data`.
    """

    options: dict[str, Any]
    data: dict[str, Any]


def parse_settings(kind: str, text: str) -> FitSettings:
    """Parse and validate a readout's settings given as JSON text.

    Parameters
    ----------
    kind
        Kind of readout, a key of :data:`cortexlens.config.readouts.SECTIONS`.
    text
        JSON object with keys of this readout's section of the config, or an empty string. Missing
        keys take the section's defaults; keys in :data:`PASSED_OVER` are ignored.

    Returns
    -------
    FitSettings

    Raises
    ------
    CortexlensError
        If the text is not a JSON object, a key is unknown or a value is not allowed.
    """
    section = config_schema()["properties"][SECTIONS[kind]]
    try:
        given = json.loads(text or "{}")
    except ValueError as error:
        raise CortexlensError(
            f"--options: found {text!r}; allowed is a JSON object, e.g. "
            f"'{{\"single_trials\": true}}' ({error})."
        ) from error
    given = typed(given, section)  # find_faults reports anything that is not a JSON object
    for fault in find_faults(given, section):
        raise CortexlensError(f"--options: {fault}.")
    known = completed(given, section)
    own = {key: value for key, value in known.items() if key not in PASSED_OVER}
    data = {"single_trials": False, **{key: own[key] for key in DATA if key in own}}
    return FitSettings({key: value for key, value in own.items() if key not in DATA}, data)

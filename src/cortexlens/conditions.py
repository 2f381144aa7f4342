"""Conditions of a recovery study: a base, and one thing varied at a time."""

from collections.abc import Mapping
from typing import Any

BASE = "base"
FREE = "-free"
# Key of the config → the option of stage recover that an item of its list is.
VARIED = {
    "ceilings": "ceiling",
    "training_images": "training_images",
    "vertices": "vertices",
    "layer_mixing": "layer_mixing",
}
# Items that leave the option out: the subject's own ceilings, everything there is.
AS_IT_IS = ("own", "all")


def recovery_conditions(recovery: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the conditions of a study: identifier → options of stage ``recover``.

    Parameters
    ----------
    recovery
        Section ``recovery`` of a config. The first item of each list is the base's; each of the
        others makes one condition, in which all else is as in the base.

    Returns
    -------
    dict
        ``base``, ``ceiling-0.1``, ``vertices-300`` …, each once for smooth selectors, and with
        ``-free`` after it for selectors without topology, as ``topology`` asks. The options hold
        ``condition`` (without ``-free``), ``varied``, ``topology`` and one for each list; of free
        selectors also ``free_selector_rate``.
    """
    items = {option: recovery[key] for key, option in VARIED.items()}
    base = {option: _option(values[0]) for option, values in items.items()}
    varied = {BASE: {**base, "varied": BASE}}
    for option, values in items.items():
        for value in values[1:]:
            name = f"{option.replace('_', '-')}-{value}"
            varied[name] = {**base, option: _option(value), "varied": option}
    free = {"free_selector_rate": recovery["free_selector_rate"]}
    return {
        name if topology else name + FREE: {
            **settings,
            **({} if topology else free),
            **{"condition": name, "topology": topology},
        }
        for name, settings in varied.items()
        for topology in dict.fromkeys(recovery["topology"])
    }


def _option(value: Any) -> Any:
    return None if value in AS_IT_IS else value

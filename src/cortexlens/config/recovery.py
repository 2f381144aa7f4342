"""Conditions of a recovery study: a base, one thing varied at a time; each fitted by readouts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cortexlens.config.readouts import SECTIONS, Config, fit_settings, kind_of

BASE = "base"
FREE = "-free"
TRUTH = "truth"
# Key of the config → the option of stage recover that an item of its list is.
VARIED = {
    "ceilings": "ceiling",
    "training_images": "training_images",
    "vertices": "vertices",
    "layer_mixing": "layer_mixing",
    "truths": TRUTH,
}
# Items that leave the option out: the subject's own ceilings, everything there is.
AS_IT_IS = ("own", "all")
# Options of a variant that choose images: a recovery study's conditions do that.
OF_IMAGES: Final = ("training_images", "half", "shuffled")


def recovery_conditions(recovery: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the conditions of a study: identifier → options of stage ``recover``.

    Parameters
    ----------
    recovery
        Section ``recovery`` of a config. The first item of each list is the base's; each of the
        others makes one condition, in which all else is as in the base. Where ``crossed`` is true
        each other truth is planted under every such condition too.

    Returns
    -------
    dict
        ``base``, ``ceiling-0.1``, ``truth-sparse``, ``truth-sparse-ceiling-0.1`` … The options hold
        ``condition``, ``varied`` (an option or ``base``), ``windows`` and one for each list.
    """
    items = {option: recovery[key] for key, option in VARIED.items()}
    base = {option: _option(values[0]) for option, values in items.items()}
    base["windows"] = recovery["windows"]
    varied = {BASE: {**base, "varied": BASE}}
    for option, values in items.items():
        for value in values[1:]:
            changed = {option: _option(value), "varied": option}
            varied[_name(option, value)] = {**base, **changed}
    if recovery["crossed"]:
        once = [(name, own) for name, own in varied.items() if own["varied"] not in (BASE, TRUTH)]
        for truth in recovery["truths"][1:]:
            crossed = ((f"{_name(TRUTH, truth)}-{name}", own) for name, own in once)
            varied |= {name: {**own, TRUTH: truth} for name, own in crossed}
    return {name: {**settings, "condition": name} for name, settings in varied.items()}


def recovery_fits(config: Config) -> dict[tuple[str, str], dict[str, Any]]:
    """Give the fits of a study to each network and subject: readout and name → options.

    Parameters
    ----------
    config
        Of the study, complete.

    Returns
    -------
    dict
        Empty where no network is named. Every condition by every readout of
        ``recovery.readouts``. FactorTopy is fitted with smooth selectors, with free ones under the
        condition's name and ``-free``, or both, as ``recovery.topology`` asks; a variant without
        topology with free ones alone. The options are those of the condition, ``readout``,
        ``kind`` and ``options`` (of the fit, as JSON), and of FactorTopy ``topology``; of free
        selectors also ``free_selector_lr_multiplier``.
    """
    if not config["recovery"]["backbones"]:
        return {}
    conditions = recovery_conditions(config["recovery"])
    return {
        (readout, name + end): {**settings, **own}
        for readout in dict.fromkeys(config["recovery"]["readouts"])
        for end, own in _ways(config, readout)
        for name, settings in conditions.items()
    }


def _ways(config: Config, readout: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ends of the conditions' names, and the options of a readout that go with each."""
    kind, settings = kind_of(config, readout), fit_settings(config, readout)
    own = {"readout": readout, "kind": kind, "options": json.dumps(settings)}
    if kind != "factortopy":
        yield "", own
    elif not settings["topology"]:
        yield FREE, {**own, "topology": False}
    else:
        rate = {"free_selector_lr_multiplier": config["recovery"]["free_selector_lr_multiplier"]}
        for topology in dict.fromkeys(config["recovery"]["topology"]):
            free = {} if topology else rate
            yield "" if topology else FREE, {**own, **free, "topology": topology}


def recovery_faults(config: Config) -> Iterator[str]:
    """List readouts of a recovery study that are none, or that choose images themselves.

    Parameters
    ----------
    config
        Complete and, but for this, without fault.

    Yields
    ------
    str
        Key, what was found, what is allowed.
    """
    if not config["recovery"]["backbones"]:
        return
    known = [*SECTIONS, *config["variants"]]
    for place, name in enumerate(config["recovery"]["readouts"]):
        where = f"recovery.readouts[{place}]: found {name!r}"
        if name not in known:
            yield f"{where}; allowed is {' or '.join(known)} (a kind of fit, or a variant's id)"
        elif chosen := _choice_of_images(config["variants"].get(name, {})):
            yield (
                f"{where}, a variant that sets {' and '.join(chosen)}; allowed are variants that "
                "leave the choice of images to recovery.training_images"
            )


def _choice_of_images(variant: Mapping[str, Any]) -> Sequence[str]:
    return [key for key in OF_IMAGES if variant.get(key)]


def _name(option: str, value: Any) -> str:
    return f"{option.replace('_', '-')}-{value}"


def _option(value: Any) -> Any:
    return None if value in AS_IT_IS else value

"""Conditions of a parameter-recovery study: a base, and changes of one setting at a time."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cortexlens.config.readouts import SECTIONS, Config, fit_settings, kind_of

BASE = "base"
FREE = "-free"
TRUTH = "truth"
# Key of the config, which holds a list → option of stage recover that its items are values of.
VARIED = {
    "ceilings": "ceiling",
    "training_images": "training_images",
    "vertices": "vertices",
    "layer_mixing": "layer_mixing",
    "truths": TRUTH,
}
# Items that leave an option unset: the subject's own noise ceilings; all images or vertices.
AS_IT_IS = ("own", "all")
# Options of a variant that select images; in a recovery study, its conditions do that instead.
OF_IMAGES: Final = ("training_images", "half", "shuffled")


def recovery_conditions(recovery: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """List the conditions of a recovery study, each with the options of stage ``recover``.

    Parameters
    ----------
    recovery
        Section ``recovery`` of the config. The first item of each list belongs to the base
        condition. Every other item makes one condition that differs from the base in that item
        alone. If ``crossed`` is true, every other truth is also planted under each of these
        conditions.

    Returns
    -------
    dict
        Identifier (``base``, ``ceiling-0.1``, ``truth-sparse``, ``truth-sparse-ceiling-0.1``, …) →
        options: ``condition``, ``varied`` (the changed option, or ``base``), ``windows`` and one
        option for each list.
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
    """List the fits of a recovery study that are made for every pair of network and subject.

    Parameters
    ----------
    config
        The complete config.

    Returns
    -------
    dict
        (Readout, name) → options; empty if ``recovery`` names no network. Every condition is fitted
        by every readout of ``recovery.readouts``. FactorTopy is fitted with smooth selectors, with
        free selectors (name: the condition's with ``-free``), or both, as ``recovery.topology``
        asks; a variant without topology is fitted with free selectors only. The options are those
        of the condition plus ``readout``, ``kind``, ``options`` (of the fit, as JSON), for
        FactorTopy ``topology``, and for free selectors ``free_selector_lr_multiplier``.
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
    """Yield the ways in which a readout is fitted: suffix of the condition's name, and options."""
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
    """Yield the faults of ``recovery.readouts``: unknown readouts, or variants that select images.

    Parameters
    ----------
    config
        The complete config, valid in all other respects.

    Yields
    ------
    str
        Key, what was found and what is allowed.
    """
    if not config["recovery"]["backbones"]:
        return
    known = [*SECTIONS, *config["variants"]]
    for place, name in enumerate(config["recovery"]["readouts"]):
        where = f"recovery.readouts[{place}]: found {name!r}"
        if name not in known:
            yield f"{where}; allowed is {' or '.join(known)} (a kind of fit, or a variant's id)"
        elif chosen := _image_options(config["variants"].get(name, {})):
            yield (
                f"{where}, a variant that sets {' and '.join(chosen)}; allowed are variants that "
                "leave the selection of images to recovery.training_images"
            )


def _image_options(variant: Mapping[str, Any]) -> Sequence[str]:
    return [key for key in OF_IMAGES if variant.get(key)]


def _name(option: str, value: Any) -> str:
    return f"{option.replace('_', '-')}-{value}"


def _option(value: Any) -> Any:
    return None if value in AS_IT_IS else value

"""Readouts of a study: the kinds of fit and the variants of them that a config defines."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from cortexlens.config.schema import Schema, find_faults, typed

# Keys of the config that list fits.
RUN_LISTS: Final = ("runs", "trust", "finetuned", "further")
# Kind of fit → the section of the config that holds its options.
SECTIONS = {
    "stacked": "stacked",
    "factortopy": "encoder",
    "ridge": "ridge",
    "banded": "banded",
}
# Kinds of fit that give each vertex a layer profile and a receptive field (centre and size), in
# order of preference as a study's main readout.
MAPPED: Final = ("stacked", "factortopy")
# Options in which fits of one learning curve may differ: training images and number of epochs.
CURVE = ("training_images", "half", "epochs", "patience")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
Config = Mapping[str, Any]


def kind_of(config: Config, readout: str) -> str:
    """Return the kind of fit, a key of :data:`SECTIONS`, that a readout of a config is.

    Parameters
    ----------
    config
        The config.
    readout
        A kind of fit, or the identifier of a variant.
    """
    if readout in SECTIONS:
        return readout
    return str(config["variants"][readout].get("readout", "factortopy"))


def readouts_of(config: Config, kind: str) -> list[str]:
    """List the readouts of a kind: the kind itself, then its variants.

    Parameters
    ----------
    config
        The config.
    kind
        Kind of fit, a key of :data:`SECTIONS`.
    """
    return [kind, *(name for name in config["variants"] if kind_of(config, name) == kind)]


def fit_settings(config: Config, readout: str) -> dict[str, Any]:
    """Return the options of a readout's fits: its section's, overridden by the variant's own.

    Parameters
    ----------
    config
        The complete config.
    readout
        A kind of fit, or the identifier of a variant.
    """
    own = config["variants"].get(readout, {})
    changed = {key: value for key, value in own.items() if key != "readout"}
    return {**config[SECTIONS[kind_of(config, readout)]], **changed}


def main_readout(runs: Iterable[tuple[str, ...]]) -> str:
    """Choose the readout that maps and further analyses use: ``stacked`` if any run has it.

    Parameters
    ----------
    runs
        Fits of the study's list ``runs``; each tuple starts with the readout.

    Returns
    -------
    str
        ``stacked``, or ``factortopy`` if no run is ``stacked``, even if none is ``factortopy``.
    """
    listed = {run[0] for run in runs}
    return next((kind for kind in MAPPED if kind in listed), "factortopy")


def has_stability(config: Config, readouts: Sequence[str], kinds: Collection[str] = MAPPED) -> bool:
    """Tell whether fits of these readouts can be compared: several members, or both data halves.

    Parameters
    ----------
    config
        The complete config.
    readouts
        Readouts of one network and subject.
    kinds
        Kinds of fit to consider.
    """
    settings = list(_settings(config, readouts, kinds))
    halves = [_comparable(each, "half") for each in settings if each.get("half") == "a"]
    others = [_comparable(each, "half") for each in settings if each.get("half") == "b"]
    several = any(each.get("members", 1) > 1 for each in settings)
    return several or any(each in others for each in halves)


def has_learning_curve(config: Config, readouts: Sequence[str]) -> bool:
    """Tell whether some readout has fewer training images than one that is otherwise the same.

    Parameters
    ----------
    config
        The complete config.
    readouts
        Readouts of one network and subject.
    """
    points: dict[str, set[tuple[int | None, bool]]] = {}
    for own in _settings(config, readouts, MAPPED):
        count = own.get("training_images"), own.get("half") is not None
        points.setdefault(_comparable(own, *CURVE), set()).add(count)
    return any(len(each) > 1 and (None, False) in each for each in points.values())


def _settings(
    config: Config, readouts: Sequence[str], kinds: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Yield the options of readouts of some kinds; those of two kinds never compare equal."""
    for name in readouts:
        kind = kind_of(config, name)
        if kind in kinds:
            yield {"readout": kind, **fit_settings(config, name)}


def _comparable(settings: Mapping[str, Any], *ignored: str) -> str:
    """Serialise settings without some keys; the result is equal for fits that may be compared."""
    compared = {key: value for key, value in settings.items() if key not in ignored}
    return json.dumps(compared, sort_keys=True)


def typed_variants(config: Config, schema: Schema) -> dict[str, Any]:
    """Convert text in variants to the types of their options; see :func:`typed`.

    Parameters
    ----------
    config
        The config; it is not changed.
    schema
        Schema of the config.
    """
    variants = config.get("variants")
    if not isinstance(variants, Mapping):
        return dict(config)
    read = {str(name): typed(own, _schema_of(own, schema)) for name, own in variants.items()}
    return {**config, "variants": read}


def variant_faults(config: Config, schema: Schema) -> Iterator[str]:
    """Yield the faults of a config's variants, and of readouts that name no variant.

    Parameters
    ----------
    config
        The complete config, valid in all other respects.
    schema
        Schema of the config.

    Yields
    ------
    str
        Key, what was found and what is allowed.
    """
    for name, own in config["variants"].items():
        if name in SECTIONS or not _ID.fullmatch(name):
            yield (
                f"variants: found the id {name!r}; allowed are lower-case letters, digits and "
                f"hyphens, except the names {', '.join(SECTIONS)}"
            )
        if isinstance(own, Mapping):
            yield from (
                f"variants.{name}: {fault}" for fault in find_faults(own, _schema_of(own, schema))
            )
        else:
            yield f"variants.{name}: found {own!r}; allowed is a table of keys"
    known = [*SECTIONS, *config["variants"]]
    for key in RUN_LISTS:
        for number, run in enumerate(config[key]):
            for place, name in enumerate(run["readouts"]):
                if name not in known:
                    yield (
                        f"{key}[{number}].readouts[{place}]: found {name!r}; allowed is "
                        f"{' or '.join(known)} ({_MEANING})"
                    )


_MEANING = "a kind of fit, or the id of a variant"


def _schema_of(own: object, schema: Schema) -> dict[str, Any]:
    """Schema of one variant: the options of its section, none of them required or filled in."""
    kind = own.get("readout", "factortopy") if isinstance(own, Mapping) else "factortopy"
    section = schema["properties"][SECTIONS.get(kind, "encoder")]
    readout = {
        "type": "string",
        "enum": list(SECTIONS),
        "description": "Kind of fit that this is a variant of.",
    }
    return {**section, "properties": {"readout": readout, **section["properties"]}}

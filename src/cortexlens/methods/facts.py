"""Facts on how a study was made, from its records.

Every number of a methods text comes from here: from the attributes of finished stores, which the
stages wrote when they ran, and never from a config file that may have changed since.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import xarray as xr

from cortexlens.compute.schedule import BY_IMAGES
from cortexlens.errors import CortexlensError
from cortexlens.shapes import SPLIT_NAMES

Record = Mapping[str, Any]
# Settings of a fit that only affect where and how fast it ran.
NON_RESULT_OPTIONS: Final = ("threads", "device", "memory", "low_memory", "shared_pass")
# Stages that write a report in JSON → name of the list of facts.
REPORTS: Final = {"finetune": "finetunings", "train_sae": "autoencoders"}


class Subject(NamedTuple):
    """Summary of one subject's responses.

    Attributes
    ----------
    name
        Id of the subject.
    n_images, n_trials, n_vertices, n_sessions
        Counts.
    parts
        Numbers of images for training, validation and test.
    regions
        Names of the regions of interest.
    space
        Mesh or space of the coordinates; empty if none is named.
    record
        Settings of the stage that collected the responses, with its ``seed``.
    """

    name: str
    n_images: int
    n_trials: int
    n_vertices: int
    n_sessions: int
    parts: tuple[int, ...]
    regions: tuple[str, ...]
    space: str
    record: Record


@dataclass
class Facts:
    """Records of a study, sorted by their kind.

    Attributes
    ----------
    subjects
        Subjects in the order given, as in all lists here.
    networks
        Descriptions of networks.
    features, fits, scores, channels, dictionaries, recoveries
        Attributes of the stores.
    finetunings, autoencoders
        Reports of the stages.
    versions
        Package → versions found in the records.
    """

    subjects: list[Subject] = field(default_factory=list)
    networks: list[Record] = field(default_factory=list)
    features: list[Record] = field(default_factory=list)
    fits: list[Record] = field(default_factory=list)
    scores: list[Record] = field(default_factory=list)
    channels: list[Record] = field(default_factory=list)
    dictionaries: list[Record] = field(default_factory=list)
    recoveries: list[Record] = field(default_factory=list)
    finetunings: list[Record] = field(default_factory=list)
    autoencoders: list[Record] = field(default_factory=list)
    versions: dict[str, list[str]] = field(default_factory=dict)

    def fits_of(self, kind: str) -> list[Record]:
        """Fits made by a stage, given its name, e.g. ``fit_stacked`` or ``import_checkpoint``."""
        return [fit for fit in self.fits if fit["provenance"]["stage"] == kind]


_LISTS: Final = {
    "features": "features",
    "fit": "fits",
    "scores": "scores",
    "channels": "channels",
    "dictionary": "dictionaries",
    "recovery": "recoveries",
}


def gather(records: Iterable[Record], responses: Iterable[xr.Dataset]) -> Facts:
    """Sort records by their kind.

    Parameters
    ----------
    records
        Attributes of stores, descriptions of networks, and reports of fine-tuning and of
        autoencoders.
    responses
        Stores of kind ``responses``.

    Raises
    ------
    CortexlensError
        If a record is of none of these kinds.
    """
    facts = Facts()
    for dataset in responses:
        facts.subjects.append(_subject(dataset))
        _add_versions(facts, dataset.attrs)
    for record in records:
        kind, stage = record.get("cortexlens_kind"), _stage(record)
        if kind in _LISTS:
            getattr(facts, _LISTS[kind]).append(record)
        elif stage in REPORTS:
            getattr(facts, REPORTS[stage]).append(record)
        elif "preprocessing" in record:
            facts.networks.append(record)
        else:
            raise CortexlensError(
                f"found a record of kind {kind!r} from stage {stage!r}; allowed are stores of kind "
                f"{', '.join(_LISTS)}, descriptions of networks and reports of "
                f"{' and '.join(REPORTS)}."
            )
        _add_versions(facts, record)
    return facts


def _stage(record: Record) -> str:
    return str(record.get("provenance", {}).get("stage", ""))


def _add_versions(facts: Facts, record: Record) -> None:
    for name, found in record.get("provenance", {}).get("versions", {}).items():
        known = facts.versions.setdefault(name, [])
        if found not in known:
            known.append(found)


def _subject(dataset: xr.Dataset) -> Subject:
    """Summarise a store of responses, without reading the responses themselves."""
    provenance = dataset.attrs["provenance"]
    split = dataset["split"].values
    return Subject(
        name=str(dataset.attrs["subject"]),
        n_images=dataset.sizes["image"],
        n_trials=dataset.sizes["trial"],
        n_vertices=dataset.sizes["vertex"],
        n_sessions=int(np.unique(dataset["session"].values).size),
        parts=tuple(int((split == code).sum()) for code in range(len(SPLIT_NAMES))),
        regions=tuple(map(str, dataset["roi"].values)),
        space=str(dataset.attrs.get("space", "")),
        record={
            **provenance["settings"],
            "seed": provenance["seed"],
            "made_by": _stage_of(dataset),
        },
    )


def _stage_of(dataset: xr.Dataset) -> str:
    return str(dataset.attrs["provenance"]["stage"])


def shared(records: Iterable[Record], *keys: str) -> list[Any]:
    """Distinct values of a nested key in several records, in the order of the records.

    Parameters
    ----------
    records
        Records; those that lack the key are skipped.
    keys
        Keys from the outermost to the innermost.
    """
    found: list[Any] = []
    for record in records:
        value: Any = record
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None and value not in found:
            found.append(value)
    return found


def changed(settings: Record, base: Record) -> Iterator[tuple[str, Any]]:
    """Yield the settings of a fit that differ from those of another, except where it ran."""
    for key, value in settings.items():
        if key not in (*NON_RESULT_OPTIONS, BY_IMAGES) and key in base and base[key] != value:
            yield key, value

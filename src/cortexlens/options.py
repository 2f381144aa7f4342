"""Keys of a config and cells of its tables as the options of a stage."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from cortexlens.config import Run, Study
from cortexlens.readouts import kind_of


def stage_options(stage: str, *mappings: Mapping[str, Any]) -> list[str]:
    """Write config entries and table cells as the options of a stage.

    Parameters
    ----------
    stage
        Its name, with underscores.
    mappings
        Key or column → value; a later mapping wins over an earlier one. Keys that the stage's
        function has no parameter for are left out, and so are empty values.

    Returns
    -------
    list of str
        ``--name=value``, for a shell still to be quoted.
    """
    function = getattr(import_module(f"cortexlens.stages.{stage}"), stage)
    known = inspect.signature(function).parameters
    values = {key: value for mapping in mappings for key, value in mapping.items()}
    return [
        _option(key.replace("_", "-"), value)
        for key, value in values.items()
        if key in known and value not in ("", None)
    ]


def _option(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return f"--{name}" if value else f"--no-{name}"
    if isinstance(value, list):
        value = ",".join(map(str, value))
    return f"--{name}={value}"


def subject_settings(study: Study, subject: str, results: Path) -> list[dict[str, Any]]:
    """Give what a subject's images and responses are made from, for :func:`stage_options`.

    Parameters
    ----------
    study
        The study.
    subject
        Identifier of one of its rows.
    results
        Its results folder, where scenes are drawn to.
    """
    dataset = study.config["dataset"]
    shared = {key: study.config[key] for key in ("seed", "split")}
    drawn = {"scenes_dir": results / "scenes"} if "n_scenes" in dataset else {}
    return [shared, dataset, drawn, dict(study.subjects[subject])]


def trust_fits(
    study: Study,
    kind: str | None = None,
    only: Callable[[Mapping[str, Any], Sequence[str]], bool] | None = None,
) -> list[Run]:
    """Fits that tables of `snakemake trust` are made of: of runs and trust together.

    They are of the networks and subjects that trust names.

    Parameters
    ----------
    study
        The study.
    kind
        ``factortopy`` or ``ridge``; None: both.
    only
        Function of the config and all readouts of a network and subject, e.g.
        :func:`cortexlens.readouts.has_stability`, that says whether these are taken.
    """
    pairs: dict[tuple[str, str], list[str]] = {
        (run.backbone, run.subject): [] for run in study.trust
    }
    for run in study.fits:
        pairs.get((run.backbone, run.subject), []).append(run.readout)
    taken = {pair for pair, own in pairs.items() if only is None or only(study.config, own)}
    return [
        run
        for run in study.fits
        if (run.backbone, run.subject) in taken
        and kind in (None, kind_of(study.config, run.readout))
    ]

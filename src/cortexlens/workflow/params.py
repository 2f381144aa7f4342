"""Options of stages, from keys of the config and cells of its tables."""

import inspect
import os
import shlex
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from cortexlens.config.finetuned import finetune_files
from cortexlens.config.inputs import backbone_files
from cortexlens.config.ownership import check_owner
from cortexlens.config.readouts import RUN_LISTS, has_stability, kind_of
from cortexlens.config.recovery import recovery_fits
from cortexlens.config.safe_yaml import check_arguments
from cortexlens.config.study import Run, Study, load_study, weights_place
from cortexlens.errors import CortexlensError
from cortexlens.planning.sae_jobs import every_listed_picture
from cortexlens.storage import records
from cortexlens.storage.input_files import Look
from cortexlens.storage.names import check_encoding, check_links
from cortexlens.study.data_files import response_files
from cortexlens.workflow.collected import of_fits

# Keys of features that only affect speed. They are not parameters of rules, so changing them does
# not make jobs run again.
NON_RESULT_OPTIONS = ("workers", "decoded_gb")
# Path of a fit below the study's results.
FIT = "fits/{readout}/{backbone}/{subject}/fit.zarr"


def tell_scheduler(config: Mapping[str, Any]) -> None:
    """Pass the address of dask's scheduler to the jobs of this call through the environment."""
    os.environ["CORTEXLENS_SCHEDULER"] = config["dask"]["scheduler"]


def stage_options(stage: str, *mappings: Mapping[str, Any]) -> list[str]:
    """Format config entries and table cells as command-line options of a stage.

    Parameters
    ----------
    stage
        Name of the stage, with underscores.
    mappings
        Key or column → value; later mappings take precedence. Keys that are not parameters of the
        stage and empty values are left out.

    Returns
    -------
    list of str
        ``--name=value``, not yet quoted for a shell.
    """
    function = getattr(import_module(f"cortexlens.stages.{stage}"), stage)
    known = inspect.signature(function).parameters
    values = {key: value for mapping in mappings for key, value in mapping.items()}
    return [
        _option(key.replace("_", "-"), value)
        for key, value in values.items()
        # columns and options may share their name with a list of runs or a section of the config
        if key in known
        and value not in ("", None)
        and not isinstance(value, Mapping)
        and not (key in RUN_LISTS and _is_list(value))
    ]


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _option(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return f"--{name}" if value else f"--no-{name}"
    if isinstance(value, list):
        value = ",".join(map(str, value))
    return f"--{name}={value}"


def job_prefix(study: Study, results: str, overrides: Mapping[str, Any]) -> str:
    """Beginning of the shell command of every job.

    Jobs call the cortexlens of the Python that snakemake runs in, whether its environment is
    activated or not, and get the study in a variable, so that they record what they make.

    Parameters
    ----------
    study
        The study.
    results
        Folder of its results.
    overrides
        Keys of the config that were given on the command line.
    """
    programs = shlex.quote(str(Path(sys.executable).parent))
    environment = shlex.quote(records.job_environment(results, study.source, overrides))
    text = f'set -euo pipefail; export PATH={programs}:"$PATH" {records.VARIABLE}={environment}; '
    # snakemake replaces what is in braces
    return text.replace("{", "{{").replace("}", "}}")


def load_or_exit(file: str, overrides: Mapping[str, Any], given: Sequence[str] = ()) -> Study:
    """Read a study as :func:`load_study` does; exit with one line and code 2 if it cannot run.

    It also exits if the folder of results contains links out of it, or belongs to another config.

    Parameters
    ----------
    file, overrides
        Config file, and keys that override it.
    given
        The keys as written after ``--config``.
    """
    try:
        check_encoding()
        check_arguments(given)
        study = load_study(Path(os.path.relpath(file)), overrides)
        results = Path("results") / study.name
        check_links(results)
        check_owner(results, study.source, study.config["dataset"])
        return study
    except CortexlensError as error:
        print(f"cortexlens: {error}", file=sys.stderr)
        sys.exit(2)


def network_inputs(study: Study, backbone: str) -> list[str]:
    """Files that a network is made from, so that new weights lead to new features.

    The weights of a fine-tuned network are downloaded for its base.
    """
    row = study.backbones[backbone]
    base = study.derived[backbone].base if backbone in study.derived else backbone
    record = [f"<results>/weights/{base}.json"] if weights_place(study, row) else []
    return [*map(str, backbone_files(row)), *record]


def backbone_settings(study: Study, backbone: str, results: Path) -> list[dict[str, Any]]:
    """Settings of a network and its features, for :func:`stage_options`.

    Parameters
    ----------
    study
        The study.
    backbone
        Id of a network; the grid in its row takes precedence over that of the config.
    results
        Folder of the study's results, in which decoded images are stored.
    """
    features = {k: v for k, v in study.config["features"].items() if k not in NON_RESULT_OPTIONS}
    decoded = {"decoded": results / "decoded"}
    return [_of_networks(study), features, decoded, dict(study.backbones[backbone])]


def _of_networks(study: Study) -> dict[str, Any]:
    """Keys of the config that concern networks.

    The seed of the study is not among them: initial weights and a diffusion network's noise use the
    seed of the network's row, so that studies with different splits have the same features.
    """
    return {key: study.config[key] for key in ("weights_cache", "offline", "device")}


def finetune_inputs(study: Study, backbone: str, finetune: str) -> list[str]:
    """Input files of a fine-tuning: those of the network, and the labelled images."""
    files = finetune_files(study.config, study.finetunes[finetune])
    return [*network_inputs(study, backbone), *map(str, files.values())]


def state_of_images(study: Study, look: Look, subject: str = "") -> Callable[[Any], str]:
    """Function from wildcards to the state of a subject's image files.

    The state (names, sizes and times of all files) is a parameter of the rule that lists the
    images, so that they are listed again if a file is replaced, added or removed.

    Parameters
    ----------
    study
        The study.
    look
        Reader of file states, shared by all such functions of a call.
    subject
        Id of the subject, for a rule without wildcards; empty: from the wildcards.
    """

    def from_wildcards(wildcards: Any) -> str:
        return look.state(every_listed_picture(study, subject or wildcards.subject))

    return from_wildcards


def state_of_responses(study: Study, look: Look) -> Callable[[Any], str]:
    """As :func:`state_of_images`, for the files that responses are made from."""

    def from_wildcards(wildcards: Any) -> str:
        row = study.subjects[wildcards.subject]
        return look.state(response_files(study.config["dataset"], row))

    return from_wildcards


def state_of_labelled(study: Study, look: Look) -> Callable[[Any], str]:
    """As :func:`state_of_images`, for the labelled images of a fine-tuning."""

    def from_wildcards(wildcards: Any) -> str:
        files = finetune_files(study.config, study.finetunes[wildcards.finetune])
        return look.state(files.values())

    return from_wildcards


def state_of_network(study: Study, look: Look) -> Callable[[Any], str]:
    """As :func:`state_of_images`, for the user's files of a network: weights and code."""

    def from_wildcards(wildcards: Any) -> str:
        row = dict(study.backbones[wildcards.backbone])
        if (
            wildcards.backbone in study.derived
        ):  # weights made by the study itself are not an input file
            row.pop("tuned", None)
        return look.state(map(Path, backbone_files(row)))

    return from_wildcards


def finetune_settings(study: Study, backbone: str, finetune: str) -> list[dict[str, Any]]:
    """Settings of a fine-tuning, for :func:`stage_options`."""
    rows = [dict(study.finetunes[finetune]), dict(study.backbones[backbone])]
    own = {"training_seed": study.config["seed"]}
    return [_of_networks(study), study.config["finetuning"], own, *rows]


def subject_settings(study: Study, subject: str, results: Path) -> list[dict[str, Any]]:
    """Settings of a subject's images and responses, for :func:`stage_options`.

    Parameters
    ----------
    study
        The study.
    subject
        Id of the subject.
    results
        Folder of the study's results, in which scenes are drawn.
    """
    dataset = study.config["dataset"]
    shared = {key: study.config[key] for key in ("seed", "split")}
    drawn = {"scenes_dir": results / "scenes"} if "n_scenes" in dataset else {}
    return [shared, dataset, drawn, dict(study.subjects[subject])]


def trusting(study: Study, stage: str, *mappings: Mapping[str, Any]) -> Callable[[Any], str]:
    """Function from wildcards to a stage's options, including whether its network's code may run.

    Parameters
    ----------
    study
        The study.
    stage, mappings
        As for :func:`stage_options`.
    """

    def from_wildcards(wildcards: Any) -> str:
        trust = {"trust": study.backbones[wildcards.backbone].get("trust")}
        return shlex.join(stage_options(stage, *mappings, trust))

    return from_wildcards


def recovery_stores(study: Study) -> list[str]:
    """Stores of the recovery study: every readout and condition, network and subject."""
    return [
        f"<results>/recovery/{readout}/{backbone}/{subject}/{condition}.zarr"
        for backbone, subject in study.recovered
        for readout, condition in recovery_fits(study.config)
    ]


def has_stable_maps(study: Study) -> Callable[[Mapping[str, Any], Sequence[str]], bool]:
    """:func:`~.readouts.has_stability` with the main readout and its variants filled in."""
    return partial(has_stability, kinds=[study.main_readout])


def mapped_fits_of(study: Study, *, variants: bool = False) -> Callable[[Any], list[str]]:
    """Function from wildcards to the fits of a network whose maps are drawn.

    Parameters
    ----------
    study
        The study.
    variants
        True: the fits to one subject with the main readout and its variants, in runs and trust.
        False: the fits with the main readout in runs, one per subject.
    """

    def from_wildcards(wildcards: Any) -> list[str]:
        runs = trust_fits(study, study.main_readout) if variants else study.mapped
        own = [run for run in runs if run.backbone == wildcards.backbone]
        if variants:
            own = [run for run in own if run.subject == wildcards.subject]
        return of_fits(own, [FIT])

    return from_wildcards


def trust_fits(
    study: Study,
    kinds: str | Collection[str] | None = None,
    only: Callable[[Mapping[str, Any], Sequence[str]], bool] | None = None,
) -> list[Run]:
    """Fits, of runs and trust together, from which the tables of `snakemake trust` are made.

    Only networks and subjects that trust names are included.

    Parameters
    ----------
    study
        The study.
    kinds
        Kind of fit, see :func:`cortexlens.config.readouts.kind_of`, or several; None: all.
    only
        Function of the config and all readouts of a network and subject that decides whether these
        are included, e.g. :func:`cortexlens.config.readouts.has_stability`.
    """
    pairs: dict[tuple[str, str], list[str]] = {
        (run.backbone, run.subject): [] for run in study.trust
    }
    for run in study.fits:
        pairs.get((run.backbone, run.subject), []).append(run.readout)
    taken = {pair for pair, own in pairs.items() if only is None or only(study.config, own)}
    allowed = {kinds} if isinstance(kinds, str) else kinds
    return [
        run
        for run in study.fits
        if (run.backbone, run.subject) in taken
        and (allowed is None or kind_of(study.config, run.readout) in allowed)
    ]

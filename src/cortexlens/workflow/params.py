"""Keys of a config and cells of its tables as the options of a stage."""

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

# Keys of features that change the pace alone: no parameters of rules, so that they run nothing
# again.
NON_RESULT_OPTIONS = ("workers", "decoded_gb")
# A fit, below the study's results.
FIT = "fits/{readout}/{backbone}/{subject}/fit.zarr"


def tell_scheduler(config: Mapping[str, Any]) -> None:
    """Leave the address of dask's scheduler to the jobs of this call, which inherit it."""
    os.environ["CORTEXLENS_SCHEDULER"] = config["dask"]["scheduler"]


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
        # a column may have the name of a list of runs, an option that of a section: neither is one
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
    """Give what the shell of every job begins with.

    Jobs call the cortexlens of the Python that snakemake runs in, activated or not, and are told
    the study, to keep records of what they make.

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
    # snakemake fills in what stands in braces
    return text.replace("{", "{{").replace("}", "}}")


def load_or_exit(file: str, overrides: Mapping[str, Any], given: Sequence[str] = ()) -> Study:
    """Read a study as :func:`load_study` does; end with one line and code 2 if it cannot run.

    So it ends, too, where its results lead out of their folder, or are another config's.

    Parameters
    ----------
    file, overrides
        The config, and keys that replace its.
    given
        The keys as they were written after ``--config``.
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
    """Files that a network is made from, so that new weights give new features.

    A fine-tuned network's weights are fetched for its base.
    """
    row = study.backbones[backbone]
    base = study.derived[backbone].base if backbone in study.derived else backbone
    record = [f"<results>/weights/{base}.json"] if weights_place(study, row) else []
    return [*map(str, backbone_files(row)), *record]


def backbone_settings(study: Study, backbone: str, results: Path) -> list[dict[str, Any]]:
    """Give what a network and its features are made from, for :func:`stage_options`.

    Parameters
    ----------
    study
        The study.
    backbone
        Identifier of one of its rows; its own grid wins over the config's.
    results
        Its results folder, where decoded pictures are kept.
    """
    features = {k: v for k, v in study.config["features"].items() if k not in NON_RESULT_OPTIONS}
    decoded = {"decoded": results / "decoded"}
    return [_of_networks(study), features, decoded, dict(study.backbones[backbone])]


def _of_networks(study: Study) -> dict[str, Any]:
    """Keys of the config that concern networks.

    Its seed is none of them: that of initial weights and of a diffusion network's noise is the
    row's, and a study with another split has the same networks and features.
    """
    return {key: study.config[key] for key in ("weights_cache", "offline", "device")}


def finetune_inputs(study: Study, backbone: str, finetune: str) -> list[str]:
    """Files that a fine-tuning is made from: the network's, and the labelled pictures."""
    files = finetune_files(study.config, study.finetunes[finetune])
    return [*network_inputs(study, backbone), *map(str, files.values())]


def state_of_images(study: Study, look: Look, subject: str = "") -> Callable[[Any], str]:
    """Give the function from wildcards to the state of the files of a subject's pictures.

    A parameter of the rule that lists them: names, sizes and times of every file, so that one that
    is replaced, added or removed lists them again.

    Parameters
    ----------
    study
        The study.
    look
        That is shared by all such functions of a call.
    subject
        Of a rule without wildcards; empty: the wildcards'.
    """

    def from_wildcards(wildcards: Any) -> str:
        return look.state(every_listed_picture(study, subject or wildcards.subject))

    return from_wildcards


def state_of_responses(study: Study, look: Look) -> Callable[[Any], str]:
    """Give :func:`state_of_images` of the files that responses are made from."""

    def from_wildcards(wildcards: Any) -> str:
        row = study.subjects[wildcards.subject]
        return look.state(response_files(study.config["dataset"], row))

    return from_wildcards


def state_of_labelled(study: Study, look: Look) -> Callable[[Any], str]:
    """Give :func:`state_of_images` of the labelled pictures of a fine-tuning."""

    def from_wildcards(wildcards: Any) -> str:
        files = finetune_files(study.config, study.finetunes[wildcards.finetune])
        return look.state(files.values())

    return from_wildcards


def state_of_network(study: Study, look: Look) -> Callable[[Any], str]:
    """Give :func:`state_of_images` of a network's files of the user's: weights and code."""

    def from_wildcards(wildcards: Any) -> str:
        row = dict(study.backbones[wildcards.backbone])
        if wildcards.backbone in study.derived:  # what the study itself makes is no input
            row.pop("tuned", None)
        return look.state(map(Path, backbone_files(row)))

    return from_wildcards


def finetune_settings(study: Study, backbone: str, finetune: str) -> list[dict[str, Any]]:
    """Give what a fine-tuning is made from, for :func:`stage_options`."""
    rows = [dict(study.finetunes[finetune]), dict(study.backbones[backbone])]
    own = {"training_seed": study.config["seed"]}
    return [_of_networks(study), study.config["finetuning"], own, *rows]


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


def trusting(study: Study, stage: str, *mappings: Mapping[str, Any]) -> Callable[[Any], str]:
    """Give the function from wildcards to a stage's options and the trust of its network.

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
    """Stores of the recovery study: every readout and condition, each network and subject."""
    return [
        f"<results>/recovery/{readout}/{backbone}/{subject}/{condition}.zarr"
        for backbone, subject in study.recovered
        for readout, condition in recovery_fits(study.config)
    ]


def has_stable_maps(study: Study) -> Callable[[Mapping[str, Any], Sequence[str]], bool]:
    """Give :func:`~.readouts.has_stability` of the main readout and its variants."""
    return partial(has_stability, kinds=[study.main_readout])


def mapped_fits_of(study: Study, *, variants: bool = False) -> Callable[[Any], list[str]]:
    """Give the function from wildcards to the fits of a network that maps are drawn of.

    Parameters
    ----------
    study
        The study.
    variants
        Those to one subject, of the main readout and of its variants, in runs and trust; else those
        of the main readout in runs, one a subject.
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
    """Fits that tables of `snakemake trust` are made of: of runs and trust together.

    They are of the networks and subjects that trust names.

    Parameters
    ----------
    study
        The study.
    kinds
        A kind of fit, as of :func:`cortexlens.config.readouts.kind_of`, or several; None: all.
    only
        Function of the config and all readouts of a network and subject, e.g.
        :func:`cortexlens.config.readouts.has_stability`, that says whether these are taken.
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

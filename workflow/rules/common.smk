"""The study, and the functions that turn its config and tables into inputs and options."""

import shlex
from functools import partial
from pathlib import Path

from cortexlens.workflow.atlas_inputs import AtlasInputs
from cortexlens.config.recovery import recovery_fits
from cortexlens.jobs.handover import remove_stashed
from cortexlens.jobs.failures import tell_failures_at_exit
from cortexlens.storage.code_hash import fingerprint_of_jobs as fingerprint
from cortexlens.storage.input_files import Look
from cortexlens.workflow.completion import complete_rules
from cortexlens.workflow.params import (
    backbone_settings,
    finetune_inputs,
    finetune_settings,
    job_prefix,
    load_or_exit,
    network_inputs,
    has_stable_maps,
    mapped_fits_of,
    recovery_stores,
    stage_options,
    state_of_images,
    state_of_labelled,
    state_of_network,
    state_of_responses,
    subject_settings,
    tell_scheduler,
    trust_fits,
)
from cortexlens.jobs.lock import guard
from cortexlens.config.ownership import claim
from cortexlens.planning.planner import Planner
from cortexlens.config.readouts import (
    MAPPED,
    fit_settings,
    has_learning_curve,
    has_stability,
    readouts_of,
)
from cortexlens.planning.sae_jobs import coded_fits, of_layers, of_pairs
from cortexlens.planning.sae_jobs import listed_pictures, of_networks, of_pair_layers, of_subjects
from cortexlens.planning.targets import (
    checkpoint_names,
    decoded_gb,
    fetched_networks,
    finetune_reports,
    maps_of,
    maps_of_fit,
    planted_runs,
    shared_networks,
    sized_networks,
)
from cortexlens.planning.finetuning_jobs import fit_before, origins, tuned_fits
from cortexlens.shapes import FURTHER_PICTURES
from cortexlens.config.inputs import data_files

# The last file is the one whose keys count; config holds all of them and --config.
STUDY = load_or_exit(
    [*workflow.configfiles, *workflow.overwrite_configfiles][-1],
    config,
    workflow.config_settings.config_args or (),
)

RESULTS = f"results/{STUDY.name}"
shell.prefix(job_prefix(STUDY, RESULTS, workflow.config_settings.config))
DATASET = STUDY.config["dataset"]
claimed = partial(claim, config=STUDY.source, dataset=DATASET)
guard(workflow, Path(RESULTS), after=remove_stashed, before=claimed)
MAIN = STUDY.main_readout
FIT = "<results>/fits/{readout}/{backbone}/{subject}/fit.zarr"
# Keys of the config that several stages know.
SHARED = {key: STUDY.config[key] for key in ("seed", "split", "device")}
RECOVERY_FITS = recovery_fits(STUDY.config)
LOOK = Look()
PLANNER = Planner(STUDY, Path(RESULTS))

# Here, no more jobs that need a GPU run at once than there are GPUs; a cluster counts its own.
if PLANNER.n_gpus and workflow.local_exec and "gpu" not in workflow.global_resources:
    workflow.register_resource("gpu", PLANNER.n_gpus)


def options(stage, *mappings):
    """Write config entries and table cells as the options of a stage, for the shell."""
    return shlex.join(stage_options(stage, *mappings))


def subject_options(stage, without=()):
    """Give the function from wildcards to a stage's options for a subject.

    without: columns of the subject's row that the rule gives itself.
    """

    def from_wildcards(wildcards):
        settings = subject_settings(STUDY, wildcards.subject, Path(RESULTS))
        kept = [{k: v for k, v in each.items() if k not in without} for each in settings]
        return options(stage, *kept)

    return from_wildcards


def backbone_options(stage):
    """Give the function from wildcards to a stage's options for a backbone."""

    def from_wildcards(wildcards):
        return options(stage, *backbone_settings(STUDY, wildcards.backbone, Path(RESULTS)))

    return from_wildcards


def in_report(path, category, caption="", labels=None, subcategory=None):
    """Show a file in the report, under the caption of its own name if no other is given.

    A file of one network and subject is labelled by them, if nothing else is said.
    """
    if labels is None and "{subject}" in path:
        labels = {"backbone": "{backbone}", "subject": "{subject}"}
    caption = f"../report/{caption or Path(path).stem}.rst"
    shown = {"category": category, "subcategory": subcategory, "labels": labels}
    return report(path, caption=caption, **shown)


def map_in_report(path, name, caption=""):
    """Show a picture in the report as a map of its network and subject, called by a name."""
    labels = {"subject": "{subject}", "map": name}
    return in_report(path, "Maps", caption, labels, subcategory="{backbone}")


def network_files(wildcards):
    """Give the files that a backbone is made from, so that new weights give new features."""
    return network_inputs(STUDY, wildcards.backbone)


def finetune_files(wildcards):
    """Give the files that a fine-tuning is made from."""
    return finetune_inputs(STUDY, wildcards.backbone, wildcards.finetune)


def finetune_options(wildcards):
    """Give the options of a fine-tuning: rows of the network and of the pictures, finetuning."""
    return options("finetune", *finetune_settings(STUDY, wildcards.backbone, wildcards.finetune))


def sources(wildcards):
    """Give what a subject is made from: drawn scenes, or the user's files."""
    if "n_scenes" in DATASET:
        return ["<results>/scenes"]
    return list(map(str, data_files(DATASET, STUDY.subjects[wildcards.subject]).values()))


def listed(wildcards):
    """Give what a subject's images are listed from: drawn scenes, or pictures and trials."""
    return listed_pictures(STUDY, wildcards.subject)


def pictures(wildcards):
    """Give what holds a subject's pictures."""
    return listed(wildcards)[0]


def planted_features(wildcards):
    """Give the features that a subject's planted responses are made from."""
    return f"<results>/features/{DATASET['backbone']}/{wildcards.subject}.zarr"


def only_for(*kinds):
    """Give the pattern of the subjects of a rule that belongs to some kinds of dataset."""
    return "[a-z0-9-]+" if STUDY.kind in kinds else "(?!)"


def fit_options(stage):
    """Give the function from wildcards to a stage's options for a readout."""

    def from_wildcards(wildcards):
        return options(stage, SHARED, fit_settings(STUDY.config, wildcards.readout))

    return from_wildcards


def readouts(kind):
    """Give the pattern of the readouts of a kind: its own name, and its variants."""
    return "|".join(readouts_of(STUDY.config, kind))


def of_runs(pattern, readouts=(), runs=STUDY.runs):
    """Fill a path for each run that has one of the readouts, or for all, each path once."""
    chosen = [run for run in runs if not readouts or run.readout in readouts]
    return list(dict.fromkeys(pattern.format(**run._asdict()) for run in chosen))


def of_trust(pattern, kinds=None, only=None):
    """Fill a path for each fit of runs and trust, each path once; kinds, only: of trust_fits."""
    return of_runs(pattern, runs=trust_fits(STUDY, kinds, only))


def recovery_options(wildcards):
    """Give the options of a recovery job: its condition, and those of its readout's fit."""
    wanted = RECOVERY_FITS[wildcards.readout, wildcards.condition]
    return options("recover", SHARED, wanted, {"seeds": STUDY.config["recovery"]["seeds"]})

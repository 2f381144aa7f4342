"""The jobs of `snakemake finetuning`, and what a fine-tuning takes."""

from collections.abc import Iterator

from cortexlens import workloads
from cortexlens.config import Study, weights_place
from cortexlens.derived import listed_classes
from cortexlens.errors import CortexlensError
from cortexlens.readouts import SECTIONS, kind_of
from cortexlens.targets import ENCODER, tuned_pairs
from cortexlens.workloads import NetworkSize, Workload

# Classes of data that cannot be listed: drawn ones, and those that are not there.
ASSUMED_CLASSES = 10


def tuning_workload(study: Study, network: NetworkSize, finetune: str) -> Workload:
    """Count what a fine-tuning of a network takes."""
    given = study.config["finetuning"]
    try:
        n_classes = len(listed_classes(study.config, study.finetunes[finetune]))
    except CortexlensError:
        n_classes = 0
    return workloads.finetuning(
        network,
        learnt=(n_classes or ASSUMED_CLASSES) * given["images_per_class"],
        measured=given["validation_images"],
        steps=given["steps"],
        batch_size=given["batch_size"],
        measurements=2 + given["steps"] // given["validation_interval"],
        kept=len(given["checkpoints"]),
    )


def tuned_jobs(study: Study) -> Iterator[tuple[str, str, str, str, str]]:
    """Give rule, network, subject, readout and data of the jobs that are not of the runs."""
    made = {(run.backbone, run.subject) for run in study.runs}
    runs = [run for run in study.finetuned if run not in study.runs]
    for base, finetune in tuned_pairs(study):
        yield "finetune", base, "", "", finetune
    pairs = dict.fromkeys((run.backbone, run.subject) for run in runs)
    new = [pair for pair in pairs if pair not in made]
    known = {backbone for backbone, _ in made}
    for backbone in dict.fromkeys(name for name, _ in new if name not in known):
        if backbone not in study.derived and weights_place(study, study.backbones[backbone]):
            yield "fetch_weights", backbone, "", "", ""
        yield "describe_backbone", backbone, "", "", ""
    for backbone, subject in new:
        yield "extract_features", backbone, subject, "", ""
    for run in runs:
        rule = f"fit_{SECTIONS[kind_of(study.config, run.readout)]}"
        yield rule, run.backbone, run.subject, run.readout, ""
        yield "score_fit", run.backbone, run.subject, run.readout, ""
        if run.readout == ENCODER:
            yield "draw_maps", run.backbone, run.subject, "", ""

"""Jobs of `snakemake finetuning` and their workloads."""

from collections.abc import Callable, Iterator
from typing import Any

from cortexlens.backbones.size import NetworkSize
from cortexlens.config.finetuned import listed_classes
from cortexlens.config.readouts import SECTIONS, kind_of
from cortexlens.config.study import Run, Study, weights_place
from cortexlens.errors import CortexlensError
from cortexlens.planning import analysis_workloads, workloads
from cortexlens.planning.targets import tuned_pairs
from cortexlens.planning.workloads import SubjectSize, Workload

# Number of classes to assume if they cannot be listed: drawn data, or data that are missing.
ASSUMED_CLASSES = 10
# Rules that combine all networks before and after fine-tuning.
OF_CHANGES = frozenset(
    {
        *("summarise_changes", "summarise_drift", "probe_labels"),
        *("draw_finetuning", "draw_trajectory"),
    }
)


def tuning_workload(study: Study, network: NetworkSize, finetune: str) -> Workload:
    """Workload of fine-tuning a network."""
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


def change_workload(
    rule: str, study: Study, sizes: Callable[[str, str], tuple[SubjectSize, NetworkSize, int]]
) -> Workload:
    """Workload of one of the rules in :data:`OF_CHANGES`.

    Parameters
    ----------
    rule, study
        Name of the rule, and the study.
    sizes
        Function of network and subject that returns their sizes and the side of the token grid.
    """
    runs = study.finetuned
    if rule in ("draw_finetuning", "draw_trajectory"):
        return analysis_workloads.plot(len(runs))
    if rule == "summarise_changes":
        subjects = [sizes(run.backbone, run.subject)[0] for run in runs]
        tested = study.config["split"][2] / sum(study.config["split"])
        values = sum(tested * who.n_images * who.n_vertices for who in subjects)
        n_vertices = sum(who.n_vertices for who in subjects)
        return analysis_workloads.changed(
            len(runs), values, n_vertices, study.config["analysis"]["bootstraps"]
        )
    count = analysis_workloads.drifted if rule == "summarise_drift" else analysis_workloads.probed
    pairs = dict.fromkeys((run.backbone, run.subject) for run in runs)
    each = [count(who, network.channels, grid) for who, network, grid in (sizes(*p) for p in pairs)]
    kinds = dict.fromkeys(kind for one in each for kind in one.work)
    work = {kind: sum(one.work[kind] for one in each) for kind in kinds}
    memory = sum(one.memory for one in each) if rule == "probe_labels" else 0.0
    return Workload({**work, "start_table": 1}, max([memory, *(one.memory for one in each)]), 1e5)


def origins(study: Study) -> str:
    """Origins of all fine-tuned networks, in the format of the option ``--derived``."""
    entries = [
        f"{name}={base}/{finetune}" + ("" if step is None else f"/{step}")
        for name, (base, finetune, step) in study.derived.items()
    ]
    return ",".join(entries)


def tuned_fits(study: Study) -> list[Run]:
    """Mapped fits of fine-tuned networks, each of which is compared with the fit of its base."""
    return [
        run
        for run in study.finetuned
        if run.readout == study.main_readout and run.backbone in study.derived
    ]


def fit_before(study: Study) -> Callable[[Any], str]:
    """Function from wildcards to the fit of the network that was fine-tuned."""

    def from_wildcards(wildcards: Any) -> str:
        base = study.derived[wildcards.backbone].base
        return f"<results>/fits/{study.main_readout}/{base}/{wildcards.subject}/fit.zarr"

    return from_wildcards


def tuned_jobs(study: Study) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield rule, network, subject, readout and data set of the jobs that runs do not have."""
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
        if run.readout == study.main_readout:
            yield "draw_maps", run.backbone, run.subject, "", ""
    for run in tuned_fits(study):
        yield "draw_changes", run.backbone, run.subject, "", ""
    for rule in ("summarise_changes", "summarise_drift", "probe_labels", "draw_finetuning"):
        if runs:
            yield rule, "", "", "", ""
    if any(each.step is not None for each in study.derived.values()):
        yield "draw_trajectory", "", "", "", ""

"""Jobs of a study before it runs: the cost of each, and the resources to request from a cluster."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import cached_property
from pathlib import Path

from cortexlens.backbones.size import NetworkSize
from cortexlens.compute.gpus import visible_gpus
from cortexlens.config.readouts import SECTIONS, fit_settings, kind_of
from cortexlens.config.recovery import recovery_fits
from cortexlens.config.study import Run, Study, missing_weights, weights_place
from cortexlens.planning import analysis_workloads, workloads
from cortexlens.planning.costs import (
    SNAKEMAKE_MB,
    JobCost,
    Rates,
    disk_mb,
    load_rates,
    memory_mb,
    runtime_minutes,
)
from cortexlens.planning.finetuning_jobs import (
    OF_CHANGES,
    change_workload,
    tuned_jobs,
    tuning_workload,
)
from cortexlens.planning.sae_jobs import coded_jobs
from cortexlens.planning.sae_workloads import OF_SAES, sae_workload
from cortexlens.planning.sizes import Found, network_size, subject_size
from cortexlens.planning.stacked_workloads import stacked
from cortexlens.planning.targets import (
    channel_jobs,
    planted_runs,
    shared_networks,
    sized_networks,
)
from cortexlens.planning.workloads import FitSettings, SubjectSize, Workload

# Rules whose large matrix products run on the device given in the config.
GPU_RULES = frozenset(
    {
        *("extract_features", "finetune", "fit_encoder", "fit_stacked", "fit_banded"),
        *("recover", "train_sae"),
    }
)
# Rules that combine the fits of runs and trust.
OF_TRUST = frozenset(
    {
        *("summarise_ablations", "summarise_stability", "summarise_learning_curve"),
        *("draw_ablations", "draw_learning_curve"),
    }
)
# Rules that combine fits of all kinds that give maps.
OF_TABLED = frozenset(
    {
        *("summarise_hierarchy", "summarise_levels", "summarise_agreement"),
        *("summarise_models", "summarise_recovery"),
    }
)
# Rules over all fits that bootstrap patches of cortex, or levels.
BOOTSTRAPPED = frozenset(
    {"summarise_hierarchy", "summarise_levels", "summarise_agreement", "draw_hierarchy"}
)
_SETTINGS = frozenset(each.name for each in fields(FitSettings))


class Planner:
    """Cost of the jobs of a study.

    Parameters
    ----------
    study
        The study.
    results
        Folder of its results; need not exist.
    rates
        Seconds per unit of work; None: the rates measured for the package.
    n_gpus
        Number of GPUs that jobs may use; None: those of this machine.
    thorough
        Whether to read data and build networks whose size is not known otherwise.
    """

    def __init__(
        self,
        study: Study,
        results: Path,
        *,
        rates: Rates | None = None,
        n_gpus: int | None = None,
        thorough: bool = False,
    ) -> None:
        self.study, self.results, self.thorough = study, results, thorough
        self.rates = load_rates() if rates is None else rates
        self._n_gpus = n_gpus
        self._subjects: dict[str, Found] = {}
        self._networks: dict[str, Found] = {}

    @cached_property
    def n_gpus(self) -> int:
        """Number of GPUs that jobs may use."""
        if self.study.config["device"] == "cpu":
            return 0
        return visible_gpus() if self._n_gpus is None else self._n_gpus

    @cached_property
    def _missing(self) -> dict[str, str]:
        return missing_weights(self.study)

    def subject(self, name: str) -> Found:
        """Size of a subject; determined again once its responses are made."""
        made = self.results / "subjects" / name / "responses.zarr"
        return self._remembered(self._subjects, subject_size, name, made)

    def network(self, name: str) -> Found:
        """Size of a network; determined again once it is described."""
        described = self.results / "backbones" / f"{name}.json"
        return self._remembered(self._networks, network_size, name, described)

    def _remembered(
        self, known: dict[str, Found], find: Callable[..., Found], name: str, better: Path
    ) -> Found:
        if name not in known or (known[name].origin != "results" and better.exists()):
            known[name] = find(self.study, name, self.results, thorough=self.thorough)
        return known[name]

    def grid(self, backbone: str) -> int:
        """Side of the grid of a network's features."""
        row = self.study.backbones[backbone]
        return int(row.get("grid", self.study.config["features"]["grid"]))

    def settings(self, backbone: str, readout: str = "factortopy") -> FitSettings:
        """Settings of a network's fit on which its cost depends."""
        config = self.study.config
        total = sum(config["split"])
        parts = tuple(part / total for part in config["split"])
        given = fit_settings(config, readout)
        known = {key: value for key, value in given.items() if key in _SETTINGS}
        grid = given.get("grid") or self.grid(backbone)
        # Without components a stacked fit uses all channels, not ridge regression's default number.
        all_channels = {"components": None} if kind_of(config, readout) == "stacked" else {}
        return FitSettings(**{**all_channels, **known, "grid": grid, "parts": parts})

    def workload(
        self,
        rule: str,
        backbone: str = "",
        subject: str = "",
        readout: str = "",
        condition: str = "",
        finetune: str = "",
        **_: str,
    ) -> Workload:
        """Workload of a job.

        Parameters
        ----------
        rule
            Name of the rule.
        backbone, subject, readout, condition, finetune
            Wildcards of the job, empty where it has none; other wildcards do not affect the cost.
        """
        if rule in OF_SAES:
            return sae_workload(rule, self.study, self._sizes, backbone, subject)
        if finetune:
            return tuning_workload(self.study, self.network(backbone).size, finetune)
        if rule in ("fetch_weights", "describe_backbone"):
            network = self.network(backbone).size
            if rule == "describe_backbone":
                return workloads.described(network)
            # Weights in the cache are only checked.
            there = backbone not in self._missing
            return workloads.described(network) if there else workloads.fetched(network)
        if condition:
            return self._of_condition(backbone, subject, readout, condition)
        if rule == "draw_average":
            return self._average(backbone)
        if backbone:
            return self._of_pair(rule, backbone, subject, readout)
        if subject:
            return self._of_subject(rule, subject)
        return self._of_study(rule)

    def _of_pair(
        self, rule: str, backbone: str, subject: str, readout: str, vertices: int | None = None
    ) -> Workload:
        who, network, grid = self._sizes(backbone, subject)
        who = replace(who, n_vertices=vertices or who.n_vertices)
        if rule == "extract_features":
            batch = int(self.study.config["features"]["batch_size"])
            return workloads.extraction(who, network, grid=grid, batch_size=batch)
        if rule == "fit_encoder":
            settings = self.settings(backbone, readout or "factortopy")
            return workloads.encoder(who, network.channels, grid, settings)
        if rule == "fit_stacked":
            settings = self.settings(backbone, readout or "stacked")
            return stacked(who, network.channels, grid, settings)
        if rule == "fit_ridge":
            settings = self.settings(backbone, readout or "ridge")
            return workloads.ridge(who, network.channels, grid, settings)
        if rule == "fit_banded":
            settings = self.settings(backbone, readout or "banded")
            return workloads.banded(who, network.channels, grid, settings)
        if rule == "score_fit":
            parts, given = self.settings(backbone).parts, self.study.config["analysis"]
            return analysis_workloads.scores(who, parts, given["bootstraps"], given["permutations"])
        if rule in ("cluster_channels", "draw_channel_images"):
            wanted = self.study.config["channels"]
            settings = self.settings(backbone, self.study.main_readout)
            solved = self.study.main_readout == "stacked"
            return analysis_workloads.channels(
                rule, wanted, who, network, grid, settings, stacked=solved
            )
        if rule in ("draw_maps", "draw_stability", "draw_channels", "draw_changes"):
            return analysis_workloads.maps(who.n_vertices, len(network.channels))
        raise KeyError(rule)

    def _of_condition(self, backbone: str, subject: str, readout: str, condition: str) -> Workload:
        vertices = recovery_fits(self.study.config)[readout, condition]["vertices"]
        rule = f"fit_{SECTIONS[kind_of(self.study.config, readout)]}"
        fit = self._of_pair(rule, backbone, subject, readout, vertices)
        who, network, _ = self._sizes(backbone, subject)
        who = replace(who, n_vertices=vertices or who.n_vertices)
        seeds, single = self.study.config["recovery"]["seeds"], self.settings(backbone, readout)
        return workloads.recovery(who, network.channels, fit, seeds, single.single_trials)

    def _average(self, backbone: str) -> Workload:
        subjects = {run.subject for run in self.study.mapped if run.backbone == backbone}
        n_vertices = [self.subject(subject).size.n_vertices for subject in subjects]
        n_layers = len(self.network(backbone).size.channels)
        return analysis_workloads.average(len(subjects), max(n_vertices), n_layers)

    def _of_subject(self, rule: str, subject: str) -> Workload:
        who, dataset = self.subject(subject).size, self.study.config["dataset"]
        if rule == "collect_images":
            return workloads.images(who)
        if rule == "collect_responses":
            return workloads.responses(who, simulated=self.study.kind == "simulated")
        if rule == "plant_responses":
            source = dataset["backbone"]
            return workloads.planted(who, self.network(source).size.channels, self.grid(source))
        raise KeyError(rule)

    def _of_study(self, rule: str) -> Workload:
        if rule == "draw_scenes":
            dataset = self.study.config["dataset"]
            return workloads.scenes(dataset["n_scenes"], dataset.get("size", 96))
        if rule in ("summarise_recovery_study", "draw_recovery"):
            return self._of_recovery(rule)
        if rule == "summarise_channels":
            sizes = [self.subject(subject).size for _, subject in self.study.channelled]
            permutations = self.study.config["analysis"]["permutations"]
            return analysis_workloads.channel_tables(sizes, permutations)
        if rule in OF_CHANGES:
            return change_workload(rule, self.study, self._sizes)
        if rule in OF_TRUST:
            runs = list(self.study.fits)
        else:
            every = rule in ("summarise_scores", "build_atlas")
            listed = self.study.tabled if rule in OF_TABLED else self.study.mapped
            runs = list(self.study.runs if every else listed)
        n_vertices = sum(self.subject(run.subject).size.n_vertices for run in runs)
        if rule == "build_atlas":
            return analysis_workloads.packed(len(runs), n_vertices)
        if rule in ("draw_ablations", "draw_learning_curve"):
            return analysis_workloads.plot(len(runs))
        if rule in ("compare_paper", "summarise_sizes"):
            return analysis_workloads.compared()
        if rule == "write_methods":
            return analysis_workloads.summary(len(self.study.all_fits), 0)
        if rule == "summarise_models":
            sizes = [self.subject(run.subject).size for run in runs]
            tested = self.settings(runs[0].backbone).parts[2]
            values = sum(tested * size.n_images * size.n_vertices for size in sizes)
            bootstraps = self.study.config["analysis"]["bootstraps"]
            return analysis_workloads.models(len(runs), values, n_vertices, bootstraps)
        if rule in ("draw_overview", "draw_max_model"):
            return analysis_workloads.overview(len(runs), n_vertices)
        if rule in BOOTSTRAPPED:
            return analysis_workloads.bootstrapped(len(runs), n_vertices)
        return analysis_workloads.summary(len(runs), n_vertices)

    def _of_recovery(self, rule: str) -> Workload:
        recovery, pairs = self.study.config["recovery"], self.study.recovered
        n_stores = len(pairs) * len(recovery_fits(self.study.config))
        if rule == "draw_recovery":
            return analysis_workloads.overview(n_stores, 0)
        n_vertices = sum(self.subject(subject).size.n_vertices for _, subject in pairs)
        n_fits = n_stores * recovery["seeds"]
        return analysis_workloads.summary(n_fits, n_vertices * n_fits // max(len(pairs), 1))

    def _sizes(self, backbone: str, subject: str) -> tuple[SubjectSize, NetworkSize, int]:
        """Sizes of a subject and a network, and the side of the token grid."""
        return self.subject(subject).size, self.network(backbone).size, self.grid(backbone)

    def threads(self, rule: str) -> int:
        """Number of CPU threads of a rule's jobs."""
        return int(self.study.config["threads"].get(rule, 1))

    def needs_gpu(self, rule: str) -> bool:
        """Whether a rule's jobs need a GPU: device is cuda, or auto and there is one."""
        device = self.study.config["device"]
        return rule in GPU_RULES and (device == "cuda" or (device == "auto" and self.n_gpus > 0))

    def seconds(self, rule: str, workload: Workload) -> float:
        """Estimated run time of a job in seconds."""
        return self.rates.seconds(workload, threads=self.threads(rule), gpu=self.needs_gpu(rule))

    def resource(
        self,
        rule: str,
        what: str,
        attempt: int = 1,
        backbone: str = "",
        subject: str = "",
        readout: str = "",
        condition: str = "",
        finetune: str = "",
        *,
        remote: bool = False,
        **_: str,
    ) -> int:
        """Amount of a resource to request from a cluster.

        Parameters
        ----------
        rule, backbone, subject, readout, condition, finetune
            Rule and wildcards of the job; other wildcards do not matter.
        what
            Resource: ``mem_mb``, ``runtime`` (minutes) or ``disk_mb``.
        attempt
            Number of the attempt, starting from 1; memory and time grow with it.
        remote
            Whether the job runs on a cluster, where snakemake's own memory is part of it.
        """
        workload = self.workload(rule, backbone, subject, readout, condition, finetune)
        if what == "mem_mb":
            return memory_mb(workload, attempt) + remote * SNAKEMAKE_MB
        if what == "disk_mb":
            return disk_mb(workload)
        return runtime_minutes(self.seconds(rule, workload), attempt)

    def jobs(self) -> Iterator[JobCost]:
        """Yield every job of a study of which nothing is done yet, as the workflow runs them."""
        for wanted in self._wanted():
            yield self._job(*wanted)

    def trust_fits(self) -> Iterator[JobCost]:
        """Yield the fits that `snakemake trust` makes in addition to those of the runs."""
        for run in self.study.fits[len(self.study.runs) :]:
            yield self._job(*self._fit(run))

    def finetuning_jobs(self) -> Iterator[JobCost]:
        """Yield the jobs that `snakemake finetuning` adds to those of the runs."""
        yield from (self._job(*wanted) for wanted in tuned_jobs(self.study))

    def further_jobs(self) -> dict[str, list[JobCost]]:
        """Target → jobs that targets which analyse fits and features add."""
        wanted = {
            "channels": channel_jobs(self.study),
            "sae": coded_jobs(self.study, lambda name: len(self.network(name).size.channels)),
        }
        return {target: [self._job(*each) for each in jobs] for target, jobs in wanted.items()}

    def _job(
        self, rule: str, backbone: str, subject: str, readout: str = "", finetune: str = ""
    ) -> JobCost:
        workload = self.workload(rule, backbone, subject, readout, finetune=finetune)
        seconds = self.seconds(rule, workload)
        return JobCost(
            *(rule, backbone, subject, workload, seconds),
            *(self.threads(rule), self.needs_gpu(rule)),
        )

    def _fit(self, run: Run) -> tuple[str, str, str, str]:
        rule = f"fit_{SECTIONS[kind_of(self.study.config, run.readout)]}"
        return rule, run.backbone, run.subject, run.readout

    def _wanted(self) -> Iterator[tuple[str, ...]]:
        study, runs = self.study, self.study.runs
        subjects = dict.fromkeys(run.subject for run in runs)
        source = study.config["dataset"].get("backbone")
        pairs = [(source, subject) for subject in subjects] if source else []
        pairs = list(dict.fromkeys([*pairs, *((run.backbone, run.subject) for run in runs)]))
        networks = dict.fromkeys(backbone for backbone, _ in pairs)
        fits = study.mapped
        if "n_scenes" in study.config["dataset"]:
            yield "draw_scenes", "", ""
        made = "plant_responses" if source else "collect_responses"
        yield from (
            (rule, "", subject) for subject in subjects for rule in ("collect_images", made)
        )
        for backbone in networks:
            if weights_place(study, study.backbones[backbone]):
                yield "fetch_weights", backbone, ""
            yield "describe_backbone", backbone, ""
        yield from (("extract_features", *pair) for pair in pairs)
        for run in runs:
            yield self._fit(run)
            yield "score_fit", run.backbone, run.subject, run.readout
        yield from ((rule, "", "") for rule in ("summarise_scores", "build_atlas", "write_methods"))
        if fits:
            yield "summarise_hierarchy", "", ""
            yield "summarise_levels", "", ""
            yield "summarise_models", "", ""
            yield "compare_paper", "", ""
        if shared_networks(study):
            yield "summarise_agreement", "", ""
        if sized_networks(study):
            yield "summarise_sizes", "", ""
        if planted_runs(study):
            yield "summarise_recovery", "", ""
        yield from (("draw_maps", run.backbone, run.subject) for run in fits)
        if fits:
            yield "draw_overview", "", ""
            yield "draw_hierarchy", "", ""
            yield "draw_max_model", "", ""
        yield from (("draw_average", backbone, "") for backbone in shared_networks(study))

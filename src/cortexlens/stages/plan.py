"""Stage: estimate the time, memory and disk that a study will need."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cortexlens.planning.costs import JobCost
    from cortexlens.planning.planner import Planner

Rows = list[tuple[str, ...]]


def plan(
    config: Annotated[Path, typer.Option(help="Config file of the study (YAML).")],
    cores: Annotated[
        int | None, typer.Option(help="Number of CPU cores. Default: those of this machine.", min=1)
    ] = None,
    gpus: Annotated[
        int | None,
        typer.Option(
            help="Number of GPUs. Default: those of this machine that jobs may use.", min=0
        ),
    ] = None,
    rates: Annotated[
        Path | None,
        typer.Option(
            help="Rates measured on another machine with benchmarks/growth.py --calibrate."
        ),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(help="Folder of the data set; overrides dataset.root of the config."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Table to write, one row per job (.tsv).")
    ] = None,
) -> None:
    """Estimate what a study needs before it runs: jobs, hours, memory and disk.

    The data need not be present: the sizes of public data sets are known, and anything assumed is
    listed. Nothing is run, and nothing but --out is written.
    """
    import os

    from cortexlens.config.study import load_study
    from cortexlens.errors import CortexlensError
    from cortexlens.planning.costs import load_rates
    from cortexlens.planning.forecast import least_hours
    from cortexlens.planning.planner import Planner

    overrides = {} if root is None else {"dataset": {"root": str(root)}}
    study = load_study(config, overrides, data=False)
    planner = Planner(
        study,
        Path("results") / study.name,
        rates=load_rates(rates),
        n_gpus=gpus,
        thorough=True,
    )
    if study.config["device"] == "cuda" and not planner.n_gpus:
        raise CortexlensError(
            f"{config}: device is cuda, but this machine has no GPU. Give the number of GPUs "
            "of the machine that will run the study: --gpus N."
        )
    jobs = list(planner.jobs())
    cores = cores or len(os.sched_getaffinity(0))
    for rows in (_subjects(planner, jobs), _networks(planner, jobs), _rules(jobs)):
        _print(rows)
    for line in _notes(planner, jobs):
        typer.echo(line)
    hours = least_hours(jobs, cores, planner.n_gpus)
    typer.echo(
        f"{config}: {len(jobs)} jobs, {_hours(sum(job.seconds for job in jobs))} h of jobs, at "
        f"least {_hours(3600 * hours)} h on {cores} cores and {planner.n_gpus} GPUs; features "
        f"{_gigabytes(_features(jobs))} GB of {_gigabytes(sum(j.workload.disk for j in jobs))} GB "
        f"written; largest job {_gigabytes(max(job.workload.memory for job in jobs))} GB of memory."
    )
    trust = list(planner.trust_fits())
    if trust:
        typer.echo(
            f"`snakemake trust` adds {len(trust)} fits, {_hours(sum(job.seconds for job in trust))}"
            " h of jobs."
        )
    tuned = list(planner.finetuning_jobs())
    if tuned:
        typer.echo(
            f"`snakemake finetuning` adds {sum(job.rule == 'finetune' for job in tuned)} "
            f"fine-tunings and {sum(job.rule.startswith('fit_') for job in tuned)} fits, "
            f"{_hours(sum(job.seconds for job in tuned))} h of jobs."
        )
    for target, further in planner.further_jobs().items():
        if further:
            seconds = sum(job.seconds for job in further)
            typer.echo(
                f"`snakemake {target}` adds {len(further)} jobs to its fits, {_hours(seconds)} h."
            )
    if out is not None:
        _write(jobs, out)


def _features(jobs: "Sequence[JobCost]") -> float:
    return sum(job.workload.disk for job in jobs if job.rule == "extract_features")


def _subjects(planner: "Planner", jobs: "Sequence[JobCost]") -> Rows:
    rows: Rows = [("subject", "images", "trials", "vertices", "known from", "features, GB")]
    for name in dict.fromkeys(job.subject for job in jobs if job.subject):
        size, origin = planner.subject(name)
        counts = (size.n_images, size.n_trials, size.n_vertices)
        stored = _features([job for job in jobs if job.subject == name])
        rows.append((name, *(f"{count:,}" for count in counts), origin, _gigabytes(stored)))
    return rows


def _networks(planner: "Planner", jobs: "Sequence[JobCost]") -> Rows:
    head = ("network", "layers", "channels", "GFLOP a picture", "known from")
    rows: Rows = [(*head, "features, GB", "features, h", "fits, h")]
    for name in dict.fromkeys(job.backbone for job in jobs if job.backbone):
        size, origin = planner.network(name)
        own = [job for job in jobs if job.backbone == name]
        least, most = min(size.channels), max(size.channels)
        fits = sum(job.seconds for job in own if job.rule.startswith("fit_"))
        shown = sum(job.seconds for job in own if job.rule == "extract_features")
        rows.append(
            (
                name,
                str(len(size.channels)),
                str(most) if least == most else f"{least} to {most}",
                f"{size.products / 1e9:,.1f}",
                origin,
                _gigabytes(_features(own)),
                _hours(shown),
                _hours(fits),
            )
        )
    return rows


def _rules(jobs: "Sequence[JobCost]") -> Rows:
    rows: Rows = [("rule", "jobs", "on", "hours", "longest, h", "memory, GB", "written, GB")]
    for rule in dict.fromkeys(job.rule for job in jobs):
        own = [job for job in jobs if job.rule == rule]
        threads = f"{own[0].threads} thread{'s' if own[0].threads > 1 else ''}"
        rows.append(
            (
                rule,
                str(len(own)),
                "GPU" if own[0].gpu else threads,
                _hours(sum(job.seconds for job in own)),
                _hours(max(job.seconds for job in own)),
                _gigabytes(max(job.workload.memory for job in own)),
                _gigabytes(sum(job.workload.disk for job in own)),
            )
        )
    return rows


def _notes(planner: "Planner", jobs: "Sequence[JobCost]") -> list[str]:
    """List what is assumed, and where run times were measured."""
    subjects = dict.fromkeys(job.subject for job in jobs if job.subject)
    networks = dict.fromkeys(job.backbone for job in jobs if job.backbone)
    assumed = [name for name in subjects if planner.subject(name).origin == "assumed"]
    assumed += [name for name in networks if planner.network(name).origin == "assumed"]
    notes = [f"Assumed, nothing is known of it: {', '.join(assumed)}."] if assumed else []
    notes.append(f"Times on a processor: {planner.rates.machines['cpu']}.")
    if any(job.gpu for job in jobs):
        notes.append(f"Times on a GPU: {planner.rates.machines['gpu']}.")
    rules = {job.rule for job in jobs}
    if "fit_encoder" in rules:
        notes.append(
            "FactorTopy fits are counted to their last epoch; patience may end them sooner."
        )
    if "fit_stacked" in rules:
        notes.append(
            "What stacked fits search depends on the responses and is estimated from the demo's."
        )
    return notes


def _write(jobs: "Sequence[JobCost]", out: Path) -> None:
    from cortexlens.storage.datasets import replacing

    columns = ("rule", "backbone", "subject", "threads", "gpu", "hours", "memory_gb", "written_gb")
    lines = ["\t".join(columns)]
    for job in jobs:
        numbers = (job.seconds / 3600, job.workload.memory / 1e9, job.workload.disk / 1e9)
        cells = (job.rule, job.backbone, job.subject, str(job.threads), str(int(job.gpu)))
        lines.append("\t".join([*cells, *(f"{number:.6g}" for number in numbers)]))
    with replacing(out) as partial:
        partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:,.1f}" if seconds >= 360 else f"{seconds / 3600:.3f}"


def _gigabytes(n_bytes: float) -> str:
    return f"{n_bytes / 1e9:,.1f}" if n_bytes >= 1e8 else f"{n_bytes / 1e9:.3f}"


def _print(rows: Rows) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        typer.echo("  ".join(cells).rstrip())
    typer.echo("")

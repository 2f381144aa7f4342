"""Stage: check that a study can run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cortexlens.planning.forecast import Forecast


def check(
    config: Annotated[Path, typer.Option(help="Config file of the study (YAML).")],
    tables_only: Annotated[
        bool,
        typer.Option(
            "--tables-only",
            help="Check the config and its tables only; do not open data or networks.",
        ),
    ] = False,
    root: Annotated[
        Path | None,
        typer.Option(help="Folder of the data set; overrides dataset.root of the config."),
    ] = None,
) -> None:
    """Check that a study can run: config, tables, data, networks, disk and memory.

    Prints every problem on a line of its own. If there are none, prints what each subject and
    network has, and warns of fits that can be made but would tell little. To find problems before
    the workflow does, it splits the images, decodes every image, loads every network and runs it
    once. No results are written; images that were decoded without error are recorded in
    weights_cache, so that they are not decoded again.
    """
    from cortexlens.config.finetuned import asks_for_root
    from cortexlens.config.ownership import check_owner
    from cortexlens.config.study import data_faults, examine_study
    from cortexlens.errors import CortexlensError

    overrides = {} if root is None else {"dataset": {"root": str(root)}}
    study, faults = examine_study(config, overrides, data=False)
    found = None
    if study is not None:
        try:
            check_owner(Path("results") / study.name, config, study.config["dataset"])
        except CortexlensError as error:
            faults = [str(error)]
        known = data_faults(study)
        faults += list(dict.fromkeys(fault.line for fault in known))
        if not tables_only:
            from cortexlens.planning.forecast import forecast

            found = forecast(study, Path("results") / study.name, known)
            faults += found.faults
        if found is not None and not faults:
            from cortexlens.study.changed_inputs import changed_lines

            found.notes += changed_lines(Path("results") / study.name)
    for fault in faults:
        typer.echo(fault, err=True)
    if faults and found is not None:
        for line in (*(f"{line}." for line in found.to_fetch), *found.warnings):
            typer.echo(f"Warning: {line}", err=True)
    if faults or study is None:
        raise CortexlensError(
            f"{config}: {len(faults)} fault{'s' if faults[1:] else ''}; nothing was run."
        )
    if found is not None:
        _show(found)
    if asks_for_root(study.config, study.finetunes, study.derived.values()):
        typer.echo("finetuning.root is not set: the images to fine-tune on were not checked.")
    typer.echo(
        f"{config}: study {study.name!r} is in order: {len(study.runs)} fits of "
        f"{len({run.backbone for run in study.runs})} backbones to "
        f"{len({run.subject for run in study.runs})} subjects"
        + (f"; `snakemake trust` adds {len(study.fits) - len(study.runs)}" if study.trust else "")
        + (f"; `snakemake finetuning` makes {len(study.finetuned)}" if study.finetuned else "")
        + "."
    )


def _show(found: "Forecast") -> None:
    """Print a table of subjects, a table of networks, and the disk and memory they need."""
    from cortexlens.planning.forecast import gigabytes

    regions = {name: survey.regions for name, survey in found.subjects.items()}
    every = list(dict.fromkeys(name for names in regions.values() for name in names or ()))
    rows = [("subject", "images", "trials", "vertices", "regions")]
    for name, survey in found.subjects.items():
        here = survey.regions
        absent = [] if here is None else [region for region in every if region not in here]
        n_regions = "known later" if here is None else str(len(here))
        rows.append(
            (
                name,
                f"{survey.n_images:,}",
                f"{survey.n_trials:,}",
                "known later" if survey.n_vertices is None else f"{survey.n_vertices:,}",
                n_regions + (f", without {', '.join(absent)}" if absent else ""),
            )
        )
    _print(rows)
    rows = [("network", "parameters", "layers", "channels", "input, px")]
    for name, network in found.networks.items():
        least, most = min(network.channels), max(network.channels)
        rows.append(
            (
                name,
                f"{network.n_parameters:,}",
                str(len(network.channels)),
                str(most) if least == most else f"{least} to {most}",
                str(network.input_size),
            )
        )
    _print(rows)
    for line in found.to_fetch:
        typer.echo(f"{line}.")
    for line in found.notes:
        typer.echo(f"Note: {line}")
    for line in found.warnings:
        typer.echo(f"Warning: {line}", err=True)
    typer.echo(
        f"Features of all runs: {gigabytes(found.disk)} on disk. Largest fit: about "
        f"{gigabytes(found.memory)} of memory."
    )


def _print(rows: "Sequence[tuple[str, ...]]") -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        typer.echo("  ".join(cells).rstrip())
    typer.echo("")

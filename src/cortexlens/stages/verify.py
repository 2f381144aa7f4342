"""Stage: verify that results are as they were written."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cortexlens.storage.verify import Finding


def verify(
    config: Annotated[Path, typer.Option(help="Config file of the study (YAML).")],
    results: Annotated[Path, typer.Option(help="Folder of all results.")] = Path("results"),
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="Delete damaged results, so that the workflow makes them again."
        ),
    ] = False,
    lines: Annotated[
        int, typer.Option(help="Number of files to list for each damaged result.", min=1)
    ] = 5,
) -> None:
    """Verify every byte of every store, table and figure against the hashes recorded for it.

    Also checks that images and responses are still those that the results were made from. Unless
    --repair is given it only reads, and file times stay as they are. Exit code 0: everything is
    intact; 1: damaged or changed files were found; 2: the config cannot be used, there are no
    results, or a workflow is running.
    """
    from contextlib import ExitStack

    from cortexlens.config.study import load_study
    from cortexlens.errors import CortexlensError
    from cortexlens.jobs.lock import acquire, owner, release_run
    from cortexlens.storage import verify as integrity
    from cortexlens.study.changed_inputs import changed_lines, read_contents

    study = load_study(config, data=False)
    folder = results / study.name
    if not folder.is_dir():
        raise CortexlensError(
            f"{folder}: no results of study {study.name!r} were found. Run the workflow, or give "
            "the folder of all results with --results."
        )
    who = owner(folder)
    if who is not None:
        raise CortexlensError(
            f"{folder}: a workflow is running on these results: {who}. Wait until it ends."
        )
    with ExitStack() as held:
        if repair:
            acquire(folder)
            held.callback(release_run, folder)
        found = integrity.survey(folder)
        data = read_contents(folder)
        size = f"{found.n_bytes / 1e6:.1f} MB"
        typer.echo(f"Study {study.name}, {folder}: {found.n_files} files read, {size}.")
        if found.unrecorded:
            names = ", ".join(map(str, found.unrecorded[:3])) + (
                " …" if found.unrecorded[3:] else ""
            )
            typer.echo(
                f"{len(found.unrecorded)} without a record, which cannot be verified: {names}"
            )
        if data.n_files:
            read = f"{data.n_files} files, {data.n_bytes / 1e6:.1f} MB"
            typer.echo(f"Data that they were made from: {read} read.")
        for line in changed_lines(folder):
            typer.echo(f"Changed: {line}")
        findings = [*found.findings, *data.findings]
        if not findings:
            typer.echo("All are as they were written.")
            return
        _show(found.findings, lines)
        _show(data.findings, lines, "Made from other data")
        again = list(dict.fromkeys(each.path for each in findings if not each.only_added))
        if repair:
            integrity.repair(folder, findings)
            typer.echo(f"Removed. {_how(again, config)}" if again else "Removed what was added.")
        else:
            typer.echo(f"To repair: cortexlens verify --config {config} --repair")
            typer.echo(f"removes it. {_how(again, config)}" if again else "removes what was added.")
        raise typer.Exit(1)


def _show(findings: "Sequence[Finding]", lines: int, what: str = "Damaged") -> None:
    """Print what is wrong with each result."""
    for finding in findings:
        made = f" (rule {finding.stage})" if finding.stage else ""
        typer.echo(f"{what}: {finding.path}{made}")
        for name, fault in list(finding.faults.items())[:lines]:
            typer.echo(f"    {name} {fault}".replace("     ", "    "))
        if len(finding.faults) > lines:
            typer.echo(f"    and {len(finding.faults) - lines} more files")


def _how(paths: "Sequence[Path]", config: Path) -> str:
    """Command that makes the given results again."""
    import shlex

    files = shlex.join(map(str, paths))
    return (
        "This makes it again, and what was made of it:\n"
        f"    snakemake --profile workflow/profiles/default --configfile {config} -- {files}"
    )

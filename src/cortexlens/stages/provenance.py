"""Stage: show how a result was made and how to make it again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cortexlens.storage.lineage import History
    from cortexlens.storage.records import Record


def provenance(
    path: Annotated[
        Path, typer.Argument(help="A result of a study: a store, table, figure or other file.")
    ],
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the records of all steps as JSON and nothing else."),
    ] = False,
) -> None:
    """Show how a result was made: command, versions, seeds, commit and all steps from the data on.

    Reads the records that the jobs of the workflow write to results/STUDY/manifests.
    """
    from cortexlens.storage.lineage import history_of, workflow_call

    found = history_of(path)
    if as_json:
        _print_json(found)
        return
    record = found.result
    typer.echo(f"{record.path}: made by rule {record.stage}, {_bytes(record)}")
    typer.echo(f"\nMake it again, in the folder that snakemake ran in:\n    {_checkout(record)}")
    typer.echo(f"    {workflow_call(record)}")
    typer.echo(f"\nVersions: {', '.join(f'{k} {v}' for k, v in record.versions.items())}")
    typer.echo(f"Processor: {record.machine}; code of the stage: {_code(record)}")
    typer.echo("\nSteps, from the data to the result:")
    for number, step in enumerate(found.steps, 1):
        _print_step(number, step, found)
    if found.data:
        typer.echo("\nData and other files that no job of the study made:")
    for name, known in found.data.items():
        typer.echo(f"    {name}  {_hash(known)}")


def _print_json(found: "History") -> None:
    import json
    from dataclasses import asdict

    from cortexlens.storage.lineage import workflow_call

    output = {
        "again": workflow_call(found.result),
        "steps": [asdict(step) for step in found.steps],
        "data": found.data,
    }
    typer.echo(json.dumps(output, indent=1, ensure_ascii=False))


def _print_step(number: int, step: "Record", found: "History") -> None:
    import shlex

    from cortexlens.storage.lineage import changed, seeds

    drawn = "".join(f", {name} {value}" for name, value in seeds(step.call).items())
    typer.echo(f"{number}. {step.path}: {step.stage}{drawn}, {_bytes(step)}")
    typer.echo(f"    {shlex.join(step.call)}")
    for name, known in changed(found.results, step).items():
        typer.echo(f"    {name} was another then, {_hash(known)}; it was made again since.")


def _bytes(record: "Record") -> str:
    what = "manifest" if record.folder else "blake2b"
    return f"{what} {record.hash}"


def _hash(known: "list[object] | None") -> str:
    if known is None:
        return "(a folder; its files are not hashed)"
    size, digest = known
    if digest is None:
        return f"{size} bytes, not hashed for its size"
    named = str(digest) if " " in str(digest) else f"blake2b {digest}"
    return named if size is None else f"{size} bytes, {named}"


def _checkout(record: "Record") -> str:
    if record.commit is None:
        return f"# cortexlens {record.versions.get('cortexlens', '?')}, of no repository"
    clean = record.commit.removesuffix("-dirty")
    changes = "  # and changes that were not committed" if clean != record.commit else ""
    return f"git checkout {clean}{changes}"


def _code(record: "Record") -> str:
    from cortexlens.storage.code_hash import ROOT, fingerprint

    if not (ROOT / "stages" / f"{record.stage}.py").is_file():
        return f"{record.code}; this cortexlens has no such stage"
    same = fingerprint(record.stage) == record.code
    return f"{record.code}, {'as now' if same else 'other than now'}"

"""Stage: see that a study can run."""

from pathlib import Path
from typing import Annotated

import typer


def check(
    config: Annotated[Path, typer.Option(help="Config file of the study (YAML).")],
) -> None:
    """List everything that is wrong with a study's config and tables, without running anything.

    Networks are looked up in their libraries, and weights in the cache; nothing is fetched.
    """
    from cortexlens.config import examine_study, missing_weights
    from cortexlens.errors import CortexlensError

    study, faults = examine_study(config)
    used = {run.backbone for run in study.runs} if study else set[str]()
    if study is not None:
        faults = _unknown_networks([study.backbones[name] for name in sorted(used)])
    if study is None or faults:
        for fault in faults:
            typer.echo(fault, err=True)
        raise CortexlensError(
            f"{config}: {len(faults)} fault{'s' if faults[1:] else ''}; nothing was run."
        )
    for name, line in missing_weights(study).items():
        if name in used:
            typer.echo(f"{line}.")
    typer.echo(
        f"{config}: study {study.name!r} is in order: {len(study.runs)} fits of "
        f"{len(used)} backbones to "
        f"{len({run.subject for run in study.runs})} subjects."
    )


def _unknown_networks(rows: list[dict[str, str]]) -> list[str]:
    """List networks that their libraries do not know; the libraries are imported if needed."""
    from cortexlens.backbones.row import BackboneRow
    from cortexlens.errors import CortexlensError

    faults = []
    for cells in rows:
        if cells["source"] in ("zoo", "python"):
            continue
        from cortexlens.backbones.sources import check_name

        try:
            check_name(BackboneRow.from_columns(cells))
        except CortexlensError as error:
            faults.append(str(error))
    return faults

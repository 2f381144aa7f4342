"""Stage: see that a study can run."""

from pathlib import Path
from typing import Annotated

import typer


def check(
    config: Annotated[Path, typer.Option(help="Config file of the study (YAML).")],
) -> None:
    """List everything that is wrong with a study's config and tables, without running anything."""
    from cortexlens.config import examine_study
    from cortexlens.errors import CortexlensError

    study, faults = examine_study(config)
    if study is None:
        for fault in faults:
            typer.echo(fault, err=True)
        raise CortexlensError(
            f"{config}: {len(faults)} fault{'s' if faults[1:] else ''}; nothing was run."
        )
    typer.echo(
        f"{config}: study {study.name!r} is in order: {len(study.runs)} fits of "
        f"{len({run.backbone for run in study.runs})} backbones to "
        f"{len({run.subject for run in study.runs})} subjects."
    )

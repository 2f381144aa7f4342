"""Stage: draw the effect of fine-tuning on one network and subject, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_changes(
    before: Annotated[Path, typer.Option(help="Fit before fine-tuning (.zarr).")],
    after: Annotated[Path, typer.Option(help="Fit after fine-tuning (.zarr).")],
    out: Annotated[Path, typer.Option(help="Folder to write change.png and change.svg to.")],
) -> None:
    """Draw each vertex's layer and score before and after fine-tuning, and the difference."""
    from hashlib import sha256

    from cortexlens.analysis.finetuning.changes import check_pair
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.finetuning.changes import change_figure
    from cortexlens.figures.maps.fits import read_fit
    from cortexlens.storage.datasets import open_dataset

    opened = [open_dataset(path, kind="fit") for path in (before, after)]
    check_pair(*opened)
    drawn = [read_fit(fit, str(path)) for fit, path in zip(opened, (before, after), strict=True)]
    source = sha256("".join(fit.source for fit in drawn).encode()).hexdigest()
    title = f"change of {drawn[1].backbone}, subject {drawn[1].subject}"
    save_pair(change_figure(*drawn), out, "change", title=title, source=source)

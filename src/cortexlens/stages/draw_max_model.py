"""Draw the best network at every vertex, and what each network lacks."""

from pathlib import Path
from typing import Annotated

import typer


def draw_max_model(
    fits: Annotated[list[Path], typer.Argument(help="FactorTopy fits (.zarr).")],
    out: Annotated[Path, typer.Option(help="Picture to write (.png).")],
) -> None:
    """Draw the best R2 of all networks, which network it is, and what each network lacks."""
    from hashlib import sha256

    from cortexlens.figures.fits import read_fit
    from cortexlens.figures.max_model import max_model_figure
    from cortexlens.figures.style import save
    from cortexlens.stores import open_dataset, replacing

    drawn = [read_fit(open_dataset(fit, kind="fit"), str(fit)) for fit in fits]
    source = sha256("".join(fit.source for fit in drawn).encode()).hexdigest()
    with replacing(out) as partial:
        save(max_model_figure(drawn), partial, title="max model of all fits", source=source)

"""Stage: draw the stability of one network and subject, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_stability(
    fits: Annotated[list[Path], typer.Argument(help="Fits of one network and subject (.zarr).")],
    out: Annotated[Path, typer.Option(help="Folder to write stability.png and stability.svg to.")],
) -> None:
    """Draw where the maps of fits are stable: between seeds, and between halves of the images.

    Of several fits with members, the one with the most members is drawn; of several pairs of
    halves, the first.
    """
    from hashlib import sha256

    from cortexlens.analysis.scores.stability import across_seeds, compared, halves, selection_of
    from cortexlens.errors import CortexlensError
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.maps.fits import read_fit, shown_rows
    from cortexlens.figures.scores.stability import stability_figure
    from cortexlens.storage.datasets import open_dataset

    opened = [open_dataset(fit, kind="fit") for fit in fits]
    found = {}
    between = across_seeds(max(opened, key=lambda fit: fit.sizes.get("member", 1)))
    if between is not None:
        found["seeds"] = between
    for one, other in list(halves(opened))[:1]:
        found["halves"] = compared([(selection_of(one), selection_of(other))])
    if not found:
        raise CortexlensError(
            f"{fits[0]}: found neither a fit with several members nor fits to two halves; one of "
            "them is needed. Add variants with members above 1, or half: a and half: b, to trust."
        )
    drawn, rows = read_fit(opened[0], str(fits[0])), shown_rows(opened[0])
    shown = {
        what: {name: values[rows] for name, values in each.items()} for what, each in found.items()
    }
    source = sha256("".join(fit.attrs["content_hash"] for fit in opened).encode()).hexdigest()
    title = f"stability of {drawn.backbone}, subject {drawn.subject}"
    save_pair(stability_figure(drawn, shown), out, "stability", title=title, source=source)

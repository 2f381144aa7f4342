"""Stage: draw the agreement of a dictionary with a fit, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_dictionary_agreement(
    dictionary: Annotated[Path, typer.Option(help="Store of kind dictionary (.zarr).")],
    fit: Annotated[Path, typer.Option(help="Fit of the same network and subject (.zarr).")],
    out: Annotated[
        Path,
        typer.Option(
            help="Folder to write dictionary_agreement.png and dictionary_agreement.svg to."
        ),
    ],
) -> None:
    """Draw the layers of a dictionary and of a fit side by side, and where they agree."""
    from hashlib import sha256

    from cortexlens.analysis.dictionaries.hierarchy import significant
    from cortexlens.figures.dictionaries.maps import agreement_figure
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.maps.fits import read_fit, shown_rows
    from cortexlens.sae.levels import as_fit, check_same_vertices, on_layers, positions
    from cortexlens.storage.datasets import open_dataset

    opened = open_dataset(dictionary, kind="dictionary").load()
    fitted = open_dataset(fit, kind="fit")
    check_same_vertices(opened, fitted)
    layers = [str(name) for name in fitted.attrs["layer_names"]]
    own = positions(opened, layers)
    drawn = read_fit(as_fit(opened, layers), str(dictionary))
    beside = read_fit(on_layers(fitted, own, strongest=True), str(fit))
    found = significant(opened)[shown_rows(opened)]
    source = sha256((drawn.source + beside.source).encode()).hexdigest()
    title = f"dictionary_agreement of {drawn.backbone}, subject {drawn.subject}"
    figure = agreement_figure(drawn, beside, own, found)
    save_pair(figure, out, "dictionary_agreement", title=title, source=source)

"""Stage: draw the layer and similarity maps of a dictionary, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_dictionary(
    dictionary: Annotated[Path, typer.Option(help="Store of kind dictionary (.zarr).")],
    description: Annotated[Path, typer.Option(help="Description of the network (.json).")],
    out: Annotated[
        Path,
        typer.Option(
            help="Folder to write dictionary_layer and dictionary_similarity to, as .png and .svg."
        ),
    ],
) -> None:
    """Draw the layer of the unit most similar to each vertex, and the similarity."""
    from cortexlens.analysis.dictionaries.hierarchy import significant
    from cortexlens.figures.dictionaries.maps import dictionary_figures
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.maps.fits import read_fit, shown_rows
    from cortexlens.sae.levels import as_fit, positions
    from cortexlens.storage.datasets import open_dataset
    from cortexlens.storage.json_files import read_json

    opened = open_dataset(dictionary, kind="dictionary").load()
    layers = read_json(description, {"layers": [str]})["layers"]
    drawn = read_fit(as_fit(opened, layers), str(dictionary))
    found = significant(opened)[shown_rows(opened)]
    figures = dictionary_figures(drawn, positions(opened, layers), found)
    for name, figure in figures.items():
        title = f"{name} of {drawn.backbone}, subject {drawn.subject}"
        save_pair(figure, out, name, title=title, source=drawn.source)

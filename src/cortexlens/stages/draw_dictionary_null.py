"""Stage: similarity on training and on test images, of true and of exchanged responses."""

from pathlib import Path
from typing import Annotated

import typer


def draw_dictionary_null(
    dictionary: Annotated[Path, typer.Option(help="Store of kind dictionary.")],
    out: Annotated[Path, typer.Option(help="Folder for dictionary_null, .png and .svg.")],
) -> None:
    """Draw what the choice of a unit alone makes of similarity."""
    from cortexlens.figures.dictionaries.null import null_figure
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.storage.datasets import open_dataset

    opened = open_dataset(dictionary, kind="dictionary").load()
    title = f"dictionary_null of {opened.attrs['backbone']}, subject {opened.attrs['subject']}"
    source = str(opened.attrs["content_hash"])
    save_pair(null_figure(opened), out, "dictionary_null", title=title, source=source)

"""Stage: draw training and test similarity, for true and permuted responses."""

from pathlib import Path
from typing import Annotated

import typer


def draw_dictionary_null(
    dictionary: Annotated[Path, typer.Option(help="Store of kind dictionary (.zarr).")],
    out: Annotated[
        Path, typer.Option(help="Folder to write dictionary_null to, as .png and .svg.")
    ],
) -> None:
    """Draw the similarity that arises from choosing the best unit alone, under permutation."""
    from cortexlens.figures.dictionaries.null import null_figure
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.storage.datasets import open_dataset

    opened = open_dataset(dictionary, kind="dictionary").load()
    title = f"dictionary_null of {opened.attrs['backbone']}, subject {opened.attrs['subject']}"
    source = str(opened.attrs["content_hash"])
    save_pair(null_figure(opened), out, "dictionary_null", title=title, source=source)

"""Stage: list the additional images on which autoencoders are trained."""

from pathlib import Path
from typing import Annotated

import typer


def list_pictures(
    pictures: Annotated[Path, typer.Option(help="Folder or zip file of images, or an images.tsv.")],
    out: Annotated[Path, typer.Option(help="Table to write (images.tsv).")],
) -> None:
    """List images that no subject saw, in natural order, and check that each can be decoded."""
    from cortexlens.storage import input_files
    from cortexlens.study.data_files import with_listed
    from cortexlens.study.pictures.image_set import ImageSet

    input_files.note(with_listed(pictures))
    ImageSet.from_any(pictures).write(out)

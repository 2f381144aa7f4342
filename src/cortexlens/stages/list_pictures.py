"""Stage: list the further pictures that autoencoders learn on."""

from pathlib import Path
from typing import Annotated

import typer


def list_pictures(
    pictures: Annotated[Path, typer.Option(help="Folder or zip file of pictures, or images.tsv.")],
    out: Annotated[Path, typer.Option(help="Table to write: images.tsv.")],
) -> None:
    """List pictures that no subject saw, in natural order; each is seen to be a picture."""
    from cortexlens.storage import input_files
    from cortexlens.study.data_files import with_listed
    from cortexlens.study.pictures.image_set import ImageSet

    input_files.note(with_listed(pictures))
    ImageSet.from_any(pictures).write(out)

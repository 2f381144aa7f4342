"""Stage: list the images that a subject saw."""

from pathlib import Path
from typing import Annotated

import typer


def collect_images(
    kind: Annotated[
        str,
        typer.Option(help="Kind of study: simulated, planted, table, algonauts2023 or nsd."),
    ],
    out: Annotated[Path, typer.Option(help="Table to write (images.tsv).")],
    subject: Annotated[
        str | None, typer.Option(help="Id of the subject (algonauts2023, nsd).")
    ] = None,
    root: Annotated[
        Path | None, typer.Option(help="Folder of the data set (table, algonauts2023, nsd).")
    ] = None,
    images: Annotated[
        str | None,
        typer.Option(
            help="Folder, zip file or table of images below --root; images in folders and zip "
            "files are listed in natural order (table)."
        ),
    ] = None,
    trials: Annotated[
        str | None,
        typer.Option(
            help="Tables of trials below --root; images that were not shown are left out (table)."
        ),
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option(
            help="The subject's folder below --root. Default: the id of the subject "
            "(algonauts2023, nsd)."
        ),
    ] = None,
    sessions: Annotated[
        str | None,
        typer.Option(
            help="Sessions to read, counted from 1 with both ends included, e.g. 1-10,12. "
            "Default: all (nsd)."
        ),
    ] = None,
    scenes_dir: Annotated[
        Path | None, typer.Option(help="Folder written by draw-scenes (simulated, planted).")
    ] = None,
    scenes: Annotated[
        str | None,
        typer.Option(
            help="Rows of scenes.tsv, counted from 0 with both ends included, e.g. "
            "0-199,1500-2799 (simulated, planted)."
        ),
    ] = None,
) -> None:
    """List a subject's images in the order of the responses, with ids, files and content hashes."""
    given = {key: str(value) for key, value in locals().items() if value is not None}
    from cortexlens.study.kinds import check_kind, needed

    check_kind(kind)
    if kind == "table":
        from cortexlens.study.files import find_files
        from cortexlens.study.table.subject import table_images

        folder_of_all, place = needed("root", root, kind), needed("images", images, kind)
        _note(given)
        pictures = table_images(
            folder_of_all / place,
            find_files(folder_of_all, trials) if trials else (),
        )
    elif kind == "algonauts2023":
        from cortexlens.study.algonauts2023 import algonauts_images

        name = folder or needed("subject", subject, kind)
        folder_of_all = needed("root", root, kind)
        _note({**given, "folder": name, "subject": name})
        pictures = algonauts_images(folder_of_all / name)
    elif kind == "nsd":
        from cortexlens.study.nsd.layout import Layout
        from cortexlens.study.nsd.subject import nsd_images

        own = {"root": needed("root", root, kind), "subject": needed("subject", subject, kind)}
        _note(given)
        pictures = nsd_images(Layout.from_options({**own, "folder": folder, "sessions": sessions}))
    else:
        from cortexlens.study.pictures.image_set import ImageSet

        pictures = ImageSet.from_scenes(
            needed("scenes-dir", scenes_dir, kind), needed("scenes", scenes, kind)
        )
    pictures.write(out)


def _note(given: dict[str, str]) -> None:
    """Record size and time of input files before they are read, to detect changes while reading."""
    from cortexlens.storage import input_files
    from cortexlens.study.data_files import every_picture_file

    input_files.note(every_picture_file(given, given))

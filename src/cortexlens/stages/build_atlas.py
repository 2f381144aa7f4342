"""Stage: the page that turns the cortex, as a folder and as a single file."""

from pathlib import Path
from typing import Annotated

import typer


def build_atlas(
    stores: Annotated[
        list[Path],
        typer.Argument(
            help="Stores of kind fit, scores, dictionary, units and channels, in any order."
        ),
    ],
    study: Annotated[str, typer.Option(help="Name of the study.")],
    out: Annotated[Path, typer.Option(help="Folder to write: index.html, its files, data/.")],
    single: Annotated[Path, typer.Option(help="The same page in one file to write (.html).")],
    images: Annotated[
        list[Path] | None,
        typer.Option(help="SUBJECT/images.tsv, once a subject, for small pictures."),
    ] = None,
    table: Annotated[
        list[Path] | None, typer.Option(help="Table of the study (.tsv), once each.")
    ] = None,
    derived: Annotated[
        str, typer.Option(help="Fine-tuned networks: NETWORK=BASE/FINETUNE[/STEP],…")
    ] = "",
) -> None:
    """Pack a study's maps, tables and some pictures into a page that any browser opens."""
    from cortexlens.analysis.derived import parse_derived
    from cortexlens.atlas.collect import gather
    from cortexlens.atlas.page import write_folder, write_single
    from cortexlens.atlas.tables import table_entries
    from cortexlens.stores import replacing

    listed = {path.parent.name: path for path in images or []}
    atlas = gather(stores, listed, parse_derived(derived) if derived else {})
    contents = atlas.finish(study, table_entries(table or []))
    with replacing(out) as folder:
        write_folder(folder, study, contents)
    with replacing(single) as file:
        write_single(file, study, contents)

"""Stage: build the interactive page of the cortex, as a folder and as a single file."""

from pathlib import Path
from typing import Annotated

import typer


def build_atlas(
    results: Annotated[
        list[Path],
        typer.Argument(
            help="Stores of kind fit, scores, dictionary, units and channels, tables of the "
            "study (.tsv), and SUBJECT/images.tsv for thumbnails; in any order."
        ),
    ],
    study: Annotated[str, typer.Option(help="Name of the study.")],
    out: Annotated[Path, typer.Option(help="Folder to write: index.html, its files and data/.")],
    single: Annotated[Path, typer.Option(help="The same page as one file to write (.html).")],
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            help="A further store or table, left out if it was made from other data than the "
            "rest. May be repeated."
        ),
    ] = None,
    derived: Annotated[
        str,
        typer.Option(
            help="Origin of each fine-tuned network: NETWORK=BASE/FINETUNE[/STEP], separated "
            "by commas."
        ),
    ] = "",
) -> None:
    """Pack a study's maps, tables and some images into a page that opens in any browser."""
    from cortexlens.analysis.finetuning.pairs import parse_derived
    from cortexlens.atlas.collect import gather
    from cortexlens.atlas.packing import armoured
    from cortexlens.atlas.page import write_folder, write_single
    from cortexlens.atlas.tables import table_entries
    from cortexlens.progress import track
    from cortexlens.storage.datasets import replacing

    named = [*results, *(beside or [])]
    images = {path.parent.name: path for path in named if path.name == "images.tsv"}
    tables = [path for path in named if path.suffix == ".tsv" and path.name != "images.tsv"]
    stores, further = (
        [path for path in paths if path.suffix != ".tsv"] for paths in (results, beside or [])
    )
    atlas = gather(stores, images, parse_derived(derived) if derived else {}, further)
    found = atlas.finish(study, table_entries(tables))
    contents = {
        name: armoured(data) for name, data in track(found.items(), "files compressed", len(found))
    }
    with replacing(out) as folder:
        write_folder(folder, study, contents)
    with replacing(single) as file:
        write_single(file, study, contents)

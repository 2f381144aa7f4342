"""Stage: the table finetune_forgetting.tsv."""

from pathlib import Path
from typing import Annotated

import typer


def probe_labels(
    features: Annotated[
        list[Path],
        typer.Argument(help="Features of fine-tuned networks and their bases: SUBJECT.zarr."),
    ],
    subjects: Annotated[
        Path, typer.Option(help="Folder with SUBJECT/images.tsv and SUBJECT/responses.zarr.")
    ],
    derived: Annotated[
        str, typer.Option(help="NETWORK=BASE/FINETUNE or NETWORK=BASE/FINETUNE/STEP, with commas.")
    ],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    interval: Annotated[
        float, typer.Option(help="Share of intervals that hold the truth.", min=0.5, max=0.999)
    ] = 0.95,
) -> None:
    """Tabulate what networks know of the pictures' labels before and after fine-tuning.

    Subjects whose images.tsv has no label are left out; the table has no rows where none has any.
    """
    from cortexlens.analysis.finetuning.drift import GLOBAL, pooled_tokens
    from cortexlens.analysis.finetuning.forgetting import Labelled, forgetting_table
    from cortexlens.analysis.finetuning.pairs import parse_derived
    from cortexlens.analysis.tables import write_table
    from cortexlens.features.store import open_features
    from cortexlens.storage.datasets import open_dataset
    from cortexlens.study.pictures.image_set import ImageSet

    known = {}
    for path in features:
        store, subject = open_features(path), path.stem
        pictures = ImageSet.read(subjects / subject / "images.tsv")
        store.check_images(pictures.ids, subject)
        if pictures.labels is not None and any(pictures.labels):
            split = open_dataset(subjects / subject / "responses.zarr", kind="responses")["split"]
            tokens = pooled_tokens(store, len(store.channels) - 1)[GLOBAL]
            whose = (str(store.attributes["backbone"]["backbone"]), subject)
            known[whose] = tokens, Labelled(pictures.labels, split.values)
    write_table(forgetting_table(known, parse_derived(derived), interval), out)

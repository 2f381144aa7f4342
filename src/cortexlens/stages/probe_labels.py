"""Stage: tabulate what fine-tuning makes networks forget (finetune_forgetting.tsv)."""

from pathlib import Path
from typing import Annotated

import typer


def probe_labels(
    features: Annotated[
        list[Path],
        typer.Argument(help="Feature stores of fine-tuned networks and their bases: SUBJECT.zarr."),
    ],
    subjects: Annotated[
        Path, typer.Option(help="Folder with SUBJECT/images.tsv and SUBJECT/responses.zarr.")
    ],
    derived: Annotated[
        str,
        typer.Option(
            help="Origin of each fine-tuned network: NETWORK=BASE/FINETUNE or "
            "NETWORK=BASE/FINETUNE/STEP, separated by commas."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    confidence_level: Annotated[
        float,
        typer.Option(help="Confidence level of the intervals, e.g. 0.95.", min=0.5, max=0.999),
    ] = 0.95,
) -> None:
    """Tabulate how well image labels can be decoded from networks before and after fine-tuning.

    Subjects whose images.tsv has no labels are left out; if no subject has labels, the table has no
    rows.
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
    write_table(forgetting_table(known, parse_derived(derived), confidence_level), out)

"""Stage: the table finetune_drift.tsv."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_drift(
    features: Annotated[
        list[Path],
        typer.Argument(help="Features of fine-tuned networks and their bases: SUBJECT.zarr."),
    ],
    derived: Annotated[
        str, typer.Option(help="NETWORK=BASE/FINETUNE or NETWORK=BASE/FINETUNE/STEP, with commas.")
    ],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    interval: Annotated[
        float, typer.Option(help="Share of intervals that hold the truth.", min=0.5, max=0.999)
    ] = 0.95,
) -> None:
    """Tabulate how far the features of each layer drifted, on the images of the study."""
    from cortexlens.analysis.finetuning.drift import drift_table
    from cortexlens.analysis.finetuning.pairs import parse_derived
    from cortexlens.analysis.tables import write_table
    from cortexlens.features.store import open_features

    opened = [(path.stem, open_features(path)) for path in features]
    write_table(drift_table(opened, parse_derived(derived), interval), out)

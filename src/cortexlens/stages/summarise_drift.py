"""Stage: tabulate the drift of features in fine-tuning (finetune_drift.tsv)."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_drift(
    features: Annotated[
        list[Path],
        typer.Argument(help="Feature stores of fine-tuned networks and their bases: SUBJECT.zarr."),
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
    """Tabulate how far fine-tuning moved each layer's features, on the images of the study."""
    from cortexlens.analysis.finetuning.drift import drift_table
    from cortexlens.analysis.finetuning.pairs import parse_derived
    from cortexlens.analysis.tables import write_table
    from cortexlens.features.store import open_features

    opened = [(path.stem, open_features(path)) for path in features]
    write_table(drift_table(opened, parse_derived(derived), confidence_level), out)

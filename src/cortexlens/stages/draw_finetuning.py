"""Stage: draw finetune_changes, finetune_drift and finetune_training, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_finetuning(
    reports: Annotated[
        list[Path],
        typer.Argument(
            help="Report of each fine-tuning (finetune.json), with history.tsv in the same folder."
        ),
    ],
    changes: Annotated[
        Path, typer.Option(help="Table of changes with at least one row (finetune_changes.tsv).")
    ],
    hierarchy: Annotated[
        Path, typer.Option(help="Table of hierarchy slopes (finetune_hierarchy.tsv).")
    ],
    drift: Annotated[
        Path,
        typer.Option(help="Table of feature drift with at least one row (finetune_drift.tsv)."),
    ],
    forgetting: Annotated[
        Path, typer.Option(help="Table of label decoding (finetune_forgetting.tsv).")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write the figures to, as .png and .svg.")],
    readout: Annotated[
        str,
        typer.Option(
            help="Readout to draw. If the table has no rows of it, the first readout in the "
            "table is drawn."
        ),
    ] = "factortopy",
) -> None:
    """Draw what fine-tuning changed, how features drifted, and how training went."""
    from hashlib import sha256

    from cortexlens.analysis.finetuning.changes import COLUMNS, HIERARCHY_COLUMNS
    from cortexlens.analysis.finetuning.drift import COLUMNS as DRIFT_COLUMNS
    from cortexlens.analysis.finetuning.forgetting import COLUMNS as FORGETTING_COLUMNS
    from cortexlens.analysis.tables import read_table
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.finetuning.charts import change_sheet, drift_sheet, training_sheet
    from cortexlens.storage.json_files import NUMBER, Wanted, read_json

    wanted: dict[str, Wanted] = {"backbone": str, "finetune": str, "baseline_accuracy": NUMBER}
    loaded = [read_json(path, wanted) for path in reports]
    whose = [(each["backbone"], each["finetune"]) for each in loaded]
    curves = [path.with_name("history.tsv") for path in reports]
    histories = dict(zip(whose, map(read_table, curves), strict=True))
    baselines = dict(zip(whose, (each["baseline_accuracy"] for each in loaded), strict=True))
    tables = {
        changes: COLUMNS,
        hierarchy: HIERARCHY_COLUMNS,
        forgetting: FORGETTING_COLUMNS,
    }
    read = [read_table(path, needed=needed, empty=True) for path, needed in tables.items()]
    figures = {
        "finetune_changes": (
            change_sheet(read[0], read[1], read[2], readout),
            [changes, hierarchy, forgetting],
        ),
        "finetune_drift": (drift_sheet(read_table(drift, needed=DRIFT_COLUMNS)), [drift]),
        "finetune_training": (training_sheet(histories, baselines), [*reports, *curves]),
    }
    for name, (figure, sources) in figures.items():
        source = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
        save_pair(figure, out, name, title=name.replace("_", " "), source=source)

"""Stage: draw the trajectory along fine-tuning, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_trajectory(
    reports: Annotated[
        list[Path], typer.Argument(help="Report of each fine-tuning (finetune.json).")
    ],
    changes: Annotated[
        Path,
        typer.Option(help="Table of changes that includes checkpoints (finetune_changes.tsv)."),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder to write trajectory.png and trajectory.svg to.")
    ],
    mapped: Annotated[
        str, typer.Option(help="Weights with which fine-tuned networks were mapped: last or best.")
    ] = "last",
    readout: Annotated[
        str,
        typer.Option(
            help="Readout to draw. If the table has no rows of it, the first readout in the "
            "table is drawn."
        ),
    ] = "factortopy",
) -> None:
    """Draw how expected levels and scores of regions change from checkpoint to checkpoint."""
    from hashlib import sha256

    from cortexlens.analysis.finetuning.changes import COLUMNS
    from cortexlens.analysis.tables import read_table
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.finetuning.trajectory import trajectory_figure
    from cortexlens.storage.json_files import Wanted, read_json

    wanted: dict[str, Wanted] = {"backbone": str, "finetune": str, f"accuracy.{mapped}.step": int}
    read = [read_json(path, wanted) for path in reports]
    steps = {
        (each["backbone"], each["finetune"]): int(each["accuracy"][mapped]["step"]) for each in read
    }
    figure = trajectory_figure(read_table(changes, needed=COLUMNS), steps, readout)
    source = sha256(b"".join(path.read_bytes() for path in (changes, *reports))).hexdigest()
    save_pair(figure, out, "trajectory", title="along fine-tuning", source=source)

"""Stage: the picture trajectory, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_trajectory(
    reports: Annotated[list[Path], typer.Argument(help="finetune.json of each fine-tuning.")],
    changes: Annotated[Path, typer.Option(help="finetune_changes.tsv with checkpoints.")],
    out: Annotated[Path, typer.Option(help="Folder for trajectory.png and trajectory.svg.")],
    mapped: Annotated[
        str, typer.Option(help="Weights that fine-tuned networks are mapped with: last or best.")
    ] = "last",
    readout: Annotated[
        str, typer.Option(help="Readout whose rows are drawn; the first one where it has none.")
    ] = "factortopy",
) -> None:
    """Draw how expected layers and scores of regions move from checkpoint to checkpoint."""
    from hashlib import sha256

    from cortexlens.analysis.finetuning.changes import COLUMNS
    from cortexlens.analysis.tables import read_table
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.finetuning.trajectory import trajectory_figure
    from cortexlens.storage.json_files import Wanted, read_json

    wanted: dict[str, Wanted] = {"backbone": str, "finetune": str, f"accuracy.{mapped}.step": int}
    told = [read_json(path, wanted) for path in reports]
    steps = {
        (each["backbone"], each["finetune"]): int(each["accuracy"][mapped]["step"]) for each in told
    }
    figure = trajectory_figure(read_table(changes, needed=COLUMNS), steps, readout)
    source = sha256(b"".join(path.read_bytes() for path in (changes, *reports))).hexdigest()
    save_pair(figure, out, "trajectory", title="along fine-tuning", source=source)

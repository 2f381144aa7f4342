"""Stage: draw the scenes of the simulated studies."""

from pathlib import Path
from typing import Annotated

import typer


def draw_scenes(
    out: Annotated[Path, typer.Option(help="Folder to write: PNG files and scenes.tsv.")],
    n_scenes: Annotated[int, typer.Option(help="Number of scenes.", min=1)],
    size: Annotated[int, typer.Option(help="Height and width of a scene in pixels.", min=32)] = 96,
    seed: Annotated[int, typer.Option(help="Seed of the set of scenes.", min=0)] = 0,
) -> None:
    """Draw synthetic scenes whose content is known: PNG files, and scenes.tsv with the truth."""
    import pandas as pd
    from PIL import Image

    from cortexlens.progress import track
    from cortexlens.storage.datasets import replacing
    from cortexlens.study.simulation.scenes import COLUMNS, draw_scene, scene_row

    rows = []
    with replacing(out) as folder:
        folder.mkdir()
        for index in track(range(n_scenes), "scenes drawn"):
            scene = draw_scene(seed, index, size)
            row = scene_row(scene, index)
            Image.fromarray(scene.pixels).save(folder / row["file"], compress_level=1)
            rows.append(row)
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        table.to_csv(folder / "scenes.tsv", sep="\t", index=False)

"""Stage: compare the study's numbers with the published ones, as a table and a figure."""

from pathlib import Path
from typing import Annotated

import typer


def compare_paper(
    backbones: Annotated[Path, typer.Option(help="Table of the study's networks (backbones.tsv).")],
    scores: Annotated[Path, typer.Option(help="Table of brain scores (brain_score.tsv).")],
    hierarchy: Annotated[Path, typer.Option(help="Table of hierarchy slopes (hierarchy.tsv).")],
    models: Annotated[Path, typer.Option(help="Table of the best networks (roi_models.tsv).")],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    figures: Annotated[
        Path, typer.Option(help="Folder to write paper_comparison.png and paper_comparison.svg to.")
    ],
    readout: Annotated[
        str, typer.Option(help="Readout to compare if the tables have no factortopy.")
    ] = "factortopy",
) -> None:
    """Compare the study's scores and hierarchies with those of Brain Decodes Deep Nets."""
    from hashlib import sha256

    from cortexlens.analysis.scores.paper import NEEDED, comparison_table, published_networks
    from cortexlens.analysis.tables import read_table, write_table
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.scores.paper import comparison_figure
    from cortexlens.study.tsv import read_rows

    rows = read_rows(backbones, needed=["backbone", "source", "name"])
    found = published_networks({row["backbone"]: row for row in rows})
    tables = [
        read_table(each, needed=needed, empty=True)
        for each, needed in zip((scores, hierarchy, models), NEEDED, strict=True)
    ]
    table = comparison_table(found, tables[0], tables[1], tables[2], readout)
    write_table(table, out)
    source = sha256(out.read_bytes()).hexdigest()
    figure, title = comparison_figure(table), "published numbers"
    save_pair(figure, figures, "paper_comparison", title=title, source=source)

"""Stage: relate hierarchy and score to network size within families, as tables and a figure."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import ConfidenceLevel


def summarise_sizes(
    descriptions: Annotated[list[Path], typer.Argument(help="Descriptions of networks (.json).")],
    backbones: Annotated[Path, typer.Option(help="Table of the study's networks (backbones.tsv).")],
    hierarchy: Annotated[Path, typer.Option(help="Table of hierarchy slopes (hierarchy.tsv).")],
    scores: Annotated[Path, typer.Option(help="Table of brain scores (brain_score.tsv).")],
    out: Annotated[Path, typer.Option(help="Table by network to write (.tsv).")],
    trends: Annotated[Path, typer.Option(help="Table of trends to write (.tsv).")],
    figures: Annotated[
        Path, typer.Option(help="Folder to write hierarchy_size.png and hierarchy_size.svg to.")
    ],
    readout: Annotated[
        str, typer.Option(help="Readout whose rows of both tables are used.")
    ] = "factortopy",
    confidence_level: ConfidenceLevel = 0.95,
) -> None:
    """Relate hierarchy slopes and scores to the size of the networks of each family."""
    from hashlib import sha256

    from cortexlens.analysis.scores.families import NEEDED, size_table, size_trends, sized_networks
    from cortexlens.analysis.tables import read_table, write_table
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.scores.families import size_figure
    from cortexlens.storage.json_files import read_json
    from cortexlens.study.tsv import read_rows

    described = [read_json(path, {"backbone": str, "n_parameters": int}) for path in descriptions]
    networks = sized_networks(
        {row["backbone"]: row for row in read_rows(backbones, needed=["backbone", "family"])},
        {each["backbone"]: each["n_parameters"] for each in described},
    )
    read = [
        read_table(path, needed=needed, empty=True)
        for path, needed in zip((hierarchy, scores), NEEDED, strict=True)
    ]
    table = size_table(networks, read[0], read[1], readout)
    write_table(table, out)
    write_table(size_trends(table, confidence_level), trends)
    title, source = "sizes of networks", sha256(out.read_bytes()).hexdigest()
    save_pair(size_figure(table), figures, "hierarchy_size", title=title, source=source)

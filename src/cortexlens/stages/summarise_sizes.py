"""Stage: hierarchy and score against the size of a family's networks, as tables and a picture."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Interval


def summarise_sizes(
    descriptions: Annotated[list[Path], typer.Argument(help="Descriptions of networks (.json).")],
    backbones: Annotated[Path, typer.Option(help="Table of networks of the study.")],
    hierarchy: Annotated[Path, typer.Option(help="hierarchy.tsv")],
    scores: Annotated[Path, typer.Option(help="brain_score.tsv")],
    out: Annotated[Path, typer.Option(help="Table of networks to write (.tsv).")],
    trends: Annotated[Path, typer.Option(help="Table of trends to write (.tsv).")],
    figures: Annotated[
        Path, typer.Option(help="Folder for hierarchy_size.png and hierarchy_size.svg.")
    ],
    interval: Interval = 0.95,
) -> None:
    """Set slopes and scores against the size of the networks of each family."""
    import json
    from hashlib import sha256

    import pandas as pd

    from cortexlens.analysis.families import size_table, size_trends, sized_networks
    from cortexlens.analysis.tables import write_table
    from cortexlens.figures.families import size_figure
    from cortexlens.figures.style import save_pair
    from cortexlens.study.tsv import read_rows

    described = [json.loads(path.read_text(encoding="utf-8")) for path in descriptions]
    networks = sized_networks(
        {row["backbone"]: row for row in read_rows(backbones, needed=["backbone", "family"])},
        {each["backbone"]: each["n_parameters"] for each in described},
    )
    # identifiers may be numbers, and stay text
    text = {"subject": str, "backbone": str}
    read = [pd.read_csv(each, sep="\t", dtype=text) for each in (hierarchy, scores)]
    table = size_table(networks, *read)
    write_table(table, out)
    write_table(size_trends(table, interval), trends)
    title, source = "sizes of networks", sha256(out.read_bytes()).hexdigest()
    save_pair(size_figure(table), figures, "hierarchy_size", title=title, source=source)

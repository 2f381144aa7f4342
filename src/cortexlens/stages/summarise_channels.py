"""Stage: the tables of clusters, their stability, and the diversity of channels."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_channels(
    channels: Annotated[list[Path], typer.Argument(help="Stores of kind channels.")],
    out: Annotated[
        Path,
        typer.Option(help="Folder for channel_{clusters,stability,diversity}.tsv."),
    ],
    interval: Annotated[
        float, typer.Option(help="Share of intervals that hold the truth.", min=0.5, max=0.999)
    ] = 0.95,
    permutations: Annotated[
        int, typer.Option(help="How often patches of cortex exchange clusters.", min=99)
    ] = 1000,
    seed: Annotated[int, typer.Option(help="Of exchanges and draws.", min=0)] = 0,
) -> None:
    """Tabulate where clusters of channels lie, how stable they are, and how diverse regions are."""
    from cortexlens.analysis.channels.diversity import diversity_table
    from cortexlens.analysis.channels.regions import cluster_stability_table, overlap_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    opened = [open_dataset(each, kind="channels").load() for each in channels]
    overlap = overlap_table(opened, permutations=permutations, seed=seed)
    write_table(overlap, out / "channel_clusters.tsv")
    write_table(cluster_stability_table(opened), out / "channel_stability.tsv")
    diversity = diversity_table(opened, interval=interval, seed=seed)
    write_table(diversity, out / "channel_diversity.tsv")

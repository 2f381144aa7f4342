"""Stage: tabulate channel clusters, their stability, and the diversity of channels."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_channels(
    channels: Annotated[list[Path], typer.Argument(help="Stores of kind channels (.zarr).")],
    out: Annotated[
        Path,
        typer.Option(help="Folder to write channel_{clusters,stability,diversity}.tsv to."),
    ],
    confidence_level: Annotated[
        float,
        typer.Option(help="Confidence level of the intervals, e.g. 0.95.", min=0.5, max=0.999),
    ] = 0.95,
    permutations: Annotated[
        int,
        typer.Option(help="Number of permutations of clusters among patches of cortex.", min=99),
    ] = 1000,
    seed: Annotated[
        int, typer.Option(help="Seed of the permutations and bootstrap resamples.", min=0)
    ] = 0,
) -> None:
    """Tabulate where channel clusters lie, how stable they are, and how diverse each region is."""
    from cortexlens.analysis.channels.diversity import diversity_table
    from cortexlens.analysis.channels.regions import cluster_stability_table, overlap_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset

    opened = [open_dataset(each, kind="channels").load() for each in channels]
    overlap = overlap_table(opened, permutations=permutations, seed=seed)
    write_table(overlap, out / "channel_clusters.tsv")
    write_table(cluster_stability_table(opened), out / "channel_stability.tsv")
    diversity = diversity_table(opened, confidence_level=confidence_level, seed=seed)
    write_table(diversity, out / "channel_diversity.tsv")

"""Stage: clusters of a fit's vertices by their channel selectors, and how stable these are."""

from pathlib import Path
from typing import Annotated

import typer


def cluster_channels(
    fit: Annotated[Path, typer.Option(help="Store of kind fit, of FactorTopy or stacked.")],
    model: Annotated[Path, typer.Option(help="Its model.safetensors.")],
    features: Annotated[Path, typer.Option(help="Store of features that it was fitted to.")],
    out: Annotated[Path, typer.Option(help="Store of kind channels to write (.zarr).")],
    metric: Annotated[
        str,
        typer.Option(help="read (by what vertices read from the same tokens) or raw (w as it is)."),
    ] = "read",
    clusters: Annotated[
        int, typer.Option(help="Number of clusters; 0: that which is most stable.", min=0, max=100)
    ] = 20,
    first_clusters: Annotated[
        int, typer.Option(help="Clusters of k-means that Ward joins; fewer of few vertices.", min=2)
    ] = 1000,
    splits: Annotated[
        int, typer.Option(help="Pairs of halves that stability is measured on.", min=2)
    ] = 5,
    seed: Annotated[int, typer.Option(help="Of k-means and halves.", min=0)] = 0,
    threads: Annotated[int, typer.Option(help="Processor threads.", min=1)] = 1,
) -> None:
    """Cluster vertices by their channel selectors: k-means by cosine, then Ward's tree."""
    import torch
    from threadpoolctl import threadpool_limits

    from cortexlens.analysis.channels.dataset import Clustering, channels_dataset
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import open_dataset, write_dataset

    torch.set_num_threads(threads)
    chosen = Clustering(metric, clusters, first_clusters, splits, seed)
    with threadpool_limits(threads):
        dataset = channels_dataset(open_dataset(fit, kind="fit"), model, features, chosen)
    record = provenance.record(
        "cluster_channels",
        inputs={"fit": fit, "model": model, "features": features},
        settings=chosen._asdict(),
        seed=seed,
    )
    write_dataset(dataset, out, kind="channels", provenance=record)

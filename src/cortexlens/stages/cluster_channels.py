"""Stage: cluster a fit's vertices by their channel selectors, and measure stability."""

from pathlib import Path
from typing import Annotated

import typer


def cluster_channels(
    fit: Annotated[
        Path,
        typer.Option(help="Fit of FactorTopy or the stacked readout: a store of kind fit (.zarr)."),
    ],
    model: Annotated[Path, typer.Option(help="Model of that fit (model.safetensors).")],
    features: Annotated[
        Path, typer.Option(help="Feature store that the model was fitted to (.zarr).")
    ],
    out: Annotated[Path, typer.Option(help="Clusters to write: a store of kind channels (.zarr).")],
    metric: Annotated[
        str,
        typer.Option(
            help="Metric between selectors: read (by what vertices read from the same tokens) "
            "or raw (the weights w themselves)."
        ),
    ] = "read",
    clusters: Annotated[
        int, typer.Option(help="Number of clusters; 0: the most stable number.", min=0, max=100)
    ] = 20,
    first_clusters: Annotated[
        int,
        typer.Option(
            help="Number of k-means clusters that Ward's method merges; fewer if there are "
            "few vertices.",
            min=2,
        ),
    ] = 1000,
    splits: Annotated[
        int, typer.Option(help="Number of pairs of halves on which stability is measured.", min=2)
    ] = 5,
    seed: Annotated[int, typer.Option(help="Seed of k-means and of the halves.", min=0)] = 0,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
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

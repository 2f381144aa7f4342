"""Stage: fit banded ridge regression of one network to one subject."""

from pathlib import Path
from typing import Annotated, Any

import typer


def fit_banded(
    features: Annotated[Path, typer.Option(help="Feature store of the subject's images (.zarr).")],
    responses: Annotated[Path, typer.Option(help="Response store of the subject (.zarr).")],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    subject: Annotated[str, typer.Option(help="Id of the subject.")],
    out: Annotated[Path, typer.Option(help="Fit to write: a store of kind fit (.zarr).")],
    readout: Annotated[
        str, typer.Option(help="Name of the fit: banded, or the id of a variant.")
    ] = "banded",
    seed: Annotated[
        int,
        typer.Option(
            help="Seed of the randomised decomposition and of the sampled feature-set weights."
        ),
    ] = 0,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
    device: Annotated[
        str, typer.Option(help="Device to fit on: auto (a GPU if there is one), cpu or cuda.")
    ] = "auto",
    single_trials: Annotated[
        bool, typer.Option(help="Fit and score single trials instead of means over repeats.")
    ] = False,
    training_images: Annotated[
        int | None,
        typer.Option(
            help="Number of training images to use, drawn at random. Default: all.", min=2
        ),
    ] = None,
    half: Annotated[
        str | None,
        typer.Option(
            help="Fit to one half of the training images only: a or b. Default: both halves."
        ),
    ] = None,
    shuffled: Annotated[
        bool, typer.Option(help="Control: pair the responses with the features of other images.")
    ] = False,
    components: Annotated[
        int, typer.Option(help="Principal components of each layer's local tokens.", min=1)
    ] = 300,
    samples: Annotated[
        int, typer.Option(help="Number of weightings of the feature sets to try.", min=1)
    ] = 100,
    penalties: Annotated[
        int,
        typer.Option(help="Number of ridge penalties to try, spaced evenly on a log scale.", min=1),
    ] = 17,
    smallest_penalty: Annotated[
        float,
        typer.Option(
            help="Smallest ridge penalty, in units of the total variance of the feature sets.",
            min=1e-12,
        ),
    ] = 1e-6,
    largest_penalty: Annotated[
        float,
        typer.Option(
            help="Largest ridge penalty, in units of the total variance of the feature sets.",
            min=1e-12,
        ),
    ] = 1e10,
) -> None:
    """Fit banded ridge regression: all layers together, with one penalty per feature set."""
    from time import perf_counter

    import numpy as np
    import torch
    from threadpoolctl import threadpool_limits

    from cortexlens.compute.devices import choose_device
    from cortexlens.encoding import banded, results
    from cortexlens.encoding.data import load_fit_data
    from cortexlens.encoding.selection import selected_data
    from cortexlens.features.store import open_features
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import open_dataset, write_dataset

    selection: dict[str, Any] = {
        "training_images": training_images,
        "half": half,
        "shuffled": shuffled,
    }
    torch.set_num_threads(threads)
    store = open_features(features)
    recorded = open_dataset(responses, kind="responses")
    data = load_fit_data(store, recorded, single_trials=single_trials)
    data = selected_data(data, **selection, seed=seed)
    grid = np.geomspace(smallest_penalty, largest_penalty, penalties)
    place = choose_device(device)
    start = perf_counter()
    with threadpool_limits(threads):
        fit = banded.fit_banded(
            data, components=components, samples=samples, penalties=grid, seed=seed, device=place
        )
    seconds = perf_counter() - start
    variables: results.Variables = {
        "layer_selector": (
            ("vertex", "layer"),
            fit.layer_share.astype(np.float32),
            "positive part of layer_r2_split, as a fraction of the sum over layers",
        ),
        "layer_r2_split": (
            ("vertex", "layer"),
            fit.layer_r2_split.astype(np.float32),
            "validation R² due to each layer by the product measure; rows sum to that of the fit",
        ),
        "band_weight": (
            ("vertex", "layer", "set"),
            fit.band_weight.astype(np.float32),
            "weight of each layer's feature sets, in [0, 1]; those of a vertex sum to 1",
        ),
        "penalty": (
            ("vertex",),
            fit.penalty.astype(np.float32),
            "ridge penalty chosen on validation, in units of total variance of the weighted sets",
        ),
    }
    dataset = results.fit_dataset(
        results.FitIdentity(
            backbone, subject, readout, store.layer_names, store.layer_axis, store.frame
        ),
        variables,
        fit.predicted,
        data,
        recorded,
    )
    dataset = dataset.assign_coords(set=list(banded.SETS)).assign_attrs(
        results.fitting(data, seconds),
        share_at_smallest_penalty=fit.at_smallest,
        share_at_largest_penalty=fit.at_largest,
    )
    record = provenance.record(
        "fit_banded",
        inputs={"features": features, "responses": responses},
        settings={
            **selection,
            "single_trials": single_trials,
            "components": components,
            "samples": samples,
            "penalties": grid.tolist(),
            "threads": threads,
            "device": place.type,
        },
        seed=seed,
    )
    write_dataset(dataset, out, kind="fit", provenance=record)

"""Stage: fit banded ridge regression, one network to one subject."""

from pathlib import Path
from typing import Annotated, Any

import typer


def fit_banded(
    features: Annotated[Path, typer.Option(help="Feature store of the subject's images.")],
    responses: Annotated[Path, typer.Option(help="Responses store of the subject.")],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    subject: Annotated[str, typer.Option(help="Id of the subject.")],
    out: Annotated[Path, typer.Option(help="Store of kind fit to write.")],
    readout: Annotated[
        str, typer.Option(help="Name of the fit: banded, or the id of a variant.")
    ] = "banded",
    seed: Annotated[
        int, typer.Option(help="Of the randomised decomposition and the samples of weights.")
    ] = 0,
    threads: Annotated[int, typer.Option(help="Processor threads.", min=1)] = 1,
    device: Annotated[
        str, typer.Option(help="auto, cpu or cuda: where the regression is solved.")
    ] = "auto",
    single_trials: Annotated[
        bool, typer.Option(help="Fit and score single trials, not means over repeats.")
    ] = False,
    training_images: Annotated[
        int | None, typer.Option(help="Training images that are used; left out: all.", min=2)
    ] = None,
    half: Annotated[
        str | None, typer.Option(help="a or b: one half of the training images; left out: both.")
    ] = None,
    shuffled: Annotated[
        bool, typer.Option(help="Control: responses go with other images' features.")
    ] = False,
    components: Annotated[
        int, typer.Option(help="Principal components of a layer's local tokens.", min=1)
    ] = 300,
    samples: Annotated[
        int, typer.Option(help="Weights of the feature sets that are tried.", min=1)
    ] = 100,
    penalties: Annotated[int, typer.Option(help="How many penalties are tried.", min=1)] = 17,
    smallest_penalty: Annotated[
        float, typer.Option(help="In units of the total variance of the sets.", min=1e-12)
    ] = 1e-6,
    largest_penalty: Annotated[
        float, typer.Option(help="In units of the total variance of the sets.", min=1e-12)
    ] = 1e10,
) -> None:
    """Fit banded ridge regression: all layers together, a penalty for each feature set."""
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
            "positive part of layer_r2_split, as a part of the sum over layers",
        ),
        "layer_r2_split": (
            ("vertex", "layer"),
            fit.layer_r2_split.astype(np.float32),
            "validation R² due to each layer by the product measure; rows sum to that of the fit",
        ),
        "band_weight": (
            ("vertex", "layer", "set"),
            fit.band_weight.astype(np.float32),
            "weight of each layer's feature sets, in [0, 1]; all of a vertex sum to 1",
        ),
        "penalty": (
            ("vertex",),
            fit.penalty.astype(np.float32),
            "chosen on validation, in units of the total variance of the weighted sets",
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

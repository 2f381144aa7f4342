"""Stage: fit the ridge baseline of one network to one subject."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import numpy as np

    from cortexlens.encoding.data import FitData
    from cortexlens.encoding.results import Variables

PENALTY = "ridge penalty chosen on validation images, in units of a component's mean variance"
RANGE = "the range that predicts as well as all layers stacked, within noise; from 0; -1 unknown"


def fit_ridge(
    features: Annotated[Path, typer.Option(help="Feature store of the subject's images (.zarr).")],
    responses: Annotated[Path, typer.Option(help="Response store of the subject (.zarr).")],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    subject: Annotated[str, typer.Option(help="Id of the subject.")],
    out: Annotated[Path, typer.Option(help="Fit to write: a store of kind fit (.zarr).")],
    readout: Annotated[
        str, typer.Option(help="Name of the fit: ridge, or the id of a variant.")
    ] = "ridge",
    seed: Annotated[
        int, typer.Option(help="Seed of the randomised singular value decomposition.")
    ] = 0,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
    single_trials: Annotated[
        bool, typer.Option(help="Fit and score single trials instead of means over repeats.")
    ] = False,
    layers: Annotated[
        str,
        typer.Option(
            help="best: one model per layer, and each vertex keeps its best layer; all: one "
            "model of all layers together."
        ),
    ] = "best",
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
        int, typer.Option(help="Number of principal components per layer.", min=1)
    ] = 300,
    penalties: Annotated[
        int,
        typer.Option(help="Number of ridge penalties to try, spaced evenly on a log scale.", min=1),
    ] = 13,
    smallest_penalty: Annotated[
        float,
        typer.Option(
            help="Smallest ridge penalty, in units of the mean variance of a component.", min=1e-12
        ),
    ] = 1.0,
    largest_penalty: Annotated[
        float,
        typer.Option(
            help="Largest ridge penalty, in units of the mean variance of a component.", min=1e-12
        ),
    ] = 1e6,
) -> None:
    """Fit the baseline: per-vertex ridge regression on the principal components of the layers."""
    from time import perf_counter

    import numpy as np
    from threadpoolctl import threadpool_limits

    from cortexlens.encoding import results
    from cortexlens.encoding.data import load_fit_data
    from cortexlens.encoding.selection import selected_data
    from cortexlens.errors import CortexlensError
    from cortexlens.features.store import open_features
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import open_dataset, write_dataset

    selection: dict[str, Any] = {
        "training_images": training_images,
        "half": half,
        "shuffled": shuffled,
    }
    ways = {"best": _best_layer, "all": _all_layers}
    if layers not in ways:
        raise CortexlensError(f"layers is {layers!r}; allowed: best, all. Change the config.")
    store = open_features(features)
    recorded = open_dataset(responses, kind="responses")
    data = load_fit_data(store, recorded, single_trials=single_trials)
    data = selected_data(data, **selection, seed=seed)
    grid = np.geomspace(smallest_penalty, largest_penalty, penalties)
    start = perf_counter()
    with threadpool_limits(threads):
        variables, predicted = ways[layers](data, components=components, penalties=grid, seed=seed)
    seconds = perf_counter() - start
    dataset = results.fit_dataset(
        results.FitIdentity(
            backbone, subject, readout, store.layer_names, store.layer_axis, store.frame
        ),
        variables,
        predicted,
        data,
        recorded,
    ).assign_attrs(results.fitting(data, seconds))
    record = provenance.record(
        "fit_ridge",
        inputs={"features": features, "responses": responses},
        settings={
            **selection,
            "layers": layers,
            "single_trials": single_trials,
            "components": components,
            "penalties": grid.tolist(),
            "threads": threads,
        },
        seed=seed,
    )
    write_dataset(dataset, out, kind="fit", provenance=record)


def _best_layer(data: "FitData", **settings: Any) -> "tuple[Variables, np.ndarray]":
    """Fit every layer on its own; return the variables of the fit and its test predictions."""
    import numpy as np

    from cortexlens.analysis.scores.variance_partitioning import partition_variance
    from cortexlens.encoding.ridge import fit_ridge
    from cortexlens.shapes import VALIDATION

    fit = fit_ridge(data, **settings)
    partition = partition_variance(fit.layer_predicted_validation, *data.observed(VALIDATION))
    variables: Variables = {
        "layer_selector": (
            ("vertex", "layer"),
            np.eye(len(data.layers), dtype=np.float32)[fit.layer],
            "1 for the layer chosen on validation images, else 0",
        ),
        "layer_r2_validation": (
            ("vertex", "layer"),
            fit.layer_r2_validation.astype(np.float32),
            "raw validation R² of each layer at its best penalty",
        ),
        "penalty": (("vertex",), fit.penalty.astype(np.float32), PENALTY),
        "stack_weight": (
            ("vertex", "layer"),
            partition.weight.astype(np.float32),
            "weights of the layers' validation predictions when they are stacked; rows sum to 1",
        ),
        "stacked_r2_validation": (
            ("vertex",),
            partition.r2.astype(np.float32),
            "raw validation R² of the stack of all layers",
        ),
        "layer_range_low": (("vertex",), partition.low, f"first layer of {RANGE}"),
        "layer_range_high": (("vertex",), partition.high, f"last layer of {RANGE}"),
    }
    return variables, fit.predicted


def _all_layers(data: "FitData", **settings: Any) -> "tuple[Variables, np.ndarray]":
    """Fit all layers together; return the variables of the fit and its test predictions."""
    import numpy as np

    from cortexlens.encoding.ridge import fit_ridge_jointly

    fit = fit_ridge_jointly(data, **settings)
    variables: Variables = {
        "layer_selector": (
            ("vertex", "layer"),
            fit.layer_share.astype(np.float32),
            "variance that each layer adds to the prediction, as a fraction of their sum",
        ),
        "penalty": (("vertex",), fit.penalty.astype(np.float32), PENALTY),
    }
    return variables, fit.predicted

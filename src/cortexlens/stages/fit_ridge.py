"""Stage: fit the ridge baseline, one network to one subject."""

from pathlib import Path
from typing import Annotated

import typer


def fit_ridge(
    features: Annotated[Path, typer.Option(help="Feature store of the subject's images.")],
    responses: Annotated[Path, typer.Option(help="Responses store of the subject.")],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    subject: Annotated[str, typer.Option(help="Id of the subject.")],
    out: Annotated[Path, typer.Option(help="Store of kind fit to write.")],
    seed: Annotated[int, typer.Option(help="Of the randomised decomposition.")] = 0,
    threads: Annotated[int, typer.Option(help="Processor threads.", min=1)] = 1,
    single_trials: Annotated[
        bool, typer.Option(help="Fit and score single trials, not means over repeats.")
    ] = False,
    components: Annotated[int, typer.Option(help="Principal components a layer.", min=1)] = 300,
    penalties: Annotated[int, typer.Option(help="How many penalties are tried.", min=1)] = 13,
    smallest_penalty: Annotated[
        float, typer.Option(help="In units of a component's mean variance.", min=1e-12)
    ] = 1.0,
    largest_penalty: Annotated[
        float, typer.Option(help="In units of a component's mean variance.", min=1e-12)
    ] = 1e6,
) -> None:
    """Fit the baseline: ridge regression per vertex on the best layer's components."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    from cortexlens import provenance
    from cortexlens.encoding import results, ridge
    from cortexlens.encoding.data import load_fit_data
    from cortexlens.features.store import open_features
    from cortexlens.stores import open_dataset, write_dataset

    store = open_features(features)
    recorded = open_dataset(responses, kind="responses")
    data = load_fit_data(store, recorded, single_trials=single_trials)
    grid = np.geomspace(smallest_penalty, largest_penalty, penalties)
    with threadpool_limits(threads):
        fit = ridge.fit_ridge(data, components=components, penalties=grid, seed=seed)
    n_layers = len(store.layer_names)
    dataset = results.fit_dataset(
        results.FitIdentity(backbone, subject, "ridge", store.layer_names),
        {
            "layer_selector": (
                ("vertex", "layer"),
                np.eye(n_layers, dtype=np.float32)[fit.layer],
                "1 for the layer chosen on validation",
            ),
            "layer_r2_validation": (
                ("vertex", "layer"),
                fit.layer_r2_validation.astype(np.float32),
                "raw validation R² of each layer at its best penalty",
            ),
            "penalty": (
                ("vertex",),
                fit.penalty.astype(np.float32),
                "chosen on validation, in units of a component's mean variance",
            ),
        },
        fit.predicted,
        data,
        recorded,
    )
    record = provenance.record(
        "fit_ridge",
        inputs={"features": features, "responses": responses},
        settings={
            "single_trials": single_trials,
            "components": components,
            "penalties": grid.tolist(),
            "threads": threads,
        },
        seed=seed,
    )
    write_dataset(dataset, out, kind="fit", provenance=record)

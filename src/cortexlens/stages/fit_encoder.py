"""Stage: fit FactorTopy, one network to one subject."""

from pathlib import Path
from typing import Annotated, Any

import typer


def fit_encoder(
    features: Annotated[Path, typer.Option(help="Feature store of the subject's images.")],
    responses: Annotated[Path, typer.Option(help="Responses store of the subject.")],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    subject: Annotated[str, typer.Option(help="Id of the subject.")],
    out: Annotated[Path, typer.Option(help="Store of kind fit to write.")],
    model: Annotated[Path, typer.Option(help="Fitted model to write (.safetensors).")],
    readout: Annotated[
        str, typer.Option(help="Name of the fit: factortopy, or the id of a variant.")
    ] = "factortopy",
    seed: Annotated[int, typer.Option(help="Of weights, order of images and dropout.")] = 0,
    threads: Annotated[int, typer.Option(help="Processor threads.", min=1)] = 1,
    single_trials: Annotated[
        bool, typer.Option(help="Fit and score single trials, not means over repeats.")
    ] = False,
    grid: Annotated[
        int | None,
        typer.Option(
            help="Side of the grid that vertices read, a divisor of the features' grid, tokens.",
            min=1,
        ),
    ] = None,
    dimensions: Annotated[int, typer.Option(help="Shared channels D.", min=1)] = 128,
    members: Annotated[int, typer.Option(help="Models averaged, from as many seeds.", min=1)] = 1,
    shared_pass: Annotated[
        bool, typer.Option(help="Members see the images in one order, each batch read once.")
    ] = False,
    batch_size: Annotated[int, typer.Option(help="Images a step.", min=1)] = 64,
    epochs: Annotated[
        int | None,
        typer.Option(
            help="Passes over the training images; left out: 20, more where images are few.", min=1
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            help="Epochs without a better validation R2 before stopping; left out: 8, more where "
            "images are few.",
            min=1,
        ),
    ] = None,
    learning_rate: Annotated[float, typer.Option(help="Of AdamW, at the start.")] = 3e-3,
    selector_lr_multiplier: Annotated[
        float, typer.Option(help="Learning rate of the selectors, in units of learning_rate.")
    ] = 1.0,
    selector_image_fraction: Annotated[
        float,
        typer.Option(
            help="Part of the training images that selectors learn from, channels from the rest; "
            "0: both from all.",
            min=0,
            max=0.5,
        ),
    ] = 0.0,
    aligned_rms: Annotated[
        float,
        typer.Option(
            help="Root mean square that each layer's aligned features are held at; 0: free.",
            min=0,
        ),
    ] = 0.0,
    weight_decay: Annotated[float, typer.Option(help="Of AdamW.", min=0)] = 0.01,
    gradient_clip: Annotated[float, typer.Option(help="Largest norm of the gradient.")] = 0.5,
    regularization: Annotated[
        float, typer.Option(help="Lambda: how soft the selectors are held early on.", min=0)
    ] = 0.1,
    regularization_images: Annotated[
        int | None,
        typer.Option(
            help="Images over which lambda falls to 0; left out: 16,000, but at most a quarter of "
            "those shown in all epochs.",
            min=0,
        ),
    ] = None,
    smooth_l1_beta: Annotated[
        float,
        typer.Option(help="Error at which the loss turns linear, in units of the response."),
    ] = 0.1,
    dropout: Annotated[
        float, typer.Option(help="Chance that a vertex misses a shared channel.", min=0, max=0.99)
    ] = 0.0,
    topology: Annotated[
        bool, typer.Option(help="Selectors smooth over the cortex, where it has coordinates.")
    ] = True,
    factorized: Annotated[
        bool, typer.Option(help="One place a vertex; else a mask for each layer and vertex.")
    ] = True,
    scale: Annotated[
        bool, typer.Option(help="Select between local tokens and the global one; else local.")
    ] = True,
    layers: Annotated[
        str, typer.Option(help="all, or best: a fit a layer, of which a vertex keeps one.")
    ] = "all",
    training_images: Annotated[
        int | None, typer.Option(help="Training images that are used; left out: all.", min=2)
    ] = None,
    half: Annotated[
        str | None, typer.Option(help="a or b: one half of the training images; left out: both.")
    ] = None,
    shuffled: Annotated[
        bool, typer.Option(help="Control: responses go with other images' features.")
    ] = False,
    precision: Annotated[
        str, typer.Option(help="auto, float32 or bfloat16: of the large products.")
    ] = "auto",
    device: Annotated[
        str, typer.Option(help="auto, cpu or cuda: where the fit is computed.")
    ] = "auto",
    memory: Annotated[
        float | None,
        typer.Option(
            help="GB of features that are kept in memory, the others are read while fitting; "
            "left out: half of what is free."
        ),
    ] = None,
    low_memory: Annotated[
        bool, typer.Option(help="Keep features and responses off the GPU; copy them by batches.")
    ] = False,
) -> None:
    """Fit FactorTopy: per vertex a place, layer, scale and channels of one network."""
    import torch

    from cortexlens.compute.checkpoints import Checkpoints
    from cortexlens.compute.devices import choose_device, compute_dtype
    from cortexlens.compute.divergence import DivergedError
    from cortexlens.compute.schedule import BY_IMAGES
    from cortexlens.encoding import ensemble, results
    from cortexlens.encoding.best_layer import fit_best_layer
    from cortexlens.encoding.data import load_fit_data
    from cortexlens.encoding.fit import FitOptions, fit_members, n_training_images, schedule_of
    from cortexlens.encoding.predictions import mean_prediction
    from cortexlens.encoding.selection import selected_data
    from cortexlens.errors import CortexlensError
    from cortexlens.features.store import open_features
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import open_dataset, replacing, write_dataset
    from cortexlens.storage.manifest import mark_complete

    settings = {
        key: value for key, value in locals().items() if key in FitOptions.__dataclass_fields__
    }
    selection: dict[str, Any] = {
        "training_images": training_images,
        "half": half,
        "shuffled": shuffled,
    }
    ways = {"all": fit_members, "best": fit_best_layer}
    if layers not in ways:
        raise CortexlensError(f"layers is {layers!r}; allowed: all, best. Change the config.")
    torch.set_num_threads(threads)
    store = open_features(features)
    recorded = open_dataset(responses, kind="responses")
    data = load_fit_data(
        store,
        recorded,
        single_trials=single_trials,
        grid=grid,
        memory=memory,
        device=choose_device(device),
        low_memory=low_memory,
    )
    data = selected_data(data, **selection, seed=seed)
    place = recorded["coordinates"].values if "coordinates" in recorded else None
    options = FitOptions(**settings)
    # What is recorded is what is run, and which of it followed from the number of images.
    used = vars(schedule_of(options, n_training_images(data)))
    by_images = [key for key in used if settings[key] is None]
    seeds = range(seed, seed + members)
    record = provenance.record(
        "fit_encoder",
        inputs={"features": features, "responses": responses},
        settings={
            **settings,
            **used,
            BY_IMAGES: by_images,
            **selection,
            "layers": layers,
            "grid": grid or store.grid,
            "single_trials": single_trials,
            "shared_pass": shared_pass,
            "threads": threads,
            "device": data.device.type,
        },
        seed=seed,
    )
    shaping = [record, str(compute_dtype(precision, data.device))]
    kept = Checkpoints(out, shaping)
    try:
        fitted = ways[layers](data, place, options, seeds, seed if shared_pass else None, kept)
    except DivergedError:
        kept.remove()
        raise
    seconds = kept.seconds
    models = [member.model for member in fitted]
    dataset = results.fit_dataset(
        results.FitIdentity(
            backbone, subject, readout, store.layer_names, store.layer_axis, store.frame
        ),
        ensemble.selector_variables(fitted),
        mean_prediction(models, data),
        data,
        recorded,
    ).assign_attrs(
        results.fitting(data, seconds) | results.divergences([each.diverged for each in fitted])
    )
    with replacing(model) as partial:
        about = {
            "subject": subject,
            "grid": grid or store.grid,
            "extraction": store.attributes["provenance"]["settings"],
            "weights_sha256": store.attributes["backbone"]["weights_sha256"],
            "made": record,
        }
        ensemble.save_models(models, partial, about)
    write_dataset(dataset, out, kind="fit", provenance=record)
    mark_complete()
    kept.remove()

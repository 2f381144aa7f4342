"""Stage: fit FactorTopy, the encoding model of one network and one subject."""

from pathlib import Path
from typing import Annotated, Any

import typer


def fit_encoder(
    features: Annotated[Path, typer.Option(help="Feature store of the subject's images (.zarr).")],
    responses: Annotated[Path, typer.Option(help="Response store of the subject (.zarr).")],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    subject: Annotated[str, typer.Option(help="Id of the subject.")],
    out: Annotated[Path, typer.Option(help="Fit to write: a store of kind fit (.zarr).")],
    model: Annotated[Path, typer.Option(help="Fitted model to write (.safetensors).")],
    readout: Annotated[
        str, typer.Option(help="Name of the fit: factortopy, or the id of a variant.")
    ] = "factortopy",
    seed: Annotated[
        int, typer.Option(help="Seed of the initial weights, the order of the images and dropout.")
    ] = 0,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
    single_trials: Annotated[
        bool, typer.Option(help="Fit and score single trials instead of means over repeats.")
    ] = False,
    grid: Annotated[
        int | None,
        typer.Option(
            help="Side of the token grid that vertices read from; must divide the side of the "
            "features' grid.",
            min=1,
        ),
    ] = None,
    dimensions: Annotated[
        int,
        typer.Option(help="Number of shared channels D that each layer is projected to.", min=1),
    ] = 128,
    members: Annotated[
        int, typer.Option(help="Number of models, fitted from different seeds and averaged.", min=1)
    ] = 1,
    shared_pass: Annotated[
        bool,
        typer.Option(
            help="Show all members the images in the same order, so that each batch is read once."
        ),
    ] = False,
    batch_size: Annotated[int, typer.Option(help="Images per optimiser step.", min=1)] = 64,
    epochs: Annotated[
        int | None,
        typer.Option(
            help="Passes over the training images at most. Default: 20, more if there are few "
            "images.",
            min=1,
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            help="Stop after this many epochs without a better validation R2. Default: 8, "
            "more if there are few images.",
            min=1,
        ),
    ] = None,
    learning_rate: Annotated[float, typer.Option(help="Initial learning rate of AdamW.")] = 3e-3,
    selector_lr_multiplier: Annotated[
        float, typer.Option(help="Learning rate of the selectors, as a multiple of learning_rate.")
    ] = 1.0,
    selector_image_fraction: Annotated[
        float,
        typer.Option(
            help="Fraction of the training images from which the selectors are learnt; the "
            "channel weights are learnt from the rest. 0: both from all images.",
            min=0,
            max=0.5,
        ),
    ] = 0.0,
    aligned_rms: Annotated[
        float,
        typer.Option(
            help="Root mean square at which each layer's aligned features are held; 0: not "
            "constrained.",
            min=0,
        ),
    ] = 0.0,
    weight_decay: Annotated[float, typer.Option(help="Weight decay of AdamW.", min=0)] = 0.01,
    gradient_clip: Annotated[
        float,
        typer.Option(help="Largest norm of the gradient; larger gradients are scaled down to it."),
    ] = 0.5,
    regularization: Annotated[
        float,
        typer.Option(
            help="Strength lambda of the term that keeps the selectors soft early in training.",
            min=0,
        ),
    ] = 0.1,
    regularization_images: Annotated[
        int | None,
        typer.Option(
            help="Number of images shown over which lambda falls to 0. Default: 16,000, but "
            "at most a quarter of all images shown.",
            min=0,
        ),
    ] = None,
    smooth_l1_beta: Annotated[
        float,
        typer.Option(
            help="Error at which the smooth L1 loss turns from quadratic to linear, in units "
            "of the response."
        ),
    ] = 0.1,
    dropout: Annotated[
        float,
        typer.Option(
            help="Probability with which a shared channel is dropped for a vertex.", min=0, max=0.99
        ),
    ] = 0.0,
    topology: Annotated[
        bool,
        typer.Option(
            help="Make the selectors smooth functions of the cortical coordinates, if there "
            "are any."
        ),
    ] = True,
    factorized: Annotated[
        bool,
        typer.Option(
            help="One location per vertex for all layers; otherwise a mask over tokens for "
            "each layer and vertex."
        ),
    ] = True,
    scale: Annotated[
        bool,
        typer.Option(
            help="Select between local tokens and the global token; otherwise use local "
            "tokens only."
        ),
    ] = True,
    layers: Annotated[
        str,
        typer.Option(
            help="all: one model of all layers; best: one model per layer, and each vertex "
            "keeps its best layer."
        ),
    ] = "all",
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
    precision: Annotated[
        str, typer.Option(help="Precision of the large matrix products: auto, float32 or bfloat16.")
    ] = "auto",
    device: Annotated[
        str, typer.Option(help="Device to fit on: auto (a GPU if there is one), cpu or cuda.")
    ] = "auto",
    memory: Annotated[
        float | None,
        typer.Option(
            help="GB of features to hold in memory; the rest is read from disk while fitting. "
            "Default: half of the free memory."
        ),
    ] = None,
    low_memory: Annotated[
        bool,
        typer.Option(
            help="Keep features and responses in main memory and copy them to the GPU batch "
            "by batch."
        ),
    ] = False,
) -> None:
    """Fit FactorTopy: per vertex a location, layer, scale and channel weights of one network."""
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
    # Record the settings that were used, and which of them followed from the number of images.
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

"""Stage: fit the stacked readout of one network to one subject."""

from pathlib import Path
from typing import Annotated, Any

import typer

# Size of the responses (bytes) above which saving memory matters more than time. Allocating large
# blocks afresh each time makes a fit of the demo 10 % slower, but saves gigabytes for a real
# subject.
LARGE_RESPONSES = 250_000_000


def fit_stacked(
    features: Annotated[Path, typer.Option(help="Feature store of the subject's images (.zarr).")],
    responses: Annotated[Path, typer.Option(help="Response store of the subject (.zarr).")],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    subject: Annotated[str, typer.Option(help="Id of the subject.")],
    out: Annotated[Path, typer.Option(help="Fit to write: a store of kind fit (.zarr).")],
    model: Annotated[Path, typer.Option(help="Fitted model to write (.safetensors).")],
    readout: Annotated[
        str, typer.Option(help="Name of the fit: stacked, or the id of a variant.")
    ] = "stacked",
    seed: Annotated[
        int,
        typer.Option(help="Seed of the images chosen by --training-images, --half and --shuffled."),
    ] = 0,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
    single_trials: Annotated[
        bool, typer.Option(help="Score single trials instead of means over repeats.")
    ] = False,
    components: Annotated[
        int | None,
        typer.Option(
            help="Principal components to which each layer's channels are reduced. Default: "
            "all channels.",
            min=1,
        ),
    ] = None,
    lattice: Annotated[
        int,
        typer.Option(help="Candidate receptive-field centres per token, along each side.", min=1),
    ] = 2,
    sizes: Annotated[
        str,
        typer.Option(
            help="Candidate receptive-field sizes in tokens, separated by commas; 0: a single "
            "token."
        ),
    ] = "0,1,2,4",
    bandwidths: Annotated[
        str,
        typer.Option(
            help="Candidate widths of the smoothing over the cortex in mm, separated by commas."
        ),
    ] = "0,1,2,4,8",
    blocks: Annotated[
        int, typer.Option(help="Largest number of blocks of images to resample.", min=2)
    ] = 50,
    draws: Annotated[
        int, typer.Option(help="Number of bootstrap resamples of the blocks.", min=2)
    ] = 100,
    prior_steps: Annotated[
        int,
        typer.Option(
            help="Largest number of steps in which the covariance of the channel weights is "
            "learnt; 0: not learnt.",
            min=0,
        ),
    ] = 0,
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
) -> None:
    """Fit the stacked readout: ridge per layer, window and scale, stacked with weights ≥ 0.

    Nothing is trained by gradient descent and nothing depends on a seed: receptive fields,
    penalties and smoothing are chosen by leave-out error.
    """
    from time import perf_counter

    import torch

    from cortexlens.compute.devices import choose_device
    from cortexlens.compute.malloc import give_back_large
    from cortexlens.encoding import results
    from cortexlens.encoding.data import load_fit_data
    from cortexlens.encoding.predictions import predicted_responses
    from cortexlens.encoding.selection import selected_data
    from cortexlens.encoding.stacked import fit as stacked
    from cortexlens.encoding.stacked.regressions import SCALES
    from cortexlens.encoding.stacked.settings import read_options
    from cortexlens.encoding.stacked.variables import stacked_attributes, stacked_variables
    from cortexlens.features.store import open_features
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import open_dataset, replacing, write_dataset

    options = read_options(
        components=components,
        lattice=lattice,
        sizes=sizes,
        bandwidths=bandwidths,
        blocks=blocks,
        draws=draws,
        prior_steps=prior_steps,
    )
    selection: dict[str, Any] = {
        "training_images": training_images,
        "half": half,
        "shuffled": shuffled,
    }
    torch.set_num_threads(threads)
    store = open_features(features)
    recorded = open_dataset(responses, kind="responses")
    where = choose_device(device)
    data = load_fit_data(store, recorded, single_trials=single_trials, memory=memory, device=where)
    if data.response.nbytes > LARGE_RESPONSES:
        give_back_large()
    data = selected_data(data, **selection, seed=seed)
    model.parent.mkdir(parents=True, exist_ok=True)
    start = perf_counter()
    fitted = stacked.fit_stacked(
        data,
        recorded["coordinates"].values if "coordinates" in recorded else None,
        options,
        recorded["hemisphere"].values if "hemisphere" in recorded else None,
        recorded["image_id"].values.tolist(),
        scratch=model.parent,
    )
    seconds = perf_counter() - start
    dataset = results.fit_dataset(
        results.FitIdentity(
            backbone, subject, readout, store.layer_names, store.layer_axis, store.frame
        ),
        stacked_variables(fitted),
        predicted_responses(fitted.model, data),
        data,
        recorded,
    ).assign_attrs(results.fitting(data, seconds) | stacked_attributes(fitted))
    dataset = dataset.assign_coords(scale=list(SCALES))
    dataset["confidence"].attrs["meaning"] = "probability"
    record = provenance.record(
        "fit_stacked",
        inputs={"features": features, "responses": responses},
        settings={
            **vars(options),
            **selection,
            "single_trials": single_trials,
            "threads": threads,
            "device": where.type,
        },
        seed=seed,
    )
    with replacing(model) as partial:
        about = {
            "subject": subject,
            "grid": store.grid,
            "extraction": store.attributes["provenance"]["settings"],
            "weights_sha256": store.attributes["backbone"]["weights_sha256"],
            "made": record,
        }
        fitted.model.save(partial, about)
    write_dataset(dataset, out, kind="fit", provenance=record)

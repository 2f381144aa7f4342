"""Stage: fit the stacked readout, one network to one subject."""

from pathlib import Path
from typing import Annotated, Any

import typer

# Bytes of responses beyond which memory is dearer than time: to ask for large blocks anew each time
# makes a fit of the demo a tenth slower, and saves gigabytes at the size of a real subject.
LARGE_RESPONSES = 250_000_000


def fit_stacked(
    features: Annotated[Path, typer.Option(help="Feature store of the subject's images.")],
    responses: Annotated[Path, typer.Option(help="Responses store of the subject.")],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    subject: Annotated[str, typer.Option(help="Id of the subject.")],
    out: Annotated[Path, typer.Option(help="Store of kind fit to write.")],
    model: Annotated[Path, typer.Option(help="Fitted model to write (.safetensors).")],
    readout: Annotated[
        str, typer.Option(help="Name of the fit: stacked, or the id of a variant.")
    ] = "stacked",
    seed: Annotated[
        int, typer.Option(help="Of the choice of images by training_images, half and shuffled.")
    ] = 0,
    threads: Annotated[int, typer.Option(help="Processor threads.", min=1)] = 1,
    single_trials: Annotated[
        bool, typer.Option(help="Score single trials, not means over repeats.")
    ] = False,
    components: Annotated[
        int | None,
        typer.Option(
            help="Principal components a layer's channels are reduced to; left out: all channels.",
            min=1,
        ),
    ] = None,
    lattice: Annotated[
        int, typer.Option(help="Receptive-field centres a token, along each side.", min=1)
    ] = 2,
    sizes: Annotated[
        str, typer.Option(help="Widths of windows, in tokens, with commas; 0: a single token.")
    ] = "0,1,2,4",
    bandwidths: Annotated[
        str, typer.Option(help="Widths of the smoothing over the cortex, mm, with commas.")
    ] = "0,1,2,4,8",
    blocks: Annotated[
        int, typer.Option(help="Blocks of images that are resampled, at most.", min=2)
    ] = 50,
    draws: Annotated[int, typer.Option(help="Resamples of blocks.", min=2)] = 100,
    prior_steps: Annotated[
        int,
        typer.Option(
            help="Most steps in which the covariance of channel weights is learnt; 0: none.",
            min=0,
        ),
    ] = 0,
    training_images: Annotated[
        int | None, typer.Option(help="Training images that are used; left out: all.", min=2)
    ] = None,
    half: Annotated[
        str | None, typer.Option(help="a or b: one half of the training images; left out: both.")
    ] = None,
    shuffled: Annotated[
        bool, typer.Option(help="Control: responses go with other images' features.")
    ] = False,
    device: Annotated[
        str, typer.Option(help="auto, cpu or cuda: where the fit is computed.")
    ] = "auto",
    memory: Annotated[
        float | None,
        typer.Option(
            help="GB of features that stay in memory, the others are read while fitting; "
            "left out: half of what is free."
        ),
    ] = None,
) -> None:
    """Fit the stacked readout: ridge by layer, window and scale, stacked without negative weights.

    Nothing is trained and nothing depends on a seed: places, penalties and smoothing are chosen by
    left-out error.
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

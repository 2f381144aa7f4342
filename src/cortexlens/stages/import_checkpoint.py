"""Stage: import a FactorTopy model that was fitted and published elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from cortexlens.encoding.factortopy import FactorTopy
    from cortexlens.encoding.results import FitIdentity
    from cortexlens.features.store import Features


def import_checkpoint(
    checkpoint: Annotated[
        Path,
        typer.Option(
            help="State dict in the published format (.pt, .pth, .ckpt, …); FILE::NAME picks "
            "one of several in a file."
        ),
    ],
    coordinates: Annotated[
        Path,
        typer.Option(
            help="Coordinates of every vertex in mm, as used for the fit: .npy, or .tsv with "
            "columns x, y, z."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Fit to write: a store of kind fit (.zarr).")],
    model: Annotated[Path, typer.Option(help="Model to write (.safetensors).")],
    vertices: Annotated[
        Path | None,
        typer.Option(
            help="Table (.tsv or .npz) with hemisphere and vertex_index of every vertex, for "
            "maps on the cortex."
        ),
    ] = None,
    space: Annotated[
        str | None, typer.Option(help="Mesh of --vertices: fsaverage5 or fsaverage.")
    ] = None,
    backbone: Annotated[str, typer.Option(help="Id of the network.")] = "imported",
    subject: Annotated[str, typer.Option(help="Id of the subject.")] = "unknown",
    features: Annotated[
        Path | None,
        typer.Option(help="Feature store of the network, from which predict learns how to run it."),
    ] = None,
    responses: Annotated[
        Path | None,
        typer.Option(
            help="Response store to score the model on; its images must be those of --features."
        ),
    ] = None,
    single_trials: Annotated[
        bool, typer.Option(help="Score single trials instead of means over repeats.")
    ] = False,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
) -> None:
    """Import a published FactorTopy model; write selectors, scores and model as a fit does."""
    import torch

    from cortexlens.backbones.cache import split_weights
    from cortexlens.encoding.ensemble import save_models
    from cortexlens.encoding.published import published_model, read_published
    from cortexlens.encoding.results import FitIdentity
    from cortexlens.errors import CortexlensError
    from cortexlens.features.store import open_features
    from cortexlens.shapes import LAYER
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import replacing, write_dataset
    from cortexlens.study.pictures.frames import Frame
    from cortexlens.study.table.place_files import read_coordinates

    torch.set_num_threads(threads)
    if (vertices is None) != (space is None):
        raise CortexlensError("--vertices and --space go together: give both or neither.")
    if responses is not None and features is None:
        raise CortexlensError("--responses needs --features: the features of the same images.")
    file, chosen = split_weights(str(checkpoint))
    tensors = read_published(Path(file), chosen)
    places = read_coordinates(coordinates, len(tensors["weight"]))
    fitted = published_model(tensors, places)
    store = None if features is None else open_features(features)
    axis = LAYER if store is None else store.layer_axis
    frame = Frame() if store is None else store.frame
    names = _layer_names(fitted, store)
    identity = FitIdentity(backbone, subject, "factortopy", names, axis, frame)
    dataset = _dataset(
        identity, fitted, _on_cortex(places, vertices, space), store, responses, single_trials
    )
    inputs = {
        "checkpoint": Path(file),
        "coordinates": coordinates,
        "vertices": vertices,
        "features": features,
        "responses": responses,
    }
    record = provenance.record(
        "import_checkpoint",
        inputs={name: path for name, path in inputs.items() if path is not None},
        settings={"space": space, "single_trials": single_trials, "state_dict": chosen},
    )
    about = {
        "subject": subject,
        "grid": store and store.grid,
        "extraction": store and store.attributes["provenance"]["settings"],
        "weights_sha256": store and store.attributes["backbone"]["weights_sha256"],
        "made": record,
    }
    with replacing(model) as partial:
        save_models([fitted], partial, about)
    write_dataset(dataset, out, kind="fit", provenance=record)


def _layer_names(fitted: "FactorTopy", store: "Features | None") -> list[str]:
    """Names of the layers: those of the features if given, else numbered."""
    from cortexlens.errors import CortexlensError

    if store is None:
        return [f"layer {index}" for index in range(len(fitted.channels))]
    if store.channels != fitted.channels:
        raise CortexlensError(
            f"{store.path}: found features of {len(store.channels)} layers with {store.channels} "
            f"channels; the checkpoint reads {len(fitted.channels)} layers with "
            f"{fitted.channels}. Extract the features of its network and layers."
        )
    return store.layer_names


def _on_cortex(places: "np.ndarray", vertices: Path | None, space: str | None) -> "xr.Dataset":
    """Dataset with the coordinates of the vertices and, if given, their mesh vertices."""
    import xarray as xr

    from cortexlens.study.table.place_files import read_mesh_vertices

    known = xr.Dataset({"coordinates": (("vertex", "axis"), places, {"units": "mm"})})
    if vertices is None or space is None:
        return known
    hemisphere, index = read_mesh_vertices(vertices, space, len(places))
    known = known.assign(hemisphere=("vertex", hemisphere), vertex_index=("vertex", index))
    return known.assign_attrs(space=space)


def _dataset(
    identity: "FitIdentity",
    fitted: "FactorTopy",
    places: "xr.Dataset",
    store: "Features | None",
    responses: Path | None,
    single_trials: bool,
) -> "xr.Dataset":
    """Fit dataset with the selectors and, if responses are given, the scores."""
    import numpy as np

    from cortexlens.encoding.data import load_fit_data
    from cortexlens.encoding.ensemble import selector_variables
    from cortexlens.encoding.fit import FittedMember
    from cortexlens.encoding.predictions import mean_prediction
    from cortexlens.encoding.results import fit_dataset, unscored_dataset
    from cortexlens.storage.datasets import open_dataset

    nowhere = np.empty(0)
    variables = selector_variables([FittedMember(fitted, nowhere, nowhere)])
    # How the model was fitted is not known, nor whether it was one of several.
    left_out = ("curve_", "member_")
    variables = {name: each for name, each in variables.items() if not name.startswith(left_out)}
    if responses is None or store is None:
        return unscored_dataset(identity, variables, places)
    recorded = _of_the_model(open_dataset(responses, kind="responses"), places, responses)
    data = load_fit_data(store, recorded, single_trials=single_trials)
    predicted = mean_prediction([fitted], data)
    dataset = fit_dataset(identity, variables, predicted, data, recorded)
    return dataset.assign_attrs(
        scores="on a split of our own; the checkpoint may have been fitted to its test images"
    )


def _of_the_model(recorded: "xr.Dataset", places: "xr.Dataset", path: Path) -> "xr.Dataset":
    """Responses with the coordinates that the model was fitted with; refuses other vertices."""
    import numpy as np

    from cortexlens.errors import CortexlensError

    n_vertices = places.sizes["vertex"]
    if recorded.sizes["vertex"] != n_vertices:
        raise CortexlensError(
            f"{path}: found responses of {recorded.sizes['vertex']} vertices; the checkpoint has "
            f"{n_vertices}. Give the responses of the vertices that it was fitted to."
        )
    spaces = [each.attrs["space"] for each in (recorded, places) if "space" in each.attrs]
    if len(set(spaces)) > 1:
        raise CortexlensError(
            f"{path}: is in space {spaces[0]!r}, but --space is {spaces[1]!r}. Give the space of "
            "the responses."
        )
    for name in {"hemisphere", "vertex_index"} & set(recorded.variables) & set(places.variables):
        others = np.flatnonzero(recorded[name].values != places[name].values)
        if others.size:
            raise CortexlensError(
                f"{path}: {name} of vertex {others[0]} (from 0) is "
                f"{recorded[name].values[others[0]]}, but in --vertices it is "
                f"{places[name].values[others[0]]}. Both must list the same vertices in the "
                "same order."
            )
    return recorded.assign(places.data_vars).assign_attrs(places.attrs)

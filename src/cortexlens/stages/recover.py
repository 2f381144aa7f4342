"""Stage: plant a known truth in a subject's data and measure how well a readout recovers it."""

from pathlib import Path
from typing import Annotated, Any

import typer


def recover(
    features: Annotated[Path, typer.Option(help="Feature store of the subject's images (.zarr).")],
    responses: Annotated[
        Path,
        typer.Option(
            help="Response store of the subject, which provides vertices, trials, split and "
            "noise ceilings."
        ),
    ],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    subject: Annotated[str, typer.Option(help="Id of the subject.")],
    out: Annotated[Path, typer.Option(help="Result to write: a store of kind recovery (.zarr).")],
    condition: Annotated[str, typer.Option(help="Name of the condition, used in tables.")] = "base",
    varied: Annotated[
        str, typer.Option(help="The option that the condition varies, or base; used in tables.")
    ] = "base",
    ceiling: Annotated[
        float | None,
        typer.Option(
            help="Noise ceiling of all vertices, as R2 of the test responses, between 0 and "
            "1. Default: the subject's own ceilings."
        ),
    ] = None,
    training_images: Annotated[
        int | None, typer.Option(help="Training images, drawn at random; left out: all.", min=2)
    ] = None,
    vertices: Annotated[
        int | None,
        typer.Option(help="Number of vertices to use, drawn at random. Default: all.", min=1),
    ] = None,
    layer_mixing: Annotated[
        float, typer.Option(help="Fraction of their variance that the layers share.", min=0)
    ] = 0.0,
    truth: Annotated[
        str,
        typer.Option(
            help="Kind of channel weights to plant: isotropic, sparse, large-components, "
            "small-components, or patchy (isotropic, with levels that neighbours do not "
            "share)."
        ),
    ] = "isotropic",
    windows: Annotated[
        bool,
        typer.Option(
            help="Plant receptive fields that extend over several tokens. Default: each "
            "vertex reads a single point."
        ),
    ] = False,
    readout: Annotated[
        str | None,
        typer.Option(
            help="Name of the readout, used in tables: a kind of readout or the id of a variant."
        ),
    ] = None,
    kind: Annotated[
        str, typer.Option(help="Kind of readout to fit: factortopy, ridge …")
    ] = "factortopy",
    options: Annotated[
        str,
        typer.Option(
            help="Options of the readout that differ from their defaults, as JSON with the "
            "keys of its section in the config."
        ),
    ] = "",
    topology: Annotated[
        bool,
        typer.Option(
            help="FactorTopy only: selectors that are smooth over the cortex; otherwise free "
            "selectors."
        ),
    ] = True,
    free_selector_lr_multiplier: Annotated[
        float | None,
        typer.Option(
            help="Learning rate of free selectors, as a multiple of learning_rate. Default: "
            "that of the options."
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option(help="Number of repetitions, each with a seed of its own.", min=1)
    ] = 1,
    seed: Annotated[
        int, typer.Option(help="Seed of what is planted, of the noise and of the fits.")
    ] = 0,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
    device: Annotated[
        str, typer.Option(help="Device to fit on: auto (a GPU if there is one), cpu or cuda.")
    ] = "auto",
) -> None:
    """Plant a ground truth in a subject's data, fit a readout and record what it recovers."""
    import numpy as np
    import torch
    import xarray as xr
    from threadpoolctl import threadpool_limits

    from cortexlens.analysis.recovery.truth import planted_truth
    from cortexlens.compute.devices import choose_device
    from cortexlens.encoding import recovery
    from cortexlens.encoding.data import load_fit_data
    from cortexlens.encoding.fit import n_training_images, schedule_of
    from cortexlens.encoding.fitters import check_kind, factortopy_options
    from cortexlens.encoding.mixing import layer_similarity, mix_layers
    from cortexlens.encoding.settings import parse_settings
    from cortexlens.errors import CortexlensError
    from cortexlens.features.store import open_features
    from cortexlens.shapes import TRAIN
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import open_dataset, write_dataset

    for name, value in (("ceiling", ceiling), ("layer_mixing", layer_mixing)):
        if value is not None and not (0 <= value < 1 and (value or name == "layer_mixing")):
            least = "above 0" if name == "ceiling" else "at least 0"
            option = name.replace("_", "-")
            raise CortexlensError(f"--{option}: found {value:g}; it must be {least} and below 1.")
    check_kind(kind)
    torch.set_num_threads(threads)
    how = parse_settings(kind, options)
    store, recorded = open_features(features), open_dataset(responses, kind="responses")
    own: dict[str, Any] = {}
    if kind == "factortopy":
        if topology and "coordinates" not in recorded:
            raise CortexlensError(
                f"{responses}: the vertices have no coordinates, so selectors cannot be smooth "
                "over the cortex. Set recovery.topology to [false]."
            )
        own = {"topology": topology}
        free = free_selector_lr_multiplier is not None and not topology
        how.options.update(
            own | ({"selector_lr_multiplier": free_selector_lr_multiplier} if free else {})
        )
    settings = {
        **{"ceiling": ceiling, "training_images": training_images, "vertices": vertices},
        **{"layer_mixing": layer_mixing, "truth": truth, "windows": windows, "seeds": seeds},
        **{"readout": readout or kind, "kind": kind, **own},
    }
    data = load_fit_data(store, recorded, device=choose_device(device), **how.data)
    train = np.flatnonzero(data.split == TRAIN)
    mix_layers(data.layers, train, layer_mixing, seed)
    what = recovery.Condition(ceiling, training_images, vertices, truth, windows)
    found = []
    with threadpool_limits(threads):
        for number in range(seed, seed + seeds):
            planted = planted_truth(recorded, np.random.default_rng([0, number]))
            found.append(recovery.recover(data, recorded, planted, what, kind, how.options, number))
    dataset = xr.concat(found, "seed", data_vars="all").assign(
        layer_similarity=(("layer", "other_layer"), layer_similarity(data.layers, train))
    )
    used = n_training_images(data) if training_images is None else training_images
    dataset = dataset.assign_coords(layer=store.layer_names).assign_attrs(
        **{"backbone": backbone, "subject": subject, "condition": condition, "varied": varied},
        **{"readout": readout or kind, "truth": truth, "windows": windows, **own},
        **{"training_images": used, "layer_mixing": layer_mixing},
    )
    # Epochs and patience follow from the number of images unless the options set them.
    trained = {}
    if kind == "factortopy":
        trained = vars(schedule_of(factortopy_options(how.options), used))
    record = provenance.record(
        "recover",
        inputs={"features": features, "responses": responses},
        settings={
            **settings,
            "options": how.options | how.data | trained,
            "threads": threads,
            "device": data.device.type,
        },
        seed=seed,
    )
    write_dataset(dataset, out, kind="recovery", provenance=record)

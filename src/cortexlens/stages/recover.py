"""Stage: plant a known truth in a subject's own data, and see what a readout finds of it."""

from pathlib import Path
from typing import Annotated, Any

import typer


def recover(
    features: Annotated[Path, typer.Option(help="Feature store of the subject's images.")],
    responses: Annotated[
        Path,
        typer.Option(help="Responses of the subject: its vertices, trials, split and ceilings."),
    ],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    subject: Annotated[str, typer.Option(help="Id of the subject.")],
    out: Annotated[Path, typer.Option(help="Store of kind recovery to write.")],
    condition: Annotated[str, typer.Option(help="Name of the condition, for tables.")] = "base",
    varied: Annotated[
        str, typer.Option(help="What the condition varies, for tables: an option, or base.")
    ] = "base",
    ceiling: Annotated[
        float | None,
        typer.Option(
            help="Noise ceiling of all vertices, on r2 of the test responses, above 0 and below 1; "
            "left out: the subject's own."
        ),
    ] = None,
    training_images: Annotated[
        int | None, typer.Option(help="Training images, drawn at random; left out: all.", min=2)
    ] = None,
    vertices: Annotated[
        int | None, typer.Option(help="Vertices, drawn at random; left out: all.", min=1)
    ] = None,
    layer_mixing: Annotated[
        float, typer.Option(help="Share of their variance that layers have in common.", min=0)
    ] = 0.0,
    truth: Annotated[
        str,
        typer.Option(
            help="Channel weights that are planted: isotropic, sparse, large-components, "
            "small-components, or patchy (isotropic, with levels that neighbours do not share)."
        ),
    ] = "isotropic",
    windows: Annotated[
        bool,
        typer.Option(help="Plant receptive fields of a size; else vertices read at a point."),
    ] = False,
    readout: Annotated[
        str | None,
        typer.Option(help="Name of the readout, for tables: a kind or a variant's id."),
    ] = None,
    kind: Annotated[
        str, typer.Option(help="Kind of readout that is fitted: factortopy, ridge …")
    ] = "factortopy",
    options: Annotated[
        str,
        typer.Option(
            help="Options of the readout other than their defaults, as JSON with the keys of its "
            "section of the config."
        ),
    ] = "",
    topology: Annotated[
        bool, typer.Option(help="Of FactorTopy: selectors smooth over the cortex; else free ones.")
    ] = True,
    free_selector_lr_multiplier: Annotated[
        float | None,
        typer.Option(help="Learning rate of free selectors; left out: that of the options."),
    ] = None,
    seeds: Annotated[int, typer.Option(help="Times that it is done, each anew.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Of what is planted, the noise and the fits.")] = 0,
    threads: Annotated[int, typer.Option(help="Processor threads.", min=1)] = 1,
    device: Annotated[
        str, typer.Option(help="auto, cpu or cuda: where fits are computed.")
    ] = "auto",
) -> None:
    """Plant a truth in a subject's own data, fit a readout, and keep what was found again."""
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
            raise CortexlensError(f"--{option}: found {value:g}; allowed is {least} and below 1.")
    check_kind(kind)
    torch.set_num_threads(threads)
    how = parse_settings(kind, options)
    store, recorded = open_features(features), open_dataset(responses, kind="responses")
    own: dict[str, Any] = {}
    if kind == "factortopy":
        if topology and "coordinates" not in recorded:
            raise CortexlensError(
                f"{responses}: the vertices have no coordinates, so that no selectors are smooth "
                "over them. Set recovery.topology to [false]."
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
    # What a fit trains for follows from its images where the options leave it out.
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

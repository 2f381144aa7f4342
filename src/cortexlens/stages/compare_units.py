"""Stage: compare the units of an autoencoder with the vertices of a subject."""

from pathlib import Path
from typing import Annotated, Any

import typer


def compare_units(
    sae: Annotated[Path, typer.Option(help="Autoencoder of the layer (sae.safetensors).")],
    features: Annotated[Path, typer.Option(help="Feature store of the subject's images (.zarr).")],
    responses: Annotated[Path, typer.Option(help="Response store of the subject (.zarr).")],
    out: Annotated[Path, typer.Option(help="Result to write: a store of kind units (.zarr).")],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    layer: Annotated[str, typer.Option(help="Name of the layer.")],
    subject: Annotated[str, typer.Option(help="Id of the subject.")],
    sae_seed: Annotated[int, typer.Option(help="Seed of the autoencoder to use.", min=0)] = 0,
    pooling: Annotated[
        str, typer.Option(help="How units of local tokens are pooled over locations: max or mean.")
    ] = "max",
    kept: Annotated[
        int,
        typer.Option(
            help="Number of best units stored per vertex, and of best vertices stored per unit.",
            min=1,
        ),
    ] = 16,
    shuffles: Annotated[
        int, typer.Option(help="Number of permutations of the images of the responses.", min=1)
    ] = 5,
    seed: Annotated[int, typer.Option(help="Seed of the permutations.", min=0)] = 0,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
    scheduler: Annotated[
        str,
        typer.Option(
            help="Address of a dask scheduler; its workers compute the comparison.",
            envvar="CORTEXLENS_SCHEDULER",
        ),
    ] = "",
) -> None:
    """Compare units with vertices: matched on training images, evaluated on test images."""
    from contextlib import nullcontext
    from functools import partial

    import torch

    from cortexlens.analysis.dictionaries.units import Comparison, units_dataset
    from cortexlens.compute.dask_client import connected, identity
    from cortexlens.features.store import open_features
    from cortexlens.sae.codes import check_same_images, image_codes
    from cortexlens.sae.model import load_sae
    from cortexlens.sae.workers import compare_on_workers
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import open_dataset, write_dataset

    torch.set_num_threads(threads)
    encoder, store = load_sae(sae), open_features(features)
    opened = open_dataset(responses, kind="responses")
    check_same_images(store, opened)
    how = Comparison(kept, shuffles, seed, threads)
    with connected(scheduler) if scheduler else nullcontext() as client:
        ways: dict[str, Any] = {}
        if client is not None:
            wanted, shared = identity("compare_units"), out.with_name(f".{out.name}.shared")
            ways["compare"] = partial(
                compare_on_workers, client=client, wanted=wanted, folder=shared
            )
        codes = image_codes(store, layer, encoder, pooling)
        dataset = units_dataset(codes, opened, how, **ways)
    dataset = dataset.assign_attrs(
        backbone=backbone,
        subject=subject,
        layer=layer,
        layer_number=store.layer_names.index(layer),
        sae_seed=sae_seed,
        tokens=encoder.tokens,
        pooling=pooling,
        layer_axis=store.layer_axis,
    )
    record = provenance.record(
        "compare_units",
        inputs={"sae": sae, "features": features, "responses": responses},
        settings={"pooling": pooling, "kept": kept, "shuffles": shuffles},
        seed=seed,
    )
    write_dataset(dataset, out, kind="units", provenance=record)

"""Stage: which units of an autoencoder resemble which vertices of a subject."""

from pathlib import Path
from typing import Annotated, Any

import typer


def compare_units(
    sae: Annotated[Path, typer.Option(help="sae.safetensors of the layer.")],
    features: Annotated[Path, typer.Option(help="Store of features of the subject's images.")],
    responses: Annotated[Path, typer.Option(help="Store of kind responses.")],
    out: Annotated[Path, typer.Option(help="Store of kind units to write (.zarr).")],
    backbone: Annotated[str, typer.Option(help="Identifier of the network.")],
    layer: Annotated[str, typer.Option(help="Name of the layer.")],
    subject: Annotated[str, typer.Option(help="Identifier of the subject.")],
    sae_seed: Annotated[int, typer.Option(help="Which of the layer's autoencoders.", min=0)] = 0,
    pooling: Annotated[
        str, typer.Option(help="max or mean over places, of an autoencoder of local tokens.")
    ] = "max",
    kept: Annotated[
        int, typer.Option(help="Units kept for each vertex, vertices kept for each unit.", min=1)
    ] = 16,
    shuffles: Annotated[
        int, typer.Option(help="Times that images are exchanged in the responses.", min=1)
    ] = 5,
    seed: Annotated[int, typer.Option(help="Of the exchanges.", min=0)] = 0,
    threads: Annotated[int, typer.Option(help="Processor threads.", min=1)] = 1,
    scheduler: Annotated[
        str,
        typer.Option(
            help="Address of a dask scheduler whose workers compare.",
            envvar="CORTEXLENS_SCHEDULER",
        ),
    ] = "",
) -> None:
    """Compare units with vertices: chosen on training images, told on test images."""
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

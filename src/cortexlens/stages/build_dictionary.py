"""Stage: the dictionary of a network and a subject, from units of all layers and seeds."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, DrawSeed, Interval


def build_dictionary(
    units: Annotated[
        list[Path], typer.Argument(help="Stores of kind units: every layer, every seed.")
    ],
    responses: Annotated[Path, typer.Option(help="Store of kind responses.")],
    out: Annotated[Path, typer.Option(help="Store of kind dictionary to write (.zarr).")],
    metric: Annotated[
        str, typer.Option(help="cosine or pearson: what maps and seeds are compared by.")
    ] = "pearson",
    interval: Interval = 0.95,
    bootstraps: Bootstraps = 1000,
    permutations: Annotated[
        int, typer.Option(help="How often test images are exchanged.", min=99)
    ] = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Give each vertex its most similar unit: chosen on training images, told on test images."""
    from cortexlens.analysis.dictionaries.dictionary import Choice, dictionary_dataset
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import open_dataset, write_dataset

    how = Choice(metric, interval, bootstraps, permutations, seed)
    opened = [open_dataset(each, kind="units") for each in units]
    dataset = dictionary_dataset(opened, open_dataset(responses, kind="responses"), how)
    inputs = {f"units_{number}": each for number, each in enumerate(units)}
    record = provenance.record(
        "build_dictionary",
        inputs={**inputs, "responses": responses},
        settings=how._asdict(),
        seed=seed,
    )
    write_dataset(dataset, out, kind="dictionary", provenance=record)

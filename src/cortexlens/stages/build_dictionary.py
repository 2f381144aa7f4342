"""Stage: build the dictionary of a network and a subject from units of all layers and seeds."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, ConfidenceLevel, DrawSeed


def build_dictionary(
    units: Annotated[
        list[Path], typer.Argument(help="Stores of kind units (.zarr) of every layer and seed.")
    ],
    responses: Annotated[Path, typer.Option(help="Response store of the subject (.zarr).")],
    out: Annotated[
        Path, typer.Option(help="Dictionary to write: a store of kind dictionary (.zarr).")
    ],
    metric: Annotated[
        str,
        typer.Option(help="Similarity by which maps and seeds are compared: cosine or pearson."),
    ] = "pearson",
    confidence_level: ConfidenceLevel = 0.95,
    bootstraps: Bootstraps = 1000,
    permutations: Annotated[
        int, typer.Option(help="Number of permutations of the test images.", min=99)
    ] = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Assign each vertex its most similar unit: chosen on training, evaluated on test images."""
    from cortexlens.analysis.dictionaries.dictionary import Choice, dictionary_dataset
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import open_dataset, write_dataset

    how = Choice(metric, confidence_level, bootstraps, permutations, seed)
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

"""Stage: tabulate preferences of units and regions, and what dictionaries share."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, ConfidenceLevel, DrawSeed


def summarise_units(
    dictionaries: Annotated[list[Path], typer.Argument(help="Stores of kind dictionary (.zarr).")],
    units: Annotated[
        Path, typer.Option(help="Folder with BACKBONE/LAYER/seed-0/SUBJECT.zarr, of kind units.")
    ],
    subjects: Annotated[
        Path, typer.Option(help="Folder with SUBJECT/images.tsv and SUBJECT/responses.zarr.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="Folder to write unit_selectivity.tsv, unit_agreement.tsv and "
            "dictionary_overlap.tsv to."
        ),
    ],
    confidence_level: ConfidenceLevel = 0.95,
    bootstraps: Bootstraps = 1000,
    permutations: Annotated[
        int, typer.Option(help="Number of permutations of labels, or of patches of cortex.", min=99)
    ] = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Tabulate whether the units of a region prefer what the region prefers, and which they share.

    For subjects whose images.tsv has no labels, only the overlap of dictionaries is tabulated.
    """
    from cortexlens.analysis.dictionaries.overlap import overlap_table
    from cortexlens.analysis.dictionaries.selectivity import (
        Labelled,
        find_profiles,
        selectivity_table,
    )
    from cortexlens.analysis.dictionaries.unit_agreement import agreement_table
    from cortexlens.analysis.statistics.intervals import Resampling
    from cortexlens.analysis.tables import write_table
    from cortexlens.sae.codes import mean_responses
    from cortexlens.storage.datasets import open_dataset
    from cortexlens.study.pictures.image_set import ImageSet

    opened = [open_dataset(path, kind="dictionary").load() for path in dictionaries]
    overlap = overlap_table(opened, permutations=permutations, seed=seed)
    how, profiles = Resampling(confidence_level, bootstraps, seed), []
    for dictionary in opened:
        backbone, subject = (str(dictionary.attrs[key]) for key in ("backbone", "subject"))
        labels = ImageSet.read(subjects / subject / "images.tsv").labels
        if labels is None or not any(labels):
            continue
        responses = open_dataset(subjects / subject / "responses.zarr", kind="responses")
        stores = {
            str(layer): units / backbone / str(layer) / "seed-0" / f"{subject}.zarr"
            for layer in dictionary.attrs["layer_names"]
        }
        of_layers = {name: open_dataset(path, kind="units") for name, path in stores.items()}
        given = Labelled(dictionary, of_layers, labels, mean_responses(responses)[0])
        profiles.append(find_profiles(given, how, permutations))
    write_table(selectivity_table(profiles, confidence_level), out / "unit_selectivity.tsv")
    write_table(agreement_table(profiles, confidence_level), out / "unit_agreement.tsv")
    write_table(overlap, out / "dictionary_overlap.tsv")

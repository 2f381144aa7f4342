"""Stage: tabulate dictionary layers (dictionary_hierarchy.tsv, dictionary_agreement.tsv)."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, ConfidenceLevel, DrawSeed

# Key of a dictionary or fit: network and subject.
Whose = tuple[str, str]


def summarise_dictionary_layers(
    stores: Annotated[
        list[Path],
        typer.Argument(
            help="Stores of kind dictionary and, if any, fits of the same networks and "
            "subjects; in any order."
        ),
    ],
    descriptions: Annotated[
        Path, typer.Option(help="Folder with the descriptions of networks, {backbone}.json.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="Folder to write dictionary_hierarchy.tsv and dictionary_agreement.tsv to."
        ),
    ],
    confidence_level: ConfidenceLevel = 0.95,
    bootstraps: Bootstraps = 1000,
    permutations: Annotated[
        int, typer.Option(help="Number of permutations of layers among patches of cortex.", min=99)
    ] = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Tabulate how dictionary layers follow the hierarchy and agree with the layers of fits."""
    from xarray import Dataset

    from cortexlens.analysis.dictionaries.agreement import dictionary_agreement
    from cortexlens.analysis.dictionaries.hierarchy import Pair, dictionary_hierarchy
    from cortexlens.analysis.statistics.intervals import Resampling
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.datasets import open_dataset, store_attributes
    from cortexlens.storage.json_files import read_json

    of_fits = [store_attributes(path).get("cortexlens_kind") == "fit" for path in stores]
    fits, dictionaries = dict[Whose, Dataset](), dict[Whose, Dataset]()
    for path, of_fit in zip(stores, of_fits, strict=True):
        opened = open_dataset(path, kind="fit" if of_fit else "dictionary").load()
        whose = str(opened.attrs["backbone"]), str(opened.attrs["subject"])
        (fits if of_fit else dictionaries)[whose] = opened
    pairs = []
    for whose, dictionary in dictionaries.items():
        described = read_json(descriptions / f"{whose[0]}.json", {"layers": [str]})
        pairs.append(Pair(dictionary, tuple(described["layers"]), fits.get(whose)))
    lines = dictionary_hierarchy(
        pairs, confidence_level=confidence_level, bootstraps=bootstraps, seed=seed
    )
    write_table(lines, out / "dictionary_hierarchy.tsv")
    table = dictionary_agreement(
        pairs, Resampling(confidence_level, bootstraps, seed), permutations
    )
    write_table(table, out / "dictionary_agreement.tsv")

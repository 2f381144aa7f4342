"""Stage: the tables dictionary_hierarchy.tsv and dictionary_agreement.tsv."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, DrawSeed, Interval


def summarise_dictionary_layers(
    stores: Annotated[
        list[Path],
        typer.Argument(
            help="Stores of kind dictionary, and FactorTopy fits of the same networks and subjects "
            "where there are any, in any order."
        ),
    ],
    descriptions: Annotated[
        Path, typer.Option(help="Folder with the descriptions of networks, {backbone}.json.")
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for dictionary_hierarchy.tsv and dictionary_agreement.tsv.")
    ],
    interval: Interval = 0.95,
    bootstraps: Bootstraps = 1000,
    permutations: Annotated[
        int, typer.Option(help="How often patches of cortex exchange layers.", min=99)
    ] = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Tabulate how dictionaries' layers follow the hierarchy, and agree with those of fits."""
    from cortexlens.analysis.dictionary_agreement import dictionary_agreement
    from cortexlens.analysis.dictionary_hierarchy import Pair, dictionary_hierarchy
    from cortexlens.analysis.intervals import Resampling
    from cortexlens.analysis.tables import write_table
    from cortexlens.backbones.description import layer_names
    from cortexlens.stores import open_dataset, store_attributes

    kinds = {path: str(store_attributes(path).get("cortexlens_kind")) for path in stores}
    opened = {
        kind: {
            (str(each.attrs["backbone"]), str(each.attrs["subject"])): each
            for each in (
                open_dataset(path, kind=kind).load()
                for path, found in kinds.items()
                if found == kind or (kind == "dictionary" and found != "fit")
            )
        }
        for kind in ("dictionary", "fit")
    }
    fits = opened["fit"]
    pairs = [
        Pair(each, layer_names(descriptions / f"{key[0]}.json"), fits.get(key))
        for key, each in opened["dictionary"].items()
    ]
    drawn = {"bootstraps": bootstraps, "seed": seed}
    lines = dictionary_hierarchy(pairs, interval=interval, **drawn)
    write_table(lines, out / "dictionary_hierarchy.tsv")
    how = Resampling(interval, bootstraps, seed)
    table = dictionary_agreement(pairs, how, permutations)
    write_table(table, out / "dictionary_agreement.tsv")

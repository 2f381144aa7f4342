"""Stage: tabulate how similar autoencoders of different seeds are (sae_stability.tsv)."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import DrawSeed


def match_saes(
    saes: Annotated[
        list[Path],
        typer.Argument(
            help="Autoencoders (sae.safetensors), those of each layer in order of their seeds."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    seed: DrawSeed = 0,
) -> None:
    """Match the unit directions of each layer's autoencoders one to one between seeds."""
    from cortexlens.analysis.dictionaries.stability import sae_stability_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.sae.model import load_sae

    write_table(sae_stability_table([load_sae(each) for each in saes], seed), out)

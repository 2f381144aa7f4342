"""Stage: the table sae_stability.tsv, how alike autoencoders of different seeds are."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import DrawSeed


def match_saes(
    saes: Annotated[
        list[Path], typer.Argument(help="sae.safetensors; those of a layer in order of seeds.")
    ],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
    seed: DrawSeed = 0,
) -> None:
    """Match the directions of each layer's autoencoders between seeds, one to one."""
    from cortexlens.analysis.dictionaries.stability import sae_stability_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.sae.model import load_sae

    write_table(sae_stability_table([load_sae(each) for each in saes], seed), out)

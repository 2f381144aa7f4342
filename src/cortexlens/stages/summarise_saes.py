"""Stage: tabulate the quality of sparse autoencoders (sae_quality.tsv)."""

from pathlib import Path
from typing import Annotated

import typer


def summarise_saes(
    reports: Annotated[list[Path], typer.Argument(help="Report of each autoencoder (sae.json).")],
    out: Annotated[Path, typer.Option(help="Table to write (.tsv).")],
) -> None:
    """Tabulate the quality of sparse autoencoders by network, layer and seed."""
    from cortexlens.analysis.dictionaries.quality import REPORTED, quality_table
    from cortexlens.analysis.tables import write_table
    from cortexlens.storage.json_files import read_json

    found = [read_json(path, REPORTED) for path in reports]
    write_table(quality_table(found), out)

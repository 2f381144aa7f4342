"""Stage: write the methods text of a study with its citations."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cortexlens.methods.facts import Facts


def write_methods(
    records: Annotated[
        list[Path],
        typer.Argument(
            help="Stores of responses, features, fits, scores, channels, dictionaries and "
            "recovery, descriptions of networks, reports of fine-tuning and autoencoders."
        ),
    ],
    study: Annotated[str, typer.Option(help="Name of the study.")],
    out: Annotated[Path, typer.Option(help="Text to write (.md).")],
    bibliography: Annotated[
        Path, typer.Option(help="Bibliography to write: the works that the text cites (.bib).")
    ],
    page: Annotated[Path, typer.Option(help="The text as a web page to write (.html).")],
) -> None:
    """Write the methods text of a study from the records in its results: text, BibTeX and HTML."""
    from importlib.metadata import version

    from cortexlens.errors import CortexlensError
    from cortexlens.methods.citations import bibliography as entries
    from cortexlens.methods.page import page_of
    from cortexlens.methods.text import cited, methods_text
    from cortexlens.storage.datasets import replacing

    facts = _read(records)
    needed: dict[str, Sequence[object]] = {
        "stores of responses": facts.subjects,
        "stores of features": facts.features,
        "stores of fits": facts.fits,
        "descriptions of networks": facts.networks,
    }
    if not all(needed.values()):
        found = ", ".join(f"{len(records)} {what}" for what, records in needed.items())
        raise CortexlensError(
            f"found {found}; a methods text needs at least one of each. Add the missing paths."
        )
    tools = {name: version(name) for name in ("snakemake", "nilearn")}
    text = methods_text(study, facts, tools)
    written = {out: text, bibliography: entries(cited(text)), page: page_of(text)}
    for path, content in written.items():
        with replacing(path) as partial:
            partial.write_text(content, encoding="utf-8")


def _read(paths: list[Path]) -> "Facts":
    """Read the records; of stores only the attributes and the counts of responses."""
    from cortexlens.methods.facts import gather
    from cortexlens.storage.datasets import open_dataset, store_attributes
    from cortexlens.storage.json_files import read_json

    records, responses = [], []
    for path in paths:
        if path.suffix == ".json":
            records.append(read_json(path))
        elif store_attributes(path).get("cortexlens_kind") == "responses":
            responses.append(open_dataset(path, kind="responses"))
        else:
            records.append(store_attributes(path))
    return gather(records, responses)

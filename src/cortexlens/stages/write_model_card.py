"""Stage: write the model card of the demo zoo."""

from pathlib import Path
from typing import Annotated

import typer


def write_model_card(
    reports: Annotated[list[Path], typer.Argument(help="Reports of train-backbone (.json).")],
    out: Annotated[Path, typer.Option(help="Markdown file to write.")],
) -> None:
    """Write a model card in Markdown: how the networks of the demo zoo were made and perform."""
    from cortexlens.backbones.zoo_card import model_card, read_report
    from cortexlens.storage.datasets import replacing

    text = model_card([read_report(path) for path in reports])
    with replacing(out) as partial:
        partial.write_text(text, encoding="utf-8")

"""Stage: check that a network's weights are in the cache, and download them if not."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.backbones import options
from cortexlens.backbones.cache import DEFAULT_CACHE


def fetch_weights(
    backbone: options.Backbone,
    source: options.Source,
    name: options.Name,
    out: Annotated[Path, typer.Option(help="JSON file to write: files and checksums.")],
    weights: options.Weights = None,
    weights_cache: options.WeightsCache = DEFAULT_CACHE,
    offline: Annotated[
        bool, typer.Option(help="Download nothing; fail and list what is missing.")
    ] = False,
) -> None:
    """Download a network's weights into the cache; the only stage that uses the internet."""
    import json

    from cortexlens.backbones import fetch
    from cortexlens.backbones.row import BackboneRow
    from cortexlens.storage.datasets import replacing

    columns = {"backbone": backbone, "source": source, "name": name, "weights": weights}
    row = BackboneRow.from_columns(columns)
    files = fetch.fetch_weights(row, weights_cache, offline=offline)
    with replacing(out) as partial:
        partial.write_text(
            json.dumps({"backbone": backbone, "files": files}, indent=2) + "\n", encoding="utf-8"
        )

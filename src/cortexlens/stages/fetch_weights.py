"""Stage: fetch the weights of a network into the cache."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.backbones import options as columns_of
from cortexlens.backbones.locations import DEFAULT_CACHE


def fetch_weights(
    backbone: columns_of.Backbone,
    source: columns_of.Source,
    name: columns_of.Name,
    weights: columns_of.Weights,
    out: Annotated[Path, typer.Option(help="JSON file to write: origin and SHA-256 of the files.")],
    weights_cache: columns_of.WeightsCache = DEFAULT_CACHE,
) -> None:
    """Fetch the weights of a network into the cache; those that are there are verified.

    The only stage that reaches the network.
    """
    import json

    from cortexlens.backbones.downloads import fetch_weights as fetch
    from cortexlens.backbones.row import BackboneRow
    from cortexlens.stores import replacing

    row = BackboneRow(backbone, source, name, weights)
    found = fetch(row, weights_cache)
    with replacing(out) as partial:
        partial.write_text(json.dumps(found, indent=2) + "\n")

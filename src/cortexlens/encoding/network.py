"""The network that a model was fitted to, loaded again."""

from pathlib import Path
from typing import Any

from cortexlens.backbones.network import Backbone, load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.errors import CortexlensError


def fitted_network(
    model: Path, about: dict[str, Any], weights: str | None, cache: str
) -> tuple[Backbone, dict[str, Any]]:
    """Load the network of a fitted model.

    Parameters
    ----------
    model
        File of the model, for errors.
    about
        What :func:`cortexlens.encoding.ensemble.load_models` gives.
    weights
        Of the network, if they lie elsewhere than when it was fitted.
    cache
        Folder that fetched weights lie in.

    Returns
    -------
    network, extraction
        The second: how its tokens were taken, e.g. ``grid`` and ``resize``.

    Raises
    ------
    CortexlensError
        If nothing says how the network is read, or its weights are others.
    """
    extraction = about["extraction"]
    if extraction is None:
        raise CortexlensError(
            f"{model}: was imported without features, so nothing says how its network is read. "
            "Import the checkpoint again with --features."
        )
    settings = ("grid", "resize", "batch_size")
    columns = {key: value for key, value in extraction.items() if key not in settings}
    if weights is not None:
        columns["weights"] = weights
    network = load_backbone(BackboneRow.from_columns(columns), cache=cache)
    expected, found = about["weights_sha256"], network.description["weights_sha256"]
    if found != expected:
        raise CortexlensError(
            f"{model}: fitted to a network with weights {expected[:12]}…, but "
            f"{columns['weights'] or 'the untrained network'} holds {found[:12]}…. "
            "Give the weights it was fitted to with --weights."
        )
    return network, extraction

"""The network that a model was fitted to, loaded again."""

from pathlib import Path
from typing import Any

from cortexlens.backbones.network import Backbone
from cortexlens.errors import CortexlensError
from cortexlens.features.origin import network_of


def fitted_network(
    model: Path,
    about: dict[str, Any],
    weights: str | None,
    cache: str,
    trust: str | None = None,
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
    trust
        As for :func:`cortexlens.features.origin.network_of`.

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
    expected = about["weights_sha256"]
    network = network_of(extraction, expected, model, weights=weights, cache=cache, trust=trust)
    return network, extraction

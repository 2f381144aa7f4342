"""Reload the network that a model was fitted to."""

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
    """Load the network that a model was fitted to.

    Parameters
    ----------
    model
        File of the model, for error messages.
    about
        Values saved with the model, from :func:`cortexlens.encoding.ensemble.load_models`.
    weights
        Present path of the network's weights, if they have moved since the fit.
    cache
        Folder of downloaded weights.
    trust
        As for :func:`cortexlens.features.origin.network_of`.

    Returns
    -------
    network
        The network.
    extraction
        Settings with which its tokens were extracted, e.g. ``grid`` and ``resize``.

    Raises
    ------
    CortexlensError
        If the model was imported without settings of an extraction, or the network's weights have
        changed.
    """
    extraction = about["extraction"]
    if extraction is None:
        raise CortexlensError(
            f"{model}: this model was imported without features, so that its network is unknown. "
            "Import the checkpoint again with --features."
        )
    expected = about["weights_sha256"]
    network = network_of(extraction, expected, model, weights=weights, cache=cache, trust=trust)
    return network, extraction

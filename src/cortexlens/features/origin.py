"""Reload the network that features were extracted from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cortexlens.backbones.network import Backbone, load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.errors import CortexlensError
from cortexlens.study.pictures.frames import SQUASH

# Settings of an extraction that are not columns of the network's row.
OF_EXTRACTION = ("grid", "resize", "batch_size")


def network_of(
    extraction: Mapping[str, Any],
    weights_sha256: str,
    made: Path,
    *,
    weights: str | None = None,
    cache: str,
    device: str = "cpu",
    trust: str | None = None,
) -> Backbone:
    """Load the network that features were extracted from, and check that its weights are the same.

    Parameters
    ----------
    extraction
        Settings of ``extract-features``, as recorded in the provenance of the features.
    weights_sha256
        SHA-256 of the network's tensors when the features were extracted.
    made
        Store of the features, or a file made from them, for error messages.
    weights
        Present path of the network's weights, if they have moved; None takes the recorded path.
    cache
        Folder of downloaded weights.
    device
        PyTorch device, e.g. ``cuda:0``.
    trust
        ``python`` to allow running the user's own function that builds the network. This consent
        is never read from a result file.

    Returns
    -------
    Backbone

    Raises
    ------
    CortexlensError
        If the network needs ``trust`` that is not given, or its weights have changed.
    """
    columns = {key: value for key, value in extraction.items() if key not in OF_EXTRACTION}
    columns.setdefault("fit", SQUASH)  # older features were all made this way
    columns["trust"] = trust if columns.get("source") == "python" else None
    if weights is not None:
        columns["weights"] = weights
    network = load_backbone(BackboneRow.from_columns(columns), device=device, cache=cache)
    found = network.description["weights_sha256"]
    if found != weights_sha256:
        raise CortexlensError(
            f"{made}: made from a network with weights {weights_sha256[:12]}…, but "
            f"{columns['weights'] or 'the untrained network'} holds {found[:12]}…. "
            "Give the weights it was made from with --weights."
        )
    return network

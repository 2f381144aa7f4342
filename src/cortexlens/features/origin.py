"""The network that features were taken from, loaded again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cortexlens.backbones.network import Backbone, load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.errors import CortexlensError
from cortexlens.study.pictures.frames import SQUASH

# Settings of an extraction that are none of the network's row.
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
    """Load the network that features were taken from.

    Parameters
    ----------
    extraction
        Settings of ``extract-features``.
    weights_sha256
        Of the network's tensors at that time.
    made
        File that was made from the features, or their store, for errors.
    weights
        Of the network, if they lie elsewhere now.
    cache
        Folder that fetched weights lie in.
    device
        As PyTorch names it.
    trust
        ``python`` where a function of the user's may run; no file of results says that.

    Raises
    ------
    CortexlensError
        If it needs trust that is not given, or its weights are others now.
    """
    columns = {key: value for key, value in extraction.items() if key not in OF_EXTRACTION}
    columns.setdefault("fit", SQUASH)  # features of before there was a choice
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

"""Low-rank updates of weights (LoRA, Hu et al. 2021, arXiv 2106.09685), with the library peft."""

from collections.abc import Mapping

import torch
from torch import nn

from cortexlens.backbones.torchvision_shim import prepare
from cortexlens.errors import CortexlensError

_UPDATE, _BASE, _ADAPTER = "lora_", ".base_layer", "default"


def inject(network: nn.Module, rank: int, depths: Mapping[str, int], n_frozen: int) -> None:
    """Add LoRA updates, initially zero, to a network's linear layers and convolutions, in place.

    Grouped convolutions get no updates, nor do modules within PyTorch's own attention, which uses
    their weights without calling them.

    Parameters
    ----------
    network
        The network.
    rank
        Rank of the updates; their scale is 2, as is usual.
    depths
        Depth of each parameter, see :func:`cortexlens.finetuning.tuner.depths`.
    n_frozen
        Modules of a depth below this number get no updates.

    Raises
    ------
    CortexlensError
        If there is no module to update.
    """
    prepare()
    from peft import LoraConfig, inject_adapter_in_model

    attention = [
        f"{name}."
        for name, module in network.named_modules()
        if isinstance(module, nn.MultiheadAttention)
    ]
    chosen = [
        name
        for name, module in network.named_modules()
        if _takes_update(module)
        and depths[f"{name}.weight"] >= n_frozen
        and not name.startswith(tuple(attention))
    ]
    if not chosen:
        raise CortexlensError(
            "finetuning.trained is lora, but no linear layer or convolution outside the frozen "
            "layers can take an update. Lower finetuning.frozen_layers, or set finetuning.trained "
            "to all."
        )
    inject_adapter_in_model(
        LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=chosen), network, _ADAPTER
    )


def _takes_update(module: nn.Module) -> bool:
    plain = isinstance(module, nn.Conv2d) and module.groups == 1
    return plain or isinstance(module, nn.Linear)


def is_update(name: str) -> bool:
    """Whether a parameter, given by its name, belongs to a LoRA update."""
    return _UPDATE in name


def base_name(name: str) -> str:
    """Return the original name of a parameter, or of the parameter that an update belongs to."""
    if is_update(name):
        return f"{name.partition(f'.{_UPDATE}')[0]}.weight"
    return name.replace(_BASE, "")


@torch.no_grad()
def merged_state(network: nn.Module) -> dict[str, torch.Tensor]:
    """Return a copy of a network's state dict with LoRA updates, if any, added to its weights."""
    state = {
        base_name(name): value.detach().clone()
        for name, value in network.state_dict().items()
        if not is_update(name)
    }
    for name, module in network.named_modules():
        if hasattr(module, "get_delta_weight"):
            state[f"{name}.weight"] += module.get_delta_weight(_ADAPTER)
    return state

"""Updates of low rank (LoRA, Hu et al. 2021, arXiv 2106.09685), by the library peft."""

from collections.abc import Mapping

import torch
from torch import nn

from cortexlens.backbones.torchvision_shim import prepare
from cortexlens.errors import CortexlensError

_UPDATE, _BASE, _ADAPTER = "lora_", ".base_layer", "default"


def inject(network: nn.Module, rank: int, depths: Mapping[str, int], n_frozen: int) -> None:
    """Add updates to a network's linear layers and convolutions, in place; they start at zero.

    Grouped convolutions and what lies within PyTorch's own attention, whose weights are no
    layers, are left as they are.

    Parameters
    ----------
    network
        The network.
    rank
        Of the updates; their scale is 2, as is usual.
    depths
        Depth of each parameter, see :func:`cortexlens.finetuning.tuner.depths`.
    n_frozen
        Depths below it get no updates.

    Raises
    ------
    CortexlensError
        If nothing takes an update.
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
            "trained is lora, but no linear layer or convolution is left that takes an update. "
            "Lower finetuning.frozen_layers, or set finetuning.trained to all."
        )
    inject_adapter_in_model(
        LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=chosen), network, _ADAPTER
    )


def _takes_update(module: nn.Module) -> bool:
    plain = isinstance(module, nn.Conv2d) and module.groups == 1
    return plain or isinstance(module, nn.Linear)


def is_update(name: str) -> bool:
    """Whether a parameter belongs to an update."""
    return _UPDATE in name


def base_name(name: str) -> str:
    """Name that a parameter, or the one that an update belongs to, has without updates."""
    if is_update(name):
        return f"{name.partition(f'.{_UPDATE}')[0]}.weight"
    return name.replace(_BASE, "")


@torch.no_grad()
def merged_state(network: nn.Module) -> dict[str, torch.Tensor]:
    """Copy a network's state with its updates, if it has any, added to its weights."""
    state = {
        base_name(name): value.detach().clone()
        for name, value in network.state_dict().items()
        if not is_update(name)
    }
    for name, module in network.named_modules():
        if hasattr(module, "get_delta_weight"):
            state[f"{name}.weight"] += module.get_delta_weight(_ADAPTER)
    return state

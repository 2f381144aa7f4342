"""A network with a classification head for fine-tuning: trainable weights and learning rates."""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from cortexlens.backbones.network import Backbone
from cortexlens.errors import CortexlensError
from cortexlens.finetuning import lora
from cortexlens.finetuning.settings import Settings

# Standard deviation of the head's initial weights, as in timm.
HEAD_STD = 0.02


class Tuner(nn.Module):
    """A backbone and a linear head on the global token of its last layer.

    The head reads the global token that the mapping reads, a class token or the mean over the last
    feature map, standardised over channels without learnt parameters. All networks are thus tuned
    in the same way, whatever head or pooling their library has, and every trained weight affects
    the features that are mapped.

    Parameters
    ----------
    backbone
        The network; its modules are trained in place.
    n_classes
        Number of classes of the task.
    settings
        Training settings.

    Raises
    ------
    CortexlensError
        If more layers are frozen than the network has, or LoRA finds no module to update.
    """

    def __init__(self, backbone: Backbone, n_classes: int, settings: Settings) -> None:
        super().__init__()
        self.backbone, self.settings = backbone, settings
        self.network = backbone.network
        self.dtype = torch.float32
        n_layers, n_frozen = len(backbone.layer_names), settings.frozen_layers
        if n_frozen > n_layers:
            raise CortexlensError(
                f"frozen_layers is {n_frozen}; this network has {n_layers} layers. Change "
                "frozen_layers in section finetuning of the config."
            )
        torch.manual_seed(settings.seed)
        channels = backbone.channels[-1]
        self.standardise = nn.LayerNorm(channels, elementwise_affine=False)
        self.head = nn.Linear(channels, n_classes)
        nn.init.trunc_normal_(self.head.weight, std=HEAD_STD)
        nn.init.zeros_(self.head.bias)
        self.depths = depths(self.network, backbone.layer_names)
        if settings.trained == "lora":
            lora.inject(self.network, settings.lora_rank, self.depths, n_frozen)
        for name, parameter in self.network.named_parameters():
            parameter.requires_grad_(self._learns(name))
        self.to(backbone.device)

    def _learns(self, name: str) -> bool:
        if self.settings.trained == "lora":
            return lora.is_update(name)
        return self.settings.trained == "all" and self._depth(name) >= self.settings.frozen_layers

    def _depth(self, name: str) -> int:
        return self.depths[lora.base_name(name)]

    def train(self, mode: bool = True) -> "Tuner":
        """Set training mode; batch normalisation follows ``norm_statistics`` instead."""
        super().train(mode)
        for module in self.network.modules():
            if isinstance(module, _BatchNorm) and not self._moves(module):
                module.eval()
        return self

    def _moves(self, module: nn.Module) -> bool:
        """Whether a batch normalisation uses the statistics of the batch."""
        wanted = self.settings.norm_statistics == "batch" and self.settings.trained == "all"
        return wanted and all(parameter.requires_grad for parameter in module.parameters())

    def forward(
        self, batch: Float[torch.Tensor, "batch 3 height width"]
    ) -> Float[torch.Tensor, "batch label"]:
        """Compute the logits of the classes, in float32."""
        device = self.backbone.device
        inputs = batch.to(device).to(memory_format=torch.channels_last)
        reduced = self.dtype is not torch.float32
        with torch.autocast(device.type, torch.bfloat16, enabled=reduced):
            token = self.backbone.last_token(inputs)
        logits: Float[torch.Tensor, "batch label"] = self.head(self.standardise(token.float()))
        return logits

    def groups(self) -> Iterator[dict[str, object]]:
        """Yield AdamW's parameter groups: the head, then one per layer, from last to first."""
        settings, n_layers = self.settings, len(self.backbone.layer_names)
        yield {
            "params": list(self.head.parameters()),
            "lr": settings.learning_rate * settings.head_lr_multiplier,
        }
        for depth in reversed(range(n_layers)):
            own = [
                parameter
                for name, parameter in self.network.named_parameters()
                if parameter.requires_grad and min(self._depth(name), n_layers - 1) == depth
            ]
            if own:
                rate = settings.learning_rate * settings.layer_decay ** (n_layers - depth)
                yield {"params": own, "lr": rate}

    def backbone_state(self) -> dict[str, torch.Tensor]:
        """Return a copy of the network's weights, LoRA merged, named as in the original network."""
        return lora.merged_state(self.network)


def depths(network: nn.Module, layer_names: list[str]) -> dict[str, int]:
    """Return the depth of each parameter: the number of layers that end before it.

    Positions are those of modules in the order in which the network lists them, since layers may
    have no parameters. Modules between two layers belong to the later one, and modules before the
    first layer to the first.

    Parameters
    ----------
    network
        The network.
    layer_names
        Names of the modules that are its layers, in order.

    Returns
    -------
    dict
        Name of the parameter → depth from 0.
    """
    modules = {name: position for position, (name, _) in enumerate(network.named_modules())}
    ends = [
        max(position for name, position in modules.items() if f"{name}.".startswith(f"{layer}."))
        for layer in layer_names
    ]
    return {
        name: sum(end < modules[name.rpartition(".")[0]] for end in ends)
        for name, _ in network.named_parameters()
    }

"""Activation patching: running a network with changed tokens in one of its layers."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float

from cortexlens.backbones.hooks import HookReader, RawLayer, as_layer, as_output
from cortexlens.backbones.inversion import InversionReader
from cortexlens.backbones.network import Backbone

Change = Callable[[RawLayer], RawLayer]


class ActivationPatch:
    """One layer of a network whose output can be replaced during the forward pass.

    Parameters
    ----------
    backbone
        The network.
    layer
        Name of the layer.
    """

    def __init__(self, backbone: Backbone, layer: str) -> None:
        self.backbone, self.layer = backbone, layer
        found, index = backbone.reader, backbone.layer_names.index(layer)
        if not isinstance(found, HookReader):
            # the network's own reader does not know the layout of the module's output
            found, index = _hooked(backbone, layer), 0
        self._layout, self._with_class = found.layouts[index], found.with_class
        self._place = found.place

    @staticmethod
    def possible(backbone: Backbone) -> bool:
        """Whether an image passes the layers exactly once, so that a layer can be patched."""
        return not isinstance(backbone.reader, InversionReader)

    @torch.no_grad()
    def last(
        self, batch: Float[torch.Tensor, "batch 3 height width"], change: Change | None = None
    ) -> Float[torch.Tensor, "batch channel"]:
        """Global token of the network's last layer.

        Parameters
        ----------
        batch
            Images after ``preprocess``.
        change
            Function from the layer's tokens to those that the network continues with; None:
            unchanged.
        """
        on_device = batch.to(self.backbone.device).to(memory_format=torch.channels_last)
        if change is None:
            return self.backbone.last_token(on_device)

        def hook(_module: Any, _inputs: Any, output: Any) -> Any:
            alone = isinstance(output, torch.Tensor)
            parts = [output] if alone else list(output)
            # in a tuple, the part that HookReader reads
            place = self._place if len(parts) > self._place else 0
            layer = change(as_layer(parts[place], self._layout, self._with_class))
            parts[place] = as_output(layer, parts[place], self._layout)
            return parts[0] if alone else tuple(parts)

        handle = dict(self.backbone.network.named_modules())[self.layer].register_forward_hook(hook)
        try:
            return self.backbone.last_token(on_device)
        finally:
            handle.remove()


@torch.no_grad()
def _hooked(backbone: Backbone, layer: str) -> HookReader:
    """Make a hook-based reader for a layer that its library reads in another way."""
    side = backbone.preprocess.input_size
    generator = torch.Generator().manual_seed(0)
    probe = torch.rand(2, 3, side, side, generator=generator).to(backbone.device)
    high, _ = backbone.description["map_sizes"][backbone.layer_names.index(layer)]
    name = backbone.description["backbone"]
    return HookReader(backbone.network, [layer], probe, name, map_side=high)

"""Any network as a :class:`Backbone`, which maps images to the tokens of every layer."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import nn

from cortexlens.backbones import diffusers_source
from cortexlens.backbones.cache import DEFAULT_CACHE
from cortexlens.backbones.checkpoints import state_hash
from cortexlens.backbones.hooks import HookReader, RawLayer, matching_modules, module_names
from cortexlens.backbones.intermediates import IntermediatesReader, wanted_indices
from cortexlens.backbones.inversion import Inversion, InversionReader
from cortexlens.backbones.prepared import prepared
from cortexlens.backbones.preprocessing import Preprocessing, resolve
from cortexlens.backbones.probe import probe_hash, probe_inputs, to_evaluation
from cortexlens.backbones.row import BackboneRow, refuse
from cortexlens.backbones.sources import Built, build
from cortexlens.errors import CortexlensError

# Blocks that layers=all selects in libraries without an API for tokens: the first entry whose
# modules all exist.
BLOCKS = (
    "encoder.layers.*",
    "transformer.resblocks.*",
    "trunk.blocks.*",
    diffusers_source.LAYERS,
    diffusers_source.TRANSFORMER_LAYERS,
    "layer1.*,layer2.*,layer3.*,layer4.*",
    "features.*",
    "scales.*",
)


Reader = HookReader | IntermediatesReader | InversionReader


class LayerTokens(NamedTuple):
    """Tokens of one layer for a batch of images.

    Parameters
    ----------
    local_map
        The layer's map at its own resolution; x to the right, y downward.
    global_token
        Class token, or the mean over the map.
    """

    local_map: Float[torch.Tensor, "batch channel height width"]
    global_token: Float[torch.Tensor, "batch channel"]


class Backbone:
    """A network whose layers' tokens can be read; made by :func:`load_backbone`.

    Attributes
    ----------
    layer_names : list of str
        Modules that are read, in order of execution.
    channels : list of int
        Number of channels of each layer.
    preprocess : Preprocessing
        Converts an image to the network's input, (3, height, width).
    description : dict
        Everything that determines the tokens, as JSON values.
    """

    def __init__(self, row: BackboneRow, built: Built, device: str) -> None:
        self.device = torch.device(device)
        self.preprocess: Preprocessing = resolve(row, built.library)
        self._network = built.network
        # the user's code may depend on things that neither its source nor its weights show
        probe = self._probed(row) if row.source == "python" else None
        layers = self._prepare(row, self.device)
        self.layer_names: list[str] = self._reader.layer_names
        self.channels: list[int] = [layer.local.shape[1] for layer in layers]
        self._class_token = _use_class_token(row, layers)
        self.description: dict[str, Any] = {
            "backbone": row.backbone,
            "source": row.source,
            "name": row.name,
            "weights": row.tuned or row.weights or f"untrained, seed {row.seed}",
            "weights_sha256": state_hash(self._network),
            "code": built.code,
            **({} if probe is None else {"probe": probe}),
            "preprocessing": self.preprocess.description(),
            "layers": self.layer_names,
            "channels": self.channels,
            "map_sizes": [list(layer.local.shape[2:]) for layer in layers],
            "layouts": self._reader.layouts,
            "global_token": "class" if self._class_token else "mean",
            "n_parameters": sum(p.numel() for p in self._network.parameters()),
            "versions": {name: version(name) for name in ("torch", "torchvision", "timm")},
        }
        if isinstance(self._reader, InversionReader):
            self.description["layer_axis"] = self._reader.layer_axis
            self.description["inversion"] = self._reader.description

    @property
    def network(self) -> nn.Module:
        """The library's own module."""
        return self._network

    @property
    def reader(self) -> Reader:
        """The object that reads the layers."""
        return self._reader

    def _probed(self, row: BackboneRow) -> str:
        """Check that layers are functions of the image, and return a hash of their values.

        On the CPU if the network runs there: rounding on GPUs is not reproducible, so the key of
        the features would change from run to run.
        """
        to_evaluation(self._network, row.backbone)
        if self.device.type != "cpu":
            with suppress(Exception):  # such as a network with tensors that stay on the GPU
                self._prepare(row, torch.device("cpu"))
                return self._hash(row, torch.device("cpu"))
        self._prepare(row, self.device)
        return self._hash(row, self.device)

    @torch.no_grad()
    def _hash(self, row: BackboneRow, device: torch.device) -> str:
        inputs = probe_inputs(self.preprocess).to(device)
        with _one_line_errors(row, inputs):
            return probe_hash(self._read, inputs, self._reader.layer_names, row.backbone)

    @torch.no_grad()
    def _prepare(self, row: BackboneRow, device: torch.device) -> list[RawLayer]:
        """Choose how layers are read, and test it on two random images."""
        self._network = prepared(self._network, device, row.backbone)
        side = self.preprocess.input_size
        generator = torch.Generator().manual_seed(0)
        pictures = torch.rand(2, 3, side, side, generator=generator).to(device)
        with _one_line_errors(row, pictures):
            self._reader = reader_of(row, self._network, pictures.clone())
            return self._read(pictures)

    def _read(self, batch: Float[torch.Tensor, "batch 3 height width"]) -> list[RawLayer]:
        # always a copy, since the network may modify its input in place
        return self._reader(batch.clone(memory_format=torch.channels_last))

    @torch.inference_mode()
    def tokens(
        self,
        batch: Float[torch.Tensor, "batch 3 height width"],
        dtype: torch.dtype = torch.float32,
    ) -> list[LayerTokens]:
        """Run the network on a batch and return the tokens of its layers.

        Parameters
        ----------
        batch
            Output of ``preprocess`` for several images.
        dtype
            Precision of large matrix products: float32, or bfloat16 by PyTorch's autocast, which
            keeps sums over many values in float32. Tokens are float32 in either case.

        Returns
        -------
        list of LayerTokens
            One per layer, in the order of ``layer_names``, on the backbone's device.
        """
        # asynchronous if the batch is in pinned memory and the device a GPU
        on_device = batch.to(self.device, non_blocking=True)
        reduced = dtype is not torch.float32
        with torch.autocast(self.device.type, torch.bfloat16, enabled=reduced):
            layers = self._read(on_device)
        if reduced:
            layers = [
                RawLayer(layer.local.float(), _as_float(layer.class_token)) for layer in layers
            ]
        return [LayerTokens(layer.local, self._global_token(layer)) for layer in layers]

    def last_token(
        self, batch: Float[torch.Tensor, "batch 3 height width"]
    ) -> Float[torch.Tensor, "batch channel"]:
        """Global token of the last layer, with its gradients.

        Parameters
        ----------
        batch
            Output of ``preprocess`` for several images.
        """
        return self._global_token(self._reader(batch)[-1])

    def _global_token(self, layer: RawLayer) -> Float[torch.Tensor, "batch channel"]:
        if self._class_token and layer.class_token is not None:
            return layer.class_token
        return layer.local.mean((2, 3))


def load_backbone(row: BackboneRow, device: str = "cpu", cache: str = DEFAULT_CACHE) -> Backbone:
    """Build the network of a row of ``backbones.tsv``, load its weights and run it once.

    Parameters
    ----------
    row
        Network, weights, layers and preprocessing.
    device
        Device in PyTorch's notation: ``cpu``, ``cuda``, ``cuda:1``.
    cache
        Folder of downloaded weights.

    Returns
    -------
    Backbone
        In evaluation mode. Nothing is downloaded: see :mod:`cortexlens.backbones.fetch`.

    Raises
    ------
    CortexlensError
        If the row, its weights or its layers do not fit the network.
    """
    return Backbone(row, build(row, cache), device)


@contextmanager
def _one_line_errors(row: BackboneRow, pictures: torch.Tensor) -> Iterator[None]:
    """Turn any exception in a network's forward pass into a one-line error."""
    try:
        yield
    except CortexlensError:
        raise
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        side = pictures.shape[-1]
        raise CortexlensError(
            f"backbone {row.backbone!r}: {row.name} does not run on {len(pictures)} images of "
            f"{side} × {side} px ({reason}). Change input_size or name."
        ) from error


def _as_float(tokens: torch.Tensor | None) -> torch.Tensor | None:
    return None if tokens is None else tokens.float()


def reader_of(row: BackboneRow, network: nn.Module, probe: torch.Tensor) -> Reader:
    """Choose how a network's layers are read: through its library if possible, else by hooks.

    Parameters
    ----------
    row
        Row whose column ``layers`` selects the layers.
    network
        The network, in evaluation mode.
    probe
        A small batch of images.

    Raises
    ------
    CortexlensError
        If the column does not fit the network.
    """
    if hasattr(network, "forward_intermediates") and hasattr(network, "feature_info"):
        indices = wanted_indices(row.layers, len(list(network.feature_info)), row.backbone)  # type: ignore[arg-type]
        if indices is not None:
            return IntermediatesReader(network, indices)
    read = network.denoiser if isinstance(network, Inversion) else network
    patterns = _every_block(row, read) if row.layers == "all" else row.layers
    if patterns is None:
        refuse(
            row.backbone,
            "layers",
            "all",
            "comma-separated names of modules of this network, since it is not known which of them "
            f"are its layers: {module_names(read)}",
        )
    names = matching_modules(read, patterns, row.backbone)
    if isinstance(network, Inversion):
        return InversionReader(network, names, row.steps, probe, row.backbone)
    return HookReader(
        network,
        names,
        probe,
        row.backbone,
        prefix_tokens=row.prefix_tokens,
        class_token=row.global_token == "class",
    )


def _every_block(row: BackboneRow, network: nn.Module) -> str | None:
    """Patterns of the blocks of a library's network without an API for tokens; None if unknown."""
    if row.source not in ("torchvision", "open_clip", "diffusers", "control") and not row.steps:
        return None
    modules = [name for name, _ in network.named_modules()]
    for patterns in BLOCKS:
        stems = [part.removesuffix(".*") for part in patterns.split(",")]
        if all(stem in modules for stem in stems):
            return patterns
    return None


def _use_class_token(row: BackboneRow, layers: list[RawLayer]) -> bool:
    present = all(layer.class_token is not None for layer in layers)
    if row.global_token == "class" and not present:
        refuse(row.backbone, "global_token", "class", "mean, as not every layer has a class token")
    return present and row.global_token != "mean"

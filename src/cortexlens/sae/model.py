"""Sparse autoencoder of one layer, and its file format."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn

from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import replacing

ACTIVATIONS: Final = ("topk", "batchtopk", "jumprelu", "l1")
TOKENS: Final = ("class", "mean", "local")
# Entry of a file's metadata that describes the autoencoder.
ENTRY: Final = "sae"


@dataclass(frozen=True)
class About:
    """Description of an autoencoder, saved in its file as text.

    Attributes
    ----------
    activation
        Activation function, one of :data:`ACTIVATIONS`.
    k
        Number of active units per token: exactly with topk, otherwise on average.
    tokens
        Tokens that it is trained on, one of :data:`TOKENS`.
    backbone, layer
        Identifier of the network, and name of its layer.
    """

    activation: str
    k: int
    tokens: str
    backbone: str = ""
    layer: str = ""

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("activation", self.activation, ACTIVATIONS),
            ("tokens", self.tokens, TOKENS),
        ):
            if value not in allowed:
                raise CortexlensError(
                    f"sae.{name} is {value!r}; allowed: {', '.join(allowed)}. Change the config."
                )


class _Decoder(nn.Module):
    """Decoder: unit-length direction of each unit, and a bias."""

    def __init__(self, n_units: int, n_channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_units, n_channels))
        self.bias = nn.Parameter(torch.zeros(n_channels))


class _Input(nn.Module):
    """Normalisation of tokens."""

    mean: Tensor
    scale: Tensor

    def __init__(self, n_channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_channels))
        self.register_buffer("scale", torch.ones(()))


class Sae(nn.Module):
    """A sparse autoencoder.

    Tokens x are normalised to x̂ = (x − mean) / scale, with the mean token of the training images
    and a single scale, at which channels have a mean variance of 1. Pre-activations are
    W_enc · x̂ + b_enc, and codes z reconstruct x̂ as W_decᵀ · z + b_dec. The encoder does not
    subtract b_dec first, since its own bias can learn this.

    Parameters
    ----------
    about
        Description of the autoencoder.
    n_channels, n_units
        Numbers of channels of the layer, and of units of the dictionary.

    Attributes
    ----------
    threshold
        Value that the pre-activation of each unit must exceed to be active; 0 with topk and l1,
        learnt with jumprelu alone.
    frequency
        Fraction of the held-out tokens on which each unit is active.
    """

    threshold: nn.Parameter
    frequency: Tensor

    def __init__(self, about: About, n_channels: int, n_units: int) -> None:
        super().__init__()
        self.about = about
        self.encoder = nn.Linear(n_channels, n_units)
        self.decoder = _Decoder(n_units, n_channels)
        self.input = _Input(n_channels)
        self.threshold = nn.Parameter(torch.zeros(n_units), about.activation == "jumprelu")
        self.register_buffer("frequency", torch.zeros(n_units))

    @property
    def n_units(self) -> int:
        """Number of units in the dictionary."""
        return int(self.encoder.out_features)

    @property
    def tokens(self) -> str:
        """Tokens that it was trained on, one of :data:`TOKENS`."""
        return self.about.tokens

    @property
    def activation(self) -> str:
        """Activation function, one of :data:`ACTIVATIONS`."""
        return self.about.activation

    def normalised(self, tokens: Shaped[Tensor, "token channel"]) -> Float[Tensor, "token channel"]:
        """Normalise tokens, of any number format, to float32."""
        return (tokens.float() - self.input.mean) / self.input.scale

    @torch.no_grad()
    def encode(self, tokens: Shaped[Tensor, "token channel"]) -> Float[Tensor, "token unit"]:
        """Compute the codes of tokens.

        Parameters
        ----------
        tokens
            Tokens in the network's own units, float16 or float32, on the autoencoder's device.

        Returns
        -------
        Tensor
            Non-negative codes; 0 where a unit is not active.
        """
        before: Tensor = self.encoder(self.normalised(tokens))
        if self.activation == "topk":
            values, units = before.topk(min(self.about.k, self.n_units), dim=1)
            return torch.zeros_like(before).scatter_(1, units, values.relu())
        return before * (before > self.threshold)

    @torch.no_grad()
    def encode_sparse(
        self, tokens: Shaped[Tensor, "token channel"]
    ) -> tuple[Float[Tensor, "token kept"], Int[Tensor, "token kept"]]:
        """Compute the codes of the active units alone, strongest first.

        Parameters
        ----------
        tokens
            As for :meth:`encode`.

        Returns
        -------
        values, units
            Codes and indices of the units of each token. Their number is that of the token with
            most active units; other tokens are padded with codes of 0.
        """
        codes = self.encode(tokens)
        n_kept = max(1, int((codes > 0).sum(dim=1).max())) if len(codes) else 1
        values, units = codes.topk(n_kept, dim=1)
        return values, units

    @torch.no_grad()
    def decode(self, codes: Float[Tensor, "token unit"]) -> Float[Tensor, "token channel"]:
        """Reconstruct tokens from codes, in the network's own units."""
        return (codes @ self.decoder.weight + self.decoder.bias) * self.input.scale + (
            self.input.mean
        )

    def reconstruct(
        self, tokens: Shaped[Tensor, "token channel"]
    ) -> Float[Tensor, "token channel"]:
        """Reconstruct tokens: encode them and decode their codes."""
        return self.decode(self.encode(tokens))


def save_sae(sae: Sae, path: Path) -> None:
    """Write the tensors and the description of an autoencoder to a safetensors file.

    Parameters
    ----------
    sae
        Autoencoder to save.
    path
        File to write.
    """
    from safetensors.torch import save_file

    tensors = {name: value.detach().cpu().contiguous() for name, value in sae.state_dict().items()}
    with replacing(path) as partial:
        # One metadata entry: safetensors writes several in an order that differs between runs.
        save_file(tensors, partial, {ENTRY: json.dumps(vars(sae.about), sort_keys=True)})
        # safetensors makes files that only their owner can read.
        partial.chmod(0o644)


# Names of settings in files of version 0.1.0, and their present names.
_RENAMED = {"active": "k"}


def _renamed(settings: dict[str, Any]) -> dict[str, Any]:
    return {_RENAMED.get(name, name): value for name, value in settings.items()}


def load_sae(path: Path, device: str | torch.device = "cpu") -> Sae:
    """Load an autoencoder that :func:`save_sae` wrote.

    Parameters
    ----------
    path
        File ``sae.safetensors``.
    device
        PyTorch device to load it to.

    Returns
    -------
    Sae
        Autoencoder in evaluation mode, without gradients.

    Raises
    ------
    CortexlensError
        If the file is missing or is not an autoencoder.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt", device=str(device)) as file:
            about = About(**_renamed(json.loads((file.metadata() or {})[ENTRY])))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        n_units, n_channels = tensors["encoder.weight"].shape
        sae = Sae(about, n_channels, n_units).to(device)
        sae.load_state_dict(tensors)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CortexlensError(
            f"{path}: cannot be read as a sparse autoencoder ({type(error).__name__}: {error}). "
            "Run the workflow again to make it."
        ) from error
    return sae.eval().requires_grad_(False)

"""A sparse autoencoder of one layer: its tensors, its four activations, its file."""

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
# Entry of a file's metadata that says what it is of.
ENTRY: Final = "sae"


@dataclass(frozen=True)
class About:
    """What an autoencoder is of; kept in its file as text.

    Attributes
    ----------
    activation
        One of :data:`ACTIVATIONS`.
    k
        Units that are active on a token: exactly (topk), or in the mean.
    tokens
        One of :data:`TOKENS`.
    backbone, layer
        The network, and the name of its layer.
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
    """Directions of units, of length 1, and the centre."""

    def __init__(self, n_units: int, n_channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_units, n_channels))
        self.bias = nn.Parameter(torch.zeros(n_channels))


class _Input(nn.Module):
    """How tokens are normalised."""

    mean: Tensor
    scale: Tensor

    def __init__(self, n_channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_channels))
        self.register_buffer("scale", torch.ones(()))


class Sae(nn.Module):
    """A sparse autoencoder.

    Tokens x become x̂ = (x − mean) / scale, with the mean token of the training images and one
    scale for all channels, at which channels vary by 1 in the mean. Before the activation, units
    are W_enc · x̂ + b_enc; codes z give the reconstruction W_decᵀ · z + b_dec of x̂. What the
    encoder would lose by not taking b_dec off first, its own bias learns.

    Parameters
    ----------
    about
        What it is of.
    n_channels, n_units
        Sizes.
    """

    threshold: nn.Parameter
    frequency: Tensor

    def __init__(self, about: About, n_channels: int, n_units: int) -> None:
        super().__init__()
        self.about = about
        self.encoder = nn.Linear(n_channels, n_units)
        self.decoder = _Decoder(n_units, n_channels)
        self.input = _Input(n_channels)
        # What a unit has to be above to count; with topk and l1 zero. Learnt with jumprelu alone.
        self.threshold = nn.Parameter(torch.zeros(n_units), about.activation == "jumprelu")
        # Part of the held-out tokens on which each unit is active.
        self.register_buffer("frequency", torch.zeros(n_units))

    @property
    def n_units(self) -> int:
        """Units of the dictionary."""
        return int(self.encoder.out_features)

    @property
    def tokens(self) -> str:
        """What it was trained on, one of :data:`TOKENS`."""
        return self.about.tokens

    @property
    def activation(self) -> str:
        """One of :data:`ACTIVATIONS`."""
        return self.about.activation

    def normalised(self, tokens: Shaped[Tensor, "token channel"]) -> Float[Tensor, "token channel"]:
        """Centre and scale tokens of any number format."""
        return (tokens.float() - self.input.mean) / self.input.scale

    @torch.no_grad()
    def encode(self, tokens: Shaped[Tensor, "token channel"]) -> Float[Tensor, "token unit"]:
        """Codes of tokens, as the network gives them.

        Parameters
        ----------
        tokens
            Float16 or float32, on the autoencoder's device.

        Returns
        -------
        Tensor
            At least 0; 0 where a unit is not active.
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
        """Codes and units of those that are active, strongest first.

        Returns
        -------
        values, units
            As many a token as are active on the one that has most; 0 where a token has fewer.
        """
        codes = self.encode(tokens)
        n_kept = max(1, int((codes > 0).sum(dim=1).max())) if len(codes) else 1
        values, units = codes.topk(n_kept, dim=1)
        return values, units

    @torch.no_grad()
    def decode(self, codes: Float[Tensor, "token unit"]) -> Float[Tensor, "token channel"]:
        """Tokens that codes stand for, in the network's own units."""
        return (codes @ self.decoder.weight + self.decoder.bias) * self.input.scale + (
            self.input.mean
        )

    def reconstruct(
        self, tokens: Shaped[Tensor, "token channel"]
    ) -> Float[Tensor, "token channel"]:
        """Encode tokens and decode them again."""
        return self.decode(self.encode(tokens))


def save_sae(sae: Sae, path: Path) -> None:
    """Write an autoencoder's tensors, and what it is of, as safetensors."""
    from safetensors.torch import save_file

    tensors = {name: value.detach().cpu().contiguous() for name, value in sae.state_dict().items()}
    with replacing(path) as partial:
        # One entry: the library writes several in an order that differs from file to file.
        save_file(tensors, partial, {ENTRY: json.dumps(vars(sae.about), sort_keys=True)})
        # The library makes files that only their owner may read.
        partial.chmod(0o644)


# Settings by the names that files of version 0.1.0 have for them.
_RENAMED = {"active": "k"}


def _renamed(settings: dict[str, Any]) -> dict[str, Any]:
    return {_RENAMED.get(name, name): value for name, value in settings.items()}


def load_sae(path: Path, device: str | torch.device = "cpu") -> Sae:
    """Read an autoencoder that :func:`save_sae` wrote.

    Parameters
    ----------
    path
        ``sae.safetensors``.
    device
        As PyTorch names it.

    Raises
    ------
    CortexlensError
        If there is no such file, or it is none of an autoencoder.
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

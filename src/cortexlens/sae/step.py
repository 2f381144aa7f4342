"""Training step of a sparse autoencoder: activations, unit-norm directions, dead units."""

import math
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from cortexlens.sae.activations import FIRST_THRESHOLD, chosen, jump, n_candidates
from cortexlens.sae.model import Sae
from cortexlens.sae.settings import Settings
from cortexlens.sae.sparse import decoded, encoded, pattern_of, products

# Number of tokens whose pre-activations are computed at once on a CPU, so that they are still in
# its cache for the search of the strongest units.
ROWS: Final = 256
# Weight of the auxiliary loss of dead units: Gao et al. 2024 (arXiv 2406.04093), section A.2.
DEAD_SHARE: Final = 1 / 32
# Number of steps between two updates of the list of dead units.
LOOK_AFTER: Final = 25
# Largest change of the sparsity penalty's logarithm over all steps, its initial value and its
# bounds. Units react slowly to the penalty, and without bounds it could run away and take as long
# to return.
STEERED: Final = 25.0
FIRST_PENALTY: Final = 1.0
PENALTIES: Final = (1e-3, 6.0)
# Length of a resampled unit's encoder relative to the mean of the others (Bricken et al. 2023).
RESAMPLED_LENGTH: Final = 0.2


class Forward(NamedTuple):
    """Result of a forward pass on a batch of tokens.

    Attributes
    ----------
    reconstruction
        Reconstruction of the normalised tokens.
    active
        Whether each unit is active on any token of the batch.
    n_active
        Mean number of active units per token.
    penalty
        Sparsity penalty per token: number of active units with jumprelu, sum of codes with l1, 0
        with topk and batchtopk.
    """

    reconstruction: Float[Tensor, "token channel"]
    active: Bool[Tensor, " unit"]
    n_active: Float[Tensor, ""]
    penalty: Float[Tensor, ""]


class SaeTrainer:
    """Trainer of an autoencoder: model, optimiser and activity of units.

    Parameters
    ----------
    sae
        Autoencoder, whose weights are initialised here and trained in place.
    settings
        Training settings.
    n_tokens
        Number of tokens per epoch.
    n_steps
        Number of steps of all epochs.
    dtype
        Number format of the large matrix products; with sparse products, only of the one that
        determines the active units.
    dense
        Whether all products are dense. None takes sparse products for topk and batchtopk on a CPU.
    """

    def __init__(
        self,
        sae: Sae,
        settings: Settings,
        n_tokens: int,
        n_steps: int,
        dtype: torch.dtype = torch.float32,
        dense: bool | None = None,
    ) -> None:
        self.sae, self.settings, self.dtype = sae, settings, dtype
        self.n_tokens, self.n_steps = n_tokens, n_steps
        self.top = sae.activation in ("topk", "batchtopk")
        device = sae.input.mean.device
        sparse = self.top and device.type == "cpu"
        self.dense = not sparse if dense is None else dense
        initialise_weights(sae, settings.sae_seed)
        learnt = [each for each in sae.parameters() if each.requires_grad]
        self.optimiser = torch.optim.Adam(learnt, lr=settings.learning_rate, fused=True)
        # Number of tokens since each unit was last active.
        self.silent = torch.zeros(sae.n_units, dtype=torch.int64, device=device)
        self.penalty = torch.tensor(FIRST_PENALTY, device=device).log()
        self._dead = torch.zeros(0, dtype=torch.int64, device=device)

    def forward(self, tokens: Float[Tensor, "token channel"]) -> Forward:
        """Encode and reconstruct a batch of normalised tokens."""
        if not self.dense:
            return self._sparse(tokens)
        with torch.autocast(tokens.device.type, self.dtype, self.dtype is not torch.float32):
            return self._dense(tokens)

    def _sparse(self, tokens: Float[Tensor, "token channel"]) -> Forward:
        sae, about = self.sae, self.sae.about
        weight, bias = sae.encoder.weight, sae.encoder.bias
        n_kept = n_candidates(about.activation, about.k, sae.n_units)
        with torch.no_grad():
            values, units = strongest(tokens, weight, bias, n_kept, self.dtype)
            wanted = chosen(values, about.activation, about.k)
            pattern = pattern_of(wanted, units, sae.n_units)
            picked = values[wanted]
            if self.dtype is not torch.float32:
                # The reduced precision only selects active units; their values are recomputed.
                picked = products(tokens, weight, pattern).add_(bias[pattern.units]).relu_()
        codes = encoded(picked, weight, bias, tokens, pattern)
        reconstruction = decoded(codes, sae.decoder.weight, pattern) + sae.decoder.bias
        active = torch.zeros(sae.n_units, dtype=torch.bool)
        active[pattern.units] = True
        count = torch.tensor(len(picked) / len(tokens))
        return Forward(reconstruction, active, count, torch.zeros(()))

    def _dense(self, tokens: Float[Tensor, "token channel"]) -> Forward:
        sae, about = self.sae, self.sae.about
        before = sae.encoder(tokens)
        penalty = torch.zeros((), device=tokens.device)
        if self.top:
            n_kept = n_candidates(about.activation, about.k, sae.n_units)
            values, units = before.topk(n_kept, dim=1, sorted=False)
            active = values * chosen(values, about.activation, about.k)
            codes = torch.zeros_like(before).scatter(1, units, active)
        elif about.activation == "jumprelu":
            codes, above = jump(before.float(), sae.threshold)
            penalty = above.sum(1).mean()
        else:
            codes = before.relu()
            penalty = codes.float().sum(1).mean()
        is_active = codes.detach() > 0
        reconstruction = (codes @ sae.decoder.weight).float() + sae.decoder.bias
        n_active = is_active.sum(1).float().mean()
        return Forward(reconstruction, is_active.any(0), n_active, penalty)

    def step(self, raw: Tensor, number: int) -> Float[Tensor, " 2"]:
        """Take a training step on one batch.

        Parameters
        ----------
        raw
            Tokens as stored.
        number
            Number of the step, from 0.

        Returns
        -------
        Tensor
            Fraction of variance unexplained, and mean number of active units per token.
        """
        tokens = self.sae.normalised(raw)
        forward = self.forward(tokens)
        error = (forward.reconstruction - tokens).square().mean()
        loss = error
        if self.top:
            loss = loss + DEAD_SHARE * self._dead_loss(tokens, forward)
        else:
            # The error is a mean over channels; the penalty is divided accordingly.
            loss = loss + self.penalty.exp() / tokens.shape[1] * forward.penalty
            self._steer(forward.n_active)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        remove_parallel_gradient(self.sae)
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.rate(number / self.n_steps)
        self.optimiser.step()
        rescale(self.sae)
        self.silent = torch.where(forward.active, 0, self.silent + len(tokens))
        if number % LOOK_AFTER == LOOK_AFTER - 1:
            self._look()
        return torch.stack([error.detach(), forward.n_active])

    def _steer(self, count: Float[Tensor, ""]) -> None:
        """Raise the penalty if too many units are active, lower it if too few are."""
        rate = min(0.1, STEERED / self.n_steps)
        ratio = count.clamp(min=1e-3) / self.sae.about.k
        steered = self.penalty + rate * ratio.log().clamp(-1, 1)
        self.penalty = steered.clamp(math.log(PENALTIES[0]), math.log(PENALTIES[1]))

    def _look(self) -> None:
        """Update the list of units inactive for a whole epoch, longest inactive first."""
        longest = self.silent.topk(min(self.sae.n_units, self.sae.encoder.in_features))
        self._dead = longest.indices[longest.values >= self.n_tokens]

    def _dead_loss(self, tokens: Tensor, forward: Forward) -> Float[Tensor, ""]:
        """Compute the auxiliary loss: how well dead units reconstruct the error.

        Gao et al. 2024 (arXiv 2406.04093), equation 8 of section A.2.
        """
        dead = self._dead
        if not len(dead):
            return torch.zeros((), device=tokens.device)
        error = (tokens - forward.reconstruction).detach()
        weight, bias = self.sae.encoder.weight[dead], self.sae.encoder.bias[dead]
        before = functional.linear(tokens, weight, bias)
        n_kept = max(1, tokens.shape[1] // 2)
        if len(dead) > n_kept:
            values, units = before.topk(n_kept, dim=1)
            before = torch.zeros_like(before).scatter(1, units, values)
        left = (before.relu() @ self.sae.decoder.weight[dead]).float() - error
        return left.square().mean() / error.square().mean().clamp(min=1e-12)

    def dead(self) -> Int[Tensor, " dead"]:
        """Return the indices of units that were not active for a whole epoch."""
        return (self.silent >= self.n_tokens).nonzero().flatten()

    @torch.no_grad()
    def resample(self, raw: Tensor, epoch: int) -> None:
        """Resample dead units: give them the directions of badly reconstructed tokens.

        This is for jumprelu and l1, with which a unit that is never active gets no gradient. Tokens
        are drawn with a probability proportional to their squared error (Bricken et al. 2023,
        "Towards Monosemanticity").

        Parameters
        ----------
        raw
            Tokens as stored.
        epoch
            Number of the epoch, from 0, which determines the draw.
        """
        dead = self.dead()
        if self.top or not len(dead):
            return
        sae = self.sae
        tokens = sae.normalised(raw)
        left = tokens - self.forward(tokens).reconstruction
        size = left.square().sum(1).double().cpu().numpy()
        random = np.random.default_rng([self.settings.sae_seed, 6, epoch])
        rows = random.choice(len(size), len(dead), p=size / size.sum())
        direction = functional.normalize(left[torch.from_numpy(rows).to(left.device)], dim=1)
        sae.decoder.weight[dead] = direction
        alive = self.silent < self.n_tokens
        length = sae.encoder.weight[alive].norm(dim=1).mean() if alive.any() else 1.0
        sae.encoder.weight[dead] = RESAMPLED_LENGTH * length * direction
        sae.encoder.bias[dead] = 0
        if sae.activation == "jumprelu":
            sae.threshold[dead] = FIRST_THRESHOLD * RESAMPLED_LENGTH
        for moments in self.optimiser.state.values():
            for value in moments.values():
                if value.shape[:1] == self.silent.shape:
                    value[dead] = 0
        self.silent[dead] = 0

    def state_dict(self) -> dict[str, Any]:
        """Return everything that the next step depends on, at the end of an epoch."""
        return {
            "sae": self.sae.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "silent": self.silent,
            "penalty": self.penalty,
            "dead": self._dead,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a state from :meth:`state_dict`."""
        device = self.silent.device
        self.sae.load_state_dict(state["sae"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.silent, self.penalty, self._dead = (
            state[name].to(device) for name in ("silent", "penalty", "dead")
        )


@torch.no_grad()
def initialise_weights(sae: Sae, seed: int) -> None:
    """Draw random decoder directions of length 1 and set the encoder to its transpose.

    Parameters
    ----------
    sae
        Autoencoder to initialise.
    seed
        Seed of the directions.
    """
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(sae.decoder.weight.shape, generator=generator)
    sae.decoder.weight.copy_(functional.normalize(drawn, dim=1))
    sae.encoder.weight.copy_(sae.decoder.weight)
    sae.encoder.bias.zero_()
    sae.decoder.bias.zero_()
    if sae.activation == "jumprelu":
        sae.threshold.fill_(FIRST_THRESHOLD)


def remove_parallel_gradient(sae: Sae) -> None:
    """Remove the component of the decoder's gradient that is parallel to each direction.

    It would change the length of a direction, which is fixed at 1.

    Parameters
    ----------
    sae
        Autoencoder with gradients.
    """
    weight, gradient = sae.decoder.weight.detach(), sae.decoder.weight.grad
    assert gradient is not None
    along = torch.linalg.vecdot(weight, gradient)
    gradient.addcmul_(weight, along[:, None], value=-1)


@torch.no_grad()
def rescale(sae: Sae) -> None:
    """Rescale directions to length 1 and clamp learnt thresholds to at least 0.

    Parameters
    ----------
    sae
        Autoencoder, changed in place.
    """
    weight = sae.decoder.weight
    weight.div_(torch.linalg.vector_norm(weight, dim=1, keepdim=True).clamp(min=1e-12))
    if sae.threshold.requires_grad:
        sae.threshold.clamp_(min=0)


def strongest(
    tokens: Float[Tensor, "token channel"],
    weight: Float[Tensor, "unit channel"],
    bias: Float[Tensor, " unit"],
    n_kept: int,
    dtype: torch.dtype = torch.float32,
) -> tuple[Float[Tensor, "token kept"], Int[Tensor, "token kept"]]:
    """Find the units with the largest pre-activations of each token, a few tokens at a time.

    Parameters
    ----------
    tokens
        Normalised tokens.
    weight, bias
        Weights and bias of the encoder.
    n_kept
        Number of units per token.
    dtype
        Number format of the products and of the values returned.

    Returns
    -------
    values, units
        Pre-activations and indices of these units, unsorted.
    """
    tokens, weight, bias = tokens.to(dtype), weight.to(dtype), bias.to(dtype)
    values = tokens.new_empty(len(tokens), n_kept)
    units = torch.empty(len(tokens), n_kept, dtype=torch.int64, device=tokens.device)
    before = tokens.new_empty(min(ROWS, len(tokens)), len(weight))
    for start in range(0, len(tokens), ROWS):
        part = tokens[start : start + ROWS]
        rows = slice(start, start + len(part))
        now = torch.addmm(bias, part, weight.T, out=before[: len(part)])
        torch.topk(now, n_kept, dim=1, sorted=False, out=(values[rows], units[rows]))
    return values, units

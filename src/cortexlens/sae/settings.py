"""How an autoencoder is trained; keys of the config's section ``sae``."""

from dataclasses import dataclass
from typing import Final

# Steps that a pass has at least, unless a step would have fewer tokens than FEWEST.
STEPS: Final = 100
FEWEST: Final = 32
# Vertices whose responses are exchanged when units are compared with them, at most: each exchange
# costs as much as the comparison, and what chance gives is known from some thousands.
EXCHANGED: Final = 4000


@dataclass(frozen=True)
class Settings:
    """How an autoencoder is trained.

    Attributes
    ----------
    expansion
        Units a channel.
    epochs
        Passes over the tokens.
    batch_size
        Tokens a step, at most.
    learning_rate
        Of Adam; it falls to zero over the last fifth of the steps.
    sae_seed
        Of weights, order and resampling.
    """

    expansion: float = 8.0
    epochs: int = 20
    batch_size: int = 1024
    learning_rate: float = 1e-3
    sae_seed: int = 0

    def n_units(self, n_channels: int) -> int:
        """Units of a layer's dictionary, at least one."""
        return max(1, round(self.expansion * n_channels))

    def step_tokens(self, n_tokens: int) -> int:
        """Tokens of a step, so that a pass over few tokens has steps enough to learn from."""
        return min(self.batch_size, n_tokens, max(FEWEST, n_tokens // STEPS))

    def rate(self, done: float) -> float:
        """Learning rate when a part ``done`` of all steps is done."""
        return self.learning_rate * min(1.0, max(0.0, 5 * (1 - done)))

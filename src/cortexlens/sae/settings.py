"""Training settings of a sparse autoencoder: keys of the config's section ``sae``."""

from dataclasses import dataclass
from typing import Final

# Minimum number of steps per epoch, unless a batch would then have fewer tokens than FEWEST.
STEPS: Final = 100
FEWEST: Final = 32
# Largest number of vertices whose responses are permuted when they are compared with SAE units:
# each permutation costs as much as the comparison itself, and a few thousand vertices are enough
# to estimate the null distribution.
EXCHANGED: Final = 4000


@dataclass(frozen=True)
class Settings:
    """Training settings of a sparse autoencoder.

    Attributes
    ----------
    expansion
        Units of the dictionary per channel of the layer.
    epochs
        Number of passes over the training tokens.
    batch_size
        Largest number of tokens per training step.
    learning_rate
        Initial learning rate of Adam; it falls linearly to zero over the last fifth of the steps.
    sae_seed
        Seed of the initial weights, the order of tokens and the resampling of dead units.
    """

    expansion: float = 8.0
    epochs: int = 20
    batch_size: int = 1024
    learning_rate: float = 1e-3
    sae_seed: int = 0

    def n_units(self, n_channels: int) -> int:
        """Return the number of units in the dictionary of a layer, at least one."""
        return max(1, round(self.expansion * n_channels))

    def step_tokens(self, n_tokens: int) -> int:
        """Return the number of tokens per step, reduced where an epoch has few tokens.

        Small data sets then still have about :data:`STEPS` steps per epoch, of at least
        :data:`FEWEST` tokens each.
        """
        return min(self.batch_size, n_tokens, max(FEWEST, n_tokens // STEPS))

    def rate(self, done: float) -> float:
        """Return the learning rate when a fraction ``done`` of all steps, 0 to 1, is complete."""
        return self.learning_rate * min(1.0, max(0.0, 5 * (1 - done)))

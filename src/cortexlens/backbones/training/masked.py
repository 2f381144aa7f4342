"""Masked autoencoding: a small decoder reconstructs the patches that the network does not see."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from cortexlens.backbones.training.loop import Recipe, Task, train_zoo_network
from cortexlens.backbones.training.pool import Pool, standardise
from cortexlens.backbones.training.tokens import (
    draw_kept,
    encode,
    patches,
    small_transformer,
)

RECIPE = Recipe(epochs=3)
N_PATCHES = 144
VISIBLE = 0.25
DECODER_WIDTH = 64
DECODER_DEPTH = 1


class Masked(Task):
    """Training of an encoder that sees a quarter of the patches, with a decoder (He et al. 2022).

    Parameters
    ----------
    network
        The encoder.
    pool
        Training scenes.
    seed
        Seed of the masks.
    frozen
        Train only the decoder, as a control with an untrained encoder.
    """

    def __init__(self, network: nn.Module, pool: Pool, seed: int, frozen: bool = False) -> None:
        super().__init__(network, pool, seed)
        width = network.num_features
        assert isinstance(width, int)
        self.narrow = nn.Linear(width, DECODER_WIDTH)
        self.blank = nn.Parameter(0.02 * torch.randn(DECODER_WIDTH))
        self.places = nn.Parameter(0.02 * torch.randn(N_PATCHES, DECODER_WIDTH))
        self.decoder = small_transformer(DECODER_WIDTH, DECODER_DEPTH, heads=4)
        self.paint = nn.Linear(DECODER_WIDTH, 192)
        self.frozen = frozen
        self.network.requires_grad_(not frozen)

    def reconstruct(
        self, inputs: Float[Tensor, "batch 3 height width"], kept: Int[Tensor, "batch kept"]
    ) -> Float[Tensor, "batch token value"]:
        """Predict all patches from the visible ones.

        Parameters
        ----------
        inputs
            Standardised pixels.
        kept
            Indices of the visible patches.
        """
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            seen = encode(self.network, inputs, kept)[:, 1:]
        narrow = self.narrow(seen)
        B, K, D = narrow.shape
        canvas = self.blank.expand(B, N_PATCHES, D)
        canvas = canvas.scatter(1, kept[..., None].expand(B, K, D), narrow)
        painted: Tensor = self.paint(self.decoder(canvas + self.places))
        return painted

    def loss(self, index: Int[Tensor, " batch"], progress: float) -> Float[Tensor, ""]:
        """Mean squared error of the hidden patches, in standardised pixels."""
        inputs = standardise(self.pixels[index])
        kept = draw_kept(len(index), N_PATCHES, VISIBLE, self.generator)
        hidden = _hidden(kept)
        error = (self.reconstruct(inputs, kept) - patches(inputs)).square().mean(dim=-1)
        return (error * hidden).sum() / hidden.sum()


def _hidden(kept: Int[Tensor, "batch kept"]) -> Float[Tensor, "batch token"]:
    """1 for hidden patches, 0 for visible ones."""
    return torch.ones(len(kept), N_PATCHES).scatter(1, kept, 0.0)


@torch.no_grad()
def variance_explained(task: Masked, test: Pool, seed: int = 0) -> float:
    """Fraction of the hidden patches' variance that is explained: 1 − SSE / SST.

    Parameters
    ----------
    task
        The task after training.
    test
        Held-out scenes.
    seed
        Seed of the masks, so that they are the same for every network.

    Returns
    -------
    float
        At most 1; 0 for predicting the mean of all scenes at each pixel.
    """
    task.eval()
    generator = torch.Generator().manual_seed(seed)
    targets = patches(standardise(test.pixels))
    mean = targets.mean(dim=0)
    wrong = spread = 0.0
    for part in torch.split(torch.arange(len(test)), 64):
        kept = draw_kept(len(part), N_PATCHES, VISIBLE, generator)
        hidden = _hidden(kept)[..., None]
        painted = task.reconstruct(standardise(test.pixels[part]), kept)
        wrong += float(((painted - targets[part]).square() * hidden).sum())
        spread += float(((mean - targets[part]).square() * hidden).sum())
    return 1 - wrong / spread


def measure(
    task: Masked, untrained: nn.Module, train_pool: Pool, test: Pool, recipe: Recipe, seed: int
) -> dict[str, dict[str, float]]:
    """Evaluate the reconstruction of held-out scenes, compared with an untrained encoder.

    Parameters
    ----------
    task
        The task after training.
    untrained
        The network before training; a decoder is trained on it with the same recipe.
    train_pool, test
        Training scenes, and held-out scenes.
    recipe, seed
        Recipe and seed with which ``task`` was trained.

    Returns
    -------
    dict
        Figure → values for ``trained`` and ``untrained``.
    """
    torch.manual_seed(seed)
    control = Masked(untrained, train_pool, seed, frozen=True)
    train_zoo_network(control, len(train_pool), recipe)
    return {
        "hidden_variance_explained": {
            "trained": variance_explained(task, test),
            "untrained": variance_explained(control, test),
        }
    }

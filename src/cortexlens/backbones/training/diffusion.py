"""Diffusion: the network learns to predict noise of any level in the codes of scenes."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from cortexlens.backbones.demo_diffusion import SCHEDULER
from cortexlens.backbones.diffusers_source import signal_shares
from cortexlens.backbones.inversion import Inversion
from cortexlens.backbones.training.loop import Recipe, Task
from cortexlens.backbones.training.pool import Pool, standardise

RECIPE = Recipe(epochs=2.5, muon_rate=0.0, learning_rate=2e-3, weight_decay=0.0)
# Number of scenes from whose patches the encoder's components are computed.
ENCODER_SCENES = 1024
# Evenly spaced time steps at which the network is evaluated on held-out scenes.
MEASURED = (50, 150, 250, 350, 450, 550, 650, 750, 850, 950)


class Diffusing(Task):
    """Training of a denoiser (Ho et al. 2020, arXiv 2006.11239); the encoder is fitted first.

    Parameters
    ----------
    network
        The network.
    pool
        Training scenes.
    seed
        Seed of time steps and noise.
    """

    network: Inversion

    def __init__(self, network: Inversion, pool: Pool, seed: int) -> None:
        super().__init__(network, pool, seed)
        network.encoder.learn(standardise(self.pixels[:ENCODER_SCENES]))  # type: ignore[operator]
        network.encoder.requires_grad_(False)
        self.shares = torch.tensor(signal_shares(SCHEDULER), dtype=torch.float32)

    def loss(self, index: Int[Tensor, " batch"], progress: float) -> Float[Tensor, ""]:
        """Mean squared error of the predicted noise, which has variance 1."""
        codes = self.network.encoder(standardise(self.pixels[index]))
        times = torch.randint(0, len(self.shares), (len(index),), generator=self.generator)
        noise = torch.randn(codes.shape, generator=self.generator)
        return functional.mse_loss(self.found(self.network, codes, noise, times), noise)

    def found(
        self,
        network: Inversion,
        codes: Float[Tensor, "batch code high wide"],
        noise: Float[Tensor, "batch code high wide"],
        times: Int[Tensor, " batch"],
    ) -> Float[Tensor, "batch code high wide"]:
        """Noise that a network predicts in noisy codes.

        Parameters
        ----------
        network
            The network.
        codes
            Clean codes.
        noise
            Noise, of variance 1.
        times
            Time step of each image, which sets the noise level.
        """
        share = self.shares[times][:, None, None, None]
        noisy = share.sqrt() * codes + (1 - share).sqrt() * noise
        found: Tensor = network.denoiser(noisy, times)
        return found


@torch.no_grad()
def variance_explained(task: Diffusing, network: Inversion, test: Pool, seed: int) -> float:
    """Fraction of the noise's variance that a network explains in held-out scenes.

    Parameters
    ----------
    task
        The task after training; its encoder is used.
    network
        Network whose denoiser is evaluated.
    test
        Held-out scenes.
    seed
        Seed of the noise, so that it is the same for every network.

    Returns
    -------
    float
        Mean over time steps, at most 1; 0 for a network that predicts zeros.
    """
    network.eval()
    generator = torch.Generator().manual_seed(seed)
    wrong = spread = 0.0
    for number, part in enumerate(torch.split(torch.arange(len(test)), 64)):
        codes = task.network.encoder(standardise(test.pixels[part]))
        noise = torch.randn(codes.shape, generator=generator)
        times = torch.full((len(part),), MEASURED[number % len(MEASURED)])
        wrong += float((task.found(network, codes, noise, times) - noise).square().sum())
        spread += float(noise.square().sum())
    return 1 - wrong / spread


def measure(
    task: Diffusing, untrained: nn.Module, test: Pool, seed: int
) -> dict[str, dict[str, float]]:
    """Evaluate noise prediction on held-out scenes.

    Parameters
    ----------
    task
        The task after training.
    untrained
        The network before training.
    test
        Held-out scenes.
    seed
        Seed of the noise.

    Returns
    -------
    dict
        Figure → values for ``trained`` and ``untrained``.
    """
    assert isinstance(untrained, Inversion)
    return {
        "noise_variance_explained": {
            "trained": variance_explained(task, task.network, test, seed),
            "untrained": variance_explained(task, untrained, test, seed),
        }
    }

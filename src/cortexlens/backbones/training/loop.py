"""The training loop that all tasks share: AdamW with warm-up and a cosine fall."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from cortexlens.backbones.training.pool import Pool
from cortexlens.progress import say, track

LINES = 20


@dataclass(frozen=True)
class Recipe:
    """How long and how fast a task is trained.

    Attributes
    ----------
    epochs
        Passes over the scenes.
    batch_size
        Scenes a step.
    learning_rate
        Greatest learning rate, after the warm-up.
    weight_decay
        Of AdamW, on matrices only: neither biases nor norms decay.
    warm_up
        Part of the steps over which the learning rate rises from 0.
    clip
        Greatest norm of the gradient.
    """

    epochs: float
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    warm_up: float = 0.1
    clip: float = 1.0

    def n_steps(self, n_images: int) -> int:
        """Count the steps for so many scenes, at least 1."""
        return max(1, int(self.epochs * n_images / self.batch_size))


class Task(nn.Module):
    """A network to train, what else is trained with it, and how wrong it is.

    Parameters
    ----------
    network
        The network that ships.
    pool
        Training scenes.
    seed
        Seed of all random numbers but those of the initial weights.
    """

    def __init__(self, network: nn.Module, pool: Pool, seed: int) -> None:
        super().__init__()
        self.network = network
        self.pixels = pool.pixels
        self.generator = torch.Generator().manual_seed(seed)

    def loss(self, index: Int[Tensor, " batch"], progress: float) -> Float[Tensor, ""]:
        """Loss on some training scenes.

        Parameters
        ----------
        index
            Which scenes.
        progress
            Part of the training that is done, 0 to 1.
        """
        raise NotImplementedError

    def after_step(self, progress: float) -> None:
        """Do what is to be done after the optimiser's step; nothing here."""


def batches(
    n_images: int, batch_size: int, n_steps: int, generator: torch.Generator
) -> Iterator[Int[Tensor, " batch"]]:
    """Yield batches of scenes, each scene once before any comes again."""
    order = torch.empty(0, dtype=torch.int64)
    for _ in range(n_steps):
        while len(order) < min(batch_size, n_images):
            order = torch.cat([order, torch.randperm(n_images, generator=generator)])
        yield order[:batch_size]
        order = order[batch_size:]


def _optimiser(task: Task, recipe: Recipe) -> torch.optim.AdamW:
    trained = [value for value in task.parameters() if value.requires_grad]
    groups = [
        {"params": [v for v in trained if v.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [v for v in trained if v.ndim < 2], "weight_decay": 0.0},
    ]
    # Runs are short: a second moment that remembers 20 steps follows them, one of 1,000 does not.
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.95))


def train(task: Task, n_images: int, recipe: Recipe) -> list[float]:
    """Train a task on its scenes.

    Parameters
    ----------
    task
        What is trained; left in evaluation mode.
    n_images
        Number of training scenes.
    recipe
        How long and how fast.

    Returns
    -------
    list of float
        Loss of each step.
    """
    n_steps = recipe.n_steps(n_images)
    optimiser = _optimiser(task, recipe)
    rise = max(1, round(recipe.warm_up * n_steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: (
            (step + 1) / rise
            if step < rise
            else 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, n_steps - rise)))
        ),
    )
    losses: list[float] = []
    task.train()
    steps = batches(n_images, recipe.batch_size, n_steps, task.generator)
    for index in track(steps, "training steps", n_steps):
        progress = len(losses) / n_steps
        loss = task.loss(index, progress)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(task.parameters(), recipe.clip)
        optimiser.step()
        schedule.step()
        task.after_step(progress)
        losses.append(loss.item())
        _report(losses, n_steps)
    task.eval()
    return losses


def _report(losses: list[float], n_steps: int) -> None:
    """Say the mean loss twenty times a run."""
    every = max(1, n_steps // LINES)
    if len(losses) % every == 0:
        say(f"step {len(losses)}: mean loss {sum(losses[-every:]) / every:.4f}")

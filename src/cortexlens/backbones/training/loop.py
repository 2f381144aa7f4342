"""The training loop that all tasks share, with warm-up and cosine decay of the learning rate.

The weight matrices of the transformer's blocks are trained by Muon (Jordan et al. 2024), all other
parameters by AdamW; from the same start, 200 steps with Muon reach a lower loss.
"""

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
    """Hyperparameters of a training.

    Attributes
    ----------
    epochs
        Passes over the scenes.
    batch_size
        Scenes per step.
    learning_rate
        Peak learning rate of AdamW, after the warm-up.
    muon_rate
        Peak learning rate of Muon, scaled to match AdamW's updates.
    weight_decay
        Weight decay of matrices; biases and norms have none.
    warm_up
        Fraction of the steps over which the learning rate rises from 0.
    clip
        Maximum norm of the gradient.
    """

    epochs: float
    batch_size: int = 32
    learning_rate: float = 1e-3
    muon_rate: float = 5e-3
    weight_decay: float = 0.05
    warm_up: float = 0.1
    clip: float = 1.0

    def n_steps(self, n_images: int) -> int:
        """Number of training steps for a number of scenes, at least 1."""
        return max(1, int(self.epochs * n_images / self.batch_size))


class Task(nn.Module):
    """A network to train, the modules trained along with it, and a loss.

    Parameters
    ----------
    network
        The network that is shipped.
    pool
        Training scenes.
    seed
        Seed of all random numbers except the initial weights.
    """

    def __init__(self, network: nn.Module, pool: Pool, seed: int) -> None:
        super().__init__()
        self.network = network
        self.pixels = pool.pixels
        self.generator = torch.Generator().manual_seed(seed)

    def loss(self, index: Int[Tensor, " batch"], progress: float) -> Float[Tensor, ""]:
        """Loss on a batch of training scenes.

        Parameters
        ----------
        index
            Indices of the scenes.
        progress
            Fraction of the training that is done, 0 to 1.
        """
        raise NotImplementedError

    def after_step(self, progress: float) -> None:
        """Hook that runs after each optimiser step; does nothing by default."""


def batches(
    n_images: int, batch_size: int, n_steps: int, generator: torch.Generator
) -> Iterator[Int[Tensor, " batch"]]:
    """Yield batches of scene indices; every scene occurs once before any is repeated.

    Parameters
    ----------
    n_images
        Number of training scenes.
    batch_size
        Scenes per batch.
    n_steps
        Number of batches.
    generator
        Generator of the order of scenes.
    """
    order = torch.empty(0, dtype=torch.int64)
    for _ in range(n_steps):
        while len(order) < min(batch_size, n_images):
            order = torch.cat([order, torch.randperm(n_images, generator=generator)])
        yield order[:batch_size]
        order = order[batch_size:]


def _optimisers(task: Task, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Make Muon for trained matrices of the blocks, and AdamW for all other parameters."""
    trained = {name: value for name, value in task.named_parameters() if value.requires_grad}
    inner = [value for name, value in trained.items() if ".blocks." in name and value.ndim == 2]
    taken = {id(value) for value in inner}
    rest = [value for value in trained.values() if id(value) not in taken]
    groups = [
        {"params": [v for v in rest if v.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [v for v in rest if v.ndim < 2], "weight_decay": 0.0},
    ]
    # runs are short, so the second moment averages over 20 steps rather than the usual 1,000
    found: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.95))
    ]
    if inner:
        found.append(
            torch.optim.Muon(
                inner,
                lr=recipe.muon_rate,
                weight_decay=recipe.weight_decay,
                adjust_lr_fn="match_rms_adamw",
            )
        )
    return found


def _rate(step: int, n_steps: int, rise: int) -> float:
    """Learning rate at a step, relative to its peak."""
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, n_steps - rise)))


def train_zoo_network(task: Task, n_images: int, recipe: Recipe) -> list[float]:
    """Train a task on its scenes.

    Parameters
    ----------
    task
        The task; it is left in evaluation mode.
    n_images
        Number of training scenes.
    recipe
        Hyperparameters.

    Returns
    -------
    list of float
        Loss of each step.
    """
    n_steps = recipe.n_steps(n_images)
    rise = max(1, round(recipe.warm_up * n_steps))
    optimisers = _optimisers(task, recipe)
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(one, lambda step: _rate(step, n_steps, rise))
        for one in optimisers
    ]
    losses: list[float] = []
    task.train()
    steps = batches(n_images, recipe.batch_size, n_steps, task.generator)
    for index in track(steps, "training steps", n_steps):
        progress = len(losses) / n_steps
        loss = task.loss(index, progress)
        for optimiser in optimisers:
            optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(task.parameters(), recipe.clip)
        for optimiser in optimisers:
            optimiser.step()
        for schedule in schedules:
            schedule.step()
        task.after_step(progress)
        losses.append(loss.item())
        _report(losses, n_steps)
    task.eval()
    return losses


def _report(losses: list[float], n_steps: int) -> None:
    """Report the mean loss twenty times per run."""
    every = max(1, n_steps // LINES)
    if len(losses) % every == 0:
        say(f"step {len(losses)}: mean loss {sum(losses[-every:]) / every:.4f}")

"""A complete training, from seed to evaluation, as called by the stage ``train_backbone``."""

import copy
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import nn

from cortexlens.backbones import zoo
from cortexlens.backbones.training import contrastive, diffusion, distilled, masked, supervised
from cortexlens.backbones.training.loop import Recipe, Task, train_zoo_network
from cortexlens.backbones.training.pool import Pool
from cortexlens.backbones.training.probes import GROUP
from cortexlens.errors import CortexlensError
from cortexlens.progress import say

RECIPES: dict[str, Recipe] = {
    "supervised": supervised.RECIPE,
    "masked": masked.RECIPE,
    "contrastive": contrastive.RECIPE,
    "distilled": distilled.RECIPE,
    "diffusion": diffusion.RECIPE,
}
MAKERS: dict[str, Callable[[Any, Pool, int], Task]] = {
    "supervised": supervised.Supervised,
    "masked": masked.Masked,
    "contrastive": contrastive.Contrastive,
    "distilled": distilled.Distilled,
    "diffusion": diffusion.Diffusing,
}
# Maximum number of training scenes on which read-outs of the untrained network are fitted.
READ_OUT_SCENES = 3072


@dataclass(frozen=True)
class Trained:
    """A trained network and its evaluation.

    Attributes
    ----------
    network
        The network.
    report
        How it was trained, and its figures on held-out scenes, as JSON values.
    losses
        Loss of each step.
    """

    network: nn.Module
    report: dict[str, Any]
    losses: list[float]


def recipe_of(name: str) -> Recipe:
    """Return the recipe of a task.

    Raises
    ------
    CortexlensError
        If there is no such task.
    """
    if name not in RECIPES:
        raise CortexlensError(
            f"task {name!r}: allowed are {', '.join(RECIPES)}. Change the option --task."
        )
    return RECIPES[name]


def split_pool(pool: Pool, n_held_out: int) -> tuple[Pool, Pool]:
    """Split a pool into training scenes and, at its end, held-out scenes.

    Parameters
    ----------
    pool
        Drawn scenes.
    n_held_out
        Number of held-out scenes.

    Raises
    ------
    CortexlensError
        If the number of held-out scenes is less than a group for retrieval, or more than half of
        all.
    """
    if not GROUP <= n_held_out <= len(pool) // 2:
        raise CortexlensError(
            f"n_held_out {n_held_out}: found {len(pool)} scenes; {GROUP} to half of them can be "
            "held out. Change --n-held-out or draw more scenes."
        )
    stop = len(pool) - n_held_out
    return pool.part(0, stop), pool.part(stop, len(pool))


def train_network(
    name: str, pool: Pool, seed: int, n_held_out: int = 1024, epochs: float | None = None
) -> Trained:
    """Train a demo network on one task and evaluate it.

    Parameters
    ----------
    name
        The task, one of :data:`cortexlens.backbones.zoo.TASKS`.
    pool
        Drawn scenes.
    seed
        Seed of initial weights, order, masks and augmentation.
    n_held_out
        Number of scenes at the end of the pool that are used for evaluation only.
    epochs
        Passes over the training scenes; None: as in the task's recipe.

    Returns
    -------
    Trained

    Raises
    ------
    CortexlensError
        If there is no such task, or there are too few scenes.
    """
    recipe = recipe_of(name)
    if epochs is not None:
        recipe = replace(recipe, epochs=epochs)
    learn, test = split_pool(pool, n_held_out)
    torch.manual_seed(seed)
    network = zoo.build(zoo.ARCHITECTURE_OF[name])
    untrained = copy.deepcopy(network).eval()
    task = MAKERS[name](network, learn, seed)
    losses = train_zoo_network(task, len(learn), recipe)
    say("measuring on held-out scenes")
    report = {
        "network": f"demo-{name}",
        "architecture": zoo.ARCHITECTURE_OF[name],
        "task": name,
        "seed": seed,
        "recipe": asdict(recipe),
        "n_train": len(learn),
        "n_held_out": len(test),
        "final_loss": sum(losses[-20:]) / len(losses[-20:]),
        "figures": _measure(task, untrained, learn, test, recipe, seed),
    }
    return Trained(task.network, report, losses)


def _measure(
    task: Task, untrained: nn.Module, learn: Pool, test: Pool, recipe: Recipe, seed: int
) -> dict[str, dict[str, float]]:
    shown = learn.part(0, min(len(learn), READ_OUT_SCENES))
    if isinstance(task, supervised.Supervised):
        return supervised.measure(task, untrained, shown, test)
    if isinstance(task, masked.Masked):
        return masked.measure(task, untrained, learn, test, recipe, seed)
    if isinstance(task, contrastive.Contrastive):
        return contrastive.measure(task, untrained, shown, test)
    if isinstance(task, diffusion.Diffusing):
        return diffusion.measure(task, untrained, test, seed)
    assert isinstance(task, distilled.Distilled)
    return distilled.measure(task, untrained, shown, test)

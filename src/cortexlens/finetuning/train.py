"""Fine-tuning: steps of AdamW, measured every so often; a run that is killed goes on.

Each step draws from its own number alone, so what follows a checkpoint is the same whether the
run was interrupted there or not.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cortexlens.compute.checkpoints import read_state, write_state
from cortexlens.compute.divergence import LossMonitor
from cortexlens.finetuning.examples import Examples
from cortexlens.finetuning.measures import measure
from cortexlens.finetuning.settings import Settings
from cortexlens.finetuning.tuner import Tuner
from cortexlens.progress import say, track

STATE = "state.pt"
COLUMNS = (
    "step",
    "training_loss",
    "training_accuracy",
    "validation_accuracy",
    "balanced_accuracy",
)
Row = dict[str, float]


@dataclass
class FinetuningState:
    """How far a fine-tuning is.

    Attributes
    ----------
    history
        A row a measurement, :data:`COLUMNS`; loss (cross-entropy) and accuracy of training are
        means over the steps since the row before, NaN in the first.
    best
        Weights of the backbone where ``balanced_accuracy`` was highest, the first of several.
    kept
        Step → weights of the backbone, for the steps that are to be kept.
    seconds
        Spent so far.
    """

    history: list[Row] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)
    kept: dict[int, dict[str, Tensor]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def step(self) -> int:
        """Last step that was measured."""
        return int(self.history[-1]["step"])

    @property
    def best_row(self) -> Row:
        """Measurement where ``balanced_accuracy`` was highest, the first of several."""
        return max(self.history, key=lambda row: row["balanced_accuracy"])


def train_network(
    tuner: Tuner, learn: Examples, test: Examples, settings: Settings, folder: Path, key: str
) -> FinetuningState:
    """Fine-tune a network, from its last checkpoint where there is one.

    Parameters
    ----------
    tuner
        Network and head; trained in place.
    learn, test
        Pictures to learn from, and to measure on.
    settings
        How.
    folder
        Where the checkpoint lies; :data:`STATE` in it is written after every measurement.
    key
        Stands for all that shapes the training: a checkpoint with another key is left out.

    Returns
    -------
    Progress

    Raises
    ------
    DivergedError
        If the loss is no longer a number, or has run away.
    """
    watch, guessed = LossMonitor(), math.log(tuner.head.out_features)
    optimiser = torch.optim.AdamW(
        list(tuner.groups()), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    progress = _resume(tuner, optimiser, watch, folder / STATE, key)
    started = time.monotonic() - progress.seconds
    if not progress.history:
        _note(progress, tuner, test, 0, [])
    seen: list[tuple[float, float]] = []
    # a checkpoint lies at a measurement: nothing seen since
    steps = range(progress.step + 1, settings.steps + 1)
    for step in track(steps, "steps") if steps else ():
        seen.append(_step(tuner, optimiser, learn, step, settings))
        watch.check(seen[-1][0], lambda: guessed, f"the training diverged in step {step}")
        if step in settings.checkpoints:
            progress.kept[step] = tuner.backbone_state()
        if settings.measured_after(step):
            _note(progress, tuner, test, step, seen)
            progress.seconds = time.monotonic() - started
            parts = {
                "tuner": tuner.state_dict(),
                "optimiser": optimiser.state_dict(),
                "watch": watch.state_dict(),
                "progress": vars(progress),
            }
            write_state(folder / STATE, key, parts)
            seen = []
    return progress


def _step(
    tuner: Tuner,
    optimiser: torch.optim.Optimizer,
    learn: Examples,
    step: int,
    settings: Settings,
) -> tuple[float, float]:
    """Learn from one batch; give its loss and accuracy."""
    rows, mirrored = _draw(len(learn), step, settings)
    inputs, labels = learn.batch(rows, mirrored)
    # dropout, where a network has any
    torch.manual_seed(settings.seed * 1_000_003 + step)
    tuner.train()
    logits = tuner(inputs)
    labels = labels.to(logits.device)
    loss = functional.cross_entropy(logits, labels)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return float(loss.detach()), float((logits.argmax(1) == labels).float().mean())


def _draw(n_images: int, step: int, settings: Settings) -> tuple[list[int], list[bool]]:
    """Choose the pictures of a step, and which are mirrored: a shuffled pass after another."""
    size = settings.batch_size
    places = range((step - 1) * size, step * size)
    orders = {
        epoch: _order(n_images, epoch, settings.seed)
        for epoch in {place // n_images for place in places}
    }
    rows = [int(orders[place // n_images][place % n_images]) for place in places]
    if settings.augmentation == "none":
        return rows, []
    coins = np.random.default_rng([settings.seed, 4, step]).random(size)
    return rows, [bool(coin < 0.5) for coin in coins]


def _order(n_images: int, epoch: int, seed: int) -> np.ndarray:
    return np.random.default_rng([seed, 3, epoch]).permutation(n_images)


def _note(
    progress: FinetuningState,
    tuner: Tuner,
    test: Examples,
    step: int,
    seen: list[tuple[float, float]],
) -> None:
    """Measure, and keep the weights if they are the best so far."""
    found = measure(tuner, test)
    loss, right = np.mean(seen, axis=0) if seen else (np.nan, np.nan)
    numbers = (step, float(loss), float(right), *found)
    progress.history.append(dict(zip(COLUMNS, numbers, strict=True)))
    if progress.best_row is progress.history[-1]:
        progress.best = tuner.backbone_state()
    say(
        f"step {step}: loss {loss:.3f}, accuracy {found.plain:.3f} on {len(test)} validation "
        f"pictures, balanced {found.balanced:.3f}"
    )


def _resume(
    tuner: Tuner, optimiser: torch.optim.Optimizer, watch: LossMonitor, path: Path, key: str
) -> FinetuningState:
    """Take up a checkpoint, if there is one of this very training."""
    state = read_state(path, key)
    if state is None:
        return FinetuningState()
    tuner.load_state_dict(state["tuner"])
    optimiser.load_state_dict(state["optimiser"])
    watch.load_state_dict(state["watch"])
    progress = FinetuningState(**state["progress"])
    say(f"{path}: going on after step {progress.step}.")
    return progress


def history_rows(progress: FinetuningState) -> Iterator[str]:
    """Write the measurements as lines of a tab-separated table."""
    yield "\t".join(COLUMNS)
    for row in progress.history:
        yield "\t".join(f"{row[name]:.6g}" for name in COLUMNS)

"""Fine-tuning loop: AdamW steps with regular validation; an interrupted run can be resumed.

The random numbers of a step depend on the seed and the step's number alone, so that a resumed run
gives the same result as an uninterrupted one.
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
    """Progress of a fine-tuning run: measurements and saved weights.

    Attributes
    ----------
    history
        One row per measurement, with columns :data:`COLUMNS`. Training loss (cross-entropy) and
        training accuracy are means over the steps since the previous row, NaN in the first row.
    best
        Weights of the backbone at the highest ``balanced_accuracy``, the earliest in a tie.
    kept
        Step → weights of the backbone after that step, for the steps in ``Settings.checkpoints``.
    seconds
        Training time so far, in seconds.
    """

    history: list[Row] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)
    kept: dict[int, dict[str, Tensor]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def step(self) -> int:
        """Step of the last measurement."""
        return int(self.history[-1]["step"])

    @property
    def best_row(self) -> Row:
        """Measurement with the highest ``balanced_accuracy``, the earliest in a tie."""
        return max(self.history, key=lambda row: row["balanced_accuracy"])


def train_network(
    tuner: Tuner, learn: Examples, test: Examples, settings: Settings, folder: Path, key: str
) -> FinetuningState:
    """Fine-tune a network, resuming from its last checkpoint if there is one.

    Parameters
    ----------
    tuner
        Network and head; trained in place.
    learn
        Training images.
    test
        Validation images.
    settings
        Training settings.
    folder
        Folder of the checkpoint; its file :data:`STATE` is written after every measurement.
    key
        Hash of everything that determines the training; a checkpoint with another key is ignored.

    Returns
    -------
    FinetuningState

    Raises
    ------
    DivergedError
        If the loss is not finite or has become far larger than that of guessing.
    """
    # The cross-entropy of guessing among equally likely classes is the logarithm of their number.
    watch, guessed = LossMonitor(), math.log(tuner.head.out_features)
    optimiser = torch.optim.AdamW(
        list(tuner.groups()), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    progress = _resume(tuner, optimiser, watch, folder / STATE, key)
    started = time.monotonic() - progress.seconds
    if not progress.history:
        _note(progress, tuner, test, 0, [])
    seen: list[tuple[float, float]] = []
    # Checkpoints are written at measurements, so that no batch has been seen since the last one.
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
    """Take a training step on one batch; return its loss and accuracy."""
    rows, mirrored = _draw(len(learn), step, settings)
    inputs, labels = learn.batch(rows, mirrored)
    # Seeds dropout, in networks that have it.
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
    """Choose the images of a step and which of them are mirrored; images are shuffled per epoch."""
    size = settings.batch_size
    positions = range((step - 1) * size, step * size)
    orders = {
        epoch: _order(n_images, epoch, settings.seed)
        for epoch in {position // n_images for position in positions}
    }
    rows = [int(orders[position // n_images][position % n_images]) for position in positions]
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
    """Measure validation accuracy, add a row to the history, and save the weights if they are best.

    ``seen`` holds loss and accuracy of each training batch since the previous measurement.
    """
    validation = measure(tuner, test)
    loss, right = np.mean(seen, axis=0) if seen else (np.nan, np.nan)
    numbers = (step, float(loss), float(right), *validation)
    progress.history.append(dict(zip(COLUMNS, numbers, strict=True)))
    if progress.best_row is progress.history[-1]:
        progress.best = tuner.backbone_state()
    say(
        f"step {step}: training loss {loss:.3f}, accuracy {validation.plain:.3f} on {len(test)} "
        f"validation images, balanced accuracy {validation.balanced:.3f}"
    )


def _resume(
    tuner: Tuner, optimiser: torch.optim.Optimizer, watch: LossMonitor, path: Path, key: str
) -> FinetuningState:
    """Load the checkpoint of this training run, or return an empty state if there is none."""
    state = read_state(path, key)
    if state is None:
        return FinetuningState()
    tuner.load_state_dict(state["tuner"])
    optimiser.load_state_dict(state["optimiser"])
    watch.load_state_dict(state["watch"])
    progress = FinetuningState(**state["progress"])
    say(f"{path}: resuming after step {progress.step}.")
    return progress


def history_rows(progress: FinetuningState) -> Iterator[str]:
    """Yield the measurements as lines of a tab-separated table, with a header."""
    yield "\t".join(COLUMNS)
    for row in progress.history:
        yield "\t".join(f"{row[name]:.6g}" for name in COLUMNS)

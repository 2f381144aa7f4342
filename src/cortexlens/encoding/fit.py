"""Fitting FactorTopy: AdamW on smooth L1, early stopping on validation, best state kept."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, repeat
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.devices import compute_dtype
from cortexlens.encoding.data import FitData, feature_moments
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.layer_size import hold_layer_sizes, release_layer_sizes
from cortexlens.encoding.scores import r2_score
from cortexlens.encoding.selectors import Selectors, regularizer
from cortexlens.errors import CortexlensError
from cortexlens.progress import track
from cortexlens.shapes import TRAIN, VALIDATION

# Part of the steps over which the learning rate rises.
WARM_UP = 0.15


@dataclass(frozen=True)
class FitOptions:
    """Settings of a fit.

    Attributes
    ----------
    dimensions
        Shared channels D.
    members
        Models fitted from different seeds, whose predictions and selectors are averaged.
    batch_size
        Images a step.
    epochs
        Passes over the training images at most; the learning rate falls to zero as a cosine
        over them.
    patience
        Stop after so many epochs without a better validation R².
    learning_rate, weight_decay, gradient_clip
        Of AdamW.
    selector_rate
        Learning rate of the selectors, as a multiple of ``learning_rate``.
    selection_share
        Part of the training images that the selectors learn from, while channels learn from the
        others; 0: both learn from all, as in the paper. See :func:`fit_member`.
    layer_size
        Root mean square that every layer's aligned features are held at, so that layers compete
        by ω̂ alone; 0: they grow as they will, as in the paper.
    regularization, regularization_images
        λ, and the number of images over which its weight falls linearly from 1 to 0.
    smooth_l1_beta
        Where the loss turns from quadratic to linear, in units of the response.
    dropout
        Chance that a vertex does not see a shared channel in a step, in [0, 1).
    topology
        Selectors as smooth functions of the coordinate, for studies with coordinates.
    precision
        ``float32``; ``bfloat16`` for the large products; ``auto``: bfloat16 where the
        processor multiplies it faster.
    """

    dimensions: int = 128
    members: int = 1
    batch_size: int = 64
    epochs: int = 20
    patience: int = 8
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    gradient_clip: float = 0.5
    selector_rate: float = 1.0
    selection_share: float = 0.0
    layer_size: float = 0.0
    regularization: float = 0.1
    regularization_images: int = 16_000
    smooth_l1_beta: float = 0.1
    dropout: float = 0.0
    topology: bool = True
    precision: str = "auto"


@dataclass(frozen=True)
class FittedMember:
    """A fitted model and how it came about.

    Attributes
    ----------
    model
        At its best epoch, in evaluation mode.
    curve_loss, curve_r2_validation
        Training loss, and mean validation R² over vertices, after each epoch.
    """

    model: FactorTopy
    curve_loss: Float[np.ndarray, " epoch"]
    curve_r2_validation: Float[np.ndarray, " epoch"]


def fit_member(
    data: FitData,
    coordinates: Float[np.ndarray, "vertex axis"] | None,
    options: FitOptions,
    seed: int,
) -> FittedMember:
    """Fit one FactorTopy model.

    Parameters
    ----------
    data
        Features and responses; only training and validation images are looked at.
    coordinates
        mm; None fits free selectors.
    options
        Settings.
    seed
        Of the initial weights, the order of images and the dropout.

    Returns
    -------
    FittedMember

    Raises
    ------
    CortexlensError
        If the loss is not finite.

    Notes
    -----
    Where images are few, channels fit them by heart, soonest in layers with many sparse channels;
    selectors that learn from the same images then turn to those layers, whatever they say of
    others. ``selection_share`` parts the images between the two, as first-order architecture
    search does (Liu, Simonyan & Yang 2019, arXiv 1806.09055).
    """
    torch.manual_seed(seed)
    model = _new_model(data, coordinates, options)
    if options.layer_size:
        hold_layer_sizes(model, data, options.layer_size)
    batches = _Batches(data, options, seed)
    optimizer = _optimizer(model, options)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: rate_at(step, batches.n_steps)
    )
    best_r2, best_state, losses, scores = -math.inf, model.state_dict(), list[float](), []
    for epoch in track(range(options.epochs), "epochs fitted"):
        losses.append(_train_epoch(model, batches, epoch, optimizer, schedule, options))
        scores.append(float(np.nanmean(score_on(model, data, VALIDATION))))
        if scores[-1] > best_r2:
            best_r2 = scores[-1]
            best_state = {key: value.clone() for key, value in model.state_dict().items()}
        if len(scores) - 1 - int(np.argmax(scores)) >= options.patience:
            break
    model.load_state_dict(best_state)
    release_layer_sizes(model)
    return FittedMember(model.eval(), np.array(losses), np.array(scores))


def rate_at(step: int, n_steps: int) -> float:
    """Part of the learning rate in a step: a linear rise, then a fall to zero as a cosine.

    At the first steps all vertices read alike and their gradients add up: at the full rate the
    selectors could be thrown to the edge of the picture, where tanh has no gradient to return.
    """
    rise = max(1, round(WARM_UP * n_steps))
    return min(1.0, (step + 1) / rise) * (1 + math.cos(math.pi * step / n_steps)) / 2


def _new_model(
    data: FitData, coordinates: Float[np.ndarray, "vertex axis"] | None, options: FitOptions
) -> FactorTopy:
    """A model whose constants are those of the training images."""
    place = None
    if options.topology and coordinates is not None:
        place = torch.from_numpy(coordinates.astype(np.float32))
    channels = [layer.shape[2] for layer in data.layers]
    model = FactorTopy(channels, data.response.shape[1], options.dimensions, place)
    model.compute_dtype = compute_dtype(options.precision, model.weight.device)
    train_images = np.flatnonzero(data.split == TRAIN)
    for layer, (local, pooled) in zip(data.layers, model.alignments(), strict=True):
        for align, (mean, scale) in zip(
            (local, pooled), feature_moments(layer, train_images), strict=True
        ):
            align.mean.copy_(mean)
            align.scale.copy_(scale)
    return model


def _optimizer(model: FactorTopy, options: FitOptions) -> torch.optim.Optimizer:
    """AdamW, with a learning rate of its own for the selectors."""
    selectors = list(model.selectors.parameters())
    ids = {id(parameter) for parameter in selectors}
    others = [parameter for parameter in model.parameters() if id(parameter) not in ids]
    return torch.optim.AdamW(
        [
            {"params": selectors, "lr": options.learning_rate * options.selector_rate},
            {"params": others, "lr": options.learning_rate},
        ],
        weight_decay=options.weight_decay,
    )


class _Batch(NamedTuple):
    """Features of some images, their trials' responses, and each trial's image among them."""

    features: list[Tensor]
    response: Float[Tensor, "trial vertex"]
    position: Int[Tensor, " trial"]


class _Batches:
    """Training images in a seeded order, each with all of its trials."""

    def __init__(self, data: FitData, options: FitOptions, seed: int) -> None:
        trials = data.trials(TRAIN)
        self.trials = trials[np.argsort(data.trial_image[trials], kind="stable")]
        images, self.counts = np.unique(data.trial_image[trials], return_counts=True)
        self.images = images
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        self.data, self.size, self.seed = data, options.batch_size, seed
        self.response = torch.from_numpy(data.response)
        mixed = np.random.default_rng((seed, 0)).permutation(len(images))
        n_selection = math.ceil(options.selection_share * len(images))
        self.for_selectors, self.for_channels = mixed[:n_selection], mixed[n_selection:]
        self.n_steps = options.epochs * math.ceil(len(self.for_channels) / self.size)

    def _order(self, rows: Int[np.ndarray, " image"], number: int) -> Iterator[_Batch]:
        """Rows of ``images`` in the order of a pass, batch by batch."""
        order = np.random.default_rng((self.seed, number)).permutation(rows)
        for start in range(0, len(order), self.size):
            chosen = order[start : start + self.size]
            counts = self.counts[chosen]
            position = np.repeat(np.arange(len(chosen)), counts)
            offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            trials = self.trials[self.starts[chosen][position] + offset]
            yield _Batch(
                self.data.features(self.images[chosen]),
                self.response[torch.from_numpy(trials)],
                torch.from_numpy(position),
            )

    def epoch(self, number: int) -> Iterator[_Batch]:
        """Go once through the images that channels learn from."""
        return self._order(np.sort(self.for_channels), number)

    def selection(self, number: int) -> Iterator[_Batch | None]:
        """Go round the images that selectors learn from; None without end where there are none."""
        if not len(self.for_selectors):
            yield from repeat(None)
        for turn in count():
            yield from self._order(self.for_selectors, 1_000 * (number + 1) + turn)


def _train_epoch(
    model: FactorTopy,
    batches: _Batches,
    epoch: int,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    options: FitOptions,
) -> float:
    """One pass over the training images; mean loss without the regulariser."""
    model.train()
    total, n_trials, n_images = 0.0, 0, len(batches.for_channels)
    for number, (batch, selection) in enumerate(
        zip(batches.epoch(epoch), batches.selection(epoch), strict=False)
    ):
        seen = epoch * n_images + number * options.batch_size
        softness = max(0.0, 1 - seen / max(options.regularization_images, 1))
        optimizer.zero_grad()
        loss = _learn(model, batch, selection, options.regularization * softness, options)
        if not math.isfinite(loss):
            raise CortexlensError(
                f"the fit diverged in epoch {epoch + 1}: its loss is {loss}. "
                f"Lower learning_rate ({options.learning_rate}) in the config."
            )
        torch.nn.utils.clip_grad_norm_(model.parameters(), options.gradient_clip)
        optimizer.step()
        schedule.step()
        total += loss * len(batch.response)
        n_trials += len(batch.response)
    return total / n_trials


def _learn(
    model: FactorTopy,
    batch: _Batch,
    selection: _Batch | None,
    strength: float,
    options: FitOptions,
) -> float:
    """Add a step's gradients; the loss on ``batch``, not finite where the objective is not."""
    selectors = model.selectors()
    penalty = strength * regularizer(selectors)
    loss = _loss(model, batch, selectors, options)
    objective = loss + penalty
    if selection is None:
        objective.backward()
    else:
        chosen = list(model.selectors.parameters())
        taken = {id(parameter) for parameter in chosen}
        loss.backward(
            inputs=[value for value in model.parameters() if id(value) not in taken],
            retain_graph=True,
        )
        objective = _loss(model, selection, selectors, options) + penalty
        objective.backward(inputs=chosen)
    return float(loss.detach()) if torch.isfinite(objective) else float(objective.detach())


def _loss(
    model: FactorTopy, batch: _Batch, selectors: Selectors, options: FitOptions
) -> Float[Tensor, ""]:
    """Smooth L1 of a batch's trials."""
    predicted = model(batch.features, selectors, dropout=options.dropout)[batch.position]
    return torch.nn.functional.smooth_l1_loss(
        predicted, batch.response, beta=options.smooth_l1_beta
    )


def predict_images(
    model: FactorTopy, data: FitData, images: Int[np.ndarray, " image"], batch_size: int = 64
) -> Float[np.ndarray, "image vertex"]:
    """Predicted responses to some images, in the units of the responses fitted to."""
    model.eval()
    with torch.inference_mode():
        selectors = model.selectors()
        return np.concatenate(
            [
                model(data.features(images[start : start + batch_size]), selectors).numpy()
                for start in range(0, len(images), batch_size)
            ]
        )


def score_on(model: FactorTopy, data: FitData, part: int) -> Float[np.ndarray, " vertex"]:
    """Raw R² of every vertex over the trials of one part of the split."""
    observed, image = data.observed(part)
    images, position = np.unique(image, return_inverse=True)
    return r2_score(observed, predict_images(model, data, images)[position])

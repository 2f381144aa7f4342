"""Fitting FactorTopy: AdamW on smooth L1, early stopping on validation, of the best state."""

import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from cortexlens.compute.checkpoints import Checkpoints
from cortexlens.compute.devices import compute_dtype
from cortexlens.compute.divergence import DivergedError, LossMonitor, retry_at_lower_rate
from cortexlens.compute.schedule import Schedule, schedule
from cortexlens.encoding.aligned_rms import (
    Covariances,
    hold_layer_sizes,
    layer_covariances,
    release_layer_sizes,
)
from cortexlens.encoding.batches import Batch, Batches
from cortexlens.encoding.checkpoint import resume, save
from cortexlens.encoding.data import FitData
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.moments import Moments, checked, feature_moments
from cortexlens.encoding.predictions import scores_on
from cortexlens.encoding.randomness import OwnRandom
from cortexlens.encoding.rates import warmup_cosine
from cortexlens.encoding.selectors import Selectors, regularizer
from cortexlens.progress import track
from cortexlens.shapes import TRAIN, VALIDATION


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
        over them. None: by the number of images, see :func:`cortexlens.compute.schedule.schedule`.
    patience
        Stop after so many epochs without a better validation R². None: as of ``epochs``.
    learning_rate, weight_decay, gradient_clip
        Of AdamW.
    selector_lr_multiplier
        Learning rate of the selectors, as a multiple of ``learning_rate``.
    selector_image_fraction
        Part of the training images that the selectors learn from, while channels learn from the
        others; 0: both learn from all, as in the paper. See :func:`fit_member`.
    aligned_rms
        Root mean square that every layer's aligned features are held at, so that layers compete
        by ω̂ alone; 0: they grow as they will, as in the paper.
    regularization, regularization_images
        λ, and the number of images over which its weight falls linearly from 1 to 0. None: as of
        ``epochs``.
    smooth_l1_beta
        Where the loss turns from quadratic to linear, in units of the response.
    dropout
        Chance that a vertex does not see a shared channel in a step, in [0, 1).
    topology
        Selectors as smooth functions of the coordinate, for studies with coordinates.
    factorized
        One place a vertex, at which it reads every layer; else a mask over the tokens for each
        layer and vertex.
    scale
        Select between local tokens and the global one; else all is local.
    precision
        ``float32``; ``bfloat16`` for the large products; ``auto``: bfloat16 where the
        processor multiplies it faster.
    """

    dimensions: int = 128
    members: int = 1
    batch_size: int = 64
    epochs: int | None = None
    patience: int | None = None
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    gradient_clip: float = 0.5
    selector_lr_multiplier: float = 1.0
    selector_image_fraction: float = 0.0
    aligned_rms: float = 0.0
    regularization: float = 0.1
    regularization_images: int | None = None
    smooth_l1_beta: float = 0.1
    dropout: float = 0.0
    topology: bool = True
    factorized: bool = True
    scale: bool = True
    precision: str = "auto"


def schedule_of(options: FitOptions, n_images: int) -> Schedule:
    """How long a fit to so many training images trains.

    Parameters
    ----------
    options
        Whose ``epochs``, ``patience`` and ``regularization_images`` are taken where they are given.
    n_images
        Training images; those that selectors alone learn from are among them.
    """
    return schedule(
        n_images - math.ceil(options.selector_image_fraction * n_images),
        options.batch_size,
        **{name: getattr(options, name) for name in Schedule.__dataclass_fields__},
    )


def n_training_images(data: FitData) -> int:
    """Count the images that a fit learns from: those of the training part that were shown."""
    return int(np.unique(data.trial_image[data.trials(TRAIN)]).size)


@dataclass(frozen=True)
class FittedMember:
    """A fitted model and how it came about.

    Attributes
    ----------
    model
        At its best epoch, in evaluation mode.
    curve_loss, curve_r2_validation
        Training loss, and mean validation R² over vertices, after each epoch.
    diverged
        What was said when it diverged, before it was fitted at a tenth of the learning rate; None
        where it did not.
    """

    model: FactorTopy
    curve_loss: Float[np.ndarray, " epoch"]
    curve_r2_validation: Float[np.ndarray, " epoch"]
    diverged: str | None = None


def fit_member(
    data: FitData,
    coordinates: Float[np.ndarray, "vertex axis"] | None,
    options: FitOptions,
    seed: int,
) -> FittedMember:
    """Fit one FactorTopy model: the only one of :func:`fit_members`.

    Parameters
    ----------
    data, coordinates, options
        As there.
    seed
        Of the initial weights, the order of images and the dropout.
    """
    return fit_members(data, coordinates, options, [seed])[0]


def fit_members(
    data: FitData,
    coordinates: Float[np.ndarray, "vertex axis"] | None,
    options: FitOptions,
    seeds: Sequence[int],
    order_seed: int | None = None,
    checkpoints: Checkpoints | None = None,
) -> list[FittedMember]:
    """Fit several FactorTopy models: one after the other, or side by side on one pass an epoch.

    Side by side, each batch is read once, and every model takes a step on it. The models then
    share the order of images and what ``selector_image_fraction`` makes of it; nothing else of one
    depends on the others.

    Parameters
    ----------
    data
        Features and responses; only training and validation images are looked at. The models stay
        on its device.
    coordinates
        mm; None fits free selectors.
    options
        Settings.
    seeds
        Of each model's initial weights and dropout.
    order_seed
        Of an order of images that all models share, side by side; None: each model's own seed.
    checkpoints
        Saved at the end of every epoch, and resumed from; None: none are.

    Returns
    -------
    list of FittedMember

    Raises
    ------
    CortexlensError
        If a fit diverges, and does so again at a tenth of the learning rate. Models side by side
        are all fitted again when one of them diverges.

    Notes
    -----
    Where images are few, channels fit them by heart, soonest in layers with many sparse channels;
    selectors that learn from the same images then turn to those layers, whatever they say of
    others. ``selector_image_fraction`` parts the images between the two, as first-order
    architecture search does (Liu, Simonyan & Yang 2019, arXiv 1806.09055).
    """
    known = _known_of(data, options)
    groups = [(seeds, order_seed)] if order_seed is not None else [([each], each) for each in seeds]
    fitted = []
    for group, order in groups:

        def attempt(rate: float, group: Sequence[int] = group, order: int = order) -> list[_Member]:
            slower = replace(options, learning_rate=rate)
            return _fit_together(data, coordinates, slower, known, group, order, checkpoints)

        note = (
            None
            if checkpoints is None
            else (checkpoints.folder / f"diverged-{group[0]}.pt", checkpoints.key)
        )
        members, diverged = retry_at_lower_rate(
            attempt, options.learning_rate, "encoder.learning_rate", note
        )
        fitted += [member.fitted(diverged) for member in members]
    return fitted


@dataclass(frozen=True)
class _Known:
    """What all members know of the training images, for each layer; local tokens, global token."""

    moments: list[tuple[Moments, Moments]]
    covariances: list[Covariances] | None
    schedule: Schedule


def _known_of(data: FitData, options: FitOptions) -> _Known:
    images = np.flatnonzero(data.split == TRAIN)
    moments = checked([feature_moments(layer, images) for layer in data.layers])
    covariances = layer_covariances(data, moments) if options.aligned_rms else None
    return _Known(moments, covariances, schedule_of(options, n_training_images(data)))


def _fit_together(
    data: FitData,
    coordinates: Float[np.ndarray, "vertex axis"] | None,
    options: FitOptions,
    known: _Known,
    seeds: Sequence[int],
    order_seed: int,
    checkpoints: Checkpoints | None,
) -> list["_Member"]:
    """Fit models side by side; arguments as of :func:`fit_members`."""
    batches = Batches(data, options.batch_size, options.selector_image_fraction, order_seed)
    epochs = known.schedule.epochs
    n_steps = epochs * batches.n_steps
    members = [
        _Member(data, coordinates, options, known, n_steps, OwnRandom(seed, data.device))
        for seed in seeds
    ]
    name = f"{options.learning_rate:g}-{order_seed}-{'-'.join(map(str, seeds))}"
    done = resume(members, checkpoints, name)
    for epoch in track(range(done, epochs), "epochs fitted"):
        active = [member for member in members if not member.finished]
        if not active:
            break
        # A fit that diverges leaves in the middle of an epoch: reading ahead has to end then.
        with closing(batches.epoch(epoch)) as pairs:
            for batch, selection in pairs:
                for member in active:
                    member.step(batch, selection)
        scores = scores_on([member.model for member in active], data, VALIDATION)
        for member, score in zip(active, scores, strict=True):
            member.end_epoch(score)
        save(members, checkpoints, name, epoch + 1)
    return members


class _Member:
    """A model on its way: its optimiser, its random numbers, and its best state so far."""

    def __init__(
        self,
        data: FitData,
        coordinates: Float[np.ndarray, "vertex axis"] | None,
        options: FitOptions,
        known: _Known,
        n_steps: int,
        random: OwnRandom,
    ) -> None:
        self.options, self.random, self.plan = options, random, known.schedule
        with random.drawing():
            # Drawn on the processor, so that a seed gives the same model everywhere.
            self.model = _new_model(data, coordinates, options, known)
        self.optimizer = _optimizer(self.model, options)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: warmup_cosine(step, n_steps)
        )
        self.watch = LossMonitor()
        self.best_r2, self.best_state = -math.inf, self.model.state_dict()
        self.losses, self.scores = list[float](), list[float]()
        self.n_images, self.total, self.n_trials = 0, 0.0, 0

    @property
    def finished(self) -> bool:
        """Whether validation has not become better for as many epochs as patience allows."""
        since = len(self.scores) - 1 - int(np.argmax(self.scores)) if self.scores else 0
        return since >= self.plan.patience

    def step(self, batch: Batch, selection: Batch | None) -> None:
        """Learn from one batch, and let selectors learn from another where there is one."""
        options = self.options
        softness = max(0.0, 1 - self.n_images / max(self.plan.regularization_images, 1))
        self.optimizer.zero_grad()
        with self.random.drawing():
            strength = options.regularization * softness
            loss = _learn(self.model, batch, selection, strength, options)
        self.watch.check(loss, lambda: float(batch.response.abs().mean()), self._where)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), options.gradient_clip)
        self.optimizer.step()
        self.schedule.step()
        self.n_images += len(batch.features[0])
        self.total += loss * len(batch.response)
        self.n_trials += len(batch.response)

    @property
    def _where(self) -> str:
        return f"the fit diverged in epoch {len(self.losses) + 1}"

    def end_epoch(self, score: Float[np.ndarray, " vertex"]) -> None:
        """Note the mean loss without the regulariser and the validation R²; keep the best state.

        Vertices whose validation responses are constant have no R² and do not count.
        """
        if not all(bool(value.isfinite().all()) for value in self.model.parameters()):
            raise DivergedError(
                f"the fit diverged in epoch {len(self.losses) + 1}: its weights are nan."
            )
        known = score[np.isfinite(score)]
        r2 = float(known.mean()) if len(known) else math.nan
        self.losses.append(self.total / self.n_trials)
        self.scores.append(r2)
        self.total, self.n_trials = 0.0, 0
        if r2 > self.best_r2:
            self.best_r2 = r2
            self.best_state = {key: value.clone() for key, value in self.model.state_dict().items()}
        self.model.train()

    def fitted(self, diverged: str | None) -> FittedMember:
        """The model at its best epoch; ``diverged`` as of :class:`FittedMember`."""
        self.model.load_state_dict(self.best_state)
        release_layer_sizes(self.model)
        curves = np.array(self.losses), np.array(self.scores)
        return FittedMember(self.model.eval(), *curves, diverged)


def _new_model(
    data: FitData,
    coordinates: Float[np.ndarray, "vertex axis"] | None,
    options: FitOptions,
    known: _Known,
) -> FactorTopy:
    """A model whose constants are those of the training images, on the device of the data."""
    place = None
    if options.topology and coordinates is not None:
        place = torch.from_numpy(coordinates.astype(np.float32))
    channels = [layer.shape[2] for layer in data.layers]
    n_masked = 0 if options.factorized else data.layers[0].shape[1] - 1
    model = FactorTopy(
        channels, data.response.shape[1], options.dimensions, place, n_masked, options.scale
    ).to(data.device)
    model.compute_dtype = compute_dtype(options.precision, data.device)
    for pair, moments in zip(model.alignments(), known.moments, strict=True):
        for align, (mean, scale) in zip(pair, moments, strict=True):
            align.mean.copy_(mean)
            align.scale.copy_(scale)
    if known.covariances is not None:
        hold_layer_sizes(model, known.covariances, options.aligned_rms)
    return model


def _optimizer(model: FactorTopy, options: FitOptions) -> torch.optim.Optimizer:
    """AdamW, with a learning rate of its own for the selectors."""
    selectors = list(model.selectors.parameters())
    ids = {id(parameter) for parameter in selectors}
    others = [parameter for parameter in model.parameters() if id(parameter) not in ids]
    return torch.optim.AdamW(
        [
            {"params": selectors, "lr": options.learning_rate * options.selector_lr_multiplier},
            {"params": others, "lr": options.learning_rate},
        ],
        weight_decay=options.weight_decay,
    )


def _learn(
    model: FactorTopy,
    batch: Batch,
    selection: Batch | None,
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
    model: FactorTopy, batch: Batch, selectors: Selectors, options: FitOptions
) -> Float[Tensor, ""]:
    """Smooth L1 of a batch's trials."""
    predicted = model(batch.features, selectors, dropout=options.dropout)[batch.position]
    return torch.nn.functional.smooth_l1_loss(
        predicted, batch.response, beta=options.smooth_l1_beta
    )

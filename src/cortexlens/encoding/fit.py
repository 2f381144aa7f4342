"""Fit FactorTopy: AdamW on a smooth L1 loss, with early stopping on the validation images."""

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
    """Options of a FactorTopy fit.

    Attributes
    ----------
    dimensions
        Number D of shared channels.
    members
        Number of models fitted from different seeds; their predictions and selectors are averaged.
    batch_size
        Images per training step.
    epochs
        Largest number of passes over the training images; the learning rate follows a cosine to
        zero over them. None derives it from the number of images, see
        :func:`cortexlens.compute.schedule.schedule`.
    patience
        Number of epochs without a better validation R² after which training stops. None derives
        it from the number of images, as for ``epochs``.
    learning_rate, weight_decay
        Learning rate and weight decay of AdamW.
    gradient_clip
        Largest norm of the gradient of all parameters; larger gradients are scaled down to it.
    selector_lr_multiplier
        Learning rate of the selectors, as a multiple of ``learning_rate``.
    selector_image_fraction
        Fraction of the training images that only the selectors learn from, while the channel maps
        learn from the others. With 0 both learn from all images, as in the paper. See
        :func:`fit_members`.
    aligned_rms
        Root mean square to which the aligned features of every layer are normalised, so that
        layers compete through the layer selector ω̂ alone; 0 leaves them free, as in the paper.
    regularization
        Weight λ of the regulariser.
    regularization_images
        Number of images, counted over all steps, during which the regulariser's weight falls
        linearly from λ to 0. None derives it from the number of images, as for ``epochs``.
    smooth_l1_beta
        Absolute error at which the loss turns from quadratic to linear, in units of the response.
    dropout
        Probability that a shared channel is dropped for a vertex in a step, in [0, 1).
    topology
        Whether selectors are smooth functions of cortical coordinates, in studies that have them.
    factorized
        Whether a vertex reads every layer at one receptive-field centre; otherwise it has a mask
        over the tokens of each layer.
    scale
        Whether vertices select between local tokens and the global token; otherwise they read
        local tokens alone.
    precision
        Number format of the large matrix products: ``float32``, ``bfloat16``, or ``auto``
        (bfloat16 on processors that multiply it faster).
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
    """Determine the length of a fit: epochs, patience and images with regularisation.

    Parameters
    ----------
    options
        Options of the fit. Its ``epochs``, ``patience`` and ``regularization_images`` override the
        defaults unless they are None.
    n_images
        Number of training images, including those that only the selectors learn from.
    """
    return schedule(
        n_images - math.ceil(options.selector_image_fraction * n_images),
        options.batch_size,
        **{name: getattr(options, name) for name in Schedule.__dataclass_fields__},
    )


def n_training_images(data: FitData) -> int:
    """Count the images that a fit learns from: training images with at least one trial."""
    return int(np.unique(data.trial_image[data.trials(TRAIN)]).size)


@dataclass(frozen=True)
class FittedMember:
    """A fitted model with its learning curves.

    Attributes
    ----------
    model
        Model with the weights of its best epoch, in evaluation mode.
    curve_loss
        Mean training loss of each epoch.
    curve_r2_validation
        Validation R² after each epoch, averaged over vertices.
    diverged
        Message of the first attempt if that diverged and the model was fitted again at a tenth of
        the learning rate; otherwise None.
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
    """Fit a single FactorTopy model.

    Parameters
    ----------
    data, coordinates, options
        Data, cortical coordinates and options of the fit, as for :func:`fit_members`.
    seed
        Seed of the initial weights, the order of images and the dropout.
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
    """Fit several FactorTopy models, either one after the other or all at once.

    If fitted at once, each batch is read a single time and every model takes a step on it. The
    models then share the order of images and the images that ``selector_image_fraction`` sets
    aside; they are otherwise independent.

    Parameters
    ----------
    data
        Features and responses, of which only training and validation images are used. The models
        are fitted on, and stay on, the device of the data.
    coordinates
        Cortical coordinates of the vertices in mm; None fits selectors without topology.
    options
        Options of the fit.
    seeds
        Seed of the initial weights and dropout of each model.
    order_seed
        Seed of the order of images for models fitted at once. None fits the models one after the
        other, each with its own seed for the order.
    checkpoints
        Where the state is saved after every epoch and resumed from; None saves nothing.

    Returns
    -------
    list of FittedMember

    Raises
    ------
    CortexlensError
        If a fit diverges, and again at a tenth of the learning rate. If one of several models
        fitted at once diverges, all of them are fitted again.

    Notes
    -----
    With few images the channel maps overfit, soonest in layers with many sparse channels.
    Selectors that learn from the same images then favour those layers, even if these generalise
    worse. ``selector_image_fraction`` therefore gives selectors and channel maps different images,
    as in first-order differentiable architecture search (Liu, Simonyan & Yang 2019, arXiv
    1806.09055).
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
    """Statistics of the training images that all members share.

    ``moments`` and ``covariances`` have one entry per layer; moments are pairs of local tokens and
    global token.
    """

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
    """Fit models at once, on the same batches; arguments as for :func:`fit_members`."""
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
        # A fit that diverges raises in the middle of an epoch; closing stops the prefetching.
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
    """A model in training, with its optimiser, random state and best weights so far."""

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
            # Weights are drawn on the CPU, so that a seed gives the same model on every device.
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
        """Whether validation R² has not improved for as many epochs as patience allows."""
        since = len(self.scores) - 1 - int(np.argmax(self.scores)) if self.scores else 0
        return since >= self.plan.patience

    def step(self, batch: Batch, selection: Batch | None) -> None:
        """Take a training step on a batch; selectors learn from ``selection`` if it is given."""
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
        """Record mean loss (without regulariser) and validation R²; save the best weights.

        The mean R² leaves out vertices with constant validation responses, whose R² is undefined.
        """
        if not all(bool(value.isfinite().all()) for value in self.model.parameters()):
            raise DivergedError(
                f"the fit diverged in epoch {len(self.losses) + 1}: its weights are not finite."
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
        """Return the model of the best epoch; ``diverged`` as in :class:`FittedMember`."""
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
    """Make a model that standardises features by the training images, on the data's device."""
    vertex_coordinates = None
    if options.topology and coordinates is not None:
        vertex_coordinates = torch.from_numpy(coordinates.astype(np.float32))
    channels = [layer.shape[2] for layer in data.layers]
    n_masked = 0 if options.factorized else data.layers[0].shape[1] - 1
    model = FactorTopy(
        channels,
        data.response.shape[1],
        options.dimensions,
        vertex_coordinates,
        n_masked,
        options.scale,
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
    """Make AdamW with a separate learning rate for the selectors."""
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
    """Accumulate the gradients of a step and return the loss on ``batch``.

    Returns the objective instead if that is not finite, so that divergence is noticed.
    """
    selectors = model.selectors()
    penalty = strength * regularizer(selectors)
    loss = _loss(model, batch, selectors, options)
    objective = loss + penalty
    if selection is None:
        objective.backward()
    else:
        of_selectors = list(model.selectors.parameters())
        ids = {id(parameter) for parameter in of_selectors}
        loss.backward(
            inputs=[value for value in model.parameters() if id(value) not in ids],
            retain_graph=True,
        )
        objective = _loss(model, selection, selectors, options) + penalty
        objective.backward(inputs=of_selectors)
    return float(loss.detach()) if torch.isfinite(objective) else float(objective.detach())


def _loss(
    model: FactorTopy, batch: Batch, selectors: Selectors, options: FitOptions
) -> Float[Tensor, ""]:
    """Compute the smooth L1 loss over the trials of a batch."""
    predicted = model(batch.features, selectors, dropout=options.dropout)[batch.position]
    return torch.nn.functional.smooth_l1_loss(
        predicted, batch.response, beta=options.smooth_l1_beta
    )

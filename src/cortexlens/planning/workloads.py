"""Work, memory and disk of each kind of job, as formulas of the sizes of its data.

A workload counts operations by kind (products, values, images …); :mod:`cortexlens.planning.costs`
knows how long one of each takes. Nothing is measured here, and no large package is imported.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cortexlens.backbones.size import NetworkSize
from cortexlens.compute.schedule import schedule

HALF, SINGLE = 2, 4  # bytes per number
# Memory before any data, bytes: Python with xarray, with matplotlib, with PyTorch and networks.
TABLE_BASE, FIGURE_BASE, TORCH_BASE = 0.2e9, 0.3e9, 0.4e9
# Images whose inputs and tokens an extraction holds in memory: two blocks of the store.
PICTURES_HELD = 128
# Values of a ridge path that take as long as solving for the weights of one stack.
STACK_VALUES = 2_500
# Bytes of predictions that a banded fit holds at once.
BANDED_HELD = 2**26 * SINGLE
# Products of the three selectors' networks a vertex and step: 3 · (192·128 + 128²) multiplications
# and additions forwards, and twice as many backwards.
SELECTOR_PRODUCTS = 3 * 2 * 3 * (192 * 128 + 128**2)
# Numbers per vertex that these three networks keep for the backward pass: the code, and two hidden
# layers before and after their nonlinearity.
SELECTOR_VALUES = 192 + 3 * 4 * 128
READ = 5  # tokens that a vertex reads from a layer: four corners and the global token


@dataclass(frozen=True)
class SubjectSize:
    """Size of a subject's data.

    Attributes
    ----------
    n_images, n_trials, n_vertices
        Number of images, of their presentations, and of vertices or voxels.
    on_cortex
        Whether vertices have coordinates, so that selectors are networks of them.
    values_read
        Number of values in the data set's files, of which ``n_trials · n_vertices`` are used.
    """

    n_images: int
    n_trials: int
    n_vertices: int
    on_cortex: bool = True
    values_read: float = 0.0


@dataclass(frozen=True)
class FitSettings:
    """Settings of the config on which the cost of a fit depends; see config/README.md."""

    grid: int = 8
    dimensions: int = 128
    members: int = 1
    batch_size: int = 64
    epochs: int | None = None
    selector_image_fraction: float = 0.0
    single_trials: bool = False
    topology: bool = True
    factorized: bool = True
    layers: str = ""
    training_images: int | None = None
    half: str | None = None
    memory: float | None = None
    parts: tuple[float, float, float] = (0.8, 0.1, 0.1)
    components: int | None = 300
    penalties: int = 13
    samples: int = 100
    lattice: int = 2
    sizes: Sequence[float] = (0, 1, 2, 4)
    bandwidths: Sequence[float] = (0, 1, 2, 4, 8)
    blocks: int = 50
    draws: int = 100
    prior_steps: int = 0


@dataclass(frozen=True)
class Workload:
    """Cost of a job.

    Attributes
    ----------
    work
        Kind of work, as in ``costs.json`` → number of its units.
    memory
        Peak memory in bytes.
    disk
        Bytes of its results on disk.
    """

    work: Mapping[str, float] = field(default_factory=dict)
    memory: float = TABLE_BASE
    disk: float = 0.0


def feature_bytes(subject: SubjectSize, network: NetworkSize, grid: int) -> float:
    """Bytes of a feature store: half precision, grid · grid local tokens and a global token."""
    return float(subject.n_images * sum(network.channels) * (grid**2 + 1) * HALF)


def extraction(
    subject: SubjectSize, network: NetworkSize, *, grid: int, batch_size: int
) -> Workload:
    """Workload of running a network on a subject's images and storing a grid of its tokens."""
    batch = min(batch_size, subject.n_images)
    held = min(PICTURES_HELD, subject.n_images)
    pixels = 3 * network.input_size**2
    stored = feature_bytes(subject, network, grid)
    memory = (
        TORCH_BASE
        + network.n_parameters * SINGLE
        + held * (pixels * SINGLE + stored / max(subject.n_images, 1))
        + batch * (2 * network.map_values * SINGLE + 3 * network.largest)
    )
    return Workload(
        {
            "start_network": 1,
            "load_parameter": network.n_parameters,
            "forward_product": subject.n_images * network.products,
            "prepare_pixel": subject.n_images * pixels,
            "picture": subject.n_images,
            "pool_value": subject.n_images * network.map_values,
            "store_byte": stored,
        },
        memory,
        stored,
    )


def encoder(
    subject: SubjectSize, channels: tuple[int, ...], stored_grid: int, settings: FitSettings
) -> Workload:
    """Workload of a FactorTopy fit with every epoch of every member; early stopping may shorten it.

    A step of B images has a cost per vertex and a cost per image: the products of the readout (N ·
    5L · D, once forwards and twice backwards) and of the alignment (tokens · C · D).
    """
    n, d, n_layers = subject.n_vertices, settings.dimensions, len(channels)
    tokens = sum(channels) * (settings.grid**2 + 1)
    n_read = _tokens_read(settings)
    read = n * n_layers * n_read * d
    learnt, scored, steps = _passes(subject, settings)
    trials = subject.n_trials if settings.single_trials else subject.n_images
    # With few vertices, their channel weights are folded into the alignment.
    folded = settings.factorized and tokens * n < tokens * d + read
    reading, aligning = (n * tokens, 0) if folded else (read, tokens * d)
    topology = settings.topology and subject.on_cortex
    forward = learnt + scored / 3
    # Finding the best layer takes one fit per layer, which share the products of a single fit.
    n_fits = n_layers if settings.layers == "best" else 1
    work = {
        "start_network": 1,
        "read_byte": subject.n_images * sum(channels) * (stored_grid**2 + 1) * HALF,
        "read_product": 6 * reading * forward,
        "align_product": (4 * learnt + 2 * scored) * aligning,
        "token_value": tokens * (learnt + scored),
        "response_value": n_fits * n * (learnt + scored) * trials / max(subject.n_images, 1),
        "step_value": steps * (n * d * n_fits if folded else read),
        "selector_product": n_fits * steps * n * SELECTOR_PRODUCTS * topology,
        "step": n_fits * steps,
    }
    memory = _encoder_memory(subject, channels, stored_grid, settings, trials)
    kept = settings.members * (n * (d + 40) + 2 * d * sum(channels)) * SINGLE
    tested = held_out_values(subject, settings)
    return Workload(work, memory, kept + (n * (n_layers + 40) + tested) * SINGLE)


def held_out_values(subject: SubjectSize, settings: FitSettings) -> float:
    """Numbers that a fit stores of its test images: prediction, mean response and its variance."""
    kept = 3 if settings.single_trials else 2
    return kept * settings.parts[2] * subject.n_images * subject.n_vertices


def _tokens_read(settings: FitSettings) -> int:
    """Number of tokens that a vertex reads from a layer: all of them if it has a mask."""
    return READ if settings.factorized else settings.grid**2 + 1


def train_images(subject: SubjectSize, settings: FitSettings) -> float:
    """Number of training images of a fit."""
    there = settings.parts[0] * subject.n_images / (2 if settings.half else 1)
    return min(there, settings.training_images or math.inf)


def recovery(
    subject: SubjectSize,
    channels: tuple[int, ...],
    fit: Workload,
    seeds: int,
    single_trials: bool,
) -> Workload:
    """Workload of planting and fitting responses once per seed; features are read only once."""
    once = ("start_network", "start_table", "read_byte")
    work = {kind: amount * (1 if kind in once else seeds) for kind, amount in fit.work.items()}
    trials = subject.n_trials if single_trials else subject.n_images
    planted_values = subject.n_vertices * (trials + 2 * subject.n_images)
    work["simulated_value"] = seeds * planted_values
    kept = seeds * subject.n_vertices * (2 * len(channels) + 12) * SINGLE
    # Planted responses of all images and all trials, in addition to the recorded ones.
    return Workload(work, fit.memory + 2 * SINGLE * planted_values, kept)


def _passes(subject: SubjectSize, settings: FitSettings) -> tuple[float, float, float]:
    """Training images, images that are only predicted, and optimiser steps of a whole fit."""
    validation, train = settings.parts[1] * subject.n_images, train_images(subject, settings)
    for_channels = train * (1 - settings.selector_image_fraction)
    epochs = schedule(for_channels, settings.batch_size, epochs=settings.epochs).epochs
    steps = epochs * math.ceil(for_channels / settings.batch_size)
    with_selection = 2 if settings.selector_image_fraction else 1
    learnt = epochs * for_channels * with_selection
    scored = epochs * validation + subject.n_images
    members = settings.members
    return members * learnt, members * scored, float(members * steps)


def _encoder_memory(
    subject: SubjectSize,
    channels: tuple[int, ...],
    stored_grid: int,
    settings: FitSettings,
    trials: int,
) -> float:
    """Bytes of features (or the limit on them), responses and their parts, the model, a step."""
    n, d, n_layers, batch = (
        subject.n_vertices,
        settings.dimensions,
        len(channels),
        min(settings.batch_size, subject.n_images),
    )
    n_tokens = settings.grid**2 + 1
    features = float(subject.n_images * sum(channels) * n_tokens * HALF)
    # A layer is read at the grid of the features before it is coarsened; its moments in float32.
    largest = subject.n_images * max(channels) * (stored_grid**2 + 1)
    moments = 2 * SINGLE * settings.parts[0]
    reading = largest * (HALF * (settings.grid != stored_grid) + moments)
    if settings.memory is not None:
        features, reading = min(features, settings.memory * 1e9), min(reading, 1e9)
    topology = settings.topology and subject.on_cortex
    # Parameters, gradients, two moments of the optimiser, and the best weights so far.
    parameters = n * (d + 4 + n_layers * (not topology)) + 2 * d * sum(channels)
    n_read = _tokens_read(settings)
    # Masks are as large as the parameters that they come from.
    parameters += n * n_layers * n_read * (not settings.factorized)
    model = (4 + settings.members) * SINGLE * parameters
    step = SINGLE * (
        n * (SELECTOR_VALUES * topology + 6 * n_layers * n_read + 3 * d)
        + batch * (6 * n + 3 * n_tokens * n_layers * d + 2 * n_tokens * sum(channels))
    )
    predicted = subject.n_images * n * SINGLE
    shown = subject.n_trials * n * SINGLE * (1 if settings.single_trials else 2)
    return TORCH_BASE + features + reading + model + step + predicted + shown + 2 * trials * n


def ridge(
    subject: SubjectSize, channels: tuple[int, ...], grid: int, settings: FitSettings
) -> Workload:
    """Workload of the ridge baseline: components of each layer, then every penalty and vertex."""
    n_images, n = subject.n_images, subject.n_vertices
    train = train_images(subject, settings)
    trials = subject.n_trials if settings.single_trials else n_images
    k = min(settings.components or max(channels), max(1, int(train)))
    # All layers together are one problem of all components.
    n_solved = 1 if settings.layers == "all" else len(channels)
    k *= len(channels) // n_solved
    values = n_images * (grid**2) * sum(channels)
    solves = 2 * k * (settings.parts[0] * trials * (k + n) + n_images * n) * settings.penalties
    # Single layers are stacked: 2 L nested problems per vertex, from their validation predictions.
    stacked = 0 if settings.layers == "all" else len(channels)
    held_out = stacked * settings.parts[1] * trials
    largest = n_images * (grid**2) * max(channels)
    memory = (
        TORCH_BASE
        + n_images * sum(channels) * (grid**2 + 1) * HALF
        + 4 * SINGLE * largest
        + SINGLE * n * held_out
        + SINGLE * n * (3 * n_images + 2 * trials + subject.n_trials + 2 * settings.penalties * k)
    )
    work = {
        "start_network": 1,
        "read_byte": values * HALF,
        "component_product": 20.0 * k * values * n_solved / len(channels),
        "ridge_product": solves * n_solved,
        "ridge_value": n_solved * settings.penalties * n_images * n
        + 2 * STACK_VALUES * stacked * n,
    }
    kept = n * (2 * len(channels) + 20) + held_out_values(subject, settings)
    return Workload(work, memory, kept * SINGLE)


def banded(
    subject: SubjectSize, channels: tuple[int, ...], grid: int, settings: FitSettings
) -> Workload:
    """Workload of banded ridge: kernels of two sets per layer, then every sample of set weights."""
    n_images, n, n_sets = subject.n_images, subject.n_vertices, 2 * len(channels)
    train = train_images(subject, settings)
    shown = subject.n_trials / n_images if settings.single_trials else 1.0
    learnt, seen = train * shown, settings.parts[1] * n_images * shown
    k = min(settings.components or max(channels), max(1, int(train)))
    widths, values = len(channels) * k + sum(channels), n_images * (grid**2) * sum(channels)
    # A decomposition takes about 10 n^3; every sample may be the best for some vertex.
    refits = min(settings.samples, n)
    decomposed = 10 * (settings.samples + refits) * learnt**3
    summed = 2 * (settings.samples + refits) * n_sets * (learnt + seen) ** 2
    tried = 2 * settings.samples * settings.penalties * seen * learnt * (learnt + n)
    refitted = 4 * learnt**2 * n + 2 * (n_images + learnt) * widths * n
    kernels = 2 * (learnt + seen) ** 2 * widths
    memory = (
        TORCH_BASE
        + n_images * sum(channels) * (grid**2 + 1) * HALF
        + 4 * SINGLE * n_images * (grid**2) * max(channels)
        + 2 * SINGLE * (n_images * widths + n_sets * (learnt + seen) ** 2)
        + SINGLE * n * (n_images + subject.n_trials + 5 * (learnt + seen) + settings.samples)
        + 3 * BANDED_HELD
    )
    work = {
        "start_network": 1,
        "read_byte": values * HALF,
        "component_product": 20.0 * k * values,
        "ridge_product": decomposed + summed + tried + refitted + kernels,
    }
    kept = n * (6 * len(channels) + 20) + held_out_values(subject, settings)
    return Workload(work, memory, kept * SINGLE)


def described(network: NetworkSize) -> Workload:
    """Workload of loading a network and running it on three images."""
    memory = TORCH_BASE + 2 * SINGLE * network.n_parameters + 6 * network.largest
    work = {
        "start_network": 1,
        "load_parameter": 2 * network.n_parameters,
        "forward_product": 3 * network.products,
    }
    return Workload(work, memory, 4e3)


def fetched(network: NetworkSize) -> Workload:
    """Workload of downloading a network's weights and loading them once to check them."""
    n_bytes = SINGLE * network.n_parameters
    return Workload({"start_network": 1, "fetch_byte": n_bytes}, TORCH_BASE + 2 * n_bytes, n_bytes)


def finetuning(
    network: NetworkSize,
    *,
    learnt: int,
    measured: int,
    steps: int,
    batch_size: int,
    measurements: int,
    kept: int,
) -> Workload:
    """Workload of fine-tuning a network.

    Parameters
    ----------
    network
        Size of the network.
    learnt, measured
        Number of training images and of validation images.
    steps, batch_size
        Number of optimiser steps, and images per step.
    measurements
        Number of validations.
    kept
        Number of checkpoints whose weights are saved.
    """
    shown = learnt + measured
    pixels = 3.0 * network.input_size**2
    # A step forwards, and twice as much backwards.
    passes = 3.0 * steps * batch_size + measurements * measured
    work = {
        "start_network": 1,
        "load_parameter": network.n_parameters,
        "picture": shown,
        "forward_product": passes * network.products,
        "prepare_pixel": passes / 3 * pixels,
        "step": steps,
        "step_value": 10.0 * steps * network.n_parameters,
        "store_byte": SINGLE * network.n_parameters * (2.0 + kept + 4.0 * measurements),
    }
    # Weights, gradient, two moments, the best and the saved weights, and a copy to be written; the
    # activations kept for the backward pass are taken as twenty times the layers that are read.
    weights = SINGLE * network.n_parameters * (6.0 + kept)
    maps = max(batch_size, 8) * (20 * SINGLE * network.map_values + network.largest)
    memory = TORCH_BASE + weights + maps + shown * pixels
    return Workload(work, memory, SINGLE * network.n_parameters * (2.0 + kept))


def scenes(n_scenes: int, size: int) -> Workload:
    """Workload of drawing scenes with a side of ``size`` px."""
    pixels = n_scenes * size**2
    return Workload({"start_table": 1, "scene_pixel": pixels}, disk=2.0 * pixels)


def images(subject: SubjectSize) -> Workload:
    """Workload of listing and hashing a subject's images."""
    work = {"start_table": 1, "hash_picture": subject.n_images}
    return Workload(work, TABLE_BASE + 2e3 * subject.n_images, 200.0 * subject.n_images)


def responses(subject: SubjectSize, *, simulated: bool = False) -> Workload:
    """Workload of converting a subject's responses, from files or by simulation."""
    kept = subject.n_trials * subject.n_vertices * SINGLE
    read = max(subject.values_read, subject.n_trials * subject.n_vertices)
    # Large data are read session by session; small data as a whole, and in parts.
    memory = TABLE_BASE + min(4.0 * kept, 1.5e9) + 0.1 * kept
    if simulated:
        memory = TABLE_BASE + 5.0 * kept
        work = {"start_table": 1, "simulated_picture": subject.n_images}
        return Workload({**work, "simulated_value": kept / SINGLE}, memory, kept)
    return Workload({"start_table": 1, "response_read": read}, memory, kept)


def planted(subject: SubjectSize, channels: tuple[int, ...], grid: int) -> Workload:
    """Workload of generating responses from a network's features, read once per layer."""
    values = subject.n_images * sum(channels) * (grid**2 + 1)
    kept = subject.n_trials * subject.n_vertices * SINGLE
    memory = TORCH_BASE + values * HALF + 5.0 * kept
    work = {
        "start_network": 1,
        "read_byte": values * HALF,
        "simulated_value": kept / SINGLE,
    }
    return Workload(work, memory, kept)

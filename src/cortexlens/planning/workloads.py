"""How much work, memory and disk each kind of job takes, as formulas of the sizes of its data.

A workload counts what is done (products, values, pictures …) by kind;
:mod:`cortexlens.planning.costs` knows how long one of each takes. Nothing is measured here, and
nothing large is imported.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cortexlens.backbones.size import NetworkSize
from cortexlens.compute.schedule import schedule

HALF, SINGLE = 2, 4  # bytes a number
# Before any data: Python alone with xarray, with matplotlib, and with PyTorch and its networks.
TABLE_BASE, FIGURE_BASE, TORCH_BASE = 0.2e9, 0.3e9, 0.4e9
# An extraction holds this many pictures' inputs and tokens: two blocks of the store.
PICTURES_HELD = 128
# Solving for the weights of one stack takes as long as so many values of a ridge path.
STACK_VALUES = 2_500
# Predictions that a banded fit holds at once, bytes.
BANDED_HELD = 2**26 * SINGLE
# Products of the three selectors' networks a vertex and step: 3 · (192·128 + 128²) multiplications
# and additions, forwards and twice as many backwards.
SELECTOR_PRODUCTS = 3 * 2 * 3 * (192 * 128 + 128**2)
# Numbers a vertex that these networks keep for the backward pass: code, and two hidden layers
# before and after their nonlinearity, of which there are three.
SELECTOR_VALUES = 192 + 3 * 4 * 128
READ = 5  # tokens that a vertex reads in a layer: four corners and the global one


@dataclass(frozen=True)
class SubjectSize:
    """What a subject has.

    Attributes
    ----------
    n_images, n_trials, n_vertices
        Pictures, their presentations, recorded places.
    on_cortex
        Whether vertices have coordinates, so that selectors are networks of them.
    values_read
        Numbers that the dataset's files hold, of which ``n_trials · n_vertices`` are kept.
    """

    n_images: int
    n_trials: int
    n_vertices: int
    on_cortex: bool = True
    values_read: float = 0.0


@dataclass(frozen=True)
class FitSettings:
    """Settings of the config that a fit's cost depends on; see config/README.md."""

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
    """What a job takes.

    Attributes
    ----------
    work
        Kind of work, as in ``costs.json`` → how much of it.
    memory
        Bytes at its peak.
    disk
        Bytes that it writes and keeps.
    """

    work: Mapping[str, float] = field(default_factory=dict)
    memory: float = TABLE_BASE
    disk: float = 0.0


def feature_bytes(subject: SubjectSize, network: NetworkSize, grid: int) -> float:
    """Bytes of a feature store: half precision, grid · grid local tokens and a global one."""
    return float(subject.n_images * sum(network.channels) * (grid**2 + 1) * HALF)


def extraction(
    subject: SubjectSize, network: NetworkSize, *, grid: int, batch_size: int
) -> Workload:
    """Show a subject's pictures to a network and keep tokens of a grid of a side of ``grid``."""
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
    """Fit FactorTopy, every epoch of every member: patience may end it sooner.

    A step of B images costs a fixed part, in vertices, and a part an image: the products of the
    reading (N · 5L · D, forwards once and backwards twice) and of the alignment (tokens · C · D).
    """
    n, d, n_layers = subject.n_vertices, settings.dimensions, len(channels)
    tokens = sum(channels) * (settings.grid**2 + 1)
    n_read = _tokens_read(settings)
    read = n * n_layers * n_read * d
    learnt, scored, steps = _passes(subject, settings)
    trials = subject.n_trials if settings.single_trials else subject.n_images
    # Few vertices are read with their channels folded into the alignment.
    folded = settings.factorized and tokens * n < tokens * d + read
    reading, aligning = (n * tokens, 0) if folded else (read, tokens * d)
    topology = settings.topology and subject.on_cortex
    forward = learnt + scored / 3
    # The best single layer is found by a fit a layer, which share the products of one.
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
    """Numbers that a fit keeps of its test images: prediction, mean response and its scatter."""
    kept = 3 if settings.single_trials else 2
    return kept * settings.parts[2] * subject.n_images * subject.n_vertices


def _tokens_read(settings: FitSettings) -> int:
    """Tokens that a vertex reads in a layer: all of them through a mask."""
    return READ if settings.factorized else settings.grid**2 + 1


def train_images(subject: SubjectSize, settings: FitSettings) -> float:
    """Images that a fit learns from."""
    there = settings.parts[0] * subject.n_images / (2 if settings.half else 1)
    return min(there, settings.training_images or math.inf)


def recovery(
    subject: SubjectSize,
    channels: tuple[int, ...],
    fit: Workload,
    seeds: int,
    single_trials: bool,
) -> Workload:
    """Plant responses and fit them, once a seed; features are read once and looked at anew."""
    once = ("start_network", "start_table", "read_byte")
    work = {kind: amount * (1 if kind in once else seeds) for kind, amount in fit.work.items()}
    trials = subject.n_trials if single_trials else subject.n_images
    planted_values = subject.n_vertices * (trials + 2 * subject.n_images)
    work["simulated_value"] = seeds * planted_values
    kept = seeds * subject.n_vertices * (2 * len(channels) + 12) * SINGLE
    # What was planted, for all images and all trials, beside what was recorded.
    return Workload(work, fit.memory + 2 * SINGLE * planted_values, kept)


def _passes(subject: SubjectSize, settings: FitSettings) -> tuple[float, float, float]:
    """Images learnt from, images only predicted, and steps of the optimiser, in a whole fit."""
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
    """Features (or the bound on them), responses and their parts, the model, and a step."""
    n, d, n_layers, batch = (
        subject.n_vertices,
        settings.dimensions,
        len(channels),
        min(settings.batch_size, subject.n_images),
    )
    n_tokens = settings.grid**2 + 1
    features = float(subject.n_images * sum(channels) * n_tokens * HALF)
    # A layer is read at the grid of the features before it is coarsened; its moments, in float32.
    largest = subject.n_images * max(channels) * (stored_grid**2 + 1)
    moments = 2 * SINGLE * settings.parts[0]
    reading = largest * (HALF * (settings.grid != stored_grid) + moments)
    if settings.memory is not None:
        features, reading = min(features, settings.memory * 1e9), min(reading, 1e9)
    topology = settings.topology and subject.on_cortex
    # Parameters, gradients, two moments of the optimiser, and the best state so far.
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
    """Fit the baseline: components of each layer, then every penalty for every vertex."""
    n_images, n = subject.n_images, subject.n_vertices
    train = train_images(subject, settings)
    trials = subject.n_trials if settings.single_trials else n_images
    k = min(settings.components or max(channels), max(1, int(train)))
    # All layers together are one problem of all components.
    n_solved = 1 if settings.layers == "all" else len(channels)
    k *= len(channels) // n_solved
    values = n_images * (grid**2) * sum(channels)
    solves = 2 * k * (settings.parts[0] * trials * (k + n) + n_images * n) * settings.penalties
    # Single layers are stacked: 2 L nested problems a vertex, from their validation predictions.
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
    """Fit banded ridge: kernels of two sets a layer, then every sample of their weights."""
    n_images, n, n_sets = subject.n_images, subject.n_vertices, 2 * len(channels)
    train = train_images(subject, settings)
    shown = subject.n_trials / n_images if settings.single_trials else 1.0
    learnt, seen = train * shown, settings.parts[1] * n_images * shown
    k = min(settings.components or max(channels), max(1, int(train)))
    widths, values = len(channels) * k + sum(channels), n_images * (grid**2) * sum(channels)
    # A decomposition takes some 10 n^3; every sample may be the best of some vertex.
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
    """Load a network and run it on three pictures."""
    memory = TORCH_BASE + 2 * SINGLE * network.n_parameters + 6 * network.largest
    work = {
        "start_network": 1,
        "load_parameter": 2 * network.n_parameters,
        "forward_product": 3 * network.products,
    }
    return Workload(work, memory, 4e3)


def fetched(network: NetworkSize) -> Workload:
    """Fetch a network's weights, and load them once to check."""
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
    """Fine-tune a network on ``learnt`` pictures and measure it on others, again and again."""
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
    # Weights, gradient, two moments, the best and the kept ones, and a copy to be written; what a
    # step keeps for its way back is taken for twenty times the maps that are read.
    weights = SINGLE * network.n_parameters * (6.0 + kept)
    maps = max(batch_size, 8) * (20 * SINGLE * network.map_values + network.largest)
    memory = TORCH_BASE + weights + maps + shown * pixels
    return Workload(work, memory, SINGLE * network.n_parameters * (2.0 + kept))


def scenes(n_scenes: int, size: int) -> Workload:
    """Draw scenes of ``size`` px a side."""
    pixels = n_scenes * size**2
    return Workload({"start_table": 1, "scene_pixel": pixels}, disk=2.0 * pixels)


def images(subject: SubjectSize) -> Workload:
    """List and hash a subject's pictures."""
    work = {"start_table": 1, "hash_picture": subject.n_images}
    return Workload(work, TABLE_BASE + 2e3 * subject.n_images, 200.0 * subject.n_images)


def responses(subject: SubjectSize, *, simulated: bool = False) -> Workload:
    """Bring a subject's responses into one form, from files or by simulation."""
    kept = subject.n_trials * subject.n_vertices * SINGLE
    read = max(subject.values_read, subject.n_trials * subject.n_vertices)
    # Read session by session where there is much; whole, and in parts, where there is little.
    memory = TABLE_BASE + min(4.0 * kept, 1.5e9) + 0.1 * kept
    if simulated:
        memory = TABLE_BASE + 5.0 * kept
        work = {"start_table": 1, "simulated_picture": subject.n_images}
        return Workload({**work, "simulated_value": kept / SINGLE}, memory, kept)
    return Workload({"start_table": 1, "response_read": read}, memory, kept)


def planted(subject: SubjectSize, channels: tuple[int, ...], grid: int) -> Workload:
    """Make responses from a network's features, read once for each layer."""
    values = subject.n_images * sum(channels) * (grid**2 + 1)
    kept = subject.n_trials * subject.n_vertices * SINGLE
    memory = TORCH_BASE + values * HALF + 5.0 * kept
    work = {
        "start_network": 1,
        "read_byte": values * HALF,
        "simulated_value": kept / SINGLE,
    }
    return Workload(work, memory, kept)

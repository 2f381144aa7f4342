"""Work, memory and disk of the jobs after the fits: scores, tables and figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from cortexlens.backbones.size import NetworkSize
from cortexlens.planning.workloads import (
    FIGURE_BASE,
    HALF,
    SINGLE,
    TABLE_BASE,
    TORCH_BASE,
    FitSettings,
    SubjectSize,
    Workload,
)
from cortexlens.sae.settings import EXCHANGED

# Largest number of images on whose tokens channels are compared, and of k-means iterations.
TOKEN_IMAGES, PASSES = 200, 50
# As of cortexlens.encoding.channel_metric, which imports PyTorch.
_MOST_AXES = 256
# Products of a label probe per token value: labels times steps of all its penalties.
_PROBE_STEPS = 1e5


def scores(
    subject: SubjectSize, parts: tuple[float, float, float], bootstraps: int, permutations: int
) -> Workload:
    """Workload of scoring a fit: three products per resample, and one sum per permutation."""
    n, test = subject.n_vertices, parts[2] * subject.n_images
    work = {
        "start_table": 1,
        "open_fit": 1,
        "bootstrap_product": 6 * bootstraps * test * n,
        "permuted_value": permutations * test * n,
        "summary_vertex": n,
    }
    # Prediction, responses and variance; for a block of vertices, resamples of both sums.
    memory = TABLE_BASE + 3 * test * n * SINGLE + 1024 * 6 * bootstraps * SINGLE + 500.0 * n
    return Workload(work, memory, n * 60.0 * SINGLE)


def models(n_fits: int, test_values: float, n_vertices: int, bootstraps: int) -> Workload:
    """Workload of comparing networks on resampled images.

    ``test_values`` is the number of test images times vertices, summed over all fits.
    """
    work = {
        "start_table": 1,
        "open_fit": n_fits,
        "bootstrap_product": 6 * bootstraps * test_values,
        "summary_vertex": n_vertices,
    }
    # Resamples of all networks for a block of vertices, and the responses that they come from.
    return Workload(work, TABLE_BASE + 0.8e9 + 3 * SINGLE * test_values / max(n_fits, 1), 1e5)


def changed(n_fits: int, test_values: float, n_vertices: int, bootstraps: int) -> Workload:
    """Workload of comparing fits before and after fine-tuning.

    ``test_values`` is the number of test images times vertices, summed over all fits.
    """
    drawn = bootstrapped(n_fits, n_vertices)
    work = {**drawn.work, "bootstrap_product": 6 * bootstraps * test_values}
    largest = 3 * SINGLE * test_values / max(n_fits, 1)
    return Workload(work, drawn.memory + largest, drawn.disk)


def drifted(subject: SubjectSize, channels: Sequence[int], grid: int) -> Workload:
    """Workload of comparing the features of two networks layer by layer."""
    n, tokens = subject.n_images, grid**2 + 1
    values = n * sum(channels) * tokens
    work = {
        "start_table": 1,
        "read_byte": 2 * HALF * values,
        # a mean of float16 takes four times one of float32
        "pool_value": 8 * values,
        # two products in each of three sums, for global and local tokens
        "component_product": 12 * n * sum(c**2 for c in channels),
    }
    # Pooled tokens of both networks, and their copies in float64.
    return Workload(work, TABLE_BASE + 16 * SINGLE * n * max(channels), 1e5)


def probed(subject: SubjectSize, channels: Sequence[int], grid: int) -> Workload:
    """Workload of decoding labels from the last layer of a network."""
    n, last = subject.n_images, channels[-1]
    values = n * last * (grid**2 + 1)
    work = {
        "start_table": 1,
        "read_byte": HALF * values,
        "pool_value": 4 * values,
        "component_product": _PROBE_STEPS * n * last,
    }
    return Workload(work, TABLE_BASE + 10 * SINGLE * n * last, 1e5)


def compared() -> Workload:
    """Workload of comparing a few tables with published ones, and drawing them."""
    return Workload({"start_figure": 1}, FIGURE_BASE, 1e5)


def summary(n_fits: int, n_vertices: int) -> Workload:
    """Workload of tabulating fits; ``n_vertices``: their vertices in total."""
    work = {"start_table": 1, "open_fit": n_fits, "summary_vertex": n_vertices}
    return Workload(work, TABLE_BASE + 3e2 * n_vertices, 1e4 * n_fits)


def bootstrapped(n_fits: int, n_vertices: int) -> Workload:
    """Workload of a table or figure with a bootstrap over patches; ``n_vertices``: in total."""
    # Some tens of times the work of a table, and as many numbers per vertex at once.
    work = {"start_figure": 1, "open_fit": n_fits, "summary_vertex": 20 * n_vertices}
    return Workload(work, FIGURE_BASE + 5e8 + 2e3 * n_vertices, 1e6 + 1e5 * n_fits)


def maps(n_vertices: int, n_layers: int) -> Workload:
    """Workload of drawing the maps of a fit as .png and .svg, with a small map per layer."""
    work = {"start_figure": 1, "map_vertex": (2 + n_layers / 8) * n_vertices}
    return Workload(
        work, FIGURE_BASE + n_vertices * (n_layers + 1e3) * SINGLE, 4e6 + 5e5 * n_layers
    )


def packed(n_fits: int, n_vertices: int) -> Workload:
    """Workload of packing fits of ``n_vertices`` in total into a page, as folder and as file."""
    work = {"start_table": 1, "open_fit": 3 * n_fits, "summary_vertex": 10 * n_vertices}
    return Workload(work, TABLE_BASE + 4e8 + 3e2 * n_vertices, 1e7 + 1.2e2 * n_vertices)


def average(n_fits: int, n_vertices: int, n_layers: int) -> Workload:
    """Workload of drawing the mean of a network's fits; ``n_vertices``: of the largest fit."""
    drawn = maps(n_vertices, n_layers)
    memory = drawn.memory + n_fits * n_vertices * n_layers * 2 * SINGLE
    return Workload({**drawn.work, "open_fit": n_fits}, memory, drawn.disk)


def plot(n_fits: int) -> Workload:
    """Workload of drawing a chart with one row per fit."""
    return Workload({"start_figure": 1, "open_fit": n_fits}, FIGURE_BASE, 5e5)


def overview(n_fits: int, n_vertices: int) -> Workload:
    """Workload of drawing all fits on three sheets, as .png and .svg."""
    work = {"start_figure": 1, "open_fit": 20 * n_fits, "map_vertex": n_vertices}
    return Workload(work, FIGURE_BASE + 4e6 * n_fits + 1e3 * n_vertices, 3e6 + 2e6 * n_fits)


def channels(
    rule: str,
    wanted: Mapping[str, Any],
    subject: SubjectSize,
    network: NetworkSize,
    grid: int,
    settings: FitSettings,
    *,
    stacked: bool = False,
) -> Workload:
    """Workload of clustering a fit's channels or colouring images by them, as configured."""
    if rule == "draw_channel_images":
        shown = wanted["shown"]
        return painted(network, subject, len(shown) if isinstance(shown, list) else shown)
    # the maps of a stacked fit are reduced to at most this number of axes
    shared = settings.dimensions * settings.members
    n_channels = min(_MOST_AXES, sum(network.channels)) if stacked else shared
    return clusters(subject, network, grid, n_channels, wanted["first_clusters"], wanted["splits"])


def clusters(
    subject: SubjectSize, network: NetworkSize, grid: int, dimensions: int, first: int, splits: int
) -> Workload:
    """Workload of clustering channel selectors: tokens read once, k-means on all and on halves."""
    n, tokens = subject.n_vertices, TOKEN_IMAGES * (grid**2 + 1)
    first = min(first, n // 8 + 1)
    means = 2 * n * first * dimensions * PASSES
    work = {
        "start_network": 1,
        "read_byte": tokens * sum(network.channels) * 2,
        "align_product": 2 * tokens * dimensions * sum(network.channels),
        # Two halves of each split, unshuffled and shuffled: a quarter of the products each.
        "component_product": means * (1 + splits),
        "summary_vertex": n * (1 + splits),
    }
    # Selectors in double precision, and the tokens of a block of images of the widest layer.
    block = 25 * (grid**2 + 1) * (2 * max(network.channels) + 4 * dimensions) * SINGLE
    memory = TORCH_BASE + 12 * SINGLE * n * dimensions + block + 6 * SINGLE * first**2
    return Workload(work, memory, SINGLE * (n + 2 * first + 2 * dimensions) * dimensions)


def channel_tables(subjects: Sequence[SubjectSize], permutations: int) -> Workload:
    """Workload of tabulating the clusters of one fit per subject, with permutations of patches."""
    n_vertices = sum(subject.n_vertices for subject in subjects)
    work = {
        "start_table": 1,
        "open_fit": len(subjects),
        "permuted_value": 20 * permutations * n_vertices,
        "summary_vertex": 20 * n_vertices,
    }
    return Workload(work, TABLE_BASE + 4e3 * n_vertices, 1e5 * len(subjects))


def painted(network: NetworkSize, subject: SubjectSize, n_pictures: int) -> Workload:
    """Workload of colouring a few images by the channels of regions."""
    work = {
        "start_network": 1,
        "start_figure": 1,
        "load_parameter": 2 * network.n_parameters,
        "forward_product": (3 + n_pictures) * network.products,
        "prepare_pixel": 3 * n_pictures * network.input_size**2,
        "summary_vertex": subject.n_vertices,
    }
    held = 3 * network.largest + 3 * network.map_values * SINGLE
    memory = TORCH_BASE + FIGURE_BASE + 2 * SINGLE * network.n_parameters + held
    return Workload(work, memory + 4e3 * subject.n_vertices, 4e6)


def compared_units(
    subject: SubjectSize, n_channels: int, grid: int, *, units: int, shuffles: int, threads: int
) -> Workload:
    """Workload of comparing the units of one layer with vertices, and again per permutation."""
    n, n_vertices, tokens = subject.n_images, subject.n_vertices, grid**2 + 1
    rounds = 1 + shuffles * min(1.0, EXCHANGED / n_vertices)
    work = {
        "start_network": 1,
        "read_byte": HALF * n * n_channels * tokens,
        # as for autoencoders of local tokens: every location is encoded
        "component_product": 2.0 * units * n * (n_channels * tokens + rounds * n_vertices),
        "token_value": 4.0 * units * n * tokens,
        "response_read": subject.n_trials * n_vertices / 10,
        "response_value": rounds * n_vertices * (4.0 * units + 10.0 * n),
        "store_byte": HALF * n * units,
    }
    # Mean responses; activations in half and single precision; one similarity block per thread.
    codes = n * units * (HALF + 2 * SINGLE)
    memory = TORCH_BASE + 1.2 * SINGLE * n * n_vertices + codes + threads * 4e8
    return Workload(work, memory, HALF * n * units + 1e2 * (n_vertices + units))


def joined_units(
    subject: SubjectSize,
    tested: float,
    bootstraps: int,
    permutations: int,
    *,
    units: int,
    candidates: int,
) -> Workload:
    """Workload of joining units of all layers and seeds, on test images only, in two metrics."""
    n, test = subject.n_vertices, tested * subject.n_images
    work = {
        "start_table": 1,
        "open_fit": 10,
        "read_byte": HALF * units * subject.n_images,
        "response_read": subject.n_trials * n / 10,
        "bootstrap_product": 16.0 * bootstraps * test * n,
        "permuted_value": 2.0 * permutations * test * n,
        # each candidate is evaluated about a hundred times
        "summary_vertex": 2.0 * n * (1 + candidates / 5),
    }
    memory = TABLE_BASE + 1.2 * SINGLE * subject.n_images * n + 6 * SINGLE * test * n
    memory += HALF * test * units + 2e2 * n * candidates + 1024 * 16 * bootstraps * SINGLE
    return Workload(work, memory, 60.0 * SINGLE * n + 4.0 * SINGLE * n * candidates)


def matched(units: Sequence[int], pairs: int) -> Workload:
    """Workload of matching unit directions between seeds; ``units`` has one entry per layer."""
    # The Hungarian method scales with the cube of the directions; run on real and random ones.
    work = {
        "start_network": 1,
        "component_product": 100.0 * pairs * sum(float(n) ** 3 for n in units),
    }
    return Workload(work, TORCH_BASE + 40.0 * max(units, default=0) ** 2, 1e5)

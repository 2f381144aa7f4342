"""How much work, memory and disk the jobs after the fits take: scores, tables and pictures."""

from collections.abc import Sequence

from cortexlens.workloads import FIGURE_BASE, HALF, SINGLE, TABLE_BASE, SubjectSize, Workload

# Products of a probe, a value of its tokens: labels times steps of each of its penalties.
_PROBE_STEPS = 1e5


def scores(
    subject: SubjectSize, parts: tuple[float, float, float], bootstraps: int, permutations: int
) -> Workload:
    """Score a fit: three products of resamples, and one sum for every exchange of predictions."""
    n, test = subject.n_vertices, parts[2] * subject.n_images
    work = {
        "start_table": 1,
        "open_fit": 1,
        "bootstrap_product": 6 * bootstraps * test * n,
        "permuted_value": permutations * test * n,
        "summary_vertex": n,
    }
    # Prediction, responses and scatter; of a block of vertices, resamples of both sums.
    memory = TABLE_BASE + 3 * test * n * SINGLE + 1024 * 6 * bootstraps * SINGLE + 500.0 * n
    return Workload(work, memory, n * 60.0 * SINGLE)


def models(n_fits: int, test_values: float, n_vertices: int, bootstraps: int) -> Workload:
    """Compare networks on resampled images; ``test_values``: images times vertices of all fits."""
    work = {
        "start_table": 1,
        "open_fit": n_fits,
        "bootstrap_product": 6 * bootstraps * test_values,
        "summary_vertex": n_vertices,
    }
    # Resamples of all networks for a block of vertices, and the responses that they come from.
    return Workload(work, TABLE_BASE + 0.8e9 + 3 * SINGLE * test_values / max(n_fits, 1), 1e5)


def changed(n_fits: int, test_values: float, n_vertices: int, bootstraps: int) -> Workload:
    """Compare fits before and after; ``test_values``: images times vertices of all fits."""
    drawn = bootstrapped(n_fits, n_vertices)
    work = {**drawn.work, "bootstrap_product": 6 * bootstraps * test_values}
    largest = 3 * SINGLE * test_values / max(n_fits, 1)
    return Workload(work, drawn.memory + largest, drawn.disk)


def drifted(subject: SubjectSize, channels: Sequence[int], grid: int) -> Workload:
    """Compare the features of two networks, layer by layer."""
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
    """Learn labels from the last layer of a network."""
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
    """Set a few tables beside published ones, and draw them."""
    return Workload({"start_figure": 1}, FIGURE_BASE, 1e5)


def summary(n_fits: int, n_vertices: int) -> Workload:
    """Tabulate fits of ``n_vertices`` in all."""
    work = {"start_table": 1, "open_fit": n_fits, "summary_vertex": n_vertices}
    return Workload(work, TABLE_BASE + 3e2 * n_vertices, 1e4 * n_fits)


def bootstrapped(n_fits: int, n_vertices: int) -> Workload:
    """Tabulate or draw fits of ``n_vertices`` in all, whose patches are drawn again and again."""
    # Some tens of the work of a table, and as many numbers a vertex at once.
    work = {"start_figure": 1, "open_fit": n_fits, "summary_vertex": 20 * n_vertices}
    return Workload(work, FIGURE_BASE + 5e8 + 2e3 * n_vertices, 1e6 + 1e5 * n_fits)


def maps(n_vertices: int, n_layers: int) -> Workload:
    """Draw the pictures of a fit, as dots and as lines; one small map is of each layer."""
    work = {"start_figure": 1, "map_vertex": (2 + n_layers / 8) * n_vertices}
    return Workload(
        work, FIGURE_BASE + n_vertices * (n_layers + 1e3) * SINGLE, 4e6 + 5e5 * n_layers
    )


def average(n_fits: int, n_vertices: int, n_layers: int) -> Workload:
    """Draw the mean of a network's fits, of ``n_vertices`` each at most."""
    drawn = maps(n_vertices, n_layers)
    memory = drawn.memory + n_fits * n_vertices * n_layers * 2 * SINGLE
    return Workload({**drawn.work, "open_fit": n_fits}, memory, drawn.disk)


def plot(n_fits: int) -> Workload:
    """Draw a row of a table a fit."""
    return Workload({"start_figure": 1, "open_fit": n_fits}, FIGURE_BASE, 5e5)


def overview(n_fits: int, n_vertices: int) -> Workload:
    """Draw all fits on three sheets, as dots and as lines."""
    work = {"start_figure": 1, "open_fit": 20 * n_fits, "map_vertex": n_vertices}
    return Workload(work, FIGURE_BASE + 4e6 * n_fits + 1e3 * n_vertices, 3e6 + 2e6 * n_fits)

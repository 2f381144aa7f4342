"""Time of clustering channel selectors at the size of a real subject.

    python benchmarks/channels.py [--vertices 37984] [--channels 128] [--first 1000] [--splits 5]

Selectors are noise around 60 directions. Prints seconds of the clusters and of their stability, by
the stage's own functions, on all processors, and the most memory that was taken. Keep the machine
idle meanwhile.
"""

import argparse
import resource
import time

import numpy as np

from cortexlens.analysis.channels.clusters import find_clusters, first_number, grow_tree, unit_rows
from cortexlens.analysis.channels.stability import stability

CLUSTERS, DIRECTIONS = 20, 60


def selectors(n_vertices: int, n_channels: int) -> np.ndarray:
    """Unit vectors of a subject, at random."""
    rng = np.random.default_rng(0)
    centre = rng.standard_normal((DIRECTIONS, n_channels))
    noise = rng.standard_normal((n_vertices, n_channels))
    return unit_rows(centre[rng.integers(DIRECTIONS, size=n_vertices)] + noise)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vertices", type=int, default=37_984)
    parser.add_argument("--channels", type=int, default=128)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--splits", type=int, default=5)
    given = parser.parse_args()
    unit = selectors(given.vertices, given.channels)
    start = time.perf_counter()
    tree = grow_tree(unit, first_number(given.vertices, given.first, CLUSTERS), 0)
    find_clusters(unit, tree, CLUSTERS)
    middle = time.perf_counter()
    stability(unit, given.first, given.splits, 0)
    print(f"both: {time.process_time():.1f} s of a processor, start-up included")
    print(f"clusters: {middle - start:.1f} s")
    print(f"stability: {time.perf_counter() - middle:.1f} s")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()

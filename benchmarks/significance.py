"""Time of a fit's intervals and chances at the size of a real subject.

    python benchmarks/significance.py [--images 900] [--vertices 37984] [--number 1000]

Responses are noise with a little of the predictions in it; ten regions cover a tenth of the
vertices each. Prints processor seconds of all bootstraps and of all permutations, by the stage's
own functions.
"""

import argparse
import time

import numpy as np

from cortexlens.analysis.scores.fit_scores import bootstrap_regions
from cortexlens.analysis.scores.held_out import HeldOutPredictions
from cortexlens.analysis.statistics.bootstrap import image_draws
from cortexlens.analysis.statistics.permutation import permutation_test

REGIONS = 10


def held_out(n_images: int, n_vertices: int) -> HeldOutPredictions:
    """Predictions and responses of a subject, at random."""
    rng = np.random.default_rng(0)
    prediction = rng.standard_normal((n_images, n_vertices), dtype=np.float32)
    noise = rng.standard_normal((n_images, n_vertices), dtype=np.float32)
    observed = 0.3 * prediction + noise
    return HeldOutPredictions(
        np.arange(n_images), prediction, observed, np.ones(n_images, np.int64)
    )


def measure(n_images: int, n_vertices: int, number: int) -> dict[str, tuple[float, float]]:
    """Seconds by the clock, and of the processor over all threads, of both."""
    held = held_out(n_images, n_vertices)
    region = np.arange(n_vertices) * REGIONS // n_vertices
    masks = region[:, None] == np.arange(REGIONS)
    masks = np.concatenate([np.ones((n_vertices, 1), bool), masks], axis=1)
    start = _now()
    bootstrap_regions(held, masks, image_draws(held.images, number, 0), 0.95)
    middle = _now()
    permutation_test(held, list(masks.T), number, 0)
    end = _now()
    return {"bootstrap": _passed(start, middle), "permutation": _passed(middle, end)}


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _passed(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    return end[0] - start[0], end[1] - start[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=900)
    parser.add_argument("--vertices", type=int, default=37_984)
    parser.add_argument("--number", type=int, default=1000)
    given = parser.parse_args()
    for what, (waited, used) in measure(given.images, given.vertices, given.number).items():
        values = given.number * given.images * given.vertices
        print(
            f"{what}: {waited:.1f} s, {used:.1f} s of a processor, "
            f"{1e9 * used / values:.3f} ns an image and vertex"
        )


if __name__ == "__main__":
    main()

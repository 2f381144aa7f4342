"""Time of a fit's intervals and chances at the size of a real subject.

    python benchmarks/significance.py [--images 900] [--vertices 37984] [--number 1000]

Responses are noise with a little of the predictions in it; ten regions cover a tenth of the
vertices each. Prints processor seconds of all bootstraps and of all permutations, by the stage's
own functions.
"""

import argparse
import time

import numpy as np

from cortexlens.analysis.bootstrap import image_draws
from cortexlens.analysis.fit_scores import bootstrap_regions
from cortexlens.analysis.held_out import HeldOut
from cortexlens.analysis.permutation import chance

REGIONS = 10


def held_out(n_images: int, n_vertices: int) -> HeldOut:
    """Predictions and responses of a subject, at random."""
    rng = np.random.default_rng(0)
    prediction = rng.standard_normal((n_images, n_vertices), dtype=np.float32)
    noise = rng.standard_normal((n_images, n_vertices), dtype=np.float32)
    observed = 0.3 * prediction + noise
    return HeldOut(np.arange(n_images), prediction, observed, np.ones(n_images, np.int64))


def measure(n_images: int, n_vertices: int, number: int) -> dict[str, float]:
    """Processor seconds of both, over all threads."""
    held = held_out(n_images, n_vertices)
    region = np.arange(n_vertices) * REGIONS // n_vertices
    masks = region[:, None] == np.arange(REGIONS)
    masks = np.concatenate([np.ones((n_vertices, 1), bool), masks], axis=1)
    start = time.process_time()
    bootstrap_regions(held, masks, 0.95, image_draws(held.images, number, 0))
    middle = time.process_time()
    chance(held, list(masks.T), number, 0)
    return {"bootstrap": middle - start, "permutation": time.process_time() - middle}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=900)
    parser.add_argument("--vertices", type=int, default=37_984)
    parser.add_argument("--number", type=int, default=1000)
    given = parser.parse_args()
    for what, seconds in measure(given.images, given.vertices, given.number).items():
        values = given.number * given.images * given.vertices
        print(
            f"{what}: {seconds:.1f} s of a processor, "
            f"{1e9 * seconds / values:.3f} ns an image and vertex"
        )


if __name__ == "__main__":
    main()

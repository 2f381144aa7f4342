"""Time and memory of comparing units with vertices at the size of a real subject.

    python benchmarks/similarity.py [--layers 12] [--active 0.0052] [--shuffles 0] [--threads 2]

Codes are random, with a share of units active on a picture: 32 of 6,144, as of class tokens
(0.0052), or more, as where local tokens are pooled (0.1). Responses are noise. Prints seconds by
the clock and of the processor, and the most memory that the process had; with --products, how long
sparse and dense products of one block take, from which the choice between them comes.
"""

import argparse
import resource
import time

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from cortexlens.sae.similarity import TrainTestSplit, compare, exchanged

UNITS, VERTICES = 6144, 37_984
TRAINING, TESTED = 9000, 1000


def random_codes(rng: np.random.Generator, n_images: int, active: float) -> np.ndarray:
    """Codes in half precision, row by row: none of the masks is large."""
    codes = np.zeros((n_images, UNITS), np.float16)
    for row in codes:
        units = rng.choice(UNITS, max(1, round(active * UNITS)), replace=False)
        row[units] = rng.uniform(0.5, 3, len(units))
    return codes


def compare_layers(given: argparse.Namespace) -> None:
    rng = np.random.default_rng(0)
    n_images = TRAINING + TESTED
    response = rng.standard_normal((n_images, given.vertices), dtype=np.float32)
    split = np.repeat([0, 2], [TRAINING, TESTED])
    parts = TrainTestSplit(*(np.flatnonzero(split == part) for part in (0, 2)))
    orders = exchanged(split, given.shuffles, 0)
    waited = used = 0.0
    for layer in range(given.layers):
        codes = random_codes(rng, n_images, given.active)
        start, busy = time.perf_counter(), time.process_time()
        compare(codes, response, parts, orders, kept=16, threads=given.threads)
        waited += time.perf_counter() - start
        used += time.process_time() - busy
        print(f"layer {layer + 1}: {waited:.0f} s by the clock, {used:.0f} s of the processor")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"a layer: {waited / given.layers:.1f} s, {used / given.layers:.1f} s of the processor")
    print(f"most memory {most:.2f} GiB")


def products() -> None:
    rng = np.random.default_rng(0)
    response = rng.standard_normal((TRAINING, 1024), dtype=np.float32)
    for active in (0.005, 0.02, 0.03, 0.05, 0.1):
        dense = np.ascontiguousarray(random_codes(rng, TRAINING, active).T, np.float32)
        seconds = []
        with threadpool_limits(1):
            for codes in (sparse.csr_array(dense), dense):
                start = time.perf_counter()
                codes @ response
                seconds.append(time.perf_counter() - start)
        print(f"active {active}: sparse {seconds[0]:.2f} s, dense {seconds[1]:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--vertices", type=int, default=VERTICES)
    parser.add_argument("--active", type=float, default=0.0052)
    parser.add_argument("--shuffles", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--products", action="store_true")
    given = parser.parse_args()
    if given.products:
        products()
    else:
        compare_layers(given)


if __name__ == "__main__":
    main()

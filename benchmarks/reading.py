"""How fast features are read, and how much of it a fit waits for; ratios within one run.

    python benchmarks/reading.py

Files are in the system's page cache when they are read ("warm"): what is measured is our own way
through the store, not the disk. What each ratio is of is said where it is measured.
"""

import argparse
import contextlib
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch

from cortexlens.encoding import batches, fit
from cortexlens.encoding.data import FitData
from cortexlens.encoding.layers import CPU, gather_all, open_layers
from cortexlens.features.store import Features, FeatureWriter, Plan, open_features
from timing import Measured, compare

# GB: less than one image, so that every image is read every time.
NOTHING = 1e-9


@dataclass(frozen=True)
class Sizes:
    """Of the store and the fits; the default is a small part of a ViT-B's features."""

    images: int = 512
    layers: int = 4
    grid: int = 8
    channels: int = 768
    vertices: int = 2000
    batch: int = 64
    repeats: int = 7


@contextlib.contextmanager
def written(sizes: Sizes) -> Iterator[tuple[Features, np.memmap]]:
    """A feature store, and one flat file of the same numbers (layer, image, token, channel)."""
    shape = (sizes.layers, sizes.images, sizes.grid**2 + 1, sizes.channels)
    values = np.random.default_rng(0).standard_normal(shape, np.float32).astype(np.float16)
    with tempfile.TemporaryDirectory() as folder:
        path, flat = Path(folder) / "features.zarr", Path(folder) / "flat.bin"
        plan = Plan(sizes.images, sizes.grid, (sizes.channels,) * sizes.layers, "k", "c")
        writer = FeatureWriter(path, plan)
        for block, images in enumerate(plan.blocks):
            tokens = [layer[images.start : images.stop] for layer in values]
            writer.write(block, tokens, [0] * sizes.layers)
        writer.finish({"layer_names": [f"layer {i}" for i in range(sizes.layers)]})
        values.tofile(flat)
        yield open_features(path), np.memmap(flat, np.float16, "r", shape=shape)


def random_batches(sizes: Sizes) -> list[Measured]:
    """Throughput of batches in random order as a part of a plain memory map's."""
    order = np.random.default_rng(1).permutation(sizes.images)
    return [_throughput("random_batches", sizes, order)]


def sequential(sizes: Sizes) -> list[Measured]:
    """Throughput of batches in the order of the store as a part of a plain memory map's."""
    return [_throughput("sequential", sizes, np.arange(sizes.images))]


def _throughput(name: str, sizes: Sizes, order: np.ndarray) -> Measured:
    chosen = [order[at : at + sizes.batch] for at in range(0, len(order), sizes.batch)]
    with written(sizes) as (features, flat):
        layers = open_layers(features, sizes.grid, NOTHING)

        def ours() -> None:
            for images in chosen:
                gather_all(layers, images)

        def mapped() -> None:
            for images in chosen:
                _ = [torch.from_numpy(np.asarray(layer[images])) for layer in flat]

        return compare(
            name, ours, mapped, repeats=sizes.repeats, unit="ms / batch", factor=1e3 / len(chosen)
        )


def prefetch(sizes: Sizes, name: str, epochs: int = 2, dimensions: int = 128) -> list[Measured]:
    """Wall time of a fit that streams everything, over that with all batches in memory."""
    options = replace(_options(sizes, epochs), dimensions=dimensions)
    with written(sizes) as (features, _):
        streamed, held = (_data(features, sizes, memory) for memory in (NOTHING, 1e3))
        made = _HeldBatches(held, sizes.batch, 0.0, 0)
        made.hold(epochs)

        def computed() -> None:
            with patch.object(fit, "Batches", lambda *_: made):
                _fit(held, options, [0])

        def read_too() -> None:
            _fit(streamed, options, [0])

        repeats, factor = sizes.repeats, 1 / epochs
        found = compare(name, computed, read_too, repeats=repeats, unit="s / epoch", factor=factor)
    return [found]


class _HeldBatches(batches.Batches):
    """Batches that were read before the clock starts."""

    def hold(self, epochs: int) -> None:
        self.held = [list(super(_HeldBatches, self).epoch(number)) for number in range(epochs)]

    def epoch(self, number):
        yield from self.held[number]


def members_shared(sizes: Sizes, members: int = 3, epochs: int = 1) -> list[Measured]:
    """Time of members fitted one after the other, over that side by side on one pass."""
    options, rows = _options(sizes, epochs), []
    with written(sizes) as (features, _):
        for name, memory, grid in (
            ("members_shared, in memory", 1e3, sizes.grid),
            ("members_shared, streamed", NOTHING, sizes.grid),
            ("members_shared, streamed, coarse grid", NOTHING, sizes.grid // 4 or 1),
        ):
            data = _data(features, sizes, memory, grid)

            def together(data: FitData = data) -> None:
                _fit(data, options, range(members))

            def one_by_one(data: FitData = data) -> None:
                for seed in range(members):
                    _fit(data, options, [seed])

            rows.append(compare(name, together, one_by_one, repeats=sizes.repeats))
    return rows


def _options(sizes: Sizes, epochs: int) -> fit.FitOptions:
    return fit.FitOptions(batch_size=sizes.batch, epochs=epochs, dimensions=64)


def _fit(data: FitData, options: fit.FitOptions, seeds) -> None:
    with contextlib.redirect_stderr(io.StringIO()):
        fit.fit_members(data, None, options, list(seeds), 0)


def _data(features: Features, sizes: Sizes, memory: float, grid: int | None = None) -> FitData:
    """Features with responses of noise, an eighth of the images for validation."""
    n = sizes.images
    rng = np.random.default_rng(2)
    with contextlib.redirect_stderr(io.StringIO()):
        layers = open_layers(features, grid or sizes.grid, memory, CPU)
    return FitData(
        layers,
        rng.standard_normal((n, sizes.vertices), np.float32),
        np.arange(n),
        (np.arange(n) % 8 == 0).astype(np.int8),
        np.ones(n, np.int64),
    )


def measure(sizes: Sizes = Sizes()) -> list[Measured]:
    """All of the above; fits, which take longer, less often."""
    seldom = replace(sizes, repeats=max(3, sizes.repeats // 2))
    few = replace(seldom, images=sizes.images // 2)
    # A subject of the NSD and a ViT-B, but for the number of images.
    real = replace(few, layers=12, vertices=37_984, repeats=3)
    return [
        *random_batches(sizes),
        *sequential(sizes),
        *prefetch(real, "prefetch"),
        *prefetch(seldom, "prefetch, 500 vertices", dimensions=64),
        *members_shared(few),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in vars(Sizes()).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--threads", type=int, default=1)
    given = vars(parser.parse_args())
    torch.set_num_threads(given.pop("threads"))
    for row in measure(Sizes(**given)):
        print(
            f"{row['name']:40} {row['ratio']:5.2f} [{row['ratio_low']:.2f}, "
            f"{row['ratio_high']:.2f}]  {row['median']:.3g} {row['unit']}"
        )

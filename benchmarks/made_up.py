"""A subject that is made up: features of a network without one, and a cortex that reads them.

Tokens are Gaussian, half of their variance common to an image. Every vertex reads one layer at one
token through random channels, with noise; layers rise along the cortex and places are smooth.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from cortexlens.analysis.recovery.truth import planted_truth
from cortexlens.features.store import Features, FeatureWriter, Plan, ids_hash, open_features
from cortexlens.shapes import TEST, TRAIN, VALIDATION

# mm between the hemispheres.
GAP = 20.0
# Fewest validation and test images; else a tenth of the training images each.
FEWEST = 20


@dataclass(frozen=True)
class Sizes:
    """Of a subject and its features.

    Attributes
    ----------
    vertices, images, layers, channels
        How many; of images those that are learnt from.
    grid
        Tokens along a side.
    ceiling
        Share of each response's variance that is signal.
    spacing
        mm between neighbouring vertices.
    decay
        Eigenvalues of a layer's channels fall with this power of their rank.
    """

    vertices: int = 400
    images: int = 300
    layers: int = 4
    channels: int = 32
    grid: int = 4
    ceiling: float = 0.5
    spacing: float = 2.0
    decay: float = 0.0


TINY = Sizes(vertices=40, images=60, layers=3, channels=6, grid=3)


def write_subject(folder: Path, sizes: Sizes, seed: int = 0) -> tuple[Features, xr.Dataset]:
    """Write features, and make responses to them.

    Parameters
    ----------
    folder
        Where the features go, as ``features.zarr``.
    sizes, seed
        What is made.

    Returns
    -------
    features, responses
        The open store; a dataset as of kind ``responses``, one trial an image, with
        ``planted_layer`` and ``planted_space``.
    """
    rng = np.random.default_rng(seed)
    held = max(FEWEST, sizes.images // 10)
    n_images = sizes.images + 2 * held
    cortex = _cortex(sizes.vertices, sizes.spacing)
    truth = planted_truth(cortex, rng)
    level, space = truth["planted_level"].values, truth["planted_space"].values
    layer = np.rint(level * (sizes.layers - 1)).astype(int)
    column, row = np.clip((space + 1) / 2 * sizes.grid, 0, sizes.grid - 1e-6).astype(int).T
    token = row * sizes.grid + column
    weight = rng.standard_normal((sizes.vertices, sizes.channels), dtype=np.float32)
    weight /= np.linalg.norm(weight, axis=1, keepdims=True)
    groups = [
        [np.flatnonzero((layer == one) & (token == at)) for at in range(sizes.grid**2)]
        for one in range(sizes.layers)
    ]
    ids = [f"made-up-{number:05d}" for number in range(n_images)]
    mixings = [_mixing(rng, sizes) for _ in range(sizes.layers)]
    plan = Plan(n_images, sizes.grid, (sizes.channels,) * sizes.layers, "made-up", "none")
    writer = FeatureWriter(folder / "features.zarr", plan)
    signal = np.zeros((n_images, sizes.vertices), dtype=np.float32)
    for block, images in enumerate(plan.blocks):
        tokens = [_tokens(rng, len(images), sizes) @ mixing for mixing in mixings]
        for values, places in zip(tokens, groups, strict=True):
            for at, vertices in enumerate(places):
                if len(vertices):
                    seen = values[:, at] @ weight[vertices].T
                    signal[images.start : images.stop, vertices] = seen
        writer.write(block, [each.astype(np.float16) for each in tokens], [0] * sizes.layers)
    names = [f"layer {number}" for number in range(sizes.layers)]
    writer.finish({"layer_names": names, "image_ids_hash": ids_hash(ids)})
    # in place: at the size of a real subject each of these is 1.5 GB
    signal *= np.float32(np.sqrt(sizes.ceiling))
    loudness = np.float32(np.sqrt(1 - sizes.ceiling))
    for images in plan.blocks:
        some = slice(images.start, images.stop)
        signal[some] += loudness * rng.standard_normal(signal[some].shape, dtype=np.float32)
    codes = np.repeat([TRAIN, VALIDATION, TEST], [sizes.images, held, held]).astype(np.int8)
    ratio = np.sqrt(sizes.ceiling / (1 - sizes.ceiling))
    responses = cortex.assign(
        response=(("trial", "vertex"), signal),
        trial_image=("trial", np.arange(n_images)),
        split=("image", rng.permutation(codes)),
        image_id=("image", np.array(ids)),
        ncsnr=("vertex", np.full(sizes.vertices, ratio)),
        roi_mask=(("vertex", "roi"), (level < 1 / 3)[:, None]),
        planted_layer=(("vertex", "layer"), np.eye(sizes.layers, dtype=np.float32)[layer]),
        planted_space=(("vertex", "image_axis"), space),
    )
    return open_features(folder / "features.zarr"), responses.assign_coords(roi=["V1"])


def _mixing(rng: np.random.Generator, sizes: Sizes) -> np.ndarray:
    """Of independent values into channels of unit mean variance, whose eigenvalues fall."""
    values = np.arange(1, sizes.channels + 1) ** -sizes.decay
    deviation = np.sqrt(values / values.mean())
    if not sizes.decay:
        return np.diag(deviation).astype(np.float32)
    directions = np.linalg.qr(rng.standard_normal((sizes.channels, sizes.channels)))[0]
    mixing: np.ndarray = (deviation[:, None] * directions).astype(np.float32)
    return mixing


def _tokens(rng: np.random.Generator, n_images: int, sizes: Sizes) -> np.ndarray:
    """Local tokens, then the global one, which is what they have in common."""
    shape = (n_images, sizes.grid**2 + 1, sizes.channels)
    values = rng.standard_normal(shape, dtype=np.float32)
    values[:, :-1] = (values[:, :-1] + values[:, -1:]) * np.float32(0.5**0.5)
    return values


def _cortex(n_vertices: int, spacing: float) -> xr.Dataset:
    """Two flat sheets, one a hemisphere, that are longer than wide."""
    sides = [n_vertices - n_vertices // 2, n_vertices // 2]
    places, hemisphere = [], []
    for side, count in enumerate(sides):
        across = max(1, round((count / 2) ** 0.5))
        number = np.arange(count)
        flat = np.stack([number % across, number // across, np.zeros(count)], axis=1)
        places.append(spacing * flat + [side * (spacing * across + GAP), 0, 0])
        hemisphere.append(np.full(count, side, np.int8))
    return xr.Dataset(
        {
            "coordinates": (("vertex", "axis"), np.concatenate(places).astype(np.float32)),
            "hemisphere": ("vertex", np.concatenate(hemisphere)),
        }
    )

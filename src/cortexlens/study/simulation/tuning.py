"""Noiseless responses of simulated vertices.

A vertex pools maps of the image (:mod:`~.simulation.image_maps`) within its receptive field, with
its own weights. Vertices of hV4, OPA, PPA, EBA and FFA also respond to the content of the scene:
objects of a category within a large field, or the kind and layout of a place.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float, Float32, Shaped
from numpy.random import Generator
from scipy.sparse import csr_array

from cortexlens.study.simulation.backgrounds import BACKGROUNDS
from cortexlens.study.simulation.gabor import FREQUENCIES, GRID, N_ORIENTATIONS, cell_centres
from cortexlens.study.simulation.image_maps import image_maps
from cortexlens.study.simulation.people import HAIRS, POSES
from cortexlens.study.simulation.things import TEXTURES, THINGS

# Fraction of the variance that each family of maps has in a region; "seen" is the scene's content.
SHARES: Final[Mapping[str, Mapping[str, float]]] = {
    "V1": {"energy": 0.9, "colour": 0.1},
    "V2": {"energy": 0.3, "conjunction": 0.6, "colour": 0.1},
    "V3": {"energy": 0.15, "conjunction": 0.35, "contrast": 0.4, "colour": 0.1},
    "hV4": {"conjunction": 0.15, "curvature": 0.35, "colour": 0.35, "seen": 0.15},
    "OPA": {"contrast": 0.2, "conjunction": 0.15, "seen": 0.65},
    "PPA": {"contrast": 0.15, "conjunction": 0.1, "seen": 0.75},
    "EBA": {"curvature": 0.1, "contrast": 0.1, "seen": 0.8},
    "FFA": {"curvature": 0.1, "colour": 0.1, "seen": 0.8},
}
# Response to a whole object of each category, by region.
OBJECT_WEIGHTS: Final[Mapping[str, Mapping[str, float]]] = {
    "hV4": {"face": 0.8, "body": 0.8, "word": 1.0, "texture": 0.8, "thing": 1.0},
    "OPA": {"face": 0.0, "body": 0.0, "word": 0.05, "texture": 0.05, "thing": 0.1},
    "PPA": {"face": 0.0, "body": 0.0, "word": 0.05, "texture": 0.05, "thing": 0.1},
    "EBA": {"face": 0.15, "body": 1.0, "word": 0.05, "texture": 0.0, "thing": 0.15},
    "FFA": {"face": 1.0, "body": 0.25, "word": 0.1, "texture": 0.0, "thing": 0.1},
}
PLACE_WEIGHTS: Final[Mapping[str, Mapping[str, float]]] = {
    "OPA": {"noise": 0.0, "room": 0.9, "landscape": 0.7, "street": 1.0, "building": 0.7},
    "PPA": {"noise": 0.0, "room": 1.0, "landscape": 0.6, "street": 0.8, "building": 0.9},
}
# Kinds of object within each category to which a vertex may be tuned.
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "face": (*HAIRS, "bald"),
    "body": POSES,
    "word": ("word",),
    "texture": TEXTURES,
    "thing": tuple(THINGS),
}
_BLOCK: Final = 32
# Size of the coarser grid on which regions with large receptive fields pool maps.
_COARSE_GRID, _COARSE_FROM = 16, ("V3", "hV4", "OPA", "PPA", "EBA", "FFA")
# Fraction of the response to an object that does not depend on its position; fraction of the image
# that an object must cover for half of the full response.
_EVERYWHERE, _HALF_AREA = 0.3, 0.03

_OBJECT_TYPES: Final = {
    "image": "int64",
    "kind": "int64",
    **dict.fromkeys(["x", "y", "extent", "visible"], "float64"),
}

Signal = Float32[np.ndarray, "image vertex"]


def _standardised(signal: Shaped[np.ndarray, "image vertex"]) -> Signal:
    """Scale each vertex to mean 0 and variance 1 over images; constant vertices become 0."""
    centred = signal - signal.mean(axis=0)
    spread = centred.std(axis=0)
    scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-7)
    return np.asarray(centred * scale, np.float32)


def _energy_weights(
    rng: Generator, eccentricity: Float[np.ndarray, "vertex"]
) -> Float32[np.ndarray, "vertex map"]:
    """Tuning to orientation and frequency; preferred frequency decreases with eccentricity."""
    n = len(eccentricity)
    preferred = np.log2(14 * np.exp(-0.9 * eccentricity)) + 0.35 * rng.standard_normal(n)
    octaves = np.log2(FREQUENCIES) - preferred[:, None]
    bands = np.exp(-(octaves**2) / (2 * 0.7**2))
    turns = np.arange(N_ORIENTATIONS) * np.pi / N_ORIENTATIONS
    turned = 2 * (turns - rng.uniform(0, np.pi, (n, 1)))
    oriented = 0.2 + np.exp(1.5 * (np.cos(turned) - 1))
    return np.asarray(bands[:, :, None] * oriented[:, None, :], np.float32).reshape(n, -1)


def _random_weights(
    rng: Generator, n_vertices: int, n_maps: int
) -> Float32[np.ndarray, "vertex map"]:
    """Positive random weights, a few of them large."""
    return np.asarray(rng.exponential(size=(n_vertices, n_maps)) ** 1.5, np.float32)


def _windows(
    space: Float[np.ndarray, "vertex 2"], size: Float[np.ndarray, "vertex"], coarse: bool
) -> Float32[np.ndarray, "vertex cell"]:
    """Gaussian receptive fields over the cells of a map; each sums to 1 within the image."""
    cells = cell_centres()
    if coarse:
        cells = cells.reshape(_COARSE_GRID, 2, _COARSE_GRID, 2, 2).mean(axis=(1, 3)).reshape(-1, 2)
    squared = ((cells[None] - space[:, None]) ** 2).sum(axis=2)
    window = np.exp(-squared / (2 * size[:, None] ** 2))
    # Products with denormal numbers, as in the far tails, take many times as long.
    window[window < 1e-5] = 0
    return np.asarray(window / window.sum(axis=1, keepdims=True), np.float32)


def _coarse(maps: Float32[np.ndarray, "batch map cell"]) -> Float32[np.ndarray, "batch map coarse"]:
    step = GRID // _COARSE_GRID
    split = maps.reshape(*maps.shape[:2], _COARSE_GRID, step, _COARSE_GRID, step)
    return np.asarray(split.mean(axis=(3, 5))).reshape(*maps.shape[:2], -1)


def _blocks(
    images: Shaped[np.ndarray, "image height width 3"],
) -> Iterator[tuple[slice, dict[str, Any]]]:
    """Yield maps of the images block by block, scaled to a standard deviation of about 1."""
    spread: dict[str, Any] = {}
    for start in range(0, len(images), _BLOCK):
        block = slice(start, min(start + _BLOCK, len(images)))
        maps = image_maps(images[block])
        for name, values in maps.items():
            spread.setdefault(name, values.std(axis=(0, 2), keepdims=True) + 1e-6)
            values /= spread[name]
        yield block, maps


def _image_parts(
    images: Shaped[np.ndarray, "image height width 3"], cortex: xr.Dataset, rng: Generator
) -> dict[tuple[str, str], Signal]:
    """Maps pooled by each region and family: one number per image and vertex."""
    fields, weights, parts = {}, {}, {}
    for region, shares in SHARES.items():
        vertices = cortex.isel(vertex=(cortex["planted_category"] == region).values)
        space = vertices["planted_space"].values.astype(np.float64)
        size = vertices["planted_size"].values.astype(np.float64)
        fields[region] = _windows(space, size, region in _COARSE_FROM)
        for family in shares:
            if family != "seen":
                weights[region, family] = _weights(rng, family, space)
                parts[region, family] = np.empty((len(images), len(space)), np.float32)
    for block, maps in _blocks(images):
        coarse = {name: _coarse(values) for name, values in maps.items()}
        for (region, family), weight in weights.items():
            read = (coarse if region in _COARSE_FROM else maps)[family]
            pooled = read.reshape(-1, read.shape[2]) @ fields[region].T
            pooled = pooled.reshape(*read.shape[:2], -1)
            parts[region, family][block] = np.einsum("bmv,vm->bv", pooled, weight)
    return parts


def _weights(
    rng: Generator, family: str, space: Float[np.ndarray, "vertex 2"]
) -> Float32[np.ndarray, "vertex map"]:
    n_maps = {"conjunction": 30, "contrast": 10, "curvature": 12, "colour": 8}
    if family == "energy":
        return _energy_weights(rng, np.linalg.norm(space, axis=1))
    return _random_weights(rng, len(space), n_maps[family])


def _object_table(truth: pd.DataFrame) -> pd.DataFrame:
    """Table with one row per object: image, kind code, position, extent, fraction covered."""
    codes = {
        (category, kind): code
        for code, (category, kind) in enumerate(
            (category, kind) for category, kinds in KINDS.items() for kind in kinds
        )
    }
    rows = []
    for image, objects in enumerate(truth["objects"]):
        for thing in objects:
            category = thing["category"]
            kind = {"face": thing["colour"], "word": "word"}.get(category, thing["kind"])
            extent = np.sqrt(thing["width"] * thing["height"])
            place = thing["x"], thing["y"]
            rows.append((image, codes[category, kind], *place, extent, thing["visible"]))
    # If there is no object, pandas could not infer the types of the columns.
    return pd.DataFrame(rows, columns=list(_OBJECT_TYPES)).astype(_OBJECT_TYPES)


def _seen_objects(
    truth: pd.DataFrame, there: xr.Dataset, region: str, rng: Generator
) -> Float[np.ndarray, "image vertex"]:
    """Responses to the objects of each scene, weighted by their distance from the field."""
    n_vertices = there.sizes["vertex"]
    category = np.repeat(
        [OBJECT_WEIGHTS[region][name] for name in KINDS], [len(kinds) for kinds in KINDS.values()]
    )
    tuning = category * np.exp(0.35 * rng.standard_normal((n_vertices, len(category))))
    objects = _object_table(truth)
    place = objects[["x", "y"]].to_numpy()
    squared = ((place[:, None] - there["planted_space"].values[None]) ** 2).sum(axis=2)
    reach = there["planted_size"].values[None] ** 2 + (objects[["extent"]].to_numpy() / 4) ** 2
    near = _EVERYWHERE + (1 - _EVERYWHERE) * np.exp(-squared / (2 * reach))
    visible = objects[["visible"]].to_numpy()
    answer = tuning.T[objects["kind"].to_numpy()] * near * visible / (visible + _HALF_AREA)
    where = (np.ones(len(objects)), (objects["image"].to_numpy(), np.arange(len(objects))))
    summed = csr_array(where, shape=(len(truth), len(objects))) @ answer
    return np.asarray(summed)


def _seen_places(
    truth: pd.DataFrame, there: xr.Dataset, region: str, rng: Generator
) -> Float[np.ndarray, "image vertex"]:
    """Responses to the kind, openness and layout of a place, reduced by objects that cover it."""
    n_vertices = there.sizes["vertex"]
    base = np.array([PLACE_WEIGHTS[region][name] for name in BACKGROUNDS])
    tuning = base * np.exp(0.25 * rng.standard_normal((n_vertices, len(base))))
    kind = truth["background"].map(list(BACKGROUNDS).index).to_numpy(np.int64)
    layout = pd.DataFrame(list(truth["layout"])).astype(np.float64)
    openness, horizon, vanishing = (
        layout[name].fillna(middle).to_numpy()[:, None]
        for name, middle in (("openness", 0.5), ("horizon", 0.0), ("vanishing", 0.0))
    )
    side = np.sign(there["planted_space"].values[:, 0])
    prefers = rng.normal(0, [[0.3], [0.3]], (2, n_vertices))
    laid_out = prefers[0] * (openness - 0.5) + prefers[1] * 2 * horizon + 0.3 * side * vanishing
    covered = np.array([sum(thing["visible"] for thing in things) for things in truth["objects"]])
    return np.asarray((tuning.T[kind] + laid_out) * (1 - 0.6 * covered[:, None]))


def _seen(
    truth: pd.DataFrame, there: xr.Dataset, region: str, rng: Generator
) -> Float[np.ndarray, "image vertex"]:
    seen = _seen_objects(truth, there, region, rng)
    if region in PLACE_WEIGHTS:
        seen = seen + _seen_places(truth, there, region, rng)
    return seen


def noiseless_responses(
    images: Shaped[np.ndarray, "image height width 3"],
    truth: pd.DataFrame,
    cortex: xr.Dataset,
    rng: Generator,
) -> Signal:
    """Compute the response of each vertex to each image in the absence of noise.

    Parameters
    ----------
    images
        Square images whose size is a multiple of 32 pixels; uint8, or float32 from 0 to 1.
    truth
        ``background``, ``layout`` and ``objects`` of each image, as from
        :func:`cortexlens.study.simulation.scenes.read_scenes`.
    cortex
        From :func:`cortexlens.cortex.regions.visual_cortex`.
    rng
        Generator of the vertices' tuning.

    Returns
    -------
    Float32[np.ndarray, "image vertex"]
        Mean 0 and variance 1 over the images.
    """
    parts = _image_parts(images, cortex, rng)
    signal = np.zeros((len(images), cortex.sizes["vertex"]), np.float32)
    for region, shares in SHARES.items():
        members = np.flatnonzero(cortex["planted_category"].values == region)
        vertices = cortex.isel(vertex=members)
        # Fractions vary between vertices around those of the region.
        mixture = np.sqrt(rng.dirichlet(12 * np.array(list(shares.values())), len(members)))
        for family, amplitude in zip(shares, mixture.T, strict=True):
            part = (
                _seen(truth, vertices, region, rng) if family == "seen" else parts[region, family]
            )
            signal[:, members] += amplitude.astype(np.float32) * _standardised(part)
    return _standardised(signal)

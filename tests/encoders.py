"""Tiny subjects for the readouts: features, and responses made from them by equation (1)."""

from pathlib import Path

import numpy as np
import torch
import xarray as xr

import equation
from cortexlens.encoding.data import FitData
from cortexlens.features.store import FeatureWriter, Plan, ids_hash
from cortexlens.storage.datasets import write_dataset
from cortexlens.study.ceiling import ncsnr


def image_ids(n_images: int) -> list[str]:
    return [f"scene-{number:05d}" for number in range(n_images)]


def random_split(rng: np.random.Generator, n_images: int) -> np.ndarray:
    """Codes of 70 % training, 15 % validation and 15 % test images, in random order."""
    part = max(1, round(0.15 * n_images))
    codes = np.repeat([0, 1, 2], [n_images - 2 * part, part, part])
    return rng.permutation(codes).astype(np.int8)


def random_tokens(
    rng: np.random.Generator, n_images: int, height: int, channels: tuple[int, ...]
) -> list[np.ndarray]:
    """Tokens of every layer, (image, token, channel) float16; layers differ in size and mean."""
    return [
        (10**index * (rng.standard_normal((n_images, height**2 + 1, count)) + 2)).astype(np.float16)
        for index, count in enumerate(channels)
    ]


def planted_truth(
    rng: np.random.Generator, tokens: list[np.ndarray], n_vertices: int, dimensions: int = 3
) -> equation.Terms:
    """Equation (1) with a layer and a place of its own for each vertex, small scale."""
    height = round((tokens[0].shape[1] - 1) ** 0.5)
    aligned = []
    for layer in tokens:
        standard = (layer - layer.mean(axis=(0, 1), dtype=float)) / layer.std(
            axis=(0, 1), dtype=float
        )
        matrix = rng.standard_normal((layer.shape[2], dimensions)) / layer.shape[2] ** 0.5
        aligned.append(standard @ matrix)
    terms = equation.random_terms(
        rng, vertices=n_vertices, layers=len(tokens), height=height, channels=dimensions
    )
    terms.aligned = np.stack(aligned, axis=1)
    terms.layer = np.eye(len(tokens))[np.arange(n_vertices) % len(tokens)]
    terms.space = rng.choice([-0.5, 0.5], (n_vertices, 2))
    terms.scale = np.full(n_vertices, 0.1)
    return terms


def planted_data(
    seed: int = 0,
    *,
    n_images: int = 200,
    n_vertices: int = 6,
    height: int = 2,
    channels: tuple[int, ...] = (4, 3),
    noise: float = 0.3,
    repeats: int = 1,
) -> tuple[FitData, equation.Terms]:
    """Features and z-scored responses to them with noise, and the truth behind."""
    rng = np.random.default_rng(seed)
    tokens = random_tokens(rng, n_images, height, channels)
    truth = planted_truth(rng, tokens, n_vertices)
    signal = equation.predict(truth)
    signal = (signal - signal.mean(axis=0)) / signal.std(axis=0)
    image = rng.permutation(np.repeat(np.arange(n_images), repeats))
    response = signal[image] + noise * rng.standard_normal((len(image), n_vertices))
    data = FitData(
        [torch.from_numpy(layer) for layer in tokens],
        response.astype(np.float32),
        image,
        random_split(rng, n_images),
        np.ones(len(image), dtype=np.int64),
    )
    return data, truth


def write_features(path: Path, tokens: list[np.ndarray], ids: list[str]) -> None:
    """Write a finished feature store as `cortexlens extract-features` does."""
    n_images, n_tokens, _ = tokens[0].shape
    channels = tuple(layer.shape[2] for layer in tokens)
    grid = round((n_tokens - 1) ** 0.5)
    writer = FeatureWriter(path, Plan(n_images, grid, channels, "0" * 64, "test"))
    for block in writer.missing:
        images = writer.plan.blocks[block]
        layers = [layer[images.start : images.stop] for layer in tokens]
        writer.write(block, layers, [0] * len(tokens))
    writer.finish(
        {
            "layer_names": [f"blocks.{number}" for number in range(len(tokens))],
            "resize": "area",
            "backbone": {"name": "tiny", "weights_sha256": "1" * 64},
            "image_ids_hash": ids_hash(ids),
            "provenance": {"settings": {"backbone": "tiny", "grid": grid, "resize": "area"}},
        }
    )


def write_subject(
    folder: Path, data: FitData, *, coordinates: bool = False, rois: tuple[str, ...] = ()
) -> tuple[Path, Path]:
    """Write data as a feature store and a responses store; returns the two paths.

    Vertices are dealt to the regions in turn; coordinates are random, and lie then on fsaverage5.
    """
    n_vertices = data.response.shape[1]
    ids = image_ids(len(data.split))
    rng = np.random.default_rng(0)
    region = np.arange(n_vertices) % max(1, len(rois))
    responses = xr.Dataset(
        {
            "response": (("trial", "vertex"), data.response),
            "trial_image": ("trial", data.trial_image.astype(np.int64)),
            "session": ("trial", np.zeros(len(data.response), np.int64)),
            "image_id": ("image", np.array(ids, dtype=object)),
            "split": ("image", data.split),
            "ncsnr": ("vertex", ncsnr(data.response, data.trial_image, len(ids))),
            "roi_mask": (("vertex", "roi"), region[:, None] == np.arange(len(rois))),
            "planted_level": ("vertex", np.arange(n_vertices)),
        },
        coords={"roi": np.array(rois, dtype=np.dtypes.StringDType())},
    )
    if coordinates:
        places = rng.uniform(-50, 50, (n_vertices, 3)).astype(np.float32)
        responses = responses.assign(
            coordinates=(("vertex", "axis"), places),
            hemisphere=("vertex", np.zeros(n_vertices, np.int8)),
            vertex_index=("vertex", np.arange(n_vertices)),
        ).assign_attrs(space="fsaverage5")
    write_features(folder / "features.zarr", [layer.numpy() for layer in data.layers], ids)
    write_dataset(responses, folder / "responses.zarr", kind="responses", provenance={})
    return folder / "features.zarr", folder / "responses.zarr"

"""A subject whose vertices are driven by units of a known dictionary, for tests of similarity."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.sae.model import About, Sae, save_sae
from cortexlens.storage.datasets import open_dataset, write_dataset
from cortexlens.study.ceiling import ncsnr, noise_ceiling
from encoders import image_ids, write_features

LAYERS = ("blocks.0", "blocks.1")
N_CHANNELS, N_UNITS, ACTIVE, GRID = 48, 64, 2, 2
TRIALS = 3


class PlantedUnits(NamedTuple):
    """Where the stores are, and what drives each vertex."""

    folder: Path
    layer: np.ndarray
    unit: np.ndarray
    ceiling: np.ndarray


def true_sae(layer: str, seed: int = 0) -> Sae:
    """The dictionary that tokens of a layer are made of, as an autoencoder; seeds reorder it."""
    generator = torch.Generator().manual_seed(LAYERS.index(layer))
    directions = torch.randn((N_UNITS, N_CHANNELS), generator=generator)
    order = torch.randperm(N_UNITS, generator=torch.Generator().manual_seed(seed))
    order = order if seed else torch.arange(N_UNITS)
    sae = Sae(About("topk", ACTIVE, "local", "tiny", layer), N_CHANNELS, N_UNITS)
    with torch.no_grad():
        sae.decoder.weight.copy_(torch.nn.functional.normalize(directions, dim=1)[order])
        sae.encoder.weight.copy_(sae.decoder.weight)
        sae.encoder.bias.zero_()
    return sae


def write_planted(
    folder: Path, n_images: int = 600, n_vertices: int = 120, *, null: bool = False, seed: int = 0
) -> PlantedUnits:
    """Write features made of the dictionaries, autoencoders, and responses driven by units.

    With ``null`` responses are noise. Noise grows from vertex to vertex, and the last never varies.
    """
    rng = np.random.default_rng(seed)
    tokens, driving = [], []
    for layer in LAYERS:
        chosen = rng.random((n_images, GRID**2, N_UNITS)).argsort(axis=2)[:, :, :ACTIVE]
        codes = np.zeros((n_images, GRID**2, N_UNITS))
        np.put_along_axis(codes, chosen, rng.uniform(1, 3, chosen.shape), axis=2)
        local = codes @ true_sae(layer).decoder.weight.detach().numpy()
        whole = np.concatenate([local, local.mean(axis=1, keepdims=True)], axis=1)
        tokens.append(whole.astype(np.float16))
        driving.append(codes.max(axis=1))
        for sae_seed in (0, 1):
            place = folder / "saes" / layer / f"seed-{sae_seed}" / "sae.safetensors"
            save_sae(true_sae(layer, sae_seed), place)
    which = rng.integers(0, len(LAYERS), n_vertices), rng.integers(0, N_UNITS, n_vertices)
    signal = np.stack([driving[layer][:, unit] for layer, unit in zip(*which, strict=True)], axis=1)
    signal = (signal - signal.mean(axis=0)) / signal.std(axis=0) * (not null)
    image = np.repeat(np.arange(n_images), TRIALS)
    noise = rng.standard_normal((len(image), n_vertices)) * np.linspace(0.5, 4, n_vertices)
    response = signal[image] + noise
    response = (response - response.mean(axis=0)) / response.std(axis=0)
    response[:, -1] = 0
    parts = np.repeat([0, 1, 2], [n_images * 2 // 3, n_images // 12, n_images // 4])
    ratio = ncsnr(response.astype(np.float32), image, n_images)
    write_features(folder / "features.zarr", tokens, image_ids(n_images))
    responses = xr.Dataset(
        {
            "response": (("trial", "vertex"), response.astype(np.float32)),
            "trial_image": ("trial", image),
            "image_id": ("image", np.array(image_ids(n_images), dtype=object)),
            "split": ("image", rng.permutation(parts).astype(np.int8)),
            "ncsnr": ("vertex", ratio),
            "hemisphere": ("vertex", (np.arange(n_vertices) % 2).astype(np.int8)),
            "roi_mask": (("vertex", "roi"), which[0][:, None] == np.arange(2)),
        },
        coords={"roi": np.array(["early", "late"], dtype=np.dtypes.StringDType())},
    )
    write_dataset(responses, folder / "responses.zarr", kind="responses", provenance={})
    ceiling = noise_ceiling(ratio, np.full(n_images // 4, TRIALS))
    return PlantedUnits(folder, *which, ceiling)


def run(command: str, *arguments: object) -> None:
    CliRunner().invoke(app, [command, *map(str, arguments)], catch_exceptions=False)


def compared(planted: PlantedUnits, layer: str, sae_seed: int = 0, *options: object) -> xr.Dataset:
    """Run compare_units; the store lies in the folder ``units``."""
    folder = planted.folder
    out = folder / "units" / layer / f"seed-{sae_seed}.zarr"
    run(
        "compare-units",
        *("--sae", folder / "saes" / layer / f"seed-{sae_seed}" / "sae.safetensors"),
        *("--features", folder / "features.zarr", "--responses", folder / "responses.zarr"),
        *("--backbone", "tiny", "--subject", "sim01", "--layer", layer, "--sae-seed", sae_seed),
        *("--out", out, *options),
    )
    return open_dataset(out, kind="units").load()


def built(planted: PlantedUnits, *options: object) -> xr.Dataset:
    """Run build_dictionary on all units stores that are there."""
    folder = planted.folder
    units = sorted((folder / "units").rglob("seed-?.zarr"))
    out = folder / "dictionary.zarr"
    fast = ("--bootstraps", 100, "--permutations", 199)
    responses = folder / "responses.zarr"
    run("build-dictionary", *units, "--responses", responses, "--out", out, *fast, *options)
    return open_dataset(out, kind="dictionary").load()

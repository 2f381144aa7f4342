"""Size of a page, and time to pack it, for the paper's study.

    python benchmarks/atlas.py [--networks 18] [--subjects 3] [--vertices 37984] [--folder FOLDER]

Fits and scores are made up in a temporary folder, on fsaverage, of networks with as many layers as
the paper's have: selectors change smoothly over the cortex and differ from network to network,
scores are smooth with noise of each vertex, about as much as there is between neighbours in
fits to single trials. Prints bytes by kind of file, seconds and memory of the stage build-atlas.
With --folder the page is kept there.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import xarray as xr

from cortexlens.cortex.meshes import sphere_coordinates
from cortexlens.stages.build_atlas import build_atlas
from cortexlens.storage.datasets import write_dataset

# Layers of the eighteen networks of config/paper.
LAYERS = (24, 12, 12, 12, 24, 12, 32, 24, 12, 40, 24, 12, 32, 24, 12, 12, 12, 12)
ROIS = 24
# Spread of a vertex's R² around that of the places round it.
NOISE = 0.02


def places(n_vertices: int, rng: np.random.Generator) -> xr.Dataset:
    """The vertices of both hemispheres that lie farthest back, and regions: bands of them."""
    sphere = sphere_coordinates("fsaverage", 0)
    back = np.sort(np.argsort(sphere[:, 1] + rng.normal(0, 3, len(sphere)))[: n_vertices // 2])
    index = np.concatenate([back, back])
    height = sphere[index, 2]
    band = np.digitize(height, np.linspace(height.min(), height.max(), ROIS))
    return xr.Dataset(
        {
            "hemisphere": ("vertex", np.repeat([0, 1], len(back)).astype(np.int8)),
            "vertex_index": ("vertex", index),
            "roi_mask": (("vertex", "roi"), band[:, None] == np.arange(1, ROIS + 1)),
            "noise_ceiling": ("vertex", smooth(sphere[index], 1, rng)[:, 0].clip(0, 1)),
        },
        coords={"roi": [f"region {number}" for number in range(ROIS)]},
        attrs={"space": "fsaverage"},
    )


def smooth(points: np.ndarray, n_values: int, rng: np.random.Generator) -> np.ndarray:
    """Values around 0.4 that change over some 20 mm."""
    wave = rng.normal(0, 1 / 20, (3, 64))
    angle = points @ wave + rng.uniform(0, 2 * np.pi, 64)
    return 0.4 + np.cos(angle) @ rng.normal(0, 0.3 / 8, (64, n_values))


def fit_of(who: xr.Dataset, n_layers: int, rng: np.random.Generator) -> xr.Dataset:
    """A fit to the vertices of a subject."""
    points = sphere_coordinates("fsaverage", 0)[who["vertex_index"].values]
    field = smooth(points, n_layers + 4, rng)
    weight = np.exp(14 * field[:, :n_layers])
    weight /= weight.sum(axis=1, keepdims=True)
    noise = rng.normal(0, NOISE, len(points))
    entropy = -(weight * np.log(weight)).sum(axis=1) / np.log(n_layers)
    values = {
        "scale_selector": field[:, -1].clip(0, 1),
        "confidence": 1 - entropy,
        "r2_test": (0.5 * field[:, -2] + noise).clip(-0.1, 1),
    }
    return who.assign(
        layer_selector=(("vertex", "layer"), weight.astype(np.float32)),
        space_selector=(("vertex", "image_axis"), np.tanh(3 * field[:, -4:-2] - 1.2)),
        **{name: ("vertex", value.astype(np.float32)) for name, value in values.items()},
    )


def scores_of(fit: xr.Dataset, rng: np.random.Generator) -> xr.Dataset:
    """Scores of a fit."""
    r2, n = fit["r2_test"].values, fit.sizes["vertex"]
    width = 0.03 + np.abs(rng.normal(0, 0.004, (2, n)))
    ceiling = fit["noise_ceiling"].values
    over = np.where(ceiling > 0.05, r2 / ceiling.clip(0.05), np.nan)
    # As of a thousand exchanges: most vertices of visual cortex have the smallest q there is.
    q = np.where(r2 > 0.05, 1 / 1001, rng.integers(1, 1001, n) / 1001)
    values = {"r2_low": r2 - width[0], "r2_high": r2 + width[1], "r2_over_ceiling": over, "q": q}
    return xr.Dataset({name: ("vertex", each.astype(np.float32)) for name, each in values.items()})


def made_up(folder: Path, n_networks: int, n_subjects: int, n_vertices: int) -> list[Path]:
    """Write fits and scores; gives their paths."""
    paths = []
    for subject in range(n_subjects):
        rng = np.random.default_rng(subject)
        who = places(n_vertices, rng)
        for network in range(n_networks):
            n_layers = LAYERS[network % len(LAYERS)]
            fit = fit_of(who, n_layers, rng)
            about = {
                "backbone": f"network-{network}",
                "subject": f"subj{subject + 1:02d}",
                "readout": "factortopy",
            }
            layers = {"layer_names": [f"blocks.{number}" for number in range(n_layers)]}
            for kind, store in (("fit", fit.assign_attrs(layers)), ("scores", scores_of(fit, rng))):
                path = folder / f"{kind}-{subject}-{network}.zarr"
                write_dataset(store.assign_attrs(about), path, kind=kind, provenance={})
                paths.append(path)
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=18)
    parser.add_argument("--subjects", type=int, default=3)
    parser.add_argument("--vertices", type=int, default=37_984)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        stores = made_up(folder, given.networks, given.subjects, given.vertices)
        out = given.folder or folder / "page"
        start = time.perf_counter()
        build_atlas(stores, "made up", out / "atlas", out / "atlas.html")
        seconds = time.perf_counter() - start
        sizes: dict[str, int] = {}
        for file in (out / "atlas" / "data").iterdir():
            kind = file.stem.partition("-")[0]
            sizes[kind] = sizes.get(kind, 0) + file.stat().st_size
        for kind, size in sizes.items():
            print(f"{kind}: {size / 1e6:.1f} MB")
        print(f"folder: {sum(sizes.values()) / 1e6:.1f} MB")
        print(f"single file: {(out / 'atlas.html').stat().st_size / 1e6:.1f} MB")
        print(f"{seconds:.0f} s")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()

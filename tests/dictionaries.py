"""Made-up dictionaries wherever vertices lie, and fits of the same vertices, as stores."""

import json

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.encoding.results import COPIED
from cortexlens.storage.datasets import write_dataset
from cortexlens.study.pictures.image_set import ImageSet
from fits import synthetic_fit, volume_fit
from saes import BACKBONE, LAYERS, dictionary_of, made_up, units_of

NETWORK = [f"blocks.{number}" for number in range(6)]
ATTRIBUTES = ("space", "volume_affine", "volume_shape", "surface_space")
FITS = {
    "cortex": lambda: synthetic_fit("fsaverage5", 200, 6, backbone=BACKBONE),
    "volume": lambda: volume_fit(200, n_layers=6, backbone=BACKBONE),
    "surface": lambda: volume_fit(200, surface=True, n_layers=6, backbone=BACKBONE),
    "nowhere": lambda: synthetic_fit(None, 150, 6, backbone=BACKBONE),
}


def placed(dataset, fit):
    """A store of the same number of vertices, at the places of a fit."""
    own = [name for name in COPIED if name in dataset.variables]
    there = [name for name in COPIED if name in fit.variables]
    kept = {key: fit.attrs[key] for key in ATTRIBUTES if key in fit.attrs}
    return dataset.drop_vars(own).assign(fit[there].variables).assign_attrs(kept)


def dictionary_at(fit, metric="pearson"):
    """Dictionary of the vertices of a fit."""
    made = made_up(60, fit.sizes["vertex"], space=None)
    return placed(dictionary_of(made, metric), fit)


def written(folder, dictionary, fit=None):
    """Write a dictionary, its network's description, and a fit; give their paths."""
    paths = {"dictionary": folder / "dictionary.zarr", "description": folder / f"{BACKBONE}.json"}
    write_dataset(dictionary, paths["dictionary"], kind="dictionary", provenance={})
    paths["description"].write_text(json.dumps({"layers": NETWORK}), encoding="utf-8")
    if fit is not None:
        paths["fit"] = folder / "fit.zarr"
        write_dataset(fit, paths["fit"], kind="fit", provenance={})
    return paths


def written_film(folder, fit, n_images=60):
    """Write all that a film needs; give the paths, and the images' identifiers."""
    made = made_up(n_images, fit.sizes["vertex"], space=None)
    paths = written(folder, placed(dictionary_of(made), fit))
    paths["responses"], paths["images"] = folder / "responses.zarr", folder / "images.tsv"
    write_dataset(placed(made.responses, fit), paths["responses"], kind="responses", provenance={})
    ids, files = made.responses["image_id"].values.tolist(), []
    rng = np.random.default_rng(0)
    for name in ids:
        files.append(folder / f"{name}.png")
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), np.uint8)).save(files[-1])
    ImageSet.from_sources(ids, list(map(str, files))).write(paths["images"])
    paths["units"] = []
    for layer in LAYERS:
        paths["units"].append(folder / f"{layer}.zarr")
        write_dataset(units_of(made, layer), paths["units"][-1], kind="units", provenance={})
    return paths, ids


def run(*command):
    """Call a stage; errors come through."""
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)


def picture_of(path):
    """Pixels and title of a picture."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")), picture.text["Title"]

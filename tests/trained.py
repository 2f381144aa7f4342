"""A small study that autoencoders learn from: pictures, features of a network, splits."""

from pathlib import Path

import numpy as np
import xarray as xr
from PIL import Image

from cortexlens.backbones.network import load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.features.extract import extract_to_store
from cortexlens.storage.datasets import write_dataset
from cortexlens.study.pictures.image_set import ImageSet

ROW = {
    "backbone": "net",
    "source": "zoo",
    "name": "vit-demo",
    "weights": "packaged:demo-supervised",
    "layers": "1,5,7",
}


def network():
    """The network of the study: three blocks of a vision transformer with a class token."""
    return load_backbone(BackboneRow.from_columns(ROW))


def painted(folder: Path, n_images: int, first: int = 0) -> ImageSet:
    """Pictures of coloured noise; the same number is the same picture."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + n_images):
        rng = np.random.default_rng(number)
        small = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        small.resize((96, 96)).save(folder / f"p{number:03d}.png")
    return ImageSet.from_folder(folder)


def write_seen(root: Path, subject: str, split: list[int] | None, first: int = 0) -> Path:
    """Write what a subject saw, or with a split of None further pictures; give the features."""
    n_images = 12 if split is None else len(split)
    images = painted(root / "pictures" / subject, n_images, first)
    images.write(root / "subjects" / subject / "images.tsv")
    if split is not None:
        recorded = xr.Dataset({"split": ("image", np.array(split, np.int8))})
        place = root / "subjects" / subject / "responses.zarr"
        write_dataset(recorded, place, kind="responses", provenance={})
    path = root / "features" / "net" / f"{subject}.zarr"
    provenance = {"code": "", "settings": {**ROW, "grid": 4, "resize": "area", "batch_size": 8}}
    extract_to_store(
        network(), images, path, grid=4, resize="area", batch_size=8, provenance=provenance
    )
    return path


def quality(layer: str = "blocks.1", seed: int = 0, **change: object) -> dict[str, object]:
    """What ``sae.json`` says of an autoencoder, made up."""
    return {
        **{"backbone": "net", "layer": layer, "sae_seed": seed, "tokens": "local"},
        **{"activation": "topk", "channels": 128, "units": 512, "target_l0": 16, "l0": 16.0},
        **{"training_images": 90, "training_tokens": 1440, "test_images": 10, "test_tokens": 160},
        **{
            "explained": 0.93,
            "recovered": 0.99,
            "dead": 0.0,
            "inactive_on_test": 0.02,
            "components": 16,
        },
        **{"components_explained": 0.9, "components_recovered": 0.97, "recovered_images": 10},
        **{"seconds": 3.0, "device": "cpu", **change},
    }

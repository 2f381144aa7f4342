"""Extraction against the bare forward pass, and pictures kept decoded against decoding.

    python benchmarks/extraction.py [--images 32] [--repeats 3] [--device cuda]

Pictures are 425 px, half of them JPEG and half PNG files. The bare forward pass is `network(batch)`
on tensors that are already decoded, in batches of the same size and with the same threads; ours
begins with files and ends with a finished store. Both are run in turn.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from timing import compare

from cortexlens.backbones.network import load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.devices import choose_device
from cortexlens.features.extract import extract_to_store
from cortexlens.features.store import open_features
from cortexlens.study.decoded import DecodedPictures
from cortexlens.study.images import ImageSet

NAME, SIDE, BATCH = "vit_base_patch16_224", 425, 16
PHOTO = {".jpg": {"quality": 90}, ".png": {}}


def write_pictures(folder: Path, n_images: int, side: int, suffixes=(".jpg", ".png")) -> ImageSet:
    """Smooth colours with noise, which compress about as photographs do."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    for i in range(n_images):
        colours = Image.fromarray(rng.integers(0, 256, (12, 12, 3), dtype=np.uint8))
        smooth = np.asarray(colours.resize((side, side), Image.Resampling.BICUBIC), np.float32)
        pixels = (smooth + rng.normal(0, 5, smooth.shape)).clip(0, 255).astype(np.uint8)
        suffix = suffixes[i % len(suffixes)]
        Image.fromarray(pixels).save(folder / f"{i:04d}{suffix}", **PHOTO[suffix])
    return ImageSet.from_folder(folder)


def bare_pass(backbone, batches, reduced=False):
    """The network's own forward pass on tensors that are there."""

    @torch.inference_mode()
    def run():
        with torch.autocast(backbone.device.type, torch.bfloat16, enabled=reduced):
            for batch in batches:
                backbone._network(batch)
        if backbone.device.type == "cuda":
            torch.cuda.synchronize()

    return run


def share(folder, suffix, side, row, repeats, device):
    """Time that one thread decodes for, as a part of the time that a network takes."""
    images = write_pictures(folder / f"share-{side}{suffix}", BATCH, side, (suffix,))
    backbone = load_backbone(row, device=str(choose_device(device)))
    batch = torch.stack([backbone.preprocess(images.open(i)) for i in range(BATCH)])
    bare = bare_pass(backbone, [batch.to(backbone.device)])
    bare()
    found = compare(bare, lambda: [images.open(i).load() for i in range(BATCH)], repeats)
    name = f"decoding {side} px {suffix[1:]}, {row.name}"
    return {"name": name, **found, "unit": "of the bare pass's time"}


def extraction(folder, row, n_images, repeats, device, precision="auto"):
    """Throughput from files to a store, as a part of the bare forward pass's."""
    images = write_pictures(folder / "pictures", n_images, SIDE)
    backbone = load_backbone(row, device=str(choose_device(device)))
    decoded = torch.stack([backbone.preprocess(images.open(i)) for i in range(n_images)])
    batches = [batch.to(backbone.device) for batch in decoded.split(BATCH)]
    options = {"grid": 8, "resize": "area", "batch_size": BATCH, "precision": precision}
    store = folder / "store.zarr"

    def ours(images=images):
        extract_to_store(backbone, images, store, provenance={"code": ""}, **options)

    # Both have to be warm, and the bare pass has to have the same precision.
    ours(ImageSet(images.ids[:BATCH], images.sources[:BATCH], images.sha256[:BATCH]))
    reduced = open_features(store).attributes["precision"] == "bfloat16"

    bare_pass(backbone, batches[:1], reduced)()
    bare = bare_pass(backbone, batches, reduced)
    found = compare(ours, bare, repeats)
    return {"name": f"extraction, {row.name}", **found, "unit": "of the bare pass's throughput"}


def decoding(folder, suffix, side, repeats, n_images=64):
    """How much faster a kept picture is read than its file is decoded."""
    images = write_pictures(folder / f"{side}{suffix}", n_images, side, (suffix,))
    kept = DecodedPictures(folder / f"kept-{side}{suffix}", 1e9)

    def read(open_picture):
        return lambda: [open_picture(i).load() for i in range(n_images)]

    shared = read(lambda i: kept.open(images, i))
    shared()  # keeps them
    found = compare(shared, read(images.open), repeats)
    name = f"reading {side} px {suffix[1:]} kept decoded"
    return {"name": name, **found, "unit": "times as fast as decoding"}


def main(n_images=32, repeats=3, device="cpu", threads=2):
    torch.set_num_threads(threads)
    folder = Path(tempfile.mkdtemp())
    try:
        pictures = ((".jpg", SIDE), (".png", SIDE), (".png", 96))
        base, demo = BackboneRow("a", "timm", NAME), BackboneRow("b", "zoo", "vit-demo")
        networks = zip(pictures, (base, base, demo), strict=True)
        return [
            *(decoding(folder, *kind, 2 * repeats) for kind in pictures),
            *(share(folder, *kind, row, repeats, device) for kind, row in networks),
            extraction(folder, base, n_images, repeats, device),
        ]
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--device", default="cpu", help="auto, cpu or cuda")
    parser.add_argument("--threads", type=int, default=2, help="of a forward pass")
    given = parser.parse_args()
    for line in main(given.images, given.repeats, given.device, given.threads):
        print(
            f"{line['name']}: {line['ratio']:.3g} ({line['low']:.3g} to {line['high']:.3g}) "
            f"{line['unit']}; {line['median']:.2f} s"
        )

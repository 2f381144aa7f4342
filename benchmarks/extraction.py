"""Extraction against the bare forward pass, and pictures kept decoded against decoding.

    python benchmarks/extraction.py [--images 96] [--repeats 7] [--device cuda]

Pictures are 425 px, half of them JPEG and half PNG files. The bare forward pass is `network(batch)`
on tensors that are already decoded, in batches of the same size, with the same threads and in the
same precision; ours begins with files and ends with a finished store.
"""

import argparse
import ctypes
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cortexlens.backbones.network import Backbone, load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.compute.devices import choose_device
from cortexlens.compute.malloc import keep_freed_memory
from cortexlens.features.extract import extract_to_store
from cortexlens.features.store import open_features
from cortexlens.study.pictures.decoded import DecodedPictures
from cortexlens.study.pictures.image_set import ImageSet
from timing import Measured, compare, seconds, summary

SIDE, BATCH = 425, 16
LARGE = BackboneRow("large", "timm", "vit_base_patch16_224")
SMALL = BackboneRow("small", "zoo", "vit-demo")
# Trim threshold, most mapped blocks, and the size from which blocks are mapped, see <malloc.h>.
GLIBC_DEFAULTS = {-1: 128 * 1024, -4: 65536, -3: 128 * 1024}
SUFFIXES = {".jpg": {"quality": 90}, ".png": {}}


def write_pictures(folder: Path, n_images: int, side: int, *suffixes: str) -> ImageSet:
    """Smooth colours with noise, which compress about as photographs do."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    for i in range(n_images):
        colours = Image.fromarray(rng.integers(0, 256, (12, 12, 3), dtype=np.uint8))
        smooth = np.asarray(colours.resize((side, side), Image.Resampling.BICUBIC), np.float32)
        pixels = (smooth + rng.normal(0, 5, smooth.shape)).clip(0, 255).astype(np.uint8)
        suffix = suffixes[i % len(suffixes)]
        Image.fromarray(pixels).save(folder / f"{i:04d}{suffix}", **SUFFIXES[suffix])
    return ImageSet.from_folder(folder)


def inputs(backbone: Backbone, images: ImageSet) -> list[torch.Tensor]:
    """Batches of decoded pictures, on the network's device."""
    decoded = torch.stack([backbone.preprocess(images.open(i)) for i in range(len(images))])
    return [batch.to(backbone.device) for batch in decoded.split(BATCH)]


@torch.inference_mode()
def bare_pass(backbone: Backbone, batches: list[torch.Tensor], reduced: bool = False) -> None:
    """The network's own forward pass."""
    with torch.autocast(backbone.device.type, torch.bfloat16, enabled=reduced):
        for batch in batches:
            backbone._network(batch)
    if backbone.device.type == "cuda":
        torch.cuda.synchronize()


def read(open_picture: Callable[[int], Image.Image], n_images: int) -> None:
    for i in range(n_images):
        open_picture(i).load()


def kept_decoded(folder: Path, suffix: str, side: int, repeats: int, n: int = 64) -> Measured:
    """How much faster a kept picture is read than its file is decoded."""
    images = write_pictures(folder / f"{side}{suffix}", n, side, suffix)
    kept = DecodedPictures(folder / f"kept-{side}{suffix}", 1e9)
    return compare(
        f"kept_decoded, {side} px {suffix[1:]}",
        partial(read, partial(kept.open, images), n),
        partial(read, images.open, n),
        repeats=repeats,
        amount=(n, n),
        unit="ms an image",
        factor=1e3,
    )


def decoding(
    folder: Path, suffix: str, side: int, backbone: Backbone, repeats: int, n: int = 8
) -> Measured:
    """Time that one thread decodes for, as a part of the time that a network takes."""
    images = write_pictures(folder / f"part-{side}{suffix}", n, side, suffix)
    return compare(
        f"decoding, {side} px {suffix[1:]}, {backbone.description['name']}",
        partial(bare_pass, backbone, inputs(backbone, images)),
        partial(read, images.open, n),
        repeats=repeats,
        amount=(n, n),
        unit="ms an image",
        factor=1e3,
    )


def extraction(folder: Path, backbone: Backbone, n_images: int, repeats: int) -> Measured:
    """Throughput from files to a store, as a part of the bare forward pass's."""
    images = write_pictures(folder / "pictures", n_images, SIDE, *SUFFIXES)
    batches, store = inputs(backbone, images), folder / "store.zarr"
    options = {"grid": 8, "resize": "area", "batch_size": BATCH, "precision": "auto"}

    def ours(images: ImageSet = images) -> None:
        extract_to_store(backbone, images, store, provenance={"code": ""}, **options)

    ours(ImageSet(images.ids[:BATCH], images.sources[:BATCH], images.sha256[:BATCH]))
    reduced = open_features(store).attributes["precision"] == "bfloat16"
    return compare(
        "extraction",
        ours,
        partial(bare_pass, backbone, batches, reduced),
        repeats=repeats,
        amount=(n_images, n_images),
        unit="ms an image",
        factor=1e3,
    )


def kept_memory(backbone: Backbone, batch: torch.Tensor, repeats: int) -> Measured:
    """A pass of a process that keeps freed memory, as the command's do, against one as it starts.

    The last of all lines: what it sets holds for the whole process.
    """
    work = partial(bare_pass, backbone, [batch])
    usual = ctypes.CDLL(None).mallopt

    def kept() -> float:
        keep_freed_memory()
        work()  # the first one still has to ask for all of it
        return seconds(work)

    def given_back() -> float:
        for option, value in GLIBC_DEFAULTS.items():
            usual(option, value)
        work()
        return seconds(work)

    turns = [(kept() / len(batch), given_back() / len(batch)) for _ in range(repeats)]
    ours = [mine * 1e3 for mine, _ in turns]
    return summary("kept_memory", ours, [other / mine for mine, other in turns], "ms an image")


def measure(n_images: int = 96, repeats: int = 7, device: str = "cpu") -> Iterator[Measured]:
    """All lines."""
    folder = Path(tempfile.mkdtemp())
    place = str(choose_device(device))
    large, small = load_backbone(LARGE, place), load_backbone(SMALL, place)
    kinds = ((".jpg", SIDE, large), (".png", SIDE, large), (".png", 96, small))
    try:
        yield extraction(folder, large, n_images, repeats)
        for suffix, side, backbone in kinds:
            yield kept_decoded(folder, suffix, side, repeats)
            yield decoding(folder, suffix, side, backbone, 3)
        side = large.preprocess.input_size
        yield kept_memory(large, torch.randn(BATCH, 3, side, side, device=large.device), repeats)
    finally:
        shutil.rmtree(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=int, default=96)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--device", default="cpu", help="auto, cpu or cuda")
    given = parser.parse_args()
    for row in measure(given.images, given.repeats, given.device):
        print(
            f"{row['name']}: {row['ratio']:.3g} ({row['ratio_low']:.3g} to "
            f"{row['ratio_high']:.3g}); {row['median']:.3g} {row['unit']}",
            flush=True,
        )


if __name__ == "__main__":
    main()

import copy
import json
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from cortexlens.backbones.network import load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.errors import CortexlensError
from cortexlens.features import passes, precision
from cortexlens.features.extract import extract_to_store, extract_tokens, shaping_key
from cortexlens.features.store import open_features
from cortexlens.study.pictures import image_set as image_module
from cortexlens.study.pictures.decoded import DecodedPictures
from cortexlens.study.pictures.image_set import ImageSet

OPTIONS = {"grid": 4, "resize": "area", "batch_size": 16, "provenance": {"code": "c"}}
N_IMAGES = 150


@pytest.fixture(scope="module")
def backbone():
    return load_backbone(
        BackboneRow(
            backbone="net",
            source="python",
            name="cortexlens.backbones.cifar_resnet:resnet20",
            layers="layer1.0,layer2.0,layer3.0",
            input_size=16,
            mean=(0.5, 0.5, 0.5),
            std=(0.5, 0.5, 0.5),
        )
    )


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for i in range(N_IMAGES):
        pixels = rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"p{i:03d}.png", compress_level=1)
    return ImageSet.from_folder(folder)


def test_the_store_holds_what_the_network_gives(backbone, images, tmp_path):
    path = tmp_path / "s.zarr"
    assert extract_to_store(backbone, images, path, **OPTIONS) == 3
    features = open_features(path)
    assert features.channels == [16, 32, 64]
    assert features.attributes["backbone"] == backbone.description
    chosen = np.array([149, 0, 64])
    one_by_one = [
        backbone.tokens(backbone.preprocess(images.open(i))[None]) for i in chosen.tolist()
    ]
    for layer in range(3):
        local = torch.cat([tokens[layer].local_map for tokens in one_by_one])
        local = local.unflatten(3, (4, -1)).unflatten(2, (4, -1)).mean((3, 5))
        expected = local.permute(0, 2, 3, 1).reshape(3, 16, -1).numpy()
        found = features.read(layer, chosen)
        np.testing.assert_allclose(found[:, :16], expected, rtol=2e-3, atol=1e-4)
        mean = np.stack([tokens[layer].global_token[0] for tokens in one_by_one])
        np.testing.assert_allclose(found[:, 16], mean, rtol=2e-3, atol=1e-4)


def test_in_memory_tokens_are_those_of_the_store(backbone, images, tmp_path):
    extract_to_store(backbone, images, tmp_path / "s.zarr", **OPTIONS)
    features = open_features(tmp_path / "s.zarr")
    found = extract_tokens(backbone, (images.open(i) for i in range(16)), 4, "area")
    for layer, tokens in enumerate(found):
        assert tokens.dtype == np.float16
        np.testing.assert_array_equal(tokens, features.read(layer, slice(0, 16)))


@pytest.mark.parametrize("workers", [0, 3])
def test_a_store_is_to_the_byte_what_block_by_block_gives(backbone, images, tmp_path, workers):
    extract_to_store(backbone, images, tmp_path / "s.zarr", workers=workers, **OPTIONS)
    features = open_features(tmp_path / "s.zarr")
    for start in range(0, N_IMAGES, 64):
        block = range(start, min(start + 64, N_IMAGES))
        expected = extract_tokens(backbone, map(images.open, block), 4, "area")
        for layer, tokens in enumerate(expected):
            found = features.read(layer, slice(block.start, block.stop))
            assert found.tobytes() == tokens.tobytes()


def test_a_corrupt_picture_ends_threads_and_keeps_finished_blocks(backbone, images, tmp_path):
    path, source = tmp_path / "s.zarr", Path(images.sources[130])
    whole, threads = source.read_bytes(), threading.active_count()
    source.write_bytes(whole[:-100])
    try:
        with pytest.raises(CortexlensError, match=rf"^{source}: the file has changed") as caught:
            extract_to_store(backbone, images, path, workers=2, **OPTIONS)
    finally:
        source.write_bytes(whole)
    assert "\n" not in str(caught.value)
    assert threading.active_count() == threads
    done = (tmp_path / ".s.zarr.partial/blocks.jsonl").read_text().splitlines()
    assert [json.loads(line)["block"] for line in done] == [0, 1]
    assert extract_to_store(backbone, images, path, **OPTIONS) == 1


class Interrupting(ImageSet):
    """Images that note which of them are decoded and fail at one."""

    def __init__(self, images, fail_at=None):
        super().__init__(images.ids, images.sources, images.sha256)
        object.__setattr__(self, "fail_at", fail_at)
        object.__setattr__(self, "opened", [])

    def open(self, i):
        if i == self.fail_at:
            raise KeyboardInterrupt
        self.opened.append(i)
        return super().open(i)


def interrupt(backbone, images, path, **options):
    broken = Interrupting(images, fail_at=149)
    with pytest.raises(KeyboardInterrupt):
        extract_to_store(backbone, broken, path, **OPTIONS | options)


def test_only_missing_blocks_are_computed_again(backbone, images, tmp_path, capsys):
    path = tmp_path / "s.zarr"
    whole = tmp_path / "whole.zarr"
    extract_to_store(backbone, images, whole, **OPTIONS)
    interrupt(backbone, images, path)
    done = (tmp_path / ".s.zarr.partial/blocks.jsonl").read_text().splitlines()
    rest = Interrupting(images)
    computed = extract_to_store(backbone, rest, path, **OPTIONS)
    assert 1 <= len(done) < 3
    assert computed == 3 - len(done)
    assert f"{len(done)} finished blocks" in capsys.readouterr().err
    assert set(range(128, 150)) <= set(rest.opened)
    assert len(rest.opened) == len(set(rest.opened)) == N_IMAGES - 64 * len(done)
    for layer in range(3):
        found, expected = (open_features(p).read(layer) for p in (path, whole))
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "change", [{"grid": 2}, {"resize": "reference"}, {"provenance": {"code": "new"}}]
)
def test_another_key_or_other_code_computes_everything(backbone, images, tmp_path, change):
    interrupt(backbone, images, tmp_path / "s.zarr")
    assert extract_to_store(backbone, images, tmp_path / "s.zarr", **OPTIONS | change) == 3


def test_the_key_changes_with_all_that_shapes_the_features(backbone):
    base = backbone.description
    keys = [shaping_key(base, ["a", "b"], 8, "area")]
    for name in ("source", "name", "code", "weights_sha256", "global_token"):
        keys.append(shaping_key(base | {name: "other"}, ["a", "b"], 8, "area"))
    for setting, value in base["preprocessing"].items():
        other = copy.deepcopy(base)
        other["preprocessing"][setting] = [value, "other"]
        keys.append(shaping_key(other, ["a", "b"], 8, "area"))
    keys.append(shaping_key(base | {"layers": base["layers"][:2]}, ["a", "b"], 8, "area"))
    keys += [
        shaping_key(base, ["b", "a"], 8, "area"),
        shaping_key(base, ["a"], 8, "area"),
        shaping_key(base, ["a", "b"], 4, "area"),
        shaping_key(base, ["a", "b"], 8, "reference"),
    ]
    assert len(set(keys)) == len(keys) == 18


def test_the_key_does_not_change_with_names_and_places(backbone):
    other = backbone.description | {
        "backbone": "renamed",
        "weights": "elsewhere.pt",
        "versions": {},
    }
    assert shaping_key(other, ["a"], 8, "area") == shaping_key(
        backbone.description, ["a"], 8, "area"
    )


def test_a_picture_and_its_mirror_image_do_not_collide(backbone, images, tmp_path):
    """Their pixel sums are equal; their keys and tokens are not."""
    picture = images.open(0)
    mirror = ImageOps.mirror(picture)
    assert np.asarray(picture).sum() == np.asarray(mirror).sum()
    keys = []
    for name, image in (("picture", picture), ("mirror", mirror)):
        folder = tmp_path / name
        folder.mkdir()
        image.save(folder / "image.png")
        extract_to_store(
            backbone, ImageSet.from_folder(folder), tmp_path / f"{name}.zarr", **OPTIONS
        )
        keys.append(open_features(tmp_path / f"{name}.zarr").attributes["key"])
    assert keys[0] != keys[1]
    seen, mirrored = (open_features(tmp_path / f"{n}.zarr").read(0) for n in ("picture", "mirror"))
    assert np.abs(seen - mirrored).max() > 0.01


def test_large_values_are_clipped_and_counted(backbone, images, tmp_path, monkeypatch):
    original = passes.pool_tokens
    monkeypatch.setattr(passes, "pool_tokens", lambda *a: original(*a) * 1e9)
    extract_to_store(backbone, images, tmp_path / "s.zarr", **OPTIONS)
    features = open_features(tmp_path / "s.zarr")
    for layer, clipped in enumerate(features.attributes["clipped_values"]):
        values = features.read(layer)
        assert np.isfinite(values).all()
        assert clipped == (np.abs(values) == 65504).sum() > 0


def test_a_network_that_gives_no_numbers_is_one_line(backbone, images, tmp_path, monkeypatch):
    original = passes.pool_tokens
    monkeypatch.setattr(passes, "pool_tokens", lambda *a: original(*a) * float("nan"))
    with pytest.raises(CortexlensError, match=r"'net': layer layer1\.0 gives values that are not"):
        extract_to_store(backbone, images, tmp_path / "s.zarr", **OPTIONS)


@pytest.mark.parametrize(
    "change", [{"grid": 0}, {"grid": 65}, {"resize": "nearest"}, {"batch_size": 0}]
)
def test_options_out_of_range_are_refused(backbone, images, tmp_path, change):
    with pytest.raises(CortexlensError, match="area or reference"):
        extract_to_store(backbone, images, tmp_path / "s.zarr", **OPTIONS | change)


def test_no_pictures_are_one_line(backbone):
    with pytest.raises(CortexlensError, match="at least one"):
        extract_tokens(backbone, [], 8, "area")


def fast(monkeypatch):
    """A device that is fast at bfloat16."""
    known = {"auto": torch.bfloat16, "bfloat16": torch.bfloat16, "float32": torch.float32}
    monkeypatch.setattr(precision, "forward_dtype", lambda wanted, device: known[wanted])


def test_on_a_slow_device_nothing_is_measured(backbone, images, tmp_path, monkeypatch):
    monkeypatch.setattr(precision, "forward_dtype", lambda wanted, device: torch.float32)
    extract_to_store(backbone, images, tmp_path / "s.zarr", precision="auto", **OPTIONS)
    attributes = open_features(tmp_path / "s.zarr").attributes
    assert attributes["precision"] == "float32"
    assert attributes["bfloat16_difference"] is None
    assert attributes["key"] == shaping_key(backbone.description, images.sha256, 4, "area")


@pytest.mark.parametrize(("tolerance", "name"), [(1.0, "bfloat16"), (1e-9, "float32")])
def test_auto_takes_bfloat16_where_it_changes_little(
    backbone, images, tmp_path, monkeypatch, capsys, tolerance, name
):
    fast(monkeypatch)
    monkeypatch.setattr(precision, "TOLERANCE", tolerance)
    extract_to_store(backbone, images, tmp_path / "s.zarr", precision="auto", **OPTIONS)
    extract_to_store(backbone, images, tmp_path / "exact.zarr", **OPTIONS)
    found, exact = (open_features(tmp_path / f"{name}.zarr") for name in ("s", "exact"))
    assert found.attributes["precision"] == name
    assert ("using float32" in capsys.readouterr().err) == (name == "float32")
    assert (found.attributes["key"] == exact.attributes["key"]) == (name == "float32")
    for layer, difference in enumerate(found.attributes["bfloat16_difference"]):
        assert 1e-4 < difference < 3e-2
        pair = (features.read(layer, slice(0, 16)).astype(float) for features in (found, exact))
        reduced, expected = pair
        relative = np.linalg.norm(reduced - expected) / np.linalg.norm(expected)
        assert relative == pytest.approx(difference if name == "bfloat16" else 0, rel=0.1)


def test_what_is_forced_is_done_with_a_warning(backbone, images, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(precision, "TOLERANCE", 1e-9)
    extract_to_store(backbone, images, tmp_path / "s.zarr", precision="bfloat16", **OPTIONS)
    attributes = open_features(tmp_path / "s.zarr").attributes
    assert attributes["precision"] == "bfloat16"
    assert len(attributes["bfloat16_difference"]) == 3
    assert "Warning: bfloat16 changes the tokens of layer" in capsys.readouterr().err


def test_a_resumed_extraction_keeps_to_its_precision(backbone, images, tmp_path, monkeypatch):
    """Blocks of the same precision are kept, those of another are not."""
    fast(monkeypatch)
    monkeypatch.setattr(precision, "TOLERANCE", 1.0)
    path = tmp_path / "s.zarr"
    interrupt(backbone, images, path, precision="auto")
    done = len((tmp_path / ".s.zarr.partial/blocks.jsonl").read_text().splitlines())
    assert extract_to_store(backbone, images, path, precision="auto", **OPTIONS) == 3 - done
    extract_to_store(backbone, images, tmp_path / "whole.zarr", precision="auto", **OPTIONS)
    resumed, whole = (open_features(p) for p in (path, tmp_path / "whole.zarr"))
    assert resumed.attributes == whole.attributes
    for layer in range(3):
        assert resumed.read(layer).tobytes() == whole.read(layer).tobytes()
    interrupt(backbone, images, tmp_path / "t.zarr", precision="auto")
    assert extract_to_store(backbone, images, tmp_path / "t.zarr", **OPTIONS) == 3


def test_two_networks_decode_a_picture_once(backbone, images, tmp_path, monkeypatch):
    sources, decode = [], image_module.decode
    monkeypatch.setattr(
        image_module, "decode", lambda data, source: sources.append(source) or decode(data, source)
    )
    other = load_backbone(BackboneRow("other", "zoo", "vit-demo", input_size=32))
    for network, name in ((backbone, "one"), (other, "two")):
        shared = partial(DecodedPictures(tmp_path / "kept", 1e9).open, images)
        extract_to_store(network, images, tmp_path / f"{name}.zarr", open_picture=shared, **OPTIONS)
    assert sorted(sources) == images.sources
    extract_to_store(backbone, images, tmp_path / "alone.zarr", **OPTIONS)
    shared, alone = (open_features(tmp_path / f"{name}.zarr") for name in ("one", "alone"))
    for layer in range(3):
        assert shared.read(layer).tobytes() == alone.read(layer).tobytes()

import json
import shutil

import numpy as np
import pytest
import xarray as xr
import zarr

from cortexlens.errors import CortexlensError
from cortexlens.features.store import (
    FeatureWriter,
    Plan,
    features_key,
    ids_hash,
    layer_array,
    open_features,
)
from cortexlens.storage.datasets import write_dataset
from cortexlens.storage.manifest import entry_of, read_manifest

PLAN = Plan(n_images=150, grid=2, channels=(3, 7), key="k", code="c")
ATTRIBUTES = {"layer_names": ["one", "two"], "provenance": {"code": "c"}}


def values(plan=PLAN):
    rng = np.random.default_rng(0)
    shapes = [(plan.n_images, plan.grid**2 + 1, n) for n in plan.channels]
    return [rng.normal(size=shape).astype(np.float16) for shape in shapes]


def write_blocks(writer, blocks, clipped=(0, 0)):
    for block in blocks:
        images = writer.plan.blocks[block]
        writer.write(block, [v[images.start : images.stop] for v in values()], clipped)


@pytest.fixture
def store(tmp_path):
    writer = FeatureWriter(tmp_path / "net" / "s1.zarr", PLAN)
    write_blocks(writer, [2, 0, 1], clipped=(1, 2))
    writer.finish(ATTRIBUTES)
    return tmp_path / "net" / "s1.zarr"


def test_what_was_written_is_read(store):
    features = open_features(store)
    assert (features.n_images, features.grid, features.channels) == (150, 2, [3, 7])
    assert features.layer_names == ["one", "two"]
    assert features.attributes["clipped_values"] == [3, 6]
    assert features.attributes["content_hash"] == features.attributes["key"] == "k"
    for layer, expected in enumerate(values()):
        found = features.read(layer)
        assert found.dtype == np.float16
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "images",
    [
        np.array([149, 3, 3, 0, 77]),
        np.array([64]),
        np.arange(60, 70)[::-1],
        np.arange(60, 70),
        np.array([], dtype=np.int64),
        slice(5, 100, 7),
        slice(140, None),
    ],
)
def test_images_are_read_in_the_order_asked_for(store, images):
    np.testing.assert_array_equal(open_features(store).read(1, images), values()[1][images])


def test_an_image_that_is_not_there_is_an_error(store):
    for images in (np.array([0, 150]), np.array([-1, 4])):
        with pytest.raises(IndexError):
            open_features(store).read(0, images)


def test_the_layout_is_the_documented_one(store):
    group = zarr.open_group(store, mode="r")
    array = group[layer_array(1)]
    assert layer_array(1) == "layer_001"
    assert group.metadata.zarr_format == 3
    assert array.metadata.dimension_names == ("image", "token", "channel")
    assert array.chunks == (8, 5, 7)
    assert array.compressors == ()
    assert array.dtype == np.float16
    assert sorted(p.name for p in store.parent.iterdir()) == ["s1.zarr"]


def test_finished_blocks_survive_an_interruption(tmp_path):
    path = tmp_path / "s1.zarr"
    write_blocks(FeatureWriter(path, PLAN), [1], clipped=(4, 0))
    with pytest.raises(CortexlensError, match=r"s1\.zarr: no finished zarr store"):
        open_features(path)
    again = FeatureWriter(path, PLAN)
    assert again.missing == [0, 2]
    write_blocks(again, [0, 2])
    again.finish(ATTRIBUTES)
    np.testing.assert_array_equal(open_features(path).read(0), values()[0])
    assert open_features(path).attributes["clipped_values"] == [4, 0]


@pytest.mark.parametrize(
    "change", [{"key": "other"}, {"code": "other"}, {"n_images": 151}, {"channels": (3, 8)}]
)
def test_another_plan_begins_anew(tmp_path, change):
    write_blocks(FeatureWriter(tmp_path / "s1.zarr", PLAN), [0, 1])
    other = FeatureWriter(tmp_path / "s1.zarr", Plan(**(vars(PLAN) | change)))
    assert other.missing == [0, 1, 2]


@pytest.mark.parametrize("line", ['{"block": 1, "cl', "", "[]", '{"block": "x", "clipped": []}'])
def test_a_line_that_was_cut_off_means_an_unfinished_block(tmp_path, line):
    write_blocks(FeatureWriter(tmp_path / "s1.zarr", PLAN), [0])
    with (tmp_path / ".s1.zarr.partial" / "blocks.jsonl").open("a") as file:
        file.write(line)
    again = FeatureWriter(tmp_path / "s1.zarr", PLAN)
    assert again.missing == [1, 2]
    write_blocks(again, [1])
    assert FeatureWriter(tmp_path / "s1.zarr", PLAN).missing == [2]


@pytest.mark.parametrize("how", ["flipped", "cut", "gone"])
def test_a_finished_block_that_was_damaged_since_is_computed_again(tmp_path, capsys, how):
    """As a power cut leaves files that were never written to the disk."""
    path = tmp_path / "s1.zarr"
    write_blocks(FeatureWriter(path, PLAN), [0, 1])
    chunk = tmp_path / ".s1.zarr.partial" / "store" / "layer_001" / "c" / "9" / "0" / "0"
    content = bytearray(chunk.read_bytes())
    content[11] ^= 4
    if how == "gone":
        chunk.unlink()
    else:
        chunk.write_bytes(content if how == "flipped" else content[:-1])
    again = FeatureWriter(path, PLAN)
    assert again.missing == [1, 2]
    assert "block 1 is not as it was written; computing it again" in capsys.readouterr().err
    write_blocks(again, [1, 2])
    again.finish(ATTRIBUTES)
    np.testing.assert_array_equal(open_features(path).read(1), values()[1])
    manifest = read_manifest(path)
    assert manifest == {name: entry_of(path / name) for name in manifest}
    assert len(manifest) == 3 + 2 * 19


def test_what_is_left_of_a_store_that_was_renamed_already_begins_anew(store):
    """As after an end between the renaming and the tidying up."""
    FeatureWriter(store, PLAN)
    shutil.rmtree(store.parent / ".s1.zarr.partial" / "store")
    assert FeatureWriter(store, PLAN).missing == [0, 1, 2]


def test_a_folder_without_a_plan_begins_anew(tmp_path):
    write_blocks(FeatureWriter(tmp_path / "s1.zarr", PLAN), [0])
    (tmp_path / ".s1.zarr.partial" / "plan.json").write_text(json.dumps({"n_images": 150}))
    assert FeatureWriter(tmp_path / "s1.zarr", PLAN).missing == [0, 1, 2]


def test_an_older_store_is_replaced_whole(store):
    plan = Plan(n_images=3, grid=2, channels=(1,), key="new", code="c")
    writer = FeatureWriter(store, plan)
    assert open_features(store).n_images == 150
    writer.write(0, [np.ones((3, 5, 1), np.float16)], [0])
    writer.finish({"layer_names": ["only"], "provenance": {}})
    assert open_features(store).layer_names == ["only"]
    assert not (store / "layer_001").exists()


def test_foreign_stores_are_refused(tmp_path):
    write_dataset(xr.Dataset({"a": ("x", [1.0])}), tmp_path / "a.zarr", kind="fit", provenance={})
    with pytest.raises(CortexlensError, match=r"found a store of kind 'fit'.*needed kind 'feat"):
        open_features(tmp_path / "a.zarr")
    zarr.create_group(tmp_path / "b.zarr", zarr_format=3)
    with pytest.raises(CortexlensError, match=r"b\.zarr: found a store of kind None"):
        open_features(tmp_path / "b.zarr")
    with pytest.raises(CortexlensError, match="no finished zarr store"):
        open_features(tmp_path / "c.zarr")


def test_hashes_depend_on_order_and_every_value():
    assert ids_hash(["a", "b"]) != ids_hash(["b", "a"])
    assert ids_hash(["a", "b"]) != ids_hash(["ab"])
    assert features_key({"a": 1, "b": 2}) == features_key({"b": 2, "a": 1})
    assert features_key({"a": 1, "b": 2}) != features_key({"a": 1, "b": 3})

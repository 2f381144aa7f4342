import numpy as np
import pytest
import zarr

from cortexlens.errors import CortexlensError
from cortexlens.features.chunks import plain_chunks
from cortexlens.features.store import open_features
from cortexlens.storage.manifest import NAME as MANIFEST
from encoders import image_ids, random_tokens, write_features

N_IMAGES = 21


@pytest.fixture
def stored(tmp_path):
    (tokens,) = random_tokens(np.random.default_rng(0), N_IMAGES, 2, (3,))
    tokens[8:16] = 0  # zarr writes no file for a chunk of zeros
    write_features(tmp_path / "features.zarr", [tokens], image_ids(N_IMAGES))
    return tokens, tmp_path / "features.zarr"


IMAGES = [
    np.array([20, 3, 3, 0, 9]),
    np.arange(N_IMAGES),
    np.arange(N_IMAGES)[::-1],
    np.arange(5, 19),
    np.random.default_rng(1).permutation(N_IMAGES),
    np.array([], dtype=np.int64),
]


@pytest.mark.parametrize("images", IMAGES)
def test_images_are_read_byte_by_byte(stored, images):
    tokens, path = stored
    files = plain_chunks(path / "layer_000")
    assert not (path / "layer_000" / "c" / "1").exists()
    rows = np.random.default_rng(2).permutation(30)[: len(images)]
    found = np.full((30, 5, 3), 7, np.float16)
    files.read_into(images, found, rows)
    expected = np.full((30, 5, 3), 7, np.float16)
    expected[rows] = tokens[images]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "layout",
    [
        {"compressors": zarr.codecs.GzipCodec()},
        {"shards": (8, 5, 3), "chunks": (4, 5, 3)},
        {"chunks": (8, 2, 3)},
        {"chunk_key_encoding": {"name": "v2", "separator": "."}},
        {"serializer": zarr.codecs.BytesCodec(endian="big")},
    ],
    ids=["compressed", "sharded", "cut images", "other names", "big endian"],
)
@pytest.mark.parametrize("images", IMAGES)
def test_stores_of_another_layout_are_read_by_zarr(stored, layout, images):
    tokens, path = stored
    settings = {"chunks": (8, 5, 3), "compressors": None, "overwrite": True} | layout
    (path / MANIFEST).unlink()  # as of older versions
    group = zarr.open_group(path, mode="r+")
    array = group.create_array("layer_000", shape=tokens.shape, dtype="float16", **settings)
    array[:] = tokens
    assert plain_chunks(path / "layer_000") is None
    np.testing.assert_array_equal(open_features(path).read(0, images), tokens[images])


def test_a_chunk_that_ends_early_is_named(stored):
    _, path = stored
    (path / MANIFEST).unlink()  # with one, the store would not be opened
    chunk = path / "layer_000" / "c" / "0" / "0" / "0"
    chunk.write_bytes(chunk.read_bytes()[:100])
    features = open_features(path)
    assert features.read(0, np.array([2])).shape == (1, 5, 3)
    with pytest.raises(
        CortexlensError, match=r"c/0/0/0: the file ends within or before its image 3"
    ):
        features.read(0, np.array([0, 3]))

"""Headers of stores that were changed without changing their length are one line."""

import numpy as np
import pytest
import xarray as xr

from cortexlens.errors import CortexlensError
from cortexlens.features.store import FeatureWriter, Plan, open_features
from cortexlens.storage.datasets import open_dataset, write_dataset

JUNK = [b"[1]", b"{}", b'{"attributes": 1}', b"[" * 5000, b"\xff\xfe", b"null"]


def in_the_place_of(data, content):
    """Other content of the same length."""
    return content[: len(data)].ljust(len(data))


@pytest.mark.parametrize("content", JUNK)
@pytest.mark.parametrize("name", ["zarr.json", "a/zarr.json"])
def test_a_damaged_header_of_a_store(tmp_path, name, content):
    path = tmp_path / "a.zarr"
    write_dataset(xr.Dataset({"a": ("x", np.arange(3.0))}), path, kind="fit", provenance={})
    assert open_dataset(path, kind="fit")["a"].values.tolist() == [0, 1, 2]
    (path / name).write_bytes(in_the_place_of((path / name).read_bytes(), content))
    with pytest.raises(CortexlensError, match=r"a\.zarr"):
        open_dataset(path, kind="fit").load()


@pytest.mark.parametrize("content", JUNK)
@pytest.mark.parametrize("name", ["zarr.json", "layer_000/zarr.json"])
def test_a_damaged_header_of_features(tmp_path, name, content):
    path = tmp_path / "f.zarr"
    writer = FeatureWriter(path, Plan(2, 1, (3,), "key", "code"))
    writer.write(0, [np.ones((2, 2, 3), np.float16)], [0])
    writer.finish({"layer_names": ["a"], "image_ids_hash": ""})
    assert open_features(path).read(0).sum() == 12
    (path / name).write_bytes(in_the_place_of((path / name).read_bytes(), content))
    with pytest.raises(CortexlensError, match=r"f\.zarr"):
        open_features(path)

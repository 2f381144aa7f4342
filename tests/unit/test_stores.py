"""Stores are there whole or not at all, and tell what they are."""

from contextlib import suppress

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import (
    content_hash,
    open_dataset,
    replacing,
    row_blocks,
    store_attributes,
    write_dataset,
)

PROVENANCE = {"stage": "test", "inputs": {}}


def made_up():
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    return xr.Dataset(
        {
            "response": (("trial", "vertex"), values),
            "name": ("vertex", np.array(["a", "béta", ""], dtype=object)),
            "mask": ("vertex", np.array([True, False, True])),
        },
        coords={"roi": np.array(["V1", "V2"], dtype=object)},
    )


def test_a_dataset_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "deep" / "x.zarr"
    write_dataset(made_up(), path, kind="responses", provenance=PROVENANCE)
    read = open_dataset(path, kind="responses").load()
    assert read["response"].dtype == np.float32
    np.testing.assert_array_equal(read["response"], made_up()["response"])
    assert read["name"].values.tolist() == ["a", "béta", ""]
    assert read["roi"].values.tolist() == ["V1", "V2"]
    assert read["mask"].dtype == bool
    assert read.attrs["provenance"] == PROVENANCE
    assert store_attributes(path)["content_hash"] == content_hash(made_up())


def test_a_path_may_be_text(tmp_path):
    write_dataset(made_up(), tmp_path / "x.zarr", kind="responses", provenance=PROVENANCE)
    read = open_dataset(str(tmp_path / "x.zarr"), kind="responses")
    assert read.identical(open_dataset(tmp_path / "x.zarr", kind="responses"))
    with pytest.raises(CortexlensError, match=r"y\.zarr: no finished zarr store here"):
        open_dataset(f"{tmp_path}/y.zarr", kind="responses")


def test_what_is_not_in_memory_is_hashed_and_written_chunk_by_chunk(tmp_path):
    values = np.random.default_rng(0).standard_normal((10, 3)).astype(np.float32)
    whole = xr.Dataset({"response": (("trial", "vertex"), values)})
    chunked = whole.chunk(trial=4)
    assert [len(block) for block in row_blocks(chunked["response"])] == [4, 4, 2]
    (block,) = row_blocks(whole["response"])
    assert np.shares_memory(block, values)
    assert content_hash(chunked) == content_hash(whole)
    write_dataset(chunked, tmp_path / "x.zarr", kind="responses", provenance=PROVENANCE)
    read = open_dataset(tmp_path / "x.zarr", kind="responses")
    np.testing.assert_array_equal(read["response"], values)
    assert read.attrs["content_hash"] == content_hash(whole)


def test_equal_data_gives_equal_bytes(tmp_path):
    for name in ("x", "y"):
        write_dataset(made_up(), tmp_path / name, kind="fit", provenance=PROVENANCE)
    files = sorted(path.relative_to(tmp_path / "x") for path in (tmp_path / "x").rglob("*"))
    assert files == sorted(path.relative_to(tmp_path / "y") for path in (tmp_path / "y").rglob("*"))
    for file in files:
        if (tmp_path / "x" / file).is_file():
            assert (tmp_path / "x" / file).read_bytes() == (tmp_path / "y" / file).read_bytes()


def test_another_kind_is_refused(tmp_path):
    write_dataset(made_up(), tmp_path / "x", kind="fit", provenance=PROVENANCE)
    with pytest.raises(CortexlensError, match="found a store of kind 'fit'"):
        open_dataset(tmp_path / "x", kind="responses")


@pytest.mark.parametrize("content", [None, "", "{}", '{"attributes": 3}'])
def test_an_unfinished_store_is_refused(tmp_path, content):
    (tmp_path / "x").mkdir()
    if content is not None:
        (tmp_path / "x" / "zarr.json").write_text(content)
    with pytest.raises(CortexlensError, match="zarr store"):
        open_dataset(tmp_path / "x", kind="fit")


def test_snakemakes_own_file_in_a_store_is_no_matter(tmp_path):
    write_dataset(made_up(), tmp_path / "x", kind="fit", provenance=PROVENANCE)
    (tmp_path / "x" / ".snakemake_timestamp").touch()
    assert "response" in open_dataset(tmp_path / "x", kind="fit")


def test_a_failed_write_leaves_what_was_there(tmp_path):
    path = tmp_path / "x.tsv"
    path.write_text("old")
    with suppress(RuntimeError), replacing(path) as partial:
        partial.write_text("new")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_store_replaces_a_store(tmp_path):
    path = tmp_path / "x.zarr"
    write_dataset(made_up(), path, kind="fit", provenance=PROVENANCE)
    smaller = made_up()[["mask"]]
    write_dataset(smaller, path, kind="fit", provenance=PROVENANCE)
    assert set(open_dataset(path, kind="fit").variables) == {"mask"}
    assert list(tmp_path.iterdir()) == [path]


@given(arrays(np.float32, array_shapes(max_dims=2, max_side=4), elements=st.floats(width=32)))
def test_content_hash_tells_values_shapes_and_names_apart(values):
    dims = ("vertex", "axis")[: values.ndim]
    dataset = xr.Dataset({"a": (dims, values), "b": ((), 1)})
    assert content_hash(dataset) == content_hash(dataset.copy(deep=True).assign_attrs(x=1))
    changed = values.copy()
    changed.flat[0] = 0 if changed.flat[0] else 1
    assert content_hash(dataset.assign(a=(dims, changed))) != content_hash(dataset)
    assert content_hash(dataset.rename(a="c")) != content_hash(dataset)
    flat = xr.Dataset({"a": (("vertex",), values.ravel()), "b": ((), 1)})
    assert (content_hash(flat) == content_hash(dataset)) == (values.ndim == 1)

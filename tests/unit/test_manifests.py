"""What a finished folder held is known: a file that changed, went or came is found."""

import json
import os

import numpy as np
import pytest
import xarray as xr

from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import open_dataset, replacing, write_dataset
from cortexlens.storage.manifest import (
    NAME,
    Entry,
    check_files,
    differences,
    entry_of,
    files_of,
    made,
    read_manifest,
    seal,
)

# b2sum --length=128, of coreutils
OF_ABC = "cf4ab791c62b8d2b2109c90275287816"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a").write_bytes(b"abc")
    (tmp_path / "in" / "deep" / "ü b").write_bytes(b"")
    seal(tmp_path / "in")
    return tmp_path / "in"


def test_a_manifest_names_every_file_with_size_and_hash(folder):
    found = read_manifest(folder)
    assert found is not None
    assert found["a"] == Entry(3, OF_ABC)
    assert found["deep/ü b"].size == 0
    assert found.keys() == {"a", "deep/ü b"}
    assert json.loads((folder / NAME).read_text())["format"] == 1
    check_files(folder)


def test_a_hash_that_is_known_is_not_computed_again(folder):
    seal(folder, {"a": Entry(3, "known")})
    found = read_manifest(folder)
    assert found is not None
    assert found["a"] == Entry(3, "known")
    assert found["deep/ü b"] == entry_of(folder / "deep" / "ü b")


def test_files_that_went_came_or_changed_their_length_are_found(folder):
    manifest = read_manifest(folder)
    (folder / "a").write_bytes(b"ab")
    (folder / "deep" / "ü b").unlink()
    (folder / "deep" / "new").touch()
    assert differences(folder, manifest) == {
        "a": "has 2 bytes of 3",
        "deep/ü b": "is missing",
        "deep/new": "was added",
    }
    with pytest.raises(CortexlensError, match=r"in: deep/ü b is missing \(and 1 more\)"):
        check_files(folder)


def test_what_others_leave_in_a_folder_is_no_matter(folder):
    for name in (".snakemake_timestamp", ".nfs0001", ".DS_Store"):
        (folder / name).touch()
    assert {name for name, _ in files_of(folder)} == {"a", "deep/ü b"}
    (folder / "notes.txt").touch()
    check_files(folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read as a manifest"),
        ("[]", "cannot be read as a manifest"),
        ('{"format": 1}', "cannot be read as a manifest"),
        ('{"format": 1, "files": {"a": 3}}', "cannot be read as a manifest"),
        ('{"format": 2, "files": {}}', "manifest of format 2; this cortexlens reads format 1"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused(folder, text, said):
    (folder / NAME).write_text(text)
    with pytest.raises(CortexlensError, match=said):
        check_files(folder)


def test_a_folder_without_a_manifest_is_taken_as_it_is(folder):
    (folder / NAME).unlink()
    (folder / "a").unlink()
    check_files(folder)


def test_what_is_replaced_is_sealed_and_noted(tmp_path):
    with replacing(tmp_path / "folder") as partial:
        partial.mkdir()
        (partial / "a").write_bytes(b"abc")
    with replacing(tmp_path / "file") as partial:
        partial.write_bytes(b"abc")
    with replacing(tmp_path / "gone") as partial:
        partial.touch()
    os.remove(tmp_path / "gone")
    assert read_manifest(tmp_path / "folder") == {"a": Entry(3, OF_ABC)}
    ours = [path for path in made() if path.parent == tmp_path]
    assert ours == [tmp_path / "folder", tmp_path / "file"]


@pytest.mark.parametrize("how", ["gone", "cut"])
def test_a_store_that_lost_a_chunk_is_not_opened(tmp_path, how):
    """Zarr takes a chunk that is gone for one that holds nothing but zeros."""
    path = tmp_path / "x.zarr"
    values = np.arange(1, 4, dtype=np.float32)
    write_dataset(xr.Dataset({"r2": ("vertex", values)}), path, kind="fit", provenance={})
    chunk = path / "r2" / "c" / "0"
    if how == "gone":
        chunk.unlink()
    else:
        chunk.write_bytes(chunk.read_bytes()[:-1])
    with pytest.raises(CortexlensError, match=r"x\.zarr: r2/c/0 (is missing|has \d+ bytes of \d+)"):
        open_dataset(path, kind="fit")

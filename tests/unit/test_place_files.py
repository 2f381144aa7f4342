"""Coordinates, and vertices of a known mesh, from files of their own."""

import numpy as np
import pytest

from cortexlens.errors import CortexlensError
from cortexlens.study.table.place_files import read_coordinates, read_mesh_vertices

PLACES = np.array([[-1.5, 0, 2], [30, 40.25, 50]])


def table(path, header, rows):
    lines = [header, *([str(cell) for cell in row] for row in rows)]
    path.write_text("".join("\t".join(line) + "\n" for line in lines))
    return path


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
def test_coordinates_of_an_array(tmp_path, dtype):
    np.save(tmp_path / "xyz.npy", PLACES.astype(dtype))
    found = read_coordinates(tmp_path / "xyz.npy", 2)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, PLACES.astype(dtype))


def test_coordinates_of_a_table(tmp_path):
    rows = [(name, z, y, x) for name, (x, y, z) in zip("ab", PLACES, strict=True)]
    path = table(tmp_path / "xyz.tsv", ["name", "z", "y", "x"], rows)
    np.testing.assert_array_equal(read_coordinates(path, 2), PLACES)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (PLACES[:1], r"coordinates of shape \(1, 3\); needed are \(2, 3\)"),
        (PLACES.T, r"coordinates of shape \(3, 2\); needed are \(2, 3\)"),
        (PLACES[0], r"found float64 of shape \(3,\); needed are .* with 2 axes"),
        (np.array([[0, 1, 2], [3, np.nan, 5]]), r"coordinates of vertex 1 \(from 0\) are .*nan"),
        (np.array([[0, 1, 1e300], [3, 4, 5]]), r"coordinates of vertex 0 .*finite"),
        (np.array([["a", "b", "c"]] * 2), r"found <U1 of shape"),
        (np.array([[{}, {}, {}]] * 2), r"cannot be read as a .npy array"),
    ],
)
def test_hostile_arrays_are_refused(tmp_path, values, message):
    np.save(tmp_path / "xyz.npy", values, allow_pickle=True)
    with pytest.raises(CortexlensError, match=rf"xyz\.npy: .*{message}"):
        read_coordinates(tmp_path / "xyz.npy", 2)


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ("xyz", PLACES[:1], r"found 1 rows for 2 vertices"),
        ("xyw", PLACES, r"x, y, z are needed"),
        ("xyz", [(0, 1, "inf"), (0, 1, 2)], r"coordinates of vertex 0 .*inf"),
        ("xyz", [(0, 1, 2), (0, "one", 2)], r"line 3: column y holds 'one'"),
    ],
)
def test_hostile_tables_are_refused(tmp_path, header, rows, message):
    path = table(tmp_path / "xyz.tsv", list(header), rows)
    with pytest.raises(CortexlensError, match=message):
        read_coordinates(path, 2)


@pytest.mark.parametrize("suffix", [".tsv", ".npz"])
def test_vertices_of_a_mesh(tmp_path, suffix):
    path = tmp_path / f"vertices{suffix}"
    if suffix == ".tsv":
        table(path, ["hemisphere", "vertex_index"], [(0, 10_241), (1, 0)])
    else:
        np.savez(path, hemisphere=np.array([0, 1]), vertex_index=np.array([10_241.0, 0.0]))
    hemisphere, index = read_mesh_vertices(path, "fsaverage5", 2)
    assert (hemisphere.dtype, index.dtype) == (np.int8, np.int64)
    assert (hemisphere.tolist(), index.tolist()) == ([0, 1], [10_241, 0])


@pytest.mark.parametrize("suffix", [".tsv", ".npz"])
@pytest.mark.parametrize(
    ("hemisphere", "index", "message"),
    [
        ([0, 256], [0, 0], r"hemisphere of vertex 1 \(from 0\) is 256; .* from 0 to 1"),
        ([0, 0.5], [0, 0], r"hemisphere of vertex 1 \(from 0\) is 0.5"),
        ([0, 0], [10_242, 0], r"vertex_index of vertex 0 .* is 10242; .* from 0 to 10241"),
        ([0, 0], [0, -1], r"vertex_index of vertex 1 .* is -1"),
        ([0, 0], [0, np.nan], r"vertex_index of vertex 1 .* is nan"),
        ([0], [0], r"2 vertices"),
    ],
)
def test_vertices_beside_the_mesh_are_refused(tmp_path, suffix, hemisphere, index, message):
    path = tmp_path / f"vertices{suffix}"
    if suffix == ".tsv":
        table(path, ["hemisphere", "vertex_index"], zip(hemisphere, index, strict=True))
    else:
        np.savez(path, hemisphere=np.array(hemisphere), vertex_index=np.array(index))
    with pytest.raises(CortexlensError, match=message):
        read_mesh_vertices(path, "fsaverage5", 2)


def test_other_files_and_spaces_are_refused(tmp_path):
    for name in ("nothing.npy", "nothing.tsv"):
        with pytest.raises(CortexlensError, match=name):
            read_coordinates(tmp_path / name, 2)
    with pytest.raises(CortexlensError, match=r"xyz.csv: coordinates are read from .npy and .tsv"):
        read_coordinates(tmp_path / "xyz.csv", 2)
    with pytest.raises(CortexlensError, match=r"v.csv: vertices are read from .tsv and .npz"):
        read_mesh_vertices(tmp_path / "v.csv", "fsaverage5", 2)
    with pytest.raises(CortexlensError, match=r"space 'mni' is unknown"):
        read_mesh_vertices(tmp_path / "v.npz", "mni", 2)
    np.savez(tmp_path / "v.npz", hemisphere=np.array([{}, {}]), vertex_index=np.array([0, 1]))
    with pytest.raises(CortexlensError, match=r"v.npz: cannot be read as a .npz file"):
        read_mesh_vertices(tmp_path / "v.npz", "fsaverage5", 2)

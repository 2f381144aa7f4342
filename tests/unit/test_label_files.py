from pathlib import Path

import nibabel
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nibabel.gifti import GiftiDataArray, GiftiImage, GiftiLabel, GiftiLabelTable

from cortexlens.errors import CortexlensError
from cortexlens.study.regions import named_regions
from cortexlens.study.table.grids import Grid
from cortexlens.study.table.label_files import read_regions
from cortexlens.study.table.recordings import Recording

VOXEL = np.array([[0, 0, 0], [1, 0, 2], [1, 1, 1]])
GRID = Grid((2, 2, 3), np.eye(4), Path("betas.nii"))
VOLUME = Recording(np.zeros((4, 3)), {"voxel": VOXEL}, {"grid": GRID})
SURFACE = Recording(
    np.zeros((4, 3)),
    {"hemisphere": np.array([0, 1, 1], np.int8), "vertex_index": np.array([2, 0, 3])},
    {"n_vertices": {0: 3, 1: 4}},
)


def labels(path, values):
    nibabel.save(nibabel.Nifti1Image(np.asarray(values, np.int16), np.eye(4)), path)
    return path


def test_a_volume_of_labels_with_names_beside_it(tmp_path):
    values = np.full((2, 2, 3), -1)
    values[1, 0, 2], values[1, 1, 1], values[0, 1, 1] = 7, 3, 9
    path = labels(tmp_path / "a_dseg.nii.gz", values)
    (tmp_path / "a_dseg.tsv").write_text("index\tname\n3\tV1\n7\thV4\n9\tFFA\n")
    found = read_regions([path], VOLUME)
    assert {name: mask.tolist() for name, mask in found.items()} == {
        "V1": [False, False, True],
        "hV4": [False, True, False],
    }
    (tmp_path / "a_dseg.tsv").unlink()
    assert set(read_regions([path], VOLUME)) == {"a_dseg-3", "a_dseg-7"}


def test_a_mask_is_named_by_its_file(tmp_path):
    values = np.zeros((2, 2, 3))
    values[0, 0, 0] = 1
    found = read_regions([labels(tmp_path / "V1.nii", values)], VOLUME)
    assert {name: mask.tolist() for name, mask in found.items()} == {"V1": [True, False, False]}


NAMED = ((0, "???"), (1, "V1"), (2, "V2"))


def gifti(path, values, names=NAMED):
    table = GiftiLabelTable()
    for key, name in names:
        label = GiftiLabel(key)
        label.label = name
        table.labels.append(label)
    array = GiftiDataArray(np.array(values, np.int32), intent="NIFTI_INTENT_LABEL")
    nibabel.save(GiftiImage(labeltable=table, darrays=[array]), path)
    return path


def test_gifti_labels_of_both_hemispheres(tmp_path):
    paths = [
        gifti(tmp_path / "lh.label.gii", [0, 1, 2]),
        gifti(tmp_path / "rh.label.gii", [2, 0, 0, 1]),
    ]
    found = read_regions(paths, SURFACE)
    assert {name: mask.tolist() for name, mask in found.items()} == {
        "V1": [False, False, True],
        "V2": [True, True, False],
    }
    with pytest.raises(CortexlensError, match=r"found 3 labels for a mesh of 4 vertices"):
        read_regions([paths[0], gifti(tmp_path / "other.label.gii", [0, 1, 2])], SURFACE)


def test_faults_each_have_a_line(tmp_path):
    path = labels(tmp_path / "V1.nii", np.ones((2, 2, 3)))
    with pytest.raises(CortexlensError, match="is a volume, but the responses are not a volume"):
        read_regions([path], SURFACE)
    with pytest.raises(CortexlensError, match="surface labels, but the responses are not"):
        read_regions([gifti(tmp_path / "a.gii", [1])], VOLUME)
    with pytest.raises(CortexlensError, match=r"found shape 2 × 2 × 2, .* needed shape 2 × 2 × 3"):
        read_regions([labels(tmp_path / "b.nii", np.ones((2, 2, 2)))], VOLUME)
    (tmp_path / "V1.tsv").write_text("V1\n1\n0\n0\n")
    with pytest.raises(CortexlensError, match=r"found 3 rows|index and name|index, name"):
        read_regions([path], VOLUME)
    (tmp_path / "r.tsv").write_text("V1\n1\n0\n0\n")
    (tmp_path / "V1.tsv").unlink()
    with pytest.raises(CortexlensError, match=r"the region V1 is also in another file"):
        read_regions([path, tmp_path / "r.tsv"], VOLUME)
    with pytest.raises(CortexlensError, match="unknown format of regions"):
        read_regions([tmp_path / "a.csv"], VOLUME)


# two voxels on the left and two on the right
SIDES = Recording(
    np.zeros((4, 4)),
    {"voxel": np.array([[i, 0, 0] for i in range(4)]), "hemisphere": np.array([0, 0, 1, 1])},
    {"grid": Grid((4, 1, 1), np.eye(4), Path("betas.nii"))},
)


def parcellation(folder, values, *rows):
    (folder / "p.tsv").write_text(
        "".join("\t".join(row) + "\n" for row in (("index", "name"), *rows))
    )
    return labels(folder / "p.nii", np.asarray(values).reshape(4, 1, 1))


def test_the_left_and_the_right_label_of_one_name_are_one_region(tmp_path):
    path = parcellation(tmp_path, [1, 2, 101, 2], ("1", "V1"), ("2", "V2"), ("101", "V1"))
    found = read_regions([path], SIDES)
    assert {name: mask.tolist() for name, mask in found.items()} == {
        "V1": [True, False, True, False],
        "V2": [False, True, False, True],
    }


def test_two_labels_of_one_side_and_name_are_refused(tmp_path):
    path = parcellation(tmp_path, [1, 2, 0, 0], ("1", "V1"), ("2", "V1"))
    with pytest.raises(CortexlensError, match=r"p\.tsv: the labels 1 and 2 are both named 'V1'"):
        read_regions([path], SIDES)
    twice = gifti(tmp_path / "lh.label.gii", [1, 0, 2], [(1, "V1"), (2, "V1")])
    everywhere = SURFACE._replace(
        places={"hemisphere": np.zeros(3, np.int8), "vertex_index": np.arange(3)}
    )
    with pytest.raises(CortexlensError, match=r"lh.label.gii: the labels 1 and 2 are both named"):
        read_regions([twice], everywhere)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((("1", "V1"), ("1", "V2")), r"p\.tsv, line 3: the label 1 is named 'V2', but 'V1' in"),
        ((("1.5", "V1"),), r"p\.tsv, line 2: found the label 1\.5"),
        ((("1000001", ""),), r"line 2: found the label 1000001 with the name ''"),
        ((("nan", "V1"),), r"line 2: found the label nan"),
    ],
)
def test_a_label_is_a_whole_number_with_one_name(tmp_path, rows, message):
    path = parcellation(tmp_path, [1, 0, 0, 0], *rows)
    with pytest.raises(CortexlensError, match=message):
        read_regions([path], SIDES)


def test_a_gifti_label_has_one_name(tmp_path):
    path = gifti(tmp_path / "lh.label.gii", [1, 0, 2], [(1, "V1"), (1, "V2")])
    with pytest.raises(CortexlensError, match="the label 1 is named 'V2', but 'V1' in"):
        read_regions([path], SURFACE)


def test_a_volume_of_probabilities_is_no_volume_of_labels(tmp_path):
    values = np.array([0.2, 0.9, np.nan, 0], np.float32).reshape(4, 1, 1)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), tmp_path / "p.nii")
    with pytest.raises(CortexlensError, match=r"p\.nii: holds 0\.2 in a voxel of the responses"):
        read_regions([tmp_path / "p.nii"], SIDES)
    values = np.array([2, 0.9999, np.nan, 0], np.float32).reshape(4, 1, 1)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), tmp_path / "p.nii")
    assert set(read_regions([tmp_path / "p.nii"], SIDES)) == {"p-1", "p-2"}


@given(
    labelled=st.lists(st.integers(0, 5), min_size=6, max_size=6),
    sides=st.lists(st.integers(0, 1), min_size=6, max_size=6),
    names=st.lists(st.sampled_from(["V1", "V2", "hV4"]), min_size=5, max_size=5),
)
def test_no_label_is_ever_lost(labelled, sides, names):
    table = dict(enumerate(names, 1))
    given_labels, right = np.array(labelled), np.array(sides)
    mainly = {
        label: 2 * right[given_labels == label].sum() > (given_labels == label).sum()
        for label in set(labelled) - {0}
    }
    parts = [(table[label], side) for label, side in mainly.items()]
    if len(set(parts)) < len(parts):
        with pytest.raises(CortexlensError, match=r"t\.tsv: the labels . and . are both named"):
            named_regions(given_labels, table, Path("t.tsv"), right)
        return
    found = named_regions(given_labels, table, Path("t.tsv"), right)
    for vertex, label in enumerate(labelled):
        told = {name for name, mask in found.items() if mask[vertex]}
        assert told == ({table[label]} if label else set())

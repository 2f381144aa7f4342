from pathlib import Path

import nibabel
import numpy as np
import pytest
from nibabel.gifti import GiftiDataArray, GiftiImage, GiftiLabel, GiftiLabelTable

from cortexlens.errors import CortexlensError
from cortexlens.study.grids import Grid
from cortexlens.study.label_files import read_regions
from cortexlens.study.recordings import Recording

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


def gifti(path, values):
    table = GiftiLabelTable()
    for key, name in {0: "???", 1: "V1", 2: "V2"}.items():
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
    with pytest.raises(CortexlensError, match="is a volume, but the responses are not of one"):
        read_regions([path], SURFACE)
    with pytest.raises(CortexlensError, match="is of a surface, but the responses are not"):
        read_regions([gifti(tmp_path / "a.gii", [1])], VOLUME)
    with pytest.raises(CortexlensError, match=r"found shape 2 × 2 × 2, .* needed shape 2 × 2 × 3"):
        read_regions([labels(tmp_path / "b.nii", np.ones((2, 2, 2)))], VOLUME)
    (tmp_path / "V1.tsv").write_text("V1\n1\n0\n0\n")
    with pytest.raises(CortexlensError, match=r"found 3 rows|index and name|index, name"):
        read_regions([path], VOLUME)
    (tmp_path / "r.tsv").write_text("V1\n1\n0\n0\n")
    (tmp_path / "V1.tsv").unlink()
    with pytest.raises(CortexlensError, match=r"the region V1 is in another file too"):
        read_regions([path, tmp_path / "r.tsv"], VOLUME)
    with pytest.raises(CortexlensError, match="no known format of regions"):
        read_regions([tmp_path / "a.csv"], VOLUME)

"""Surface files are held against the column that they stand in, by structure and by name."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
from nibabel.cifti2 import BrainModelAxis, Cifti2Image, ScalarAxis
from nibabel.gifti import GiftiDataArray, GiftiImage, GiftiMetaData

from cortexlens.errors import CortexlensError
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.table.hemispheres import stated_hemisphere
from cortexlens.study.table.label_files import read_regions
from cortexlens.study.table.recordings import read_recording
from cortexlens.study.table.subject import table_responses
from cortexlens.study.table.subject_files import TableFiles
from cortexlens.study.table.surfaces import surface_voxels

TRAIN = np.arange(6) < 4
PICTURES = ImageSet(list("abcdef"), [f"{name}.png" for name in "abcdef"], ["0" * 64] * 6)
N_VERTICES = 20


def gifti(path, values, structure=None):
    """One array an image; the structure stands where Workbench puts it."""
    arrays = [GiftiDataArray(np.asarray(row, np.float32)) for row in np.atleast_2d(values)]
    meta = GiftiMetaData({} if structure is None else {"AnatomicalStructurePrimary": structure})
    nibabel.save(GiftiImage(meta=meta, darrays=arrays), path)
    return path


def noise(seed):
    return np.random.default_rng(seed).standard_normal((6, N_VERTICES))


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("sub-01_hemi-L_bold.func.gii", 0),
        ("sub-01_hemi-R_bold.func.gii", 1),
        ("hemi-R.shape.gii", 1),
        ("lh.betas.mgh", 0),
        ("sub-01.rh.gii", 1),
        ("100307.R.midthickness.32k_fs_LR.surf.gii", 1),
        ("betas.gii", None),
        ("rhesus_lh2.gii", None),
        ("L.gii", None),
    ],
)
def test_names_that_tell(name, side):
    assert stated_hemisphere(Path(name)) == side


@pytest.mark.parametrize(("structure", "side"), [("CortexLeft", 0), ("CortexRight", 1)])
def test_structures_that_tell(tmp_path, structure, side):
    found = read_recording([gifti(tmp_path / "a.gii", noise(0), structure)], None)
    assert set(found.places["hemisphere"]) == {side}
    assert found.space["n_vertices"] == {side: N_VERTICES}
    wrong = "lh.a.gii" if side else "rh.a.gii"
    with pytest.raises(CortexlensError, match=r"is named as the .* but its AnatomicalStructure"):
        read_recording([gifti(tmp_path / wrong, noise(0), structure)], None)
    with pytest.raises(CortexlensError, match=r"is Cerebellum; allowed is one of CortexLeft and"):
        read_recording([gifti(tmp_path / "b.gii", noise(0), "Cerebellum")], None)


@pytest.mark.parametrize("by_name", [True, False])
def test_exchanged_hemispheres_are_refused(tmp_path, by_name):
    paths = [
        gifti(tmp_path / f"{short}.gii" if by_name else tmp_path / f"{side}.gii", noise(side), long)
        for side, (short, long) in enumerate((("lh", "CortexLeft"), ("rh", "CortexRight")))
    ]
    given = table_responses(TableFiles(paths[:1], paths[1:]), PICTURES, TRAIN)
    assert given["hemisphere"].values.tolist() == [0] * N_VERTICES + [1] * N_VERTICES
    raw = given["response"] * given["response_std"] + given["response_mean"]
    np.testing.assert_allclose(raw, np.hstack([noise(0), noise(1)]), atol=1e-5)
    with pytest.raises(CortexlensError, match=r"of the right hemisphere, but is listed as the l"):
        table_responses(TableFiles(paths[1:], paths[:1]), PICTURES, TRAIN)
    with pytest.raises(CortexlensError, match=r"is of the right hemisphere, .* of the left\. Name"):
        read_recording(paths, None)  # as a wildcard that fits both would give them


def test_masks_and_labels_stand_in_their_order(tmp_path):
    responses = [gifti(tmp_path / f"{side}.func.gii", noise(0)) for side in ("lh", "rh")]
    keep = [np.arange(N_VERTICES) < 3, np.arange(N_VERTICES) > 17]
    masks = [
        gifti(tmp_path / f"hemi-{side}_mask.gii", mask)
        for side, mask in zip("LR", keep, strict=True)
    ]
    files = TableFiles(responses[:1], responses[1:], mask=masks)
    given = table_responses(files, PICTURES, TRAIN)
    assert given["hemisphere"].values.tolist() == [0, 0, 0, 1, 1]
    files = TableFiles(responses[:1], responses[1:], mask=masks[::-1])
    with pytest.raises(CortexlensError, match=r"hemi-R_mask\.gii: .* \(column mask of subjects"):
        table_responses(files, PICTURES, TRAIN)
    files = TableFiles(responses[:1], responses[1:], mask=masks[:1])
    with pytest.raises(CortexlensError, match="masks one hemisphere, but there are also resp"):
        table_responses(files, PICTURES, TRAIN)
    files = TableFiles(responses[1:], mask=masks[1:])
    assert table_responses(files, PICTURES, TRAIN)["hemisphere"].values.tolist() == [1, 1]
    with pytest.raises(CortexlensError, match=r"\(column rois of subjects"):
        read_regions(masks[::-1], read_recording(responses[:1], None))


def test_a_mask_of_another_kind_than_the_responses_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", noise(0).T)
    volume = tmp_path / "mask.nii"
    nibabel.save(nibabel.Nifti1Image(np.ones((2, 2, 5), "u1"), np.eye(4)), volume)
    with pytest.raises(CortexlensError, match=r"mask\.nii: is a volume mask, but the resp"):
        table_responses(TableFiles([tmp_path / "a.npy"], mask=[volume]), PICTURES, TRAIN)
    surface = gifti(tmp_path / "lh.mask.gii", np.ones(N_VERTICES))
    with pytest.raises(CortexlensError, match=r"lh\.mask\.gii: is a mask of a surface, but the"):
        table_responses(TableFiles([tmp_path / "a.npy"], mask=[surface]), PICTURES, TRAIN)


def test_surfaces_through_a_volume_stand_in_their_order(tmp_path):
    points = np.zeros((10_242, 3), np.float32)
    for side in ("lh", "rh"):
        array = GiftiDataArray(points, intent="NIFTI_INTENT_POINTSET")
        nibabel.save(GiftiImage(darrays=[array]), tmp_path / f"{side}.surf.gii")
    paths = [tmp_path / "rh.surf.gii", tmp_path / "lh.surf.gii"]
    with pytest.raises(CortexlensError, match=r"rh\.surf\.gii: .* \(column surface of subjects"):
        surface_voxels(paths, "fsaverage5", np.zeros((1, 3), np.int64), np.eye(4))


def test_a_surface_of_a_cerebellum_beside_the_cortex(tmp_path):
    cortex = BrainModelAxis.from_surface(np.arange(4), 9, name="CIFTI_STRUCTURE_CORTEX_RIGHT")
    other = BrainModelAxis.from_surface(np.arange(3), 5, name="CIFTI_STRUCTURE_CEREBELLUM")
    values = np.random.default_rng(0).standard_normal((6, 7)).astype(np.float32)
    path = tmp_path / "a.dscalar.nii"
    nibabel.save(Cifti2Image(values, (ScalarAxis(list("abcdef")), other + cortex)), path)
    found = read_recording([path], None)
    np.testing.assert_array_equal(found.values, values[:, 3:])
    assert found.space["n_vertices"] == {1: 9}
    with pytest.raises(CortexlensError, match=r"is listed as the left one \(column resp"):
        read_recording([path], None, hemisphere=0)


def test_a_mesh_is_not_taken_for_responses(tmp_path):
    arrays = [
        GiftiDataArray(np.zeros((30, 3), np.float32), intent="NIFTI_INTENT_POINTSET"),
        GiftiDataArray(np.zeros((30, 3), np.int32), intent="NIFTI_INTENT_TRIANGLE"),
    ]
    nibabel.save(GiftiImage(darrays=arrays), tmp_path / "lh.gii")
    with pytest.raises(CortexlensError, match="Surfaces belong in the column mesh"):
        read_recording([tmp_path / "lh.gii"], None)

"""Every format gives the planted value at its image and its vertex, and nowhere else."""

import nibabel
import numpy as np
import pytest
import zarr
from nibabel.cifti2 import BrainModelAxis, Cifti2Image, ScalarAxis
from nibabel.gifti import GiftiDataArray, GiftiImage

from cortexlens.errors import CortexlensError
from cortexlens.study.table.grids import Grid
from cortexlens.study.table.recordings import millimetres, read_recording, volume_mask

N_IMAGES, SHAPE = 6, (4, 3, 5)
AFFINE = np.array([[-2.0, 0, 0, 5], [0, 0, 3, -7], [0, 1.5, 0, 2], [0, 0, 0, 1]])
PLANTED = 4321.0


def volumes(path, voxel=(1, 2, 3), image=4, dtype=np.float32, slope=None):
    """Noise in the voxels of a box, 0 around it, and one voxel's response to one image."""
    rng = np.random.default_rng(0)
    data = np.zeros((*SHAPE, N_IMAGES), dtype)
    data[1:, 1:, 1:] = (100 * rng.standard_normal((3, 2, 4, N_IMAGES))).astype(dtype)
    data[(*voxel, image)] = PLANTED
    picture = nibabel.Nifti1Image(data, AFFINE, dtype=dtype)
    if slope:
        picture.header.set_slope_inter(slope, 0)
    nibabel.save(picture, path)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("slope", [None, 0.5])
def test_volumes(tmp_path, name, slope):
    volumes(tmp_path / name, dtype=np.int16, slope=slope)
    found = read_recording([tmp_path / name], None)
    assert found.values.shape == (N_IMAGES, 3 * 2 * 4)
    image, vertex = np.unravel_index(found.values.argmax(), found.values.shape)
    assert image == 4
    assert found.places["voxel"][vertex].tolist() == [1, 2, 3]
    assert found.values.max() == PLANTED * (slope or 1)
    place = millimetres(found.places["voxel"], found.space["grid"].affine)[vertex]
    np.testing.assert_allclose(place, [5 - 2 * 1, -7 + 3 * 3, 2 + 1.5 * 2])
    assert found.places["hemisphere"][vertex] == 1
    assert set(found.places["hemisphere"][found.places["voxel"][:, 0] == 3]) == {0}  # x = -1


def test_a_mask_chooses_voxels_in_the_volumes_own_order(tmp_path):
    volumes(tmp_path / "a.nii")
    mask = np.zeros(SHAPE, np.uint8)
    mask[1, 2, 3] = mask[3, 1, 1] = mask[0, 0, 0] = 7
    nibabel.save(nibabel.Nifti1Image(mask, AFFINE), tmp_path / "mask.nii.gz")
    found = read_recording([tmp_path / "a.nii"], None, tmp_path / "mask.nii.gz")
    assert found.places["voxel"].tolist() == [[0, 0, 0], [1, 2, 3], [3, 1, 1]]
    assert np.unravel_index(found.values.argmax(), found.values.shape) == (4, 1)
    nibabel.save(nibabel.Nifti1Image(mask * 0, AFFINE), tmp_path / "mask.nii.gz")
    grid = Grid(SHAPE, AFFINE, tmp_path / "a.nii")
    with pytest.raises(CortexlensError, match="0 voxels above 0; a mask needs"):
        volume_mask(tmp_path / "mask.nii.gz", grid)
    nibabel.save(nibabel.Nifti1Image(mask[1:], AFFINE), tmp_path / "mask.nii.gz")
    with pytest.raises(CortexlensError, match=r"found shape 3 × 3 × 5, .* needed shape 4 × 3 × 5"):
        read_recording([tmp_path / "a.nii"], None, tmp_path / "mask.nii.gz")


def test_files_follow_one_another(tmp_path):
    volumes(tmp_path / "run-1.nii.gz", image=2)
    volumes(tmp_path / "run-2.nii.gz", image=5, voxel=(3, 1, 4))
    found = read_recording([tmp_path / "run-1.nii.gz", tmp_path / "run-2.nii.gz"], None)
    at = np.argwhere(found.values == PLANTED).tolist()
    voxels = found.places["voxel"].tolist()
    assert at == [[2, voxels.index([1, 2, 3])], [N_IMAGES + 5, voxels.index([3, 1, 4])]]


@pytest.mark.parametrize("axes", ["vertex,image,repeat", "repeat,image,vertex", "image,vertex"])
@pytest.mark.parametrize("suffix", ["npy", "zarr"])
def test_arrays(tmp_path, axes, suffix):
    path, order = tmp_path / f"a.{suffix}", axes.split(",")
    sizes = {"vertex": 3, "image": 5, "repeat": 2}
    values = np.zeros([sizes[name] for name in order])
    where = {"vertex": 1, "image": 4, "repeat": 1}
    values[tuple(where[name] for name in order)] = PLANTED
    if suffix == "npy":
        np.save(path, values)
    else:
        zarr.create_array(path, data=values)
    found = read_recording([path], axes).values
    wanted = [name for name in ("image", "repeat", "vertex") if name in order]
    assert found.shape == tuple(sizes[name] for name in wanted)
    assert np.argwhere(found == PLANTED).tolist() == [[where[name] for name in wanted]]


def surface(path, values, whole=False):
    """GIFTI functional file: one array an image, or one of (vertex, image)."""
    arrays = [values.T] if whole else list(values)
    nibabel.save(
        GiftiImage(darrays=[GiftiDataArray(part.astype(np.float32)) for part in arrays]), path
    )


@pytest.mark.parametrize("whole", [False, True])
def test_surfaces_know_their_hemisphere(tmp_path, whole):
    values = np.zeros((N_IMAGES, 7))
    values[4, 2] = PLANTED
    surface(tmp_path / "rh.func.gii", values, whole)
    found = read_recording([tmp_path / "rh.func.gii"], None, hemisphere=1)
    assert np.argwhere(found.values == PLANTED).tolist() == [[4, 2]]
    assert found.places["hemisphere"].tolist() == [1] * 7
    assert found.places["vertex_index"].tolist() == list(range(7))


def test_freesurfer_surfaces_are_big_endian(tmp_path):
    values = np.zeros((7, 1, 1, N_IMAGES), ">f4")
    values[2, 0, 0, 4] = PLANTED
    nibabel.save(nibabel.freesurfer.MGHImage(values, None), tmp_path / "lh.mgz")
    found = read_recording([tmp_path / "lh.mgz"], None)
    assert np.argwhere(found.values == PLANTED).tolist() == [[4, 2]]


def test_cifti_gives_cortex_alone(tmp_path):
    sides = [
        BrainModelAxis.from_mask(np.array(mask, bool), name=f"CIFTI_STRUCTURE_CORTEX_{name}")
        for name, mask in (("LEFT", [1, 0, 1, 1]), ("RIGHT", [0, 1, 0, 1]))
    ]
    below = BrainModelAxis.from_mask(np.ones((2, 1, 1), bool), "THALAMUS_LEFT", np.eye(4))
    values = np.zeros((3, 7), np.float32)
    values[2, 5] = PLANTED  # the first of the thalamus
    values[1, 4] = PLANTED  # right hemisphere, vertex 3
    axes = (ScalarAxis(["a", "b", "c"]), sides[0] + sides[1] + below)
    nibabel.save(Cifti2Image(values, axes), tmp_path / "x.dscalar.nii")
    found = read_recording([tmp_path / "x.dscalar.nii"], None)
    assert found.places["vertex_index"].tolist() == [0, 2, 3, 1, 3]
    assert found.places["hemisphere"].tolist() == [0, 0, 0, 1, 1]
    assert np.argwhere(found.values == PLANTED).tolist() == [[1, 4]]
    assert found.space["n_vertices"] == {0: 4, 1: 4}


def test_damaged_and_foreign_files_each_get_a_line(tmp_path):
    volumes(tmp_path / "a.nii")
    whole = (tmp_path / "a.nii").read_bytes()
    (tmp_path / "cut.nii").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "a.csv").write_text("1,2\n")
    volumes(tmp_path / "b.nii.gz")
    nibabel.save(nibabel.Nifti1Image(np.ones((*SHAPE, 2, 2)), AFFINE), tmp_path / "deep.nii")
    faults = {
        ("cut.nii",): r"cut\.nii: cannot be read .* Copy the file again",
        ("none.nii",): r"none\.nii: cannot be read",
        ("a.csv",): r"unknown format of responses; allowed are files ending in \.npy",
        ("deep.nii",): r"found a volume of shape \(4, 3, 5, 2, 2\); needed are three spatial axes",
    }
    for names, message in faults.items():
        with pytest.raises(CortexlensError, match=message):
            read_recording([tmp_path / name for name in names], None)


def test_files_of_other_vertices_are_refused(tmp_path):
    surface(tmp_path / "a.gii", np.ones((2, 4)))
    surface(tmp_path / "b.gii", np.ones((2, 5)))
    with pytest.raises(CortexlensError, match=r"b\.gii: holds 5 vertices, .* the 4 of .*a\.gii"):
        read_recording([tmp_path / "a.gii", tmp_path / "b.gii"], None)
    np.save(tmp_path / "c.npy", np.ones((4, 2)))
    with pytest.raises(CortexlensError, match="is of another format"):
        read_recording([tmp_path / "a.gii", tmp_path / "c.npy"], None)


def test_axes_are_named(tmp_path):
    np.save(tmp_path / "a.npy", np.ones((4, 2)))
    with pytest.raises(CortexlensError, match="axes 'vertex,time' are unknown; allowed are"):
        read_recording([tmp_path / "a.npy"], "vertex,time")
    zarr.create_array(tmp_path / "a.zarr", data=np.ones(4))
    with pytest.raises(CortexlensError, match=r"shape \(4,\); needed are numbers with the axes"):
        read_recording([tmp_path / "a.zarr"], "vertex,image")

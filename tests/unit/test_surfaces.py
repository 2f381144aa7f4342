"""Surfaces through a volume: each vertex takes the voxel that it lies in, or none."""

import nibabel
import numpy as np
import pytest
from nibabel.freesurfer.io import write_geometry
from nibabel.gifti import GiftiDataArray, GiftiImage, GiftiMetaData

from cortexlens.cortex.meshes import fsaverage5_surface
from cortexlens.errors import CortexlensError
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.table.subject import table_responses
from cortexlens.study.table.subject_files import TableFiles
from cortexlens.study.table.surfaces import surface_voxels

N = 10_242
# Columns of a voxel's steps along i, j, k: permuted, flipped, of three sizes.
AFFINE = np.array([[0, -2.0, 0, 3], [0, 0, 3, -9], [4, 0, 0, 1], [0, 0, 0, 1]])
VOXEL = np.array([[0, 0, 0], [5, 6, 7], [2, 40, 3]])
FAR = 500.0


def centres(affine=AFFINE):
    return VOXEL @ affine[:3, :3].T + affine[:3, 3]


def meshes(tmp_path, at=((1, 0), (2, 1)), freesurfer=False, meta=None, **header):
    """Surfaces far from everything but for one vertex a hemisphere: (voxel, axis moved along)."""
    paths = []
    for side, (voxel, axis) in enumerate(at):
        points = np.full((N, 3), FAR, np.float32)
        points[:, 0] *= 2 * side - 1
        points[11 + side] = centres()[voxel]
        points[11 + side, axis] += 0.9
        path = tmp_path / (f"{side}.white" if freesurfer else f"{side}.surf.gii")
        if freesurfer:
            write_geometry(path, points, np.array([[0, 1, 2]]), volume_info=header or None)
        else:
            array = GiftiDataArray(points, intent="NIFTI_INTENT_POINTSET", meta=meta)
            nibabel.save(GiftiImage(darrays=[array]), path)
        paths.append(path)
    return paths


@pytest.mark.parametrize("freesurfer", [False, True])
def test_a_vertex_takes_the_voxel_that_it_lies_in(tmp_path, freesurfer):
    found = surface_voxels(meshes(tmp_path, freesurfer=freesurfer), "fsaverage5", VOXEL, AFFINE)
    assert found["surface_hemisphere"].tolist() == [0, 1]
    assert found["surface_vertex"].tolist() == [11, 12]
    assert found["surface_voxel"].tolist() == [1, 2]
    assert found["surface_hemisphere"].dtype == np.int8


def test_one_voxels_diagonal_is_the_reach(tmp_path):
    diagonal = np.sqrt(4 + 9 + 16)
    for distance, n_found in ((diagonal - 0.01, 1), (diagonal + 0.01, 0)):
        left, right = meshes(tmp_path)
        points = nibabel.load(left).darrays[0].data.copy()
        points[11] = centres()[0] + [0, -distance, 0]
        array = GiftiDataArray(points, intent="NIFTI_INTENT_POINTSET")
        nibabel.save(GiftiImage(darrays=[array]), left)
        found = surface_voxels([left, right], "fsaverage5", VOXEL, AFFINE)
        assert (found["surface_voxel"] == 0).sum() == n_found


def test_on_a_whole_cortex_the_voxel_is_the_one_around_the_vertex(tmp_path):
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = -110
    surfaces, inside = [], []
    for side, name in enumerate(("left", "right")):
        points = fsaverage5_surface("pial", side)[0]
        array = GiftiDataArray(points, intent="NIFTI_INTENT_POINTSET")
        surfaces.append(tmp_path / f"{name}.gii")
        nibabel.save(GiftiImage(darrays=[array]), surfaces[-1])
        inside.append(np.rint((points - affine[:3, 3]) / 2).astype(np.int64))
    voxel = np.unique(np.concatenate(inside), axis=0)
    found = surface_voxels(surfaces, "fsaverage5", voxel, affine)
    np.testing.assert_array_equal(voxel[found["surface_voxel"]], np.concatenate(inside))


def few(tmp_path):
    left, right = meshes(tmp_path)
    array = GiftiDataArray(np.zeros((99, 3), np.float32), intent="NIFTI_INTENT_POINTSET")
    nibabel.save(GiftiImage(darrays=[array]), right)
    return [left, right]


def flat(tmp_path):
    left, right = meshes(tmp_path)
    nibabel.save(GiftiImage(darrays=[GiftiDataArray(np.zeros(N, np.float32))]), right)
    return [left, right]


def tkras(tmp_path):
    geometry = {
        "head": np.array([2, 0, 20], np.int32),
        "valid": "1  # volume info valid",
        "filename": "x.mgz",
        "volume": [256, 256, 256],
        "voxelsize": [1, 1, 1],
        "xras": [-1, 0, 0],
        "yras": [0, 0, -1],
        "zras": [0, 1, 0],
        "cras": [0.5, -18, 12],
    }
    return meshes(tmp_path, freesurfer=True, **geometry)


def tkras_gifti(tmp_path):
    return meshes(tmp_path, meta=GiftiMetaData(VolGeomC_R="0", VolGeomC_A="-18", VolGeomC_S="12"))


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (few, r"1\.surf\.gii: has 99 vertices, but a hemisphere of fsaverage5 has 10242\. Correct"),
        (flat, r"1\.surf\.gii: found an array of shape \(10242,\); a surface holds x, y and z"),
        (lambda path: meshes(path)[:1], "names 1 file.* left and right, separated by a comma"),
        (lambda path: meshes(path)[::-1], r"1\.surf\.gii: lies to the right .* name the left"),
        (lambda path: [*meshes(path)[:1], path / "gone"], "gone: cannot be read"),
        (tkras, r"c_ras\) against the volume's\. Convert it with mris_convert --to-scanner"),
        (tkras_gifti, r"shifted by 0\.0, -18\.0, 12\.0 mm"),
    ],
)
def test_other_surfaces_are_refused_in_one_line(tmp_path, made, message):
    with pytest.raises(CortexlensError, match=message):
        surface_voxels(made(tmp_path), "fsaverage5", VOXEL, AFFINE)


def test_surfaces_beside_the_voxels_are_told(tmp_path):
    beside = AFFINE.copy()
    beside[:3, 3] += 150
    with pytest.raises(
        CortexlensError, match=r"no vertex .* surfaces span x -500 to 500.*voxels x 7"
    ):
        surface_voxels(meshes(tmp_path), "fsaverage5", VOXEL, beside)


def responses(tmp_path, **options):
    """Responses of the three voxels, in a volume, to twelve images."""
    data = np.zeros((6, 41, 8, 12), np.float32)
    data[tuple(VOXEL.T)] = np.random.default_rng(0).standard_normal((3, 12))
    nibabel.save(nibabel.Nifti1Image(data, AFFINE), tmp_path / "a.nii")
    names = [f"a-{number}" for number in range(12)]
    images = ImageSet(names, names, ["0" * 64] * 12)
    files = TableFiles([tmp_path / "a.nii"], surface=options.pop("surface", ()))
    return table_responses(files, images, np.arange(12) < 8, **options)


def test_responses_of_a_volume_hold_their_surface(tmp_path):
    given = responses(tmp_path, surface=meshes(tmp_path), space="fsaverage5")
    assert given.attrs["space"] == "volume"
    assert given.attrs["surface_space"] == "fsaverage5"
    assert given.attrs["volume_shape"] == [6, 41, 8]
    np.testing.assert_array_equal(given.attrs["volume_affine"], AFFINE)
    assert given["surface_voxel"].dims == ("surface",)
    shown = given["voxel"].values[given["surface_voxel"].values]
    np.testing.assert_array_equal(shown, VOXEL[1:])
    place = given["coordinates"].values[given["surface_voxel"].values]
    np.testing.assert_allclose(place, centres()[1:], rtol=1e-6)


def test_a_surface_needs_a_space_and_a_space_a_surface(tmp_path):
    with pytest.raises(CortexlensError, match="name the mesh of the surfaces in the column space"):
        responses(tmp_path, surface=meshes(tmp_path))
    with pytest.raises(CortexlensError, match=r"are a volume; name surfaces .* column surface"):
        responses(tmp_path, space="fsaverage5")
    np.save(tmp_path / "a.npy", np.random.default_rng(0).standard_normal((3, 12)))
    names = [f"a-{number}" for number in range(12)]
    images = ImageSet(names, names, ["0" * 64] * 12)
    files = TableFiles([tmp_path / "a.npy"], surface=meshes(tmp_path))
    with pytest.raises(CortexlensError, match="column surface is for volumes, but the responses"):
        table_responses(files, images, np.arange(12) < 8, space="fsaverage5")

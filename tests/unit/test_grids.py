"""Volumes are joined by where their voxels lie: whatever way they are stored, values stay there."""

from itertools import permutations, product
from pathlib import Path
from types import SimpleNamespace

import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cortexlens.errors import CortexlensError
from cortexlens.study.table.grids import Grid, on_grid, volume_axes
from cortexlens.study.table.recordings import label_volume, millimetres, read_recording

SHAPE = (4, 3, 5)
OBLIQUE = np.array([[-2.0, 0.1, 0.2, 5], [0.1, 0.3, 2.9, -7], [0.3, 1.5, -0.3, 2], [0, 0, 0, 1]])
ORDERS = list(product(permutations(range(3)), product((1, -1), repeat=3)))


def stored_otherwise(values, affine, order, signs):
    """The same volume with its axes permuted and flipped, and the affine that says so."""
    turned = values.transpose(*order, *range(3, values.ndim))
    turned = turned[tuple(slice(None, None, sign) for sign in signs)]
    change = np.zeros((4, 4))
    change[3, 3] = 1
    for axis, (source, sign) in enumerate(zip(order, signs, strict=True)):
        change[source, axis] = sign
        change[source, 3] += 0 if sign > 0 else values.shape[source] - 1
    return np.ascontiguousarray(turned), affine @ change


def grid_of(values, affine, name="betas.nii"):
    return Grid(values.shape[:3], affine, Path(name))


@pytest.mark.parametrize(("order", "signs"), ORDERS)
def test_every_order_of_axes_is_undone_exactly(order, signs):
    values = np.random.default_rng(0).standard_normal((*SHAPE, 2))
    turned, affine = stored_otherwise(values, OBLIQUE, order, signs)
    found = on_grid(turned, grid_of(turned, affine), grid_of(values, OBLIQUE))
    np.testing.assert_array_equal(found, values)


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(*[st.integers(1, 4)] * 3),
    order=st.permutations(range(3)),
    signs=st.tuples(*[st.sampled_from((1, -1))] * 3),
    sizes=st.tuples(*[st.floats(0.5, 4)] * 3),
    angles=st.tuples(*[st.floats(-3, 3)] * 3),
    origin=st.tuples(*[st.floats(-200, 200)] * 3),
    rounding=st.floats(-1e-5, 1e-5),
)
def test_any_grid_stored_in_any_order(shape, order, signs, sizes, angles, origin, rounding):
    affine = nibabel.affines.from_matvec(
        nibabel.eulerangles.euler2mat(*angles) @ np.diag(sizes), origin
    )
    values = np.arange(np.prod(shape)).reshape(shape)
    turned, other = stored_otherwise(values, affine, order, signs)
    other[:3, 3] += rounding
    found = on_grid(turned, grid_of(turned, other), grid_of(values, affine))
    np.testing.assert_array_equal(found, values)


@settings(max_examples=60, deadline=None)
@given(
    axis=st.integers(0, 2),
    shift=st.floats(0.01, 40) | st.floats(-40, -0.01),
    order=st.permutations(range(3)),
    signs=st.tuples(*[st.sampled_from((1, -1))] * 3),
)
def test_what_is_shifted_is_refused_with_its_distance(axis, shift, order, signs):
    values = np.ones(SHAPE)
    turned, affine = stored_otherwise(values, OBLIQUE, order, signs)
    affine[axis, 3] += shift
    match = r"m\.nii: its voxels are not those of betas\.nii"
    with pytest.raises(CortexlensError, match=match) as e:
        on_grid(turned, grid_of(turned, affine, "m.nii"), grid_of(values, OBLIQUE))
    told = float(str(e.value).partition("up to ")[2].partition(" mm")[0])
    assert told == pytest.approx(abs(shift), rel=0.01)


def test_other_voxels_and_shapes_are_refused_or_resampled_to_the_nearest():
    coarse = np.diag([2.0, 2, 2, 1])
    fine = np.diag([1.0, 1, 1, 1])
    labels = np.arange(8 * 6 * 4).reshape(8, 6, 4)
    source, target = grid_of(labels, fine, "atlas.nii"), Grid((5, 3, 2), coarse, Path("betas.nii"))
    with pytest.raises(CortexlensError, match="voxels of 1 × 1 × 1 mm, axes RAS, needed shape 5 ×"):
        on_grid(labels, source, target)
    found = on_grid(labels, source, target, resample="nearest")
    np.testing.assert_array_equal(found[:4], labels[::2, ::2, ::2])
    assert not found[4].any()  # beyond the atlas


def test_a_header_without_a_place_is_not_guessed(tmp_path):
    values = np.ones(SHAPE, np.float32)
    nibabel.save(nibabel.Nifti1Image(values, OBLIQUE), tmp_path / "a.nii")
    nibabel.save(nibabel.Nifti1Image(values, None), tmp_path / "nowhere.nii")
    grid = Grid.of(nibabel.load(tmp_path / "a.nii"), tmp_path / "a.nii")
    with pytest.raises(CortexlensError, match=r"nowhere\.nii: its header does not say where"):
        label_volume(tmp_path / "nowhere.nii", grid, "nearest")
    broken = SimpleNamespace(affine=np.diag([0.0, 2, 2, 1]), shape=SHAPE)
    with pytest.raises(CortexlensError, match="does not put voxels side by side"):
        Grid.of(broken, tmp_path / "b.nii")


@pytest.mark.parametrize(
    ("shape", "one", "several"),
    [
        ((4, 3, 5), (4, 3, 5), (4, 3, 5, 1)),
        ((4, 3, 5, 1), (4, 3, 5), (4, 3, 5, 1)),
        ((4, 3, 5, 7), None, (4, 3, 5, 7)),
        ((4, 3, 5, 1, 7), None, (4, 3, 5, 7)),
        ((4, 3, 5, 2, 7), None, None),
        ((4, 3), None, None),
    ],
)
def test_axes_that_only_a_format_asks_for(shape, one, several):
    assert (volume_axes(shape, 3), volume_axes(shape, 4)) == (one, several)


def planted():
    """Responses that grow from right to left, with which a flip cannot be overlooked."""
    voxel = np.argwhere(np.ones(SHAPE, bool))
    x = millimetres(voxel, OBLIQUE)[:, 0].reshape(SHAPE)
    noise = np.random.default_rng(1).standard_normal((*SHAPE, 6))
    return (x[..., None] * 10 + noise).astype(np.float32), x


@pytest.mark.parametrize(("order", "signs"), ORDERS[1::7])
def test_masks_and_runs_in_another_order(tmp_path, order, signs):
    values, x = planted()
    nibabel.save(nibabel.Nifti1Image(values, OBLIQUE), tmp_path / "run-1.nii")
    nibabel.save(
        nibabel.Nifti1Image(*stored_otherwise(values, OBLIQUE, order, signs)),
        tmp_path / "run-2.nii",
    )
    mask = stored_otherwise((x < 0).astype(np.uint8), OBLIQUE, order, signs)
    nibabel.save(nibabel.Nifti1Image(mask[0][..., None], mask[1]), tmp_path / "mask.nii.gz")
    paths = [tmp_path / "run-1.nii", tmp_path / "run-2.nii"]
    found = read_recording(paths, None, tmp_path / "mask.nii.gz")
    np.testing.assert_array_equal(found.values[:6], values[x < 0].T)
    np.testing.assert_array_equal(found.values[6:], values[x < 0].T)
    assert set(found.places["hemisphere"]) == {0}


def test_a_shifted_run_is_refused(tmp_path):
    values, _ = planted()
    nibabel.save(nibabel.Nifti1Image(values, OBLIQUE), tmp_path / "run-1.nii")
    moved = OBLIQUE.copy()
    moved[2, 3] += 6
    nibabel.save(nibabel.Nifti1Image(values, moved), tmp_path / "run-2.nii")
    with pytest.raises(CortexlensError, match=r"run-2\.nii: .* up to 6 mm apart.* Files of resp"):
        read_recording([tmp_path / "run-1.nii", tmp_path / "run-2.nii"], None)
    moved[2, 3] -= 6 - 1e-6
    nibabel.save(nibabel.Nifti1Image(values, moved), tmp_path / "run-2.nii")
    found = read_recording([tmp_path / "run-1.nii", tmp_path / "run-2.nii"], None)
    assert found.values.shape == (12, values[..., 0].size)


@pytest.mark.parametrize("shape", [SHAPE, (*SHAPE, 1), (*SHAPE, 1, 1)])
def test_one_image_a_file(tmp_path, shape):
    values, _ = planted()
    paths = [tmp_path / f"beta_{image:04d}.nii" for image in range(6)]
    for image, path in enumerate(paths):
        nibabel.save(nibabel.Nifti1Image(values[..., image].reshape(shape), OBLIQUE), path)
    found = read_recording(paths, None)
    np.testing.assert_array_equal(found.values, values.reshape(-1, 6).T)


def test_images_on_the_fifth_axis(tmp_path):
    values, _ = planted()
    nibabel.save(nibabel.Nifti1Image(values[:, :, :, None], OBLIQUE), tmp_path / "afni.nii.gz")
    found = read_recording([tmp_path / "afni.nii.gz"], None)
    np.testing.assert_array_equal(found.values, values.reshape(-1, 6).T)

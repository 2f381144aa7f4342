"""Meshes: shapes, radius, the shift of the right hemisphere, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nilearn.datasets import load_fsaverage

from cortexlens.cortex.meshes import (
    N_VERTICES,
    encoder_coordinates,
    fsaverage5_surface,
    sphere_coordinates,
    sulcal_depth,
)
from cortexlens.errors import CortexlensError


@pytest.mark.parametrize("space", ["fsaverage5", "fsaverage"])
@pytest.mark.parametrize("hemisphere", [0, 1])
def test_sphere_is_a_sphere_of_radius_100(space, hemisphere):
    sphere = sphere_coordinates(space, hemisphere)
    assert sphere.shape == (N_VERTICES[space], 3)
    assert sphere.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(sphere, axis=1), 100, atol=0.01)


@pytest.mark.parametrize("hemisphere", [0, 1])
def test_fsaverage_starts_with_fsaverage5(hemisphere):
    small, large = (sphere_coordinates(space, hemisphere) for space in N_VERTICES)
    assert np.abs(large[: len(small)] - small).max() < 0.0065


def test_surfaces_are_those_of_nilearns_loader():
    meshes = load_fsaverage("fsaverage5")
    for surface, name in [("sphere", "sphere"), ("flat", "flat"), ("infl", "inflated")]:
        for hemisphere, side in enumerate(("left", "right")):
            coordinates, faces = fsaverage5_surface(surface, hemisphere)
            np.testing.assert_array_equal(coordinates, meshes[name].parts[side].coordinates)
            np.testing.assert_array_equal(faces, meshes[name].parts[side].faces)


def test_sulcal_depth_has_both_signs_on_every_hemisphere():
    for hemisphere in (0, 1):
        depth = sulcal_depth(hemisphere)
        assert depth.shape == (10_242,)
        assert depth.min() < -1 < 1 < depth.max()


def test_a_sphere_handed_out_is_a_copy():
    sphere_coordinates("fsaverage", 0)[:] = 0
    assert np.abs(sphere_coordinates("fsaverage", 0)).max() > 99


@pytest.mark.parametrize("space", ["fsaverage5", "fsaverage"])
def test_right_hemisphere_starts_one_and_a_half_widths_after_the_left(space):
    n = N_VERTICES[space]
    index = np.tile(np.arange(n), 2)
    hemisphere = np.repeat(np.array([0, 1], np.int8), n)
    places = encoder_coordinates(space, hemisphere, index)
    assert places.dtype == np.float32
    left, right = places[:n, 0], places[n:, 0]
    assert right.min() == pytest.approx(left.min() + 1.5 * (left.max() - left.min()), abs=1e-3)
    np.testing.assert_array_equal(places[:n, 1:], sphere_coordinates(space, 0)[:, 1:])


@settings(max_examples=30)
@given(rows=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10_241)), min_size=1))
def test_a_vertex_has_the_same_place_in_every_selection(rows):
    hemisphere, index = np.array(rows).T
    places = encoder_coordinates("fsaverage5", hemisphere.astype(np.int8), index)
    for row, (side, vertex) in enumerate(rows):
        alone = encoder_coordinates("fsaverage5", np.array([side], np.int8), np.array([vertex]))
        np.testing.assert_array_equal(places[row], alone[0])


@pytest.mark.parametrize(
    ("space", "hemisphere", "index", "message"),
    [
        ("fsaverage6", 0, 0, r"'fsaverage6' is unknown; allowed are fsaverage5, fsaverage"),
        ("fsaverage5", 0, 10_242, r"10242 at row 1 .* 0 to 10241"),
        ("fsaverage", 0, -1, r"-1 at row 1 .* 0 to 163841"),
        ("fsaverage5", 2, 0, r"hemisphere 2 at row 1 .* 0 \(left\) and 1 \(right\)"),
    ],
)
def test_refusals_name_what_was_found_and_what_is_allowed(space, hemisphere, index, message):
    with pytest.raises(CortexlensError, match=message):
        encoder_coordinates(
            space, np.array([0, hemisphere], np.int8), np.array([5, index], np.int64)
        )

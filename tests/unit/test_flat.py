"""Flat maps: every vertex where the patch has it, and the right way round."""

import numpy as np
import pytest

from cortexlens.cortex.flat import OUTSIDE, Window, data_window, flat_raster, whole_window
from cortexlens.cortex.meshes import fsaverage5_surface, sphere_coordinates
from cortexlens.errors import CortexlensError

SIDES = (0, 1)


def _pixels_of(raster, flat):
    """Row and column of places on the flat patch."""
    window, (height, _) = raster.window, raster.vertex.shape
    pixel = (window.top - window.bottom) / height
    rows = ((window.top - flat[:, 1]) / pixel).astype(int)
    return rows, ((flat[:, 0] - window.left) / pixel).astype(int)


@pytest.mark.parametrize("hemisphere", SIDES)
@pytest.mark.parametrize("space", ["fsaverage5", "fsaverage"])
def test_each_vertex_is_under_the_pixel_at_its_flat_place(space, hemisphere):
    flat, faces = fsaverage5_surface("flat", hemisphere)
    # Corners of six triangles lie inside the patch, not on its edge.
    inner = np.flatnonzero(np.bincount(faces.ravel(), minlength=len(flat)) >= 6)
    raster = flat_raster(space, hemisphere, 900)
    rows, columns = _pixels_of(raster, flat[inner])
    seen = raster.vertex[rows, columns]
    assert (seen != OUTSIDE).all()
    sphere = sphere_coordinates(space, hemisphere)
    distance = np.linalg.norm(sphere[seen] - sphere[inner], axis=1)
    # fsaverage5's vertices are some 4 mm apart on the sphere, fsaverage's about 1 mm.
    assert distance.max() < (4.0 if space == "fsaverage5" else 2.0)
    if space == "fsaverage5":
        assert (seen == inner).mean() > 0.995


@pytest.mark.parametrize("hemisphere", SIDES)
def test_nearly_every_vertex_on_the_patch_is_seen_and_no_vertex_far_from_it(hemisphere):
    _, faces = fsaverage5_surface("flat", hemisphere)
    on_patch = np.unique(faces)
    seen = np.unique(flat_raster("fsaverage5", hemisphere, 700).vertex)
    assert np.isin(on_patch, seen).mean() > 0.99
    # A pixel at the edge may be nearest to the first vertex beyond the edge, never farther out.
    assert np.isin(seen[seen != OUTSIDE], on_patch).mean() > 0.99


@pytest.mark.parametrize("hemisphere", SIDES)
def test_occipital_pole_points_to_the_middle_and_dorsal_is_up(hemisphere):
    pial, _ = fsaverage5_surface("pial", hemisphere)
    raster = flat_raster("fsaverage5", hemisphere, 300)
    _, columns = np.nonzero(raster.vertex != OUTSIDE)
    place = pial[raster.vertex[raster.vertex != OUTSIDE]]
    rows = np.nonzero(raster.vertex != OUTSIDE)[0]
    towards_middle = columns if hemisphere == 0 else -columns
    assert np.corrcoef(towards_middle, place[:, 1])[0, 1] < -0.7
    assert np.corrcoef(rows, place[:, 2])[0, 1] < -0.7


def test_depth_is_the_sulcal_depth_of_the_pixel_and_outside_is_blank():
    raster = flat_raster("fsaverage5", 0, 300)
    outside = raster.vertex == OUTSIDE
    np.testing.assert_array_equal(np.isnan(raster.depth), outside)
    assert 0.2 < outside.mean() < 0.5
    assert np.nanmin(raster.depth) < -1 < 1 < np.nanmax(raster.depth)


def test_a_window_is_a_cut_out_of_the_whole():
    whole = flat_raster("fsaverage5", 1, 280)
    window = Window(-150, -50, -80, 80)
    part = flat_raster("fsaverage5", 1, 160, window)
    assert part.vertex.shape == (160, 100)
    flat, faces = fsaverage5_surface("flat", 1)
    inside = [
        vertex
        for vertex in np.unique(faces)
        if -145 < flat[vertex, 0] < -55 and -75 < flat[vertex, 1] < 75
    ]
    assert np.isin(inside, part.vertex).mean() > 0.98
    assert np.isin(np.unique(part.vertex), np.unique(whole.vertex)).mean() > 0.95


@pytest.mark.parametrize("space", ["fsaverage5", "fsaverage"])
def test_data_window_holds_the_vertices_of_both_sides_and_little_more(space):
    flat, faces = fsaverage5_surface("flat", 1)
    right = np.unique(faces)
    right = right[(flat[right, 0] < -60) & (np.abs(flat[right, 1]) < 50)]
    window = data_window(space, (np.array([], int), right), margin=5.0)
    # The window is told on the left patch; the right hemisphere has its mirror image.
    assert window.left == pytest.approx(-flat[right, 0].max() - 5, abs=3)
    assert window.right == pytest.approx(-flat[right, 0].min() + 5, abs=3)
    assert window.top == pytest.approx(55, abs=4)


def test_data_window_of_nothing_is_the_whole():
    nothing = np.array([], int)
    assert data_window("fsaverage5", (nothing, nothing), margin=5.0) == whole_window()


def test_unknown_space_is_refused():
    with pytest.raises(
        CortexlensError, match=r"'mni' is unknown; allowed are fsaverage5, fsaverage"
    ):
        flat_raster("mni", 0, 100)

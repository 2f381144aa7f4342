"""The template cortex of a page: fsaverage divides fsaverage5 where a study has vertices."""

import numpy as np
import pytest

from cortexlens.atlas.meshes import SHAPES, mesh_arrays
from cortexlens.cortex.meshes import (
    HEMISPHERE_NAMES,
    N_VERTICES,
    fsaverage5_surface,
    sphere_coordinates,
    sulcal_depth,
)

COARSE, FINE = N_VERTICES["fsaverage5"], N_VERTICES["fsaverage"]
NONE = np.array([], np.int64)


def values(space, left=NONE, right=NONE):
    return {name: each[0] for name, each in mesh_arrays(space, [left, right]).items()}


def edges(faces):
    return np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)


def test_fsaverage5_is_as_it_comes():
    found = values("fsaverage5")
    for side, name in enumerate(HEMISPHERE_NAMES):
        for shape, surface in SHAPES.items():
            points, faces = fsaverage5_surface(surface, side)
            np.testing.assert_array_equal(found[f"{name}_{shape}"], points)
            which = "flat_faces" if shape == "flat" else "faces"
            np.testing.assert_array_equal(found[f"{name}_{which}"], faces)
        np.testing.assert_array_equal(found[f"{name}_sulc"], sulcal_depth(side))


def test_fsaverage_without_vertices_is_fsaverage5():
    fine, coarse = values("fsaverage"), values("fsaverage5")
    np.testing.assert_array_equal(fine["left_faces"], coarse["left_faces"])
    np.testing.assert_allclose(fine["left_pial"][:COARSE], coarse["left_pial"])
    assert not fine["left_pial"][COARSE:].any()
    assert fine["left_pial"].shape == (FINE, 3)


@pytest.fixture(scope="module")
def whole():
    every = np.arange(FINE)
    return values("fsaverage", every, every)


def test_fsaverage_as_a_whole_is_a_closed_mesh_of_all_of_its_vertices(whole):
    faces = whole["right_faces"]
    assert len(faces) == 16 * len(fsaverage5_surface("pial", 1)[1]) == 2 * FINE - 4
    _, count = np.unique(edges(faces), axis=0, return_counts=True)
    assert (count == 2).all()
    np.testing.assert_array_equal(np.unique(faces), np.arange(FINE))


def test_each_vertex_lies_near_its_place_on_the_sphere(whole):
    """In the plane of its triangle, so a little within the sphere, but in its direction."""
    points, sphere = whole["left_sphere"], sphere_coordinates("fsaverage", 0)
    cosine = (points * sphere).sum(axis=1) / np.linalg.norm(points, axis=1)
    assert np.degrees(np.arccos(np.clip(cosine / 100, -1, 1))).max() < 0.2


def test_triangles_keep_their_sides(whole):
    points, faces = whole["left_sphere"], whole["left_faces"]
    a, b, c = points[faces].swapaxes(0, 1)
    assert ((np.cross(b - a, c - a) * a).sum(axis=1) > 0).all()


def test_one_vertex_divides_the_triangles_round_it_and_leaves_no_gap():
    """Where fine meets coarse, the fine vertices lie on the coarse edge."""
    found, coarse = values("fsaverage", np.array([7])), fsaverage5_surface("pial", 0)[1]
    around = int((coarse == 7).any(axis=1).sum())
    assert len(found["left_faces"]) == len(coarse) + 15 * around
    area = {}
    for name, faces in (("fine", found["left_faces"]), ("coarse", coarse)):
        a, b, c = found["left_pial"][faces].swapaxes(0, 1)
        area[name] = np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()
    assert area["fine"] == pytest.approx(area["coarse"], rel=1e-5)
    assert len(found["right_faces"]) == len(fsaverage5_surface("pial", 1)[1])

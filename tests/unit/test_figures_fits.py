"""Reading fits for pictures: what is missing or wrong is told, what is not finite is unknown."""

import numpy as np
import pytest
from tests.fits import synthetic_fit, volume_fit

from cortexlens.errors import CortexlensError
from cortexlens.figures.drawing.titles import score_text
from cortexlens.figures.maps.fits import read_fit


def test_depth_and_confidence_of_known_selectors():
    dataset = synthetic_fit(n_vertices=4, n_layers=3)
    selector = np.array([[1, 0, 0], [0, 0.5, 0.5], [0, 0, 1], [np.nan, 0, 1]])
    dataset["layer_selector"] = (("vertex", "layer"), selector)
    fit = read_fit(dataset, "fit")
    np.testing.assert_array_equal(fit.best_depth, [0, 0.5, 1, np.nan])
    np.testing.assert_array_equal(fit.expected_depth, [0, 0.75, 1, np.nan])
    np.testing.assert_array_equal(fit.layer_depth, [0, 0.5, 1])


def test_what_is_not_finite_is_unknown():
    dataset = synthetic_fit(n_vertices=6)
    dataset["r2_test"].values[:3] = [-np.inf, np.inf, np.nan]
    dataset["noise_ceiling"].values[:] = np.nan
    fit = read_fit(dataset, "fit")
    assert np.isnan(fit.r2[:3]).all()
    assert not np.isnan(fit.r2[3:]).any()
    assert not fit.predicted[:3].any()
    assert not fit.has_ceiling


def test_a_network_of_one_layer_is_certain_of_it():
    fit = read_fit(synthetic_fit(n_vertices=5, n_layers=1), "fit")
    np.testing.assert_array_equal(fit.confidence, 1)
    np.testing.assert_array_equal(fit.best_depth, 0)


def test_regions_without_a_member_are_left_out():
    dataset = synthetic_fit(n_vertices=50)
    dataset["roi_mask"][:, 1] = False
    assert list(read_fit(dataset, "fit").regions) == ["V1", "V3", "hV4", "PPA"]
    assert read_fit(dataset.drop_dims("roi"), "fit").regions == {}
    assert read_fit(synthetic_fit(n_vertices=50, rois=False), "fit").regions == {}


@pytest.mark.parametrize("space", [None, "func1pt8mm", ""])
def test_an_unknown_space_has_no_cortex(space):
    dataset = synthetic_fit(n_vertices=20).assign_attrs(space=space)
    assert read_fit(dataset, "fit").cortex is None


def test_vertices_without_an_index_have_no_cortex():
    dataset = synthetic_fit(n_vertices=20)
    assert read_fit(dataset, "fit").cortex is not None
    assert read_fit(dataset.drop_vars("vertex_index"), "fit").cortex is None


def _without(name):
    return lambda dataset: dataset.drop_vars(name)


def _renamed(dataset):
    return dataset.rename_dims(vertex="voxel")


def _empty(dataset):
    return dataset.isel(vertex=slice(0))


def _misnamed(dataset):
    return dataset.assign_attrs(layer_names=["only one"])


def _off_mesh(dataset):
    dataset["vertex_index"][3] = 10_242
    return dataset


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            _without("space_selector"),
            r"fit\.zarr: needed the variable space_selector .* found none",
        ),
        (_without("r2_test"), "needed the variable r2_test"),
        (_renamed, "found \\('voxel', 'layer'\\)"),
        (_empty, "found 0 vertices"),
        (_misnamed, "8 layers and 1 layer names"),
        (_off_mesh, "10242 at row 3 lies outside fsaverage5"),
    ],
)
def test_hostile_fits_are_refused_in_one_line(spoil, message):
    with pytest.raises(CortexlensError, match=message):
        read_fit(spoil(synthetic_fit(n_vertices=20)), "fit.zarr")


def test_a_model_without_scores_is_not_taken_for_a_bad_one():
    dataset = synthetic_fit(n_vertices=4)
    dataset["r2_test"].values[:] = [0.2, -0.1, np.nan, 0]
    fit = read_fit(dataset, "fit")
    assert fit.scored
    assert fit.predicted.tolist() == [True, False, False, False]
    dataset["r2_test"].values[:] = np.nan
    fit = read_fit(dataset, "fit")
    assert not fit.scored
    assert fit.predicted.all()


def test_a_surface_through_a_volume_takes_the_values_of_its_voxels():
    dataset = volume_fit(400, surface=True)
    row = dataset["surface_voxel"].values
    fit = read_fit(dataset, "fit")
    voxels = read_fit(dataset.drop_vars("surface_voxel"), "fit")
    assert voxels.cortex is None
    assert fit.volume is None
    assert fit.cortex.space == "fsaverage5"
    np.testing.assert_array_equal(fit.cortex.vertex_index, dataset["surface_vertex"])
    np.testing.assert_array_equal(fit.layer, voxels.layer[row])
    np.testing.assert_array_equal(fit.place, voxels.place[row])
    np.testing.assert_array_equal(fit.r2, voxels.r2[row])
    for name, mask in fit.regions.items():
        np.testing.assert_array_equal(mask, voxels.regions[name][row])
    # A mean is over what was recorded, however often it is drawn.
    np.testing.assert_array_equal(fit.recorded_r2, voxels.r2)
    assert score_text(fit) == score_text(voxels)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: d.assign(surface_voxel=d["surface_voxel"] + 99_999), "of a surface, in voxels"),
        (lambda d: d.isel(surface=slice(0)), "found 0 vertices of a surface"),
        (lambda d: d.assign_attrs(surface_space="mine"), "space 'mine' is unknown; allowed are"),
        (lambda d: d.assign(surface_vertex=d["surface_vertex"] + 10_242), "lies outside fsaverag"),
    ],
)
def test_surfaces_that_do_not_fit_are_refused(spoil, message):
    with pytest.raises(CortexlensError, match=message):
        read_fit(spoil(volume_fit(100, surface=True)), "fit")

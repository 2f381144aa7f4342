import numpy as np
import pytest
import xarray as xr

from cortexlens.analysis.recovery.measures import recovery_table
from cortexlens.analysis.recovery.tables import leads
from fits import synthetic_fit

N_LAYERS = 6


@pytest.fixture
def fit():
    """A fit that finds everything again exactly, with every ceiling high enough."""
    made = synthetic_fit("fsaverage5", 200, N_LAYERS, backbone="net", subject="sim01")
    return made.assign(
        noise_ceiling=xr.zeros_like(made["noise_ceiling"]) + 0.6,
        planted_space=made["space_selector"].copy(),
        planted_layer=made["layer_selector"].copy(),
        planted_scale=made["scale_selector"].copy(),
    )


def row(fit):
    table = recovery_table([fit])
    return table[table["roi"] == "all"].iloc[0]


def test_a_perfect_fit_recovers_everything(fit):
    found = row(fit)
    assert found["n_space"] == found["n_layer"] == 200
    assert found["space_r_x"] == pytest.approx(1)
    assert found["space_r_y"] == pytest.approx(1)
    assert found["layer_within_one"] == 1
    assert found["scale_error"] == 0
    assert found["layer_exact"] == 1
    assert leads(fit["planted_layer"].values).any()
    assert found["layer_named"] == 1
    assert found["level_r"] == pytest.approx(1)
    assert found["space_error"] == 0
    # no readout of this fit finds sizes
    assert np.isnan(found["size_r"])


def test_sizes_are_correlated_where_the_readout_finds_them(fit):
    size = np.random.default_rng(0).uniform(0.05, 0.3, 200)
    found = fit.assign(planted_size=("vertex", 2 * size), receptive_field_size=("vertex", size))
    assert row(found)["size_r"] == pytest.approx(1)
    few = found.assign(noise_ceiling=found["noise_ceiling"] * 0 + 0.1)
    assert np.isnan(row(few)["size_r"])


def test_layers_that_were_not_planted_are_not_measured(fit):
    found = row(fit.drop_vars(["planted_layer", "planted_scale"]))
    assert np.isnan(found["layer_exact"])
    assert np.isnan(found["level_r"])
    assert found["space_error"] == 0


def test_a_mirrored_axis_shows_in_that_axis_alone(fit):
    fit["planted_space"] = fit["planted_space"] * np.array([1, -1])
    assert row(fit)["space_r_x"] == pytest.approx(1)
    assert row(fit)["space_r_y"] == pytest.approx(-1)


@pytest.mark.parametrize(("shift", "share"), [(1, 1.0), (2, 0.0)])
def test_layers_count_when_at_most_one_away(fit, shift, share):
    near = np.eye(N_LAYERS)[np.zeros(200, int)]
    fit["planted_layer"] = (("vertex", "layer"), near)
    fit["layer_selector"] = (("vertex", "layer"), np.roll(near, shift, axis=1))
    assert row(fit)["layer_within_one"] == share


def test_vertices_below_the_ceiling_do_not_count(fit):
    ceiling = np.full(200, 0.25)
    ceiling[:50] = 0.1
    fit["noise_ceiling"] = ("vertex", ceiling)
    found = row(fit)
    assert found["n_space"] == 150
    assert found["n_layer"] == 0
    assert np.isnan(found["layer_within_one"])


def test_real_subjects_have_no_rows(fit):
    assert recovery_table([fit.drop_vars(["planted_space", "planted_layer"])]).empty

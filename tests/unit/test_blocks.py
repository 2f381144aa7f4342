"""Errors of the means of regions, as residuals of neighbouring vertices tell them."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cortexlens.analysis.statistics.blocks import cortex_blocks, interval_ends, rescaled_draws


@pytest.fixture(scope="module")
def sheet():
    """Two hemispheres of 24 by 24 vertices, 3 mm apart, cut into two strata each."""
    x, y = np.meshgrid(np.arange(24) * 3.0, np.arange(24) * 3.0)
    flat = np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], axis=1)
    places = np.concatenate([flat, flat + np.array([300, 0, 0])])
    side = np.repeat([0, 1], len(flat)).astype(np.int8)
    stratum = np.tile((x.ravel() > 34).astype(int), 2)
    data = {"coordinates": (("vertex", "axis"), places), "hemisphere": ("vertex", side)}
    return xr.Dataset(data), stratum


def smooth(sheet, length, seed):
    rng = np.random.default_rng(seed)
    wave = rng.standard_normal((3, 300)) / length
    phase = rng.uniform(0, 2 * np.pi, 300)
    return np.cos(sheet["coordinates"].values @ wave + phase).sum(axis=1) * np.sqrt(2 / 300)


def centred(values, stratum):
    return (values - (np.bincount(stratum, values) / np.bincount(stratum))[stratum])[:, None]


def test_smoother_errors_make_fewer_patches(sheet):
    data, stratum = sheet
    numbers = [
        cortex_blocks(data, stratum, centred(smooth(data, length, 1), stratum), 0).number
        for length in (3, 6, 12)
    ]
    assert numbers[0] > 2 * numbers[1] > 4 * numbers[2] > 4 * 2


def test_independent_errors_vary_as_those_of_single_vertices(sheet):
    data, stratum = sheet
    said = []
    for seed in range(4):
        noise = np.random.default_rng(seed).standard_normal(len(stratum))
        blocks = cortex_blocks(data, stratum, centred(noise, stratum), seed)
        assert blocks.number > 0.5 * len(stratum)
        said.append(blocks.errors(np.random.default_rng(seed), 4000)[:, :, 0].var(axis=0))
    # the doubt about weak errors of long reach makes them wider, never narrower
    ratio = np.mean(said, axis=0) * np.bincount(stratum)
    assert ((ratio > 0.9) & (ratio < 3)).all()


def test_errors_of_the_hemispheres_are_independent(sheet):
    """Each stratum on one hemisphere only: their means share no error."""
    data, _ = sheet
    side = data["hemisphere"].values.astype(int)
    residual = centred(smooth(data, 10, 0), side)
    drawn = cortex_blocks(data, side, residual, 0).errors(np.random.default_rng(0), 20_000)
    assert abs(np.corrcoef(drawn[:, :, 0].T)[0, 1]) < 0.05


def test_neighbouring_strata_err_together(sheet):
    data, stratum = sheet
    residual = centred(smooth(data, 10, 0), stratum)
    drawn = cortex_blocks(data, stratum, residual, 0).errors(np.random.default_rng(0), 20_000)
    assert np.corrcoef(drawn[:, :, 0].T)[0, 1] > 0.1


def test_without_coordinates_every_vertex_errs_by_itself():
    """Student's t of the residuals' degrees of freedom, by the textbook."""
    values = np.array([1.0, 3.0, 5.0, 11.0, 2.0, 6.0, 9.0, 4.0])
    blocks = cortex_blocks(xr.Dataset(), np.zeros(8, int), (values - values.mean())[:, None], 0)
    assert not blocks.spatial
    drawn = blocks.errors(np.random.default_rng(0), 200_000)[:, 0, 0]
    expected = stats.t(7, scale=values.std(ddof=1) / np.sqrt(8)).ppf([0.05, 0.95])
    np.testing.assert_allclose(np.quantile(drawn, [0.05, 0.95]), expected, rtol=0.03)


def test_vertices_in_one_place_err_by_themselves():
    places = xr.Dataset({"coordinates": (("vertex", "axis"), np.ones((6, 3)))})
    values = np.arange(6.0)[:, None] - 2.5
    assert not cortex_blocks(places, np.zeros(6, int), values, 0).spatial


def test_values_that_do_not_vary_have_no_error(sheet):
    data, stratum = sheet
    residual = np.stack([np.zeros(len(stratum)), smooth(data, 5, 0)], axis=1)
    drawn = cortex_blocks(data, stratum, residual, 0).errors(np.random.default_rng(0), 50)
    np.testing.assert_allclose(drawn[:, :, 0], 0, atol=1e-9)
    assert (drawn[:, :, 1].std(axis=0) > 0.01).all()


def test_a_stratum_without_vertices_changes_nothing(sheet):
    data, stratum = sheet
    residual = centred(smooth(data, 5, 0), stratum)
    one, more = (cortex_blocks(data, each, residual, 0) for each in (stratum, stratum + 1))
    assert one.number == more.number
    np.testing.assert_allclose(one.likely, more.likely, rtol=1e-6)


def test_draws_vary_as_a_mean_of_independent_units_does():
    """Drawing n − 1 of n has no bias for few units; drawing n of n would vary a third less."""
    values = np.array([1.0, 4.0, 7.0])
    means = rescaled_draws(np.random.default_rng(0), 40_000, 3) @ values / 3
    assert means.var() == pytest.approx(values.var(ddof=1) / 3, rel=0.03)


def test_intervals_of_smooth_fields_hold_their_means(sheet):
    """120 fields, whose true mean is 0; the number that 80 % intervals hold is binomial."""
    data, stratum = sheet
    fields = np.stack([smooth(data, 6, seed) for seed in range(120)], axis=1)
    residual = np.concatenate([centred(field, stratum) for field in fields.T], axis=1)
    blocks = cortex_blocks(data, stratum, residual, 0)
    means = fields[stratum == 0].mean(axis=0)
    drawn = blocks.errors(np.random.default_rng(0), 1000)[:, 0]
    low, high = interval_ends(drawn, 0.8)
    held = int(((low <= means) & (means <= high)).sum())
    assert stats.binom(120, 0.8).cdf(held) > 0.005
    assert stats.binom(120, 0.8).sf(held) > 0.005
    # errors of a mean of vertices taken one by one hold far less often
    alone = cortex_blocks(data.drop_vars("coordinates"), stratum, residual, 0)
    low, high = interval_ends(alone.errors(np.random.default_rng(0), 1000)[:, 0], 0.8)
    assert ((low <= means) & (means <= high)).mean() < 0.4


def test_draws_of_a_smooth_field_vary_as_its_mean_does(sheet):
    """The variance that draws say, at its middle over fields, against that of the mean itself."""
    data, stratum = sheet
    fields = np.stack([smooth(data, 6, seed) for seed in range(120)], axis=1)
    residual = np.concatenate([centred(field, stratum) for field in fields.T], axis=1)
    drawn = cortex_blocks(data, stratum, residual, 0).errors(np.random.default_rng(0), 1000)
    places = data["coordinates"].values[stratum == 0]
    distance = np.linalg.norm(places[:, None] - places[None], axis=2)
    true = np.exp(-(distance**2) / (2 * 6**2)).mean()
    assert 1 / 1.37 < np.median(drawn[:, 0].var(axis=0)) / true < 1.37


@given(st.integers(1, 30), st.integers(0, 1000))
def test_weights_sum_to_the_number_of_units(n, seed):
    drawn = rescaled_draws(np.random.default_rng(seed), 7, n)
    assert (drawn >= 0).all()
    np.testing.assert_allclose(drawn.sum(axis=1), n)


def test_interval_ends_hold_their_share():
    low, high = interval_ends(np.arange(1001.0)[:, None], 0.9)
    assert (low.item(), high.item()) == pytest.approx((50, 950))

"""Patches of cortex: contiguous, within their stratum, as wide as errors are alike."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.analysis.blocks import Blocks, cortex_blocks, interval_ends, rescaled_draws


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


def test_patches_stay_in_their_stratum_and_hemisphere(sheet):
    data, stratum = sheet
    blocks = cortex_blocks(data, stratum, centred(smooth(data, 4, 0), stratum), seed=0)
    assert blocks.spatial
    for number in range(len(blocks.stratum)):
        members = np.flatnonzero(blocks.block == number)
        assert (stratum[members] == blocks.stratum[number]).all()
        assert len(np.unique(data["hemisphere"].values[members])) == 1
        # contiguous: no member lies farther from its nearest fellow than one step of the sheet
        places = data["coordinates"].values[members]
        apart = np.linalg.norm(places[:, None] - places[None], axis=2) + 1e9 * np.eye(len(members))
        assert len(members) == 1 or apart.min(axis=1).max() <= 3.0 * np.sqrt(2)


def test_smoother_errors_make_larger_patches(sheet):
    data, stratum = sheet
    numbers = [
        len(cortex_blocks(data, stratum, centred(smooth(data, length, 1), stratum), 0).stratum)
        for length in (2, 5, 10)
    ]
    assert numbers[0] > 2 * numbers[1] > 2 * numbers[2]


def test_independent_errors_are_drawn_one_by_one(sheet):
    data, stratum = sheet
    noise = np.random.default_rng(0).standard_normal(len(stratum))
    blocks = cortex_blocks(data, stratum, centred(noise, stratum), 0)
    assert len(blocks.stratum) > 0.9 * len(stratum)
    np.testing.assert_allclose(blocks.widening, 1, atol=0.15)


def test_without_coordinates_every_vertex_is_a_block():
    stratum = np.array([0, 0, 1, 1, 1])
    blocks = cortex_blocks(xr.Dataset(), stratum, np.zeros((5, 1)), 0)
    assert not blocks.spatial
    np.testing.assert_array_equal(blocks.stratum[blocks.block], stratum)


def test_draws_vary_as_a_mean_of_independent_units_does():
    """Drawing n − 1 of n has no bias for few units; drawing n of n would vary a third less."""
    values = np.array([1.0, 4.0, 7.0])
    means = rescaled_draws(np.random.default_rng(0), 40_000, 3) @ values / 3
    assert means.var() == pytest.approx(values.var(ddof=1) / 3, rel=0.03)


def test_draws_of_a_smooth_field_vary_as_its_mean_does(sheet):
    """Averages over many fields: the variance of stratum means, and what the draws say of it."""
    data, stratum = sheet
    means, said = [], []
    for seed in range(60):
        field = smooth(data, 10, seed)
        blocks = cortex_blocks(data, stratum, centred(field, stratum), seed)
        weights = blocks.weights(np.random.default_rng(seed), 200)[:, blocks.block]
        here = stratum == 0
        drawn = (weights[:, here] @ field[here]) / weights[:, here].sum(axis=1)
        means.append(field[here].mean())
        said.append(drawn.var())
    # too wide rather than too narrow, where patches are few
    assert 0.8 < np.mean(said) / np.var(means) < 2


@given(st.integers(1, 30), st.integers(0, 1000))
def test_weights_sum_to_the_number_of_units(n, seed):
    drawn = rescaled_draws(np.random.default_rng(seed), 7, n)
    assert (drawn >= 0).all()
    np.testing.assert_allclose(drawn.sum(axis=1), n)


def test_no_stratum_vanishes():
    blocks = Blocks(np.arange(5), np.array([0, 0, 1, 1, 1]), np.ones(2), spatial=False)
    weights = blocks.weights(np.random.default_rng(0), 100)
    np.testing.assert_allclose(weights[:, :2].sum(axis=1), 2)
    np.testing.assert_allclose(weights[:, 2:].sum(axis=1), 3)


def test_interval_ends_hold_their_share():
    low, high = interval_ends(np.arange(1001.0)[:, None], 0.9)
    assert (low.item(), high.item()) == pytest.approx((50, 950))

"""What is planted is smooth where there is a cortex, and covers layers and the image."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from scipy.stats import kstest, spearmanr

from cortexlens.analysis.recovery.truth import FARTHEST, planted_truth, smooth_field


def places(n_vertices=400, seed=0):
    """A sheet, longest along y."""
    return np.random.default_rng(seed).uniform(-1, 1, (n_vertices, 3)) * [20, 60, 5]


def responses(coordinates=True, regions=()):
    n_vertices = 400
    store = xr.Dataset({"ncsnr": ("vertex", np.ones(n_vertices))})
    if coordinates:
        store = store.assign(coordinates=(("vertex", "axis"), places(n_vertices)))
    if regions:
        cuts = np.digitize(places(n_vertices)[:, 1], [-30, 30])
        mask = cuts[:, None] == np.arange(len(regions))
        store = store.assign(roi_mask=(("vertex", "roi"), mask)).assign_coords(roi=list(regions))
    return store


def test_fields_have_the_covariance_they_are_said_to_have():
    points = places(40)
    rng = np.random.default_rng(1)
    fields = np.stack([smooth_field(points, rng) for _ in range(4_000)])
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    reach = 0.2 * np.ptp(points, axis=0).max()
    expected = np.exp(-(distance**2) / (2 * reach**2))
    assert np.abs(np.cov(fields.T) - expected).max() < 0.12
    assert np.abs(fields.mean(axis=0)).max() < 0.08


@given(st.integers(0, 10**6), st.booleans())
def test_truths_stay_in_their_range(seed, coordinates):
    truth = planted_truth(responses(coordinates), np.random.default_rng(seed))
    level, space = truth["planted_level"].values, truth["planted_space"].values
    assert 0 <= level.min() <= level.max() <= 1
    assert np.abs(space).max() <= FARTHEST
    # image widths: from a few pixels in V1's centre to half the image at the end
    size = truth["planted_size"].values
    assert 0.03 <= size.min() < size.max() <= 0.35
    assert spearmanr(size, level).statistic > 0.8
    # the whole image is covered
    assert kstest(space[:, 0], "uniform", (-FARTHEST, 2 * FARTHEST)).pvalue > 1e-7


def test_neighbours_are_given_alike():
    truth = planted_truth(responses(), np.random.default_rng(0))
    _, near = cKDTree(places()).query(places(), 2)
    level, space = truth["planted_level"].values, truth["planted_space"].values
    assert np.corrcoef(level, level[near[:, 1]])[0, 1] > 0.9
    assert np.corrcoef(space[:, 0], space[near[:, 1], 0])[0, 1] > 0.7


def test_without_regions_levels_rise_along_the_longest_axis():
    level = planted_truth(responses(), np.random.default_rng(0))["planted_level"].values
    assert abs(np.corrcoef(level, places()[:, 1])[0, 1]) > 0.99


def test_regions_have_their_ideal_level_and_others_lie_between():
    names = ("V1", "between", "EBA")
    levels = [
        planted_truth(responses(regions=names), np.random.default_rng(seed))["planted_level"]
        for seed in range(20)
    ]
    level = np.mean(levels, axis=0)
    cuts = np.digitize(places()[:, 1], [-30, 30])
    low, middle, high = (level[cuts == part].mean() for part in range(3))
    assert low < 0.15 < 0.35 < middle < 0.65 < 0.85 < high


def test_without_coordinates_vertices_are_given_at_random():
    truth = planted_truth(responses(coordinates=False), np.random.default_rng(0))
    level = truth["planted_level"].values
    assert kstest(level, "uniform").pvalue > 0.01
    assert abs(np.corrcoef(level[1:], level[:-1])[0, 1]) < 0.2


def test_the_same_seed_gives_the_same_truth():
    first, second, other = (
        planted_truth(responses(), np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    assert first.equals(second)
    assert not np.allclose(first["planted_space"], other["planted_space"])


def test_a_single_place_is_no_field_without_end():
    assert smooth_field(np.zeros((5, 3)), np.random.default_rng(0)) == pytest.approx(
        np.full(5, smooth_field(np.zeros((5, 3)), np.random.default_rng(0))[0])
    )

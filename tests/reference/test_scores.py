import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn.metrics import r2_score as sklearn_r2

from cortexlens.analysis.hierarchy.slope import expected_level, hierarchy, ideal_level
from cortexlens.encoding.scores import confidence, pearson_r, r2_score


@pytest.fixture(params=[np.float32, np.float64])
def observed_and_predicted(request):
    rng = np.random.default_rng(0)
    observed = rng.standard_normal((40, 7)) * np.geomspace(0.01, 100, 7) + np.arange(7)
    predicted = observed + rng.standard_normal((40, 7)) * np.geomspace(1, 20, 7)
    predicted[:, 3] = observed[:, 3]
    return observed.astype(request.param), predicted.astype(request.param)


def test_r2_is_that_of_sklearn(observed_and_predicted):
    observed, predicted = observed_and_predicted
    expected = sklearn_r2(observed.astype(float), predicted.astype(float), multioutput="raw_values")
    np.testing.assert_allclose(r2_score(observed, predicted), expected, rtol=1e-4)
    assert expected[3] == 1


def test_pearson_is_that_of_scipy(observed_and_predicted):
    observed, predicted = observed_and_predicted
    expected = [
        stats.pearsonr(a, b).statistic for a, b in zip(observed.T, predicted.T, strict=True)
    ]
    np.testing.assert_allclose(pearson_r(observed, predicted), expected, atol=1e-6)
    np.testing.assert_allclose(pearson_r(predicted, observed), expected, atol=1e-6)


def test_scores_of_what_does_not_vary():
    rng = np.random.default_rng(1)
    varies, constant = rng.standard_normal((9, 1)), np.full((9, 1), 0.1)
    both = np.concatenate([varies, constant], axis=1).astype(np.float32)
    prediction = rng.standard_normal((9, 2)).astype(np.float32)
    assert np.isnan(r2_score(both, prediction)).tolist() == [False, True]
    assert np.isnan(pearson_r(both, prediction)).tolist() == [False, True]
    assert np.isnan(pearson_r(prediction, both)).tolist() == [False, True]
    # the mean itself explains nothing
    mean = np.broadcast_to(both.mean(axis=0), both.shape)
    assert r2_score(both, mean)[0] == pytest.approx(0, abs=1e-6)


def test_scores_of_responses_far_from_zero():
    rng = np.random.default_rng(2)
    observed = rng.standard_normal((50, 3))
    predicted = observed + rng.standard_normal((50, 3))
    for score in (r2_score, pearson_r):
        far = score((observed + 1e3).astype(np.float32), (predicted + 1e3).astype(np.float32))
        np.testing.assert_allclose(far, score(observed, predicted), atol=2e-3)


@given(arrays(np.float32, (12, 3), elements=st.floats(-1e3, 1e3, width=32)), st.integers(0, 99))
def test_scores_are_bounded(observed, seed):
    predicted = np.random.default_rng(seed).standard_normal((12, 3)).astype(np.float32)
    r2, r = r2_score(observed, predicted), pearson_r(observed, predicted)
    assert (r2[np.isfinite(r2)] <= 1).all()
    assert (np.abs(r[np.isfinite(r)]) <= 1 + 1e-9).all()
    assert not np.isinf(r2).any()


def test_confidence_is_one_less_relative_entropy():
    rng = np.random.default_rng(3)
    layer = rng.dirichlet(np.full(5, 0.3), 30).astype(np.float32)
    layer[0] = [0, 0, 1, 0, 0]
    layer[1] = 0.2
    layer[2] = [0.5, 0, 0, 0, 0.5]
    expected = 1 - stats.entropy(layer.astype(float), base=5, axis=1)
    found = confidence(layer)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(found[:3], [1, 0, 1 - np.log(2) / np.log(5)], atol=1e-6)


@given(arrays(np.float64, (4, 6), elements=st.floats(0, 1)))
def test_confidence_lies_between_0_and_1(weights):
    weights[:, 0] += 1e-3
    found = confidence(weights / weights.sum(axis=1, keepdims=True))
    assert ((found >= -1e-12) & (found <= 1 + 1e-12)).all()


def test_a_single_layer_is_selected_with_confidence():
    assert confidence(np.ones((3, 1), np.float32)).tolist() == [1, 1, 1]


def test_expected_level_is_the_mean_layer_from_0_to_1():
    layer = np.random.default_rng(4).dirichlet(np.ones(4), 6)
    expected = [sum(index / 3 * weight for index, weight in enumerate(row)) for row in layer]
    np.testing.assert_allclose(expected_level(layer), expected)
    assert expected_level(np.ones((2, 1))).tolist() == [0, 0]


def fit_with(names, n_layers=6):
    """A fit with eleven vertices in each region, and three in none."""
    region = np.repeat(np.arange(len(names) + 1), [*[11] * len(names), 3])
    layer = np.random.default_rng(5).dirichlet(np.ones(n_layers), len(region))
    return xr.Dataset(
        {
            "layer_selector": (("vertex", "layer"), layer.astype(np.float32)),
            "roi_mask": (("vertex", "roi"), region[:, None] == np.arange(len(names))),
        },
        coords={"roi": np.array(names, dtype=np.dtypes.StringDType())},
        attrs={"subject": "s", "backbone": "b"},
    )


def test_the_hierarchy_is_the_line_of_scipy():
    names = ["PPA", "EBA", "V1", "V3", "hV4", "OPA", "V2"]
    fit = fit_with(names)
    ideal = {"V1": 0, "V2": 0.33, "V3": 0.33, "OPA": 0.66, "EBA": 1}
    level = np.repeat([ideal.get(name, np.nan) for name in [*names, "none"]], [*[11] * 7, 3])
    np.testing.assert_array_equal(ideal_level(fit), level)
    known = np.isfinite(level)
    assert known.sum() == 55
    weights = fit["layer_selector"].values.astype(float)
    line = stats.linregress(level[known], (weights @ np.arange(6) / 5)[known])
    rank = stats.spearmanr(level[known], (weights @ np.arange(6) / 5)[known]).statistic
    one = hierarchy(fit, bootstraps=10)
    start = line.intercept
    np.testing.assert_allclose(one.found, [line.slope, start, line.slope + start, rank])
    assert one.n == 55


@pytest.mark.parametrize("names", [[], ["V1"], ["V2", "V3"], ["hV4", "PPA"]])
def test_no_line_through_fewer_than_two_levels(names):
    fit = fit_with(names)
    assert hierarchy(fit) is None
    assert hierarchy(fit.drop_vars("roi_mask")) is None


def test_a_planted_hierarchy_has_slope_1():
    fit = fit_with(["V1", "EBA"])
    layer = np.zeros(fit["layer_selector"].shape, np.float32)
    layer[:11, 0] = layer[11:22, -1] = layer[22:, 2] = 1
    one = hierarchy(fit.assign(layer_selector=(("vertex", "layer"), layer)), bootstraps=10)
    np.testing.assert_allclose(one.found, [1, 0, 1, 1], atol=1e-12)

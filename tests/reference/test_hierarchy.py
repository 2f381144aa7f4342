"""The hierarchy's numbers against literal sums, numpy and scipy."""

import numpy as np
import pytest
from scipy.stats import linregress, spearmanr

from cortexlens.analysis.hierarchy.slope import hierarchy, ideal_level
from fits import synthetic_fit


@pytest.fixture(scope="module")
def fit():
    return synthetic_fit(None, 300, 6, seed=4)


def literal_levels(fit):
    """Pairs of ideal and expected level, vertex by vertex."""
    ideal = {"V1": 0.0, "V2": 0.33, "V3": 0.33}
    pairs = []
    for i in range(fit.sizes["vertex"]):
        for j, name in enumerate(fit["roi"].values):
            if fit["roi_mask"].values[i, j] and str(name) in ideal:
                weights = [float(w) for w in fit["layer_selector"].values[i]]
                level = sum(layer / 5 * weight for layer, weight in enumerate(weights))
                pairs.append((ideal[str(name)], level))
    return pairs


def test_the_line_is_that_of_literal_sums_and_of_scipy(fit):
    found = hierarchy(fit, bootstraps=10)
    x, y = np.array(literal_levels(fit)).T
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    slope = above / sum((a - mean_x) ** 2 for a in x)
    expected = [slope, mean_y - slope * mean_x, mean_y + slope * (1 - mean_x)]
    np.testing.assert_allclose(found.found[:3], expected, rtol=1e-6)
    line = linregress(x, y)
    np.testing.assert_allclose(found.found[:2], [line.slope, line.intercept], rtol=1e-6)
    assert found.found[3] == pytest.approx(spearmanr(x, y).statistic, rel=1e-6)
    assert found.n == len(x)


def test_levels_that_are_all_the_same_have_no_rank_correlation(fit):
    same = fit.assign(layer_selector=(("vertex", "layer"), np.eye(6)[np.full(300, 2)]))
    found = hierarchy(same, bootstraps=5)
    assert np.isnan(found.found[3])
    np.testing.assert_allclose(found.draws[:, 0], 0, atol=1e-9)


def test_members_that_disagree_widen_the_interval(fit):
    """Members at both sides of the mean, equally far in V1 and not in V2 and V3."""
    layer = fit["layer_selector"].values
    shift = np.where(ideal_level(fit) == 0, 0.5, 0.0)[:, None]
    ends = [np.eye(6)[0] * shift + layer * (1 - shift), np.eye(6)[5] * shift + layer * (1 - shift)]
    several = fit.assign(member_layer_selector=(("member", "vertex", "layer"), np.stack(ends)))
    several = several.assign(layer_selector=(("vertex", "layer"), np.mean(ends, axis=0)))
    one = several.drop_vars("member_layer_selector")
    spread = [hierarchy(each, bootstraps=200).draws[:, 0].std() for each in (several, one)]
    assert spread[0] > 3 * spread[1]
    assert hierarchy(several, bootstraps=5).members == 2

"""Layers of dictionaries: levels in the whole network, lines, and agreement with a fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score

from cortexlens.analysis.dictionaries.agreement import (
    agreement_rows,
    expected_same,
    layer_counts,
    rank_correlation,
    same_layer,
)
from cortexlens.analysis.dictionaries.hierarchy import (
    DIFFERENCE,
    Pair,
    dictionary_hierarchy,
    maps_of,
)
from cortexlens.analysis.hierarchy.slope import expected_level
from cortexlens.analysis.statistics.intervals import Resampling
from cortexlens.errors import CortexlensError
from cortexlens.sae.levels import as_fit, on_layers, positions
from fits import synthetic_fit
from saes import BACKBONE, dictionary_of, made_up

NETWORK = tuple(f"blocks.{number}" for number in range(6))
PLACES = (0, 2, 5)
HOW = Resampling(bootstraps=200)


def planted(dictionary, best):
    """The same dictionary, whose vertices have other best layers."""
    best = np.broadcast_to(best, (2, dictionary.sizes["vertex"]))
    return dictionary.assign(
        best_layer=(("metric", "vertex"), best),
        layer_selector=(("vertex", "layer"), np.eye(3)[best[0]]),
    )


def fit_to(dictionary, best):
    """FactorTopy fit that weighs some of the network's layers alone."""
    fit = synthetic_fit("fsaverage5", dictionary.sizes["vertex"], 6, backbone=BACKBONE)
    return fit.assign(layer_selector=(("vertex", "layer"), 0.1 / 6 + 0.9 * np.eye(6)[best]))


@pytest.fixture(scope="module")
def dictionary():
    return dictionary_of(made_up(60, 400))


@pytest.fixture(scope="module")
def region(dictionary):
    """V1 0, V2 1, V3 2, elsewhere 3."""
    masks = dictionary["roi_mask"].values[:, :3]
    return np.where(masks.any(axis=1), masks.argmax(axis=1), 3)


def test_levels_are_places_in_the_whole_network(dictionary):
    fit = as_fit(dictionary, NETWORK)
    best = dictionary["best_layer"].sel(metric="pearson").values
    levels = expected_level(fit["layer_selector"].values)
    np.testing.assert_allclose(levels, np.array(PLACES)[best] / 5)
    # of the three layers alone, the middle one would lie half way
    assert set(np.round(levels, 6)) == {0.0, 0.4, 1.0}
    np.testing.assert_allclose(fit["noise_ceiling"], np.sqrt(0.5), rtol=1e-6)


def test_a_vertex_without_a_unit_has_no_level(dictionary):
    best = dictionary["best_layer"].values.copy()
    best[:, :7] = -1
    pair = Pair(
        planted(dictionary, 0).assign(best_layer=(("metric", "vertex"), best)), NETWORK, None
    )
    assert np.isnan(as_fit(pair.dictionary, NETWORK)["layer_selector"].values[:7]).all()
    assert maps_of(pair)["dictionary"].sizes["vertex"] == 393


def test_a_layer_that_the_network_has_not_is_named(dictionary):
    with pytest.raises(CortexlensError, match=r"blocks\.2.*the network has blocks\.0, blocks\.5"):
        positions(dictionary, ["blocks.0", "blocks.5"])


def test_a_fit_keeps_the_levels_of_the_layers_that_stay(dictionary):
    selector = np.random.default_rng(0).dirichlet(np.ones(6), 400)
    fit = fit_to(dictionary, np.zeros(400, int)).assign(
        layer_selector=(("vertex", "layer"), selector),
        member_layer_selector=(("member", "vertex", "layer"), np.stack([selector, selector])),
    )
    shared = on_layers(fit, np.array(PLACES))
    literal = selector[:, list(PLACES)] / selector[:, list(PLACES)].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shared["layer_selector"].values[:, list(PLACES)], literal)
    np.testing.assert_allclose(
        expected_level(shared["member_layer_selector"].values[1]), literal @ [0, 0.4, 1]
    )
    strongest = on_layers(fit, np.array(PLACES), strongest=True)
    assert "member_layer_selector" not in strongest
    np.testing.assert_array_equal(
        strongest["layer_selector"].values.argmax(axis=1),
        np.array(PLACES)[literal.argmax(axis=1)],
    )


def test_planted_layers_give_their_slope(dictionary, region):
    """V1 at the first layer, V2 and V3 at the third of six: 0.4 over a third of the hierarchy."""
    pair = Pair(planted(dictionary, np.array([0, 1, 1, 2])[region]), NETWORK, None)
    table = dictionary_hierarchy([pair], bootstraps=100)
    row = table[table["vertices"] == "all"].iloc[0]
    assert row["map"] == "dictionary"
    for name, value in (("slope", 0.4 / 0.33), ("b0", 0), ("b1", 0.4 / 0.33), ("spearman", 1)):
        assert row[name] == pytest.approx(value, abs=1e-6)


def test_the_same_layers_have_the_same_line_and_no_difference(dictionary, region):
    best = np.array([0, 1, 1, 2])[region]
    pair = Pair(planted(dictionary, best), NETWORK, fit_to(dictionary, np.array(PLACES)[best]))
    table = dictionary_hierarchy([pair], bootstraps=100).set_index(["map", "vertices"])["slope"]
    assert table["dictionary", "all"] == pytest.approx(table["factortopy_strongest", "all"])
    assert table[DIFFERENCE, "all"] == pytest.approx(0, abs=1e-9)
    # soft weights draw levels together, which the strongest layer does not
    assert table["factortopy_shared", "all"] < table["dictionary", "all"] - 0.05


def test_lines_of_few_vertices_are_over_those_beyond_chance(dictionary, region):
    q = np.where(region == 3, 1.0, np.where(np.arange(400) % 2, 0.01, 0.2))
    some = planted(dictionary, np.array([0, 1, 1, 2])[region]).assign(
        q=(("metric", "vertex"), np.stack([q, q]))
    )
    table = dictionary_hierarchy([Pair(some, NETWORK, None)], bootstraps=100)
    n = table.set_index("vertices")["n"]
    assert n["significant"] == ((region < 3) & (q < 0.05)).sum()
    assert n["all"] == (region < 3).sum()


def rows_of(dictionary, best, of_fit):
    pair = Pair(planted(dictionary, best), NETWORK, fit_to(dictionary, np.array(PLACES)[of_fit]))
    rows = agreement_rows(pair, HOW, 200)
    return {(r["vertices"], r["roi"], r["hemisphere"]): r for r in rows}


def test_identical_maps_agree_everywhere(dictionary):
    best = dictionary["best_layer"].values[1]
    rows = rows_of(dictionary, best, best)
    row = rows["all", "all", "both"]
    assert row["same_layer"] == row["same_layer_low"] == row["same_layer_high"] == 1
    assert row["rank_correlation"] == pytest.approx(1)
    assert row["level_difference"] == 0
    assert row["same_layer_p"] == row["rank_p"] == pytest.approx(1 / 201)
    assert {key[2] for key in rows} == {"both", "left", "right"}


def test_maps_that_share_nothing_agree_as_chance_does(dictionary):
    rng = np.random.default_rng(0)
    best, other = rng.integers(0, 3, (2, 400))
    row = rows_of(dictionary, best, other)["all", "all", "both"]
    assert row["same_layer"] == pytest.approx(1 / 3, abs=0.08)
    assert row["same_layer_expected"] == pytest.approx(1 / 3, abs=0.02)
    assert row["same_layer_chance_low"] < row["same_layer"] < row["same_layer_chance_high"]
    assert row["rank_correlation_low"] < 0 < row["rank_correlation_high"]
    assert row["same_layer_p"] > 0.02


def test_a_fit_of_other_vertices_is_refused(dictionary):
    fit = fit_to(dictionary, np.zeros(400, int)).isel(vertex=slice(0, 300))
    with pytest.raises(CortexlensError, match=r"400 vertices.*300 vertices"):
        maps_of(Pair(dictionary, NETWORK, fit))


@given(
    st.integers(2, 5).flatmap(
        lambda n: st.tuples(st.just(n), arrays(np.int64, (2, 30), elements=st.integers(0, n - 1)))
    )
)
def test_measures_of_counts_are_those_of_libraries(drawn):
    number, (first, second) = drawn
    counts = layer_counts(first, second, number)
    same, expected = same_layer(counts), expected_same(counts)
    assert same == pytest.approx(np.mean(first == second))
    assert 0 <= expected <= 1
    if expected < 1:
        kappa = cohen_kappa_score(first, second)
        assert (same - expected) / (1 - expected) == pytest.approx(kappa, abs=1e-9)
    if np.ptp(first) and np.ptp(second):
        found = spearmanr(first, second).statistic
        assert rank_correlation(counts) == pytest.approx(found, abs=1e-9)
    else:
        assert np.isnan(rank_correlation(counts))

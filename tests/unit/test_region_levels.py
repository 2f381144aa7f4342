"""Levels of regions and their differences, from draws whose spread and pairing are known."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import kstest, norm, t

from cortexlens.analysis.hierarchy.region_levels import (
    DIFFERENCE_COLUMNS,
    LEVEL_COLUMNS,
    holm,
    level_difference_table,
    levels_of_fit,
    region_level_table,
)
from cortexlens.analysis.statistics.intervals import Resampling
from cortexlens.errors import CortexlensError
from fits import stacked_fit, synthetic_fit

HALF_OF_90 = norm.ppf(0.95)


def planted(level, moved=None, *, rois=("V1", "V2"), layers=3, **whose):
    """Fit of which the vertices of each region have a level, and all one deviation in each draw.

    The first half of the vertices is the first region, the rest the second; the third, if named,
    has none.
    """
    level = np.repeat(np.asarray(level, float), 10)
    place = np.linspace(0, 1, layers)
    share = np.clip(1 - abs(level[:, None] - place) * (layers - 1), 0, 1)
    mask = np.zeros((len(level), len(rois)), bool)
    mask[np.arange(len(level)), np.arange(len(level)) // 10] = True
    fit = xr.Dataset(
        {
            "layer_selector": (("vertex", "layer"), share.astype(np.float32)),
            "roi_mask": (("vertex", "roi"), mask),
        },
        coords={"roi": list(rois), "layer": [f"blocks.{n}" for n in range(layers)]},
        attrs={"subject": "a", "backbone": "one", "readout": "stacked", "blocks": 50} | whose,
    )
    if moved is None:
        return fit
    # a bias of all draws is none of the estimate's spread
    drawn = level + np.asarray(moved)[:, None] + 0.2
    return fit.assign(
        expected_level_draw=(("draw", "vertex"), drawn.astype(np.float32)),
        layer_probability=(("vertex", "layer"), share.astype(np.float32)),
    )


def normal(spread, n=2000, seed=0):
    return spread * np.random.default_rng(seed).standard_normal(n)


def levels(*fits, **how):
    how = Resampling(**{"confidence_level": 0.9} | how)
    return region_level_table([levels_of_fit(fit) for fit in fits], how)


def differences(*fits, **how):
    how = Resampling(**{"confidence_level": 0.9, "bootstraps": 20_000} | how)
    return level_difference_table([levels_of_fit(fit) for fit in fits], how)


def test_a_region_has_its_mean_level_and_the_interval_of_its_draws():
    table = levels(planted([0.25, 0.5], normal(0.04)))
    assert tuple(table.columns) == LEVEL_COLUMNS
    assert table["roi"].tolist() == ["all", "V1", "V2"]
    assert table["n_vertices"].tolist() == [20, 10, 10]
    np.testing.assert_allclose(table["level"], [0.375, 0.25, 0.5])
    for end, sign in (("level_low", -1), ("level_high", 1)):
        moved = table[end] - table["level"]
        np.testing.assert_allclose(moved, sign * HALF_OF_90 * 0.04, atol=0.004)


def test_errors_of_single_vertices_average_out_over_a_region():
    fit = planted([0.5, 0.5], np.zeros(2000))
    own = 0.1 * np.random.default_rng(0).standard_normal(fit["expected_level_draw"].shape)
    table = levels(fit.assign(expected_level_draw=fit["expected_level_draw"] + own))
    width = (table["level_high"] - table["level_low"]) / 2
    expected = HALF_OF_90 * 0.1 / np.sqrt([20, 10, 10])
    np.testing.assert_allclose(width, expected, rtol=0.1)


def test_an_interval_ends_where_levels_do():
    table = levels(planted([0, 1], normal(0.2)))
    assert table["level_low"].tolist()[1] == 0
    assert table["level_high"].tolist()[2] == 1


def test_wider_intervals_where_more_is_to_be_held():
    fit = planted([0.25, 0.5], normal(0.04))
    narrow, wide = levels(fit, confidence_level=0.5), levels(fit, confidence_level=0.99)
    assert (wide["level_high"] - narrow["level_high"] > 0.04).all()


def test_the_strongest_layer_is_that_of_the_largest_mean_probability():
    probability = np.zeros((20, 3), np.float32)
    # V1: few vertices name the last layer for sure, the first is probable in all others
    probability[:3] = [0, 0.1, 0.9]
    probability[3:10] = [0.6, 0.4, 0]
    # V2: as sure as it takes
    probability[10:] = [0.1, 0.8, 0.1]
    fit = planted([0.5, 0.5], normal(0.04))
    table = levels(fit.assign(layer_probability=(("vertex", "layer"), probability)))
    assert table["layer"].tolist() == ["blocks.1", "blocks.0", "blocks.1"]
    np.testing.assert_allclose(table["layer_share"], [(0.3 + 2.8 + 8) / 20, 0.42, 0.8], rtol=1e-6)
    np.testing.assert_allclose(table["share_named"], [13 / 20, 0.3, 1])


def test_fits_without_draws_have_levels_without_intervals():
    found = levels(synthetic_fit(None, 60, 4)), levels(stacked_fit(space=None, n_vertices=60))
    ends = ["level_low", "level_high", "share_named"]
    assert found[0][ends].isna().all(axis=None)
    assert found[1].notna().all(axis=None)
    fit = planted([0, 1], layers=3)
    table = levels(fit)
    assert table["layer"].tolist() == ["blocks.0", "blocks.0", "blocks.2"]
    np.testing.assert_allclose(table["layer_share"], [0.5, 1, 1])


def test_fits_without_draws_differ_without_intervals():
    table = differences(planted([0, 0.5]), planted([0.5, 0.5], backbone="two"))
    np.testing.assert_allclose(table["difference"], [0.25, 0.5, 0], atol=1e-12)
    assert table[["low", "high", "p", "p_holm"]].isna().all(axis=None)
    assert set(table["paired"]) == {"no"}


def test_a_region_without_vertices_has_no_row():
    fit = planted([0, 0.5], normal(0.04), rois=("V1", "V2", "V3"))
    assert "V3" not in levels(fit)["roi"].tolist()
    assert levels(synthetic_fit(None, 10, 3, rois=False))["roi"].tolist() == ["all"]
    other = planted([0.5], normal(0.04), rois=("V1", "V2"), subject="b")
    assert differences(fit, other)["roi"].tolist() == ["all", "V1"]


@pytest.mark.parametrize("n", [0, 1])
def test_one_network_in_one_subject_is_compared_with_nothing(n):
    table = differences(*[planted([0, 0.5], normal(0.04))] * n)
    assert tuple(table.columns) == DIFFERENCE_COLUMNS
    assert table.empty


def test_what_images_do_to_both_networks_is_gone_from_their_difference():
    common, own = normal(0.1), [normal(0.01, seed=1), normal(0.01, seed=2)]
    fits = [
        planted([0.25, 0.5], common + own[0]),
        planted([0.5, 0.75], common + own[1], backbone="two"),
    ]
    paired = differences(*fits)
    assert set(paired["paired"]) == {"yes"}
    assert set(paired["kind"]) == {"networks"}
    np.testing.assert_allclose(paired["difference"], 0.25)
    half = (paired["high"] - paired["low"]) / 2
    np.testing.assert_allclose(half, HALF_OF_90 * 0.01 * 2**0.5, rtol=0.1)
    # in two subjects, with other numbers of draws or of blocks, they are independent
    wide = HALF_OF_90 * 0.1 * 2**0.5
    unlike = {
        "subjects": [fits[0], fits[1].assign_attrs(subject="b", backbone="one")],
        "draws": [fits[0], fits[1].isel(draw=slice(1999))],
        "blocks": [fits[0], fits[1].assign_attrs(blocks=40)],
    }
    for pair in unlike.values():
        table = differences(*pair)
        assert set(table["paired"]) == {"no"}
        np.testing.assert_allclose((table["high"] - table["low"]) / 2, wide, rtol=0.1)
    kinds = [set(differences(*pair)["kind"]) for pair in unlike.values()]
    assert kinds == [{"subjects"}, {"networks"}, {"networks"}]


def test_the_second_less_the_first_by_subject_and_network():
    fits = [
        planted([0.5, 0.5], normal(0.01), subject="b", backbone="one"),
        planted([0.25, 0.5], normal(0.01), backbone="two"),
        planted([0, 0.5], normal(0.01), backbone="one"),
    ]
    table = differences(*fits)
    v1 = table[table["roi"] == "V1"]
    pairs = v1[["kind", "subject", "backbone", "other_subject", "other_backbone"]].to_numpy()
    assert pairs.tolist() == [
        ["networks", "a", "one", "a", "two"],
        ["subjects", "a", "one", "b", "one"],
    ]
    np.testing.assert_allclose(v1["difference"], [0.25, 0.5])


def test_other_readouts_and_axes_are_not_compared():
    fit = planted([0.25, 0.5], normal(0.04))
    assert differences(fit, fit.assign_attrs(readout="factortopy", backbone="two")).empty
    assert differences(fit, fit.assign_attrs(layer_axis="time step", backbone="two")).empty
    assert len(differences(fit, fit.assign_attrs(layer_axis="layer", backbone="two"))) == 3


def test_networks_of_different_numbers_of_layers_are_compared():
    fits = (
        planted([0, 0.5], normal(0.04)),
        planted([1, 0.5], normal(0.04), layers=9, backbone="two"),
    )
    np.testing.assert_allclose(differences(*fits)["difference"], [0.5, 1, 0], atol=1e-6)


def test_p_is_uniform_without_a_difference_and_small_with_one():
    rng = np.random.default_rng(0)
    found = {0.0: [], 0.3: []}
    for seed in range(200):
        for difference, ps in found.items():
            # the estimate errs as the draws say
            second = 0.5 + difference + rng.normal(0, 0.05)
            fits = (
                planted([0.5, 0.5], np.zeros(200)),
                planted([second, 0.5], normal(0.05, 200, seed), backbone="two", layers=1001),
            )
            table = differences(*fits).set_index("roi")
            ps.append(table["p"]["V1"])
    assert kstest(found[0.0], "uniform").pvalue > 0.01
    assert max(found[0.3]) < 0.05
    assert np.median(found[0.3]) < 1e-4


def test_p_is_that_of_the_spread_of_the_draws_and_1_where_nothing_differs():
    spread = normal(0.1, 100)
    fits = [
        planted([0, 0.5], np.zeros(100)),
        planted([0.25, 0.5], spread, backbone="two", layers=1001),
        planted([0.25, 0.5], np.zeros(100), subject="b", layers=1001),
    ]
    table = differences(*fits)
    v1, v2 = (table[table["roi"] == roi] for roi in ("V1", "V2"))
    # 50 blocks of images
    expected = 2 * t.sf(0.25 / spread.std(ddof=1), 49)
    assert v1["p"].tolist() == pytest.approx([expected, 0.0], rel=1e-4)
    assert v2["p"].tolist() == [1, 1]


def test_p_values_hold_together_by_readout_and_kind():
    fits = [
        planted([0.5 * n, 0.5], normal(0.01, 1000, n), backbone=name)
        for n, name in enumerate(("one", "two", "three"))
    ]
    others = [fit.assign_attrs(readout="stacked-other") for fit in fits[:2]]
    table = differences(*fits, *others)
    for _, rows in table.groupby(["readout", "kind"]):
        np.testing.assert_array_equal(rows["p_holm"], holm(rows["p"].to_numpy()))
    # of three pairs of networks in three regions, and of one
    assert table.groupby(["readout", "kind"]).size().tolist() == [9, 3]


def test_holm_by_hand():
    found = holm(np.array([0.04, 0.01, np.nan, 0.03, 0.9]))
    np.testing.assert_allclose(found, [0.09, 0.04, np.nan, 0.09, 0.9])
    assert holm(np.array([])).size == 0


def test_seeds_choose_the_random_pairs():
    fits = planted([0, 0.5], normal(0.1, 50)), planted([0, 0.5], normal(0.1, 50, 1), subject="b")
    tables = [differences(*fits, seed=seed, bootstraps=100) for seed in (0, 0, 1)]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert not tables[0]["low"].equals(tables[2]["low"])


@pytest.mark.parametrize(
    ("fits", "message"),
    [
        ([planted([0, 0.5]).drop_vars("layer_selector")], "found no layer selectors"),
        ([planted([0, 0.5]).isel(vertex=[])], "found no vertices"),
        ([planted([0, 0.5])] * 2, "stacked fit of one to a: found twice"),
        (
            [planted([0, 0.5]), planted([0, 0.5], backbone="two").isel(vertex=slice(19))],
            "found 20 and 19 vertices in all",
        ),
    ],
    ids=["no selectors", "no vertices", "twice", "other vertices"],
)
def test_nonsense_is_refused_in_one_line(fits, message):
    with pytest.raises(CortexlensError, match=message) as refused:
        differences(*fits)
    assert "\n" not in str(refused.value)

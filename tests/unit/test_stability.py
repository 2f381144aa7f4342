"""Tables of stability, ablations and learning curves, against sums made by hand."""

import numpy as np
import pytest
import xarray as xr

from cortexlens.analysis.scores.ablations import ablation_table
from cortexlens.analysis.scores.learning import learning_table
from cortexlens.analysis.scores.stability import (
    compared,
    map_stability_table,
    members_of,
    selection_of,
)
from cortexlens.analysis.statistics.intervals import Resampling, patch_means, region_scores
from cortexlens.errors import CortexlensError
from fits import variant_fit


def test_seeds_are_compared_pair_by_pair():
    fit = variant_fit("seeds", n_members=3)
    table = map_stability_table([fit, variant_fit("factortopy")]).set_index("roi")
    assert set(table["readout"]) == {"seeds"}
    assert table.loc["all", "n_pairs"] == 3
    layer, space, scale = (
        fit[f"member_{name}_selector"].values for name in ("layer", "space", "scale")
    )
    pairs = [(0, 1), (0, 2), (1, 2)]
    expected = {
        "argmax_agreement": [layer[a].argmax(1) == layer[b].argmax(1) for a, b in pairs],
        "total_variation": [np.abs(layer[a] - layer[b]).sum(1) / 2 for a, b in pairs],
        "field_shift": [np.sqrt(((space[a] - space[b]) ** 2).sum(1)) / 2 for a, b in pairs],
        "scale_difference": [np.abs(scale[a] - scale[b]) for a, b in pairs],
    }
    for roi, mask in (("all", np.ones(60, bool)), ("V1", fit["roi_mask"].values[:, 0])):
        for name, values in expected.items():
            mean = np.mean(values, axis=0)[mask].mean()
            assert table.loc[roi, name] == pytest.approx(mean, rel=1e-5)
            assert table.loc[roi, f"{name}_low"] <= mean <= table.loc[roi, f"{name}_high"]


def test_halves_are_compared_with_the_other_half_of_the_same_fit():
    one, other = (variant_fit(f"half-{half}", half=half, seed=ord(half)) for half in "ab")
    lone = variant_fit("quick-a", half="a", epochs=3, seed=7)
    (rows,) = [map_stability_table([one, lone, other])]
    assert set(rows["readout"]) == {"half-a/half-b"}
    assert set(rows["compared"]) == {"halves"}
    expected = compared([(selection_of(one), selection_of(other))])["total_variation"].mean()
    assert rows.set_index("roi").loc["all", "total_variation"] == pytest.approx(expected)


def test_settings_that_follow_from_the_number_of_images_keep_no_fits_apart():
    keys = ["epochs", "regularization_images"]
    follow = {"by_training_images": keys}
    full = variant_fit("full", epochs=54, regularization_images=16_000, **follow)
    few = variant_fit("few", training_images=50, epochs=999, regularization_images=12_000, **follow)
    other = variant_fit("x", training_images=60, epochs=999, regularization_images=12_000)
    table = learning_table([full, few, other])
    assert set(table["readout"]) == {"full", "few"}


def test_a_store_that_names_no_members_has_one():
    fit = variant_fit("imported")
    fit = fit.drop_vars([name for name in fit.data_vars if name.startswith("member_")])
    (member,) = members_of(fit)
    np.testing.assert_array_equal(member.layer, fit["layer_selector"])
    assert map_stability_table([fit]).empty


def _silent(fit, vertex):
    """The same with a vertex that never responds."""
    observed, r2 = fit["observed_test"].copy(), fit["r2_test"].copy()
    observed[:, vertex], r2[vertex] = 1, np.nan
    return fit.assign(observed_test=observed, r2_test=r2)


def test_differences_are_to_the_fit_of_the_same_network_and_subject():
    fits = [variant_fit("factortopy"), variant_fit("no-scale", seed=1)]
    alone = variant_fit("no-scale", seed=2).assign_attrs(subject="sim02")
    fits = [_silent(fit, 3) for fit in fits]
    table = ablation_table([*fits, alone]).set_index(["subject", "readout", "roi"])
    row = table.loc["sim01", "no-scale", "all"]
    paired = fits[1]["r2_test"].values.astype(float) - fits[0]["r2_test"].values
    assert row["n_vertices"] == 59
    assert row["difference"] == pytest.approx(np.nanmean(paired), rel=1e-6)
    assert row["difference_low"] < row["difference"] < row["difference_high"]
    assert row["r2_mean"] == pytest.approx(np.nanmean(fits[1]["r2_test"]), rel=1e-6)
    assert table.loc["sim01", "factortopy", "all"]["difference"] == 0
    assert np.isnan(table.loc["sim02", "no-scale", "all"]["difference"])
    assert row["fit_seconds"] == 1.5


def test_ridge_has_neither_confidence_nor_places():
    left_out = ["confidence", "space_selector", "scale_selector"]
    ridge = variant_fit("ridge").drop_vars(left_out)
    ridge = ridge.assign(planted_space=(("vertex", "image_axis"), np.zeros((60, 2))))
    row = ablation_table([ridge]).iloc[0]
    assert np.isnan(row[["confidence_mean", "space_r_x", "layer_within_one"]].to_numpy(float)).all()


def test_a_learning_curve_is_of_fits_that_differ_in_images_alone():
    full = variant_fit("factortopy")
    few = variant_fit("images-50", training_images=50, epochs=80, seed=1)
    pair = [variant_fit(f"half-{half}", half=half, epochs=40, seed=ord(half)) for half in "ab"]
    others = [variant_fit("no-scale", scale=False), variant_fit("odd", lr=1, training_images=9)]
    table = learning_table([full, few, *pair, *others])
    rows = table[table["roi"] == "all"].set_index("readout")
    assert rows["training_images"].to_dict() == {
        **{"images-50": 50, "factortopy": 200, "half-a/half-b": 100}
    }
    assert rows["compared"].to_dict()["half-a/half-b"] == "halves"
    assert np.isnan(rows.loc["factortopy", "argmax_agreement"])
    same = few["layer_selector"].values.argmax(1) == full["layer_selector"].values.argmax(1)
    assert rows.loc["images-50", "argmax_agreement"] == pytest.approx(same.mean())
    both = np.mean([half["r2_test"].values for half in pair])
    assert rows.loc["half-a/half-b", "r2_mean"] == pytest.approx(both, rel=1e-6)
    share = both / full["r2_test"].values.mean()
    assert rows.loc["half-a/half-b", "r2_share"] == pytest.approx(share, rel=1e-5)


def test_a_mean_over_patches_of_single_vertices_is_that_of_the_normal_distribution():
    values = np.random.default_rng(0).standard_normal((3000, 1))
    alone = patch_means(values, xr.Dataset(), np.zeros(3000, int), Resampling(seed=1))
    assert (alone.mean[0], alone.n, alone.blocks) == (pytest.approx(values.mean()), 3000, 0)
    reach = np.array([alone.low[0], alone.high[0]]) - alone.mean[0]
    assert reach == pytest.approx(np.array([-1.96, 1.96]) / 3000**0.5, rel=0.15)


def test_patches_are_drawn_within_regions():
    region = np.repeat([0, 1], 500)
    values = np.stack([region * 5.0, np.random.default_rng(0).standard_normal(1000)], axis=1)
    found = patch_means(values, xr.Dataset(), region, Resampling())
    assert found.low[0] == pytest.approx(2.5, abs=1e-9)
    assert found.high[0] == pytest.approx(2.5, abs=1e-9)
    assert found.low[1] < found.mean[1] < found.high[1]


def test_smooth_maps_have_wider_means_than_their_vertices_say():
    places = np.random.default_rng(0).uniform(0, 60, (800, 3))
    values = np.sin(places[:, :1] / 8)
    cortex = xr.Dataset({"coordinates": (("vertex", "axis"), places)})
    patches, alone = (
        patch_means(values, where, np.zeros(800, int), Resampling())
        for where in (cortex, xr.Dataset())
    )
    assert 3 <= patches.blocks < 400
    assert np.ptp([patches.low, patches.high]) > 2 * np.ptp([alone.low, alone.high])


def test_no_vertices_have_no_mean():
    found = patch_means(np.empty((0, 2)), xr.Dataset(), np.empty(0, int), Resampling())
    assert np.isnan([found.mean, found.low, found.high]).all()


def test_differences_need_the_same_test_images():
    one, other = (region_scores(variant_fit(name), Resampling(bootstraps=100)) for name in "ab")
    assert one.less(other).draws == pytest.approx(0)
    with pytest.raises(CortexlensError, match="same responses"):
        one.less(other._replace(images=other.images + 1))

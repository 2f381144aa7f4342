"""What fine-tuning changed: planted changes are found, and intervals hold what they should."""

import numpy as np
import pytest

from cortexlens.analysis.finetuning.changes import (
    change_table,
    check_pair,
    hierarchy_changes,
    score_changes,
)
from cortexlens.analysis.finetuning.pairs import Origin
from cortexlens.analysis.hierarchy.slope import hierarchy_change
from cortexlens.analysis.statistics.intervals import RegionScores, Resampling, region_scores
from cortexlens.errors import CortexlensError
from fits import scored_fit

HOW = Resampling(0.95, 100, 0)
DERIVED = {"net-land": Origin("net", "land", None)}


def network(name="net", weak=1.0, **settings):
    settings = {"n_vertices": 400, "n_layers": 5, **settings}
    return scored_fit(30, backbone=name, weak=weak, **settings)


def moved(fit, by=1):
    """The same fit with every layer's weight a layer farther on."""
    return fit.assign(layer_selector=fit["layer_selector"].roll(layer=by, roll_coords=False))


def test_nothing_changes_where_nothing_was_changed():
    before = network()
    table = change_table([before, before.assign_attrs(backbone="net-land")], DERIVED, HOW)
    for name in ("r2_change", "share_lost", "level_change", "total_variation", "field_shift"):
        for end in ("", "_low", "_high"):
            known = table[f"{name}{end}"].dropna()
            np.testing.assert_allclose(known, 0, atol=1e-12)
    assert (table["argmax_agreement"] == 1).all()
    assert (table["r2_before"] == table["r2_after"]).all()


def test_regions_and_hemispheres_have_their_own_changes():
    before = network()
    after = network("net-land", weak=1.6, seed=3)
    after = after.assign(layer_selector=moved(before)["layer_selector"])
    table = change_table([before, after], DERIVED, HOW)
    assert set(zip(table["roi"], table["hemisphere"], strict=True)) >= {
        ("all", "both"),
        ("all", "left"),
        ("V1", "right"),
    }
    row = table.set_index(["roi", "hemisphere"]).loc[("V1", "left")]
    inside = before["roi_mask"].values[:, 0] & (before["hemisphere"].values == 0)
    r2 = [fit["r2_test"].values[inside].mean() for fit in (before, after)]
    assert row["n_vertices"] == inside.sum()
    assert row["r2_change"] == pytest.approx(r2[1] - r2[0], abs=1e-6)
    assert row["r2_change_low"] < row["r2_change"] < row["r2_change_high"] < 0
    assert row["share_lost"] == pytest.approx(1 - r2[1] / r2[0], abs=1e-5)
    weights = [fit["layer_selector"].values[inside].astype(float) for fit in (before, after)]
    levels = [each @ np.linspace(0, 1, 5) for each in weights]
    assert row["level_change"] == pytest.approx((levels[1] - levels[0]).mean())
    variation = np.abs(weights[1] - weights[0]).sum(axis=1).mean() / 2
    assert row["total_variation"] == pytest.approx(variation)


def test_a_share_of_nothing_is_not_told():
    draws = np.random.default_rng(0).normal([0.5, 0.01], 0.1, (200, 2))
    before = RegionScores(["a", "b"], np.arange(20), np.array([0.5, 0.01]), draws)
    after = before._replace(mean=before.mean / 2, draws=draws / 2)
    rows = score_changes(before, after, HOW)
    assert rows[0]["share_lost"] == pytest.approx(0.5)
    assert rows[0]["share_lost_high"] == pytest.approx(0.5)
    assert all(np.isnan(rows[1][f"share_lost{end}"]) for end in ("", "_low", "_high"))


def test_the_slope_changes_by_the_difference_of_slopes():
    before = network()
    after = moved(before).assign_attrs(backbone="net-land")
    row = hierarchy_changes([before, after], DERIVED, HOW).iloc[0]
    for name in ("slope", "b0", "b1"):
        change = row[f"{name}_after"] - row[f"{name}_before"]
        assert abs(change) > 0.02
        assert row[f"{name}_change"] == pytest.approx(change)
        assert row[f"{name}_change_low"] < change < row[f"{name}_change_high"]


def test_what_both_fits_share_does_not_widen_the_change_of_the_slope():
    rng = np.random.default_rng(0)
    before = network()
    shared = before["layer_selector"].values ** rng.uniform(0.2, 3, (400, 1))
    shared /= shared.sum(axis=1, keepdims=True)
    before = before.assign(layer_selector=(("vertex", "layer"), shared))
    after = before.assign(layer_selector=0.9 * before["layer_selector"] + 0.02)
    row = hierarchy_changes([before, after.assign_attrs(backbone="net-land")], DERIVED, HOW).iloc[0]
    width = {
        name: row[f"slope_{name}_high"] - row[f"slope_{name}_low"] for name in ("before", "change")
    }
    assert width["change"] < 0.2 * width["before"]


def test_members_of_both_fits_are_drawn():
    fit = network()
    layers = fit["layer_selector"].values
    apart = np.stack([layers, np.roll(layers, 1, axis=1)])
    two = fit.assign(member_layer_selector=(("member", "vertex", "layer"), apart))
    one, both = (hierarchy_change(fit, after, bootstraps=400) for after in (fit, two))
    assert (one.members, both.members) == (1, 1)
    assert both.draws[:, 0].std() > 3 * one.draws[:, 0].std()


def test_fits_without_a_hierarchy_have_no_row():
    before = network(rois=False)
    after = before.assign_attrs(backbone="net-land")
    assert hierarchy_changes([before, after], DERIVED, HOW).empty


def test_readouts_without_places_are_compared_by_what_they_have():
    names = ["space_selector", "scale_selector"]
    fits = [network(name).drop_vars(names) for name in ("net", "net-land")]
    table = change_table(fits, DERIVED, HOW)
    assert table["field_shift"].isna().all()
    assert table["level_change"].notna().all()


@pytest.mark.parametrize(
    "other",
    [{"n_vertices": 300}, {"n_layers": 4}, {"images": 1}],
    ids=lambda each: next(iter(each)),
)
def test_fits_of_other_responses_or_layers_are_refused(other):
    with pytest.raises(CortexlensError, match="to compare them, all must be equal"):
        check_pair(network(), network("net-land", **other))


def drawn_pair(rng, n_images, n_vertices=30):
    """Two fits whose errors share most: R² in the limit is 1 − mean square error / variance."""
    base = network(n_vertices=n_vertices, rois=False, space=None)
    signal = rng.standard_normal((n_images, n_vertices))
    # Errors alike in all vertices, so that images and not vertices are what counts.
    noise = rng.standard_normal((2, n_images, 1)) + 0.3 * rng.standard_normal(
        (2, n_images, n_vertices)
    )
    observed = signal + noise[0]
    place = ("test_image", "vertex")
    for gain in (0.9, 0.5):
        yield (
            base.isel(test_image=0, drop=True)
            .drop_vars(["prediction_test", "observed_test", "repeats_test"])
            .assign(
                prediction_test=(place, (gain * signal + 0.2 * noise[1]).astype(np.float32)),
                observed_test=(place, observed.astype(np.float32)),
                repeats_test=("test_image", np.ones(n_images, np.int64)),
            )
            .assign_coords(test_image=np.arange(n_images))
        )


def test_intervals_of_the_change_hold_the_change_over_very_many_images():
    rng = np.random.default_rng(5)
    variance, noise = 1 + 1.09, 1.09
    limits = [1 - ((1 - gain) ** 2 + noise + 0.04 * 1.09) / variance for gain in (0.9, 0.5)]
    truth, held, widths = limits[1] - limits[0], [], []
    for _ in range(200):
        before, after = (region_scores(fit, Resampling(0.9, 200, 1)) for fit in drawn_pair(rng, 60))
        row = score_changes(before, after, Resampling(0.9, 200, 1))[0]
        held.append(row["r2_change_low"] <= truth <= row["r2_change_high"])
        widths.append(
            [row[f"{name}_high"] - row[f"{name}_low"] for name in ("r2_change", "r2_before")]
        )
    # Binomial: four standard errors of 0.9 over 200 are 0.085.
    assert abs(np.mean(held) - 0.9) < 0.085
    # Pairing is what makes a change of this size visible at all.
    change, before = np.mean(widths, axis=0)
    assert change < 0.8 * before

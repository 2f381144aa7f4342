"""Fits that stacking made: what their pictures say, and how their draws widen intervals."""

import numpy as np
import pytest

import cortexlens.api.accessor  # noqa: F401  (registers dataset.cortex)
from cortexlens.analysis.finetuning.changes import change_table, hierarchy_changes
from cortexlens.analysis.finetuning.pairs import Origin
from cortexlens.analysis.hierarchy.slope import hierarchy, hierarchy_change, hierarchy_table
from cortexlens.analysis.scores.ablations import ablation_table
from cortexlens.analysis.scores.max_model import model_table
from cortexlens.analysis.scores.subjects import agreement_table
from cortexlens.analysis.statistics.intervals import Resampling
from cortexlens.errors import CortexlensError
from cortexlens.figures.drawing.panels import maps_of
from cortexlens.figures.maps.average import average_fit
from cortexlens.figures.maps.cortex import map_figures
from cortexlens.figures.maps.distributions import distribution_figures
from cortexlens.figures.maps.fits import read_fit
from cortexlens.figures.maps.overview import overview_figure
from cortexlens.figures.maps.volume import slice_figures
from cortexlens.sae.levels import on_layers
from fits import scored_fit, stacked_fit, volume_fit

SMALL = {"n_vertices": 300, "n_layers": 5}
HOW = Resampling(0.95, 200, 0)
DERIVED = {"net-land": Origin("net", "land", None)}


def texts(figure):
    """All that is written in a figure."""
    found = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        found += [text.get_text() for text in axes.texts]
        found += [axes.get_xlabel(), axes.get_title()]
    return found


def width(row, name):
    return row[f"{name}_high"] - row[f"{name}_low"]


def test_keys_name_what_the_brightness_is():
    stacked, trained = read_fit(stacked_fit(**SMALL), "f"), read_fit(scored_fit(**SMALL), "f")
    for fit, word, other in (
        (stacked, "probability", "confidence"),
        (trained, "confidence", "probability"),
    ):
        for figure in (map_figures(fit, only=["layer"])["layer"], overview_figure([fit])):
            assert word in texts(figure)
            assert other not in texts(figure)


def test_a_map_of_sizes_is_drawn_where_there_are_sizes():
    stacked, trained = read_fit(stacked_fit(**SMALL), "f"), read_fit(scored_fit(**SMALL), "f")
    assert set(maps_of(stacked)) - set(maps_of(trained)) == {"size"}
    assert set(map_figures(stacked)) == set(maps_of(stacked))
    assert any("image widths" in text for text in texts(map_figures(stacked)["size"]))
    plain = read_fit(stacked_fit(space=None, **SMALL), "f")
    assert set(distribution_figures(plain)) == set(maps_of(plain))
    heights = [bar.get_height() for bar in distribution_figures(plain)["size"].axes[0].patches]
    assert sum(heights) == pytest.approx(300)


def test_sizes_of_voxels_are_drawn_on_slices_and_on_their_surface():
    for surface, draw in ((False, slice_figures), (True, map_figures)):
        fit = volume_fit(300, surface=surface)
        size = np.linspace(0.1, 0.4, fit.sizes["vertex"])
        drawn = read_fit(fit.assign(receptive_field_size=("vertex", size)), "f")
        assert len(drawn.size) == len(drawn.r2)
        assert set(draw(drawn, only=["size"])) == {"size"}


def test_a_size_is_asked_for_of_a_fit_that_has_one():
    assert stacked_fit(**SMALL).cortex.plot("size").texts
    with pytest.raises(CortexlensError, match=r"no variable receptive_field_size .* factortopy"):
        scored_fit(**SMALL).cortex.plot("size")


def test_the_mean_over_subjects_is_as_probable_as_in_the_mean_of_them():
    parts = [
        read_fit(stacked_fit(subject=who, seed=seed, **SMALL), "f") for seed, who in enumerate("ab")
    ]
    mean = average_fit(parts)
    assert mean.meaning == "probability"
    best = mean.layer.argmax(axis=1)
    # both subjects have the same vertices, which the mean has in an order of its own
    order = np.lexsort([parts[0].cortex.hemisphere, parts[0].cortex.vertex_index])
    likely = np.mean([part.probability[order, best] for part in parts], axis=0)
    np.testing.assert_allclose(mean.confidence, likely)
    np.testing.assert_allclose(mean.size, np.mean([part.size[order] for part in parts], axis=0))
    # one subject without probabilities leaves none
    mixed = average_fit([parts[0], read_fit(scored_fit(subject="b", **SMALL), "f")])
    assert (mixed.meaning, mixed.size) == ("confidence", None)


def test_resampled_images_widen_the_interval_of_the_slope_by_their_own_spread():
    fit = stacked_fit(draws=400, spread=0.0, **SMALL)
    base = hierarchy(fit.drop_vars("expected_level_draw"), bootstraps=4000)
    still = hierarchy(fit, bootstraps=4000)
    np.testing.assert_allclose(still.found, base.found)
    assert still.draws[:, 0].std() == pytest.approx(base.draws[:, 0].std(), rel=0.05)
    # levels that stretch and shrink together: their slope does by the same part
    stretch = np.random.default_rng(0).normal(1, 0.2, (400, 1))
    level = fit["expected_level"].values
    moved = fit.assign(expected_level_draw=(("draw", "vertex"), stretch * level))
    found = hierarchy(moved, bootstraps=4000)
    wanted = np.hypot(base.draws[:, 0].std(), 0.2 * base.found[0])
    assert found.draws[:, 0].std() == pytest.approx(wanted, rel=0.1)
    # a bias of resampling is none of the estimate
    shifted = moved.assign(expected_level_draw=moved["expected_level_draw"] + 0.3)
    again = hierarchy(shifted, bootstraps=4000)
    np.testing.assert_allclose(again.draws, found.draws, atol=1e-6)


def test_resamples_are_paired_before_and_after():
    before = stacked_fit(spread=0.0, backbone="net", **SMALL)
    shared = np.random.default_rng(1).normal(0, 0.2, (60, 1))
    level = before["expected_level"].values
    before = before.assign(expected_level_draw=(("draw", "vertex"), level + shared))
    after = before.assign_attrs(backbone="net-land")
    row = change_table([before, after], DERIVED, HOW).set_index(["roi", "hemisphere"]).loc["V1"]
    row = row.loc["both"]
    # what a resample does to both is in either level, and gone from their difference
    assert width(row, "level_before") > 0.4
    assert width(row, "level_change") == pytest.approx(0, abs=1e-6)
    lines = hierarchy_changes([before, after], DERIVED, HOW).iloc[0]
    assert width(lines, "b0_before") > 0.4
    assert width(lines, "b0_change") == pytest.approx(0, abs=1e-6)
    # other resamples are not paired
    fewer = after.isel(draw=slice(30))
    assert hierarchy_change(before, fewer).draws[:, 1].std() == pytest.approx(0, abs=1e-6)
    unlike = after.assign(expected_level_draw=after["expected_level_draw"][::-1])
    apart = change_table([before, unlike], DERIVED, HOW).set_index(["roi", "hemisphere"])
    assert width(apart.loc[("V1", "both")], "level_change") > 0.4


def test_tables_of_maps_keep_readouts_apart():
    fits = [
        make(subject=who, backbone="net", seed=seed, images=seed, **SMALL)
        for seed, who in enumerate("ab")
        for make in (stacked_fit, scored_fit)
    ]
    lines = hierarchy_table(fits, bootstraps=100)
    assert lines[["subject", "readout"]].to_numpy().tolist() == [
        *(["a", "factortopy"], ["a", "stacked"], ["b", "factortopy"], ["b", "stacked"]),
        *(["mean", "factortopy"], ["mean", "stacked"]),
    ]
    models = model_table(fits, confidence_level=0.95, bootstraps=100, seed=0)
    assert set(models.groupby("readout").size()) == {2 * 3}
    pairs, _ = agreement_table(fits, bootstraps=100)
    assert pairs["readout"].tolist() == ["factortopy", "stacked"]


def test_readouts_are_set_against_the_main_one():
    fits = [make(n_vertices=80, n_layers=4) for make in (stacked_fit, scored_fit)]
    fits = [fit.assign_attrs(training_images=9, fit_seconds=1.0) for fit in fits]
    table = ablation_table(fits, HOW, "stacked").set_index(["readout", "roi"])
    assert (table.loc["stacked", "difference"] == 0).all()
    r2 = [fit["r2_test"].values.mean() for fit in fits]
    assert table.loc[("factortopy", "all"), "difference"] == pytest.approx(r2[1] - r2[0], abs=1e-6)


def test_levels_of_some_layers_have_no_draws_of_all():
    fit = on_layers(stacked_fit(**SMALL), np.array([0, 2]))
    assert "expected_level_draw" not in fit
    assert hierarchy(fit, bootstraps=100) is not None

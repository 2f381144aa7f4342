"""Pictures without a cortex: what they draw are the fit's own numbers."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgb
from tests.fits import synthetic_fit

from cortexlens.figures.drawing.colours import depth_colours
from cortexlens.figures.maps.distributions import distribution_figures
from cortexlens.figures.maps.fits import read_fit


def _dataset(n_vertices=60, n_layers=7):
    return synthetic_fit(None, n_vertices, n_layers, rois=False)


def _figure(dataset, name):
    figure = distribution_figures(read_fit(dataset, "fit"))[name]
    figure.canvas.draw()
    return figure


def test_there_are_the_same_four_pictures_as_with_a_cortex():
    assert set(distribution_figures(read_fit(_dataset(), "fit"))) == {
        "layer",
        "space",
        "scale",
        "r2",
    }


def test_bars_are_the_mean_weights_in_the_layers_colours():
    dataset = _dataset()
    profile, heat = _figure(dataset, "layer").axes[:2]
    heights = [bar.get_height() for bar in profile.patches]
    np.testing.assert_allclose(heights, dataset["layer_selector"].mean("vertex"), rtol=1e-5)
    colours = [to_rgb(bar.get_facecolor()) for bar in profile.patches]
    np.testing.assert_allclose(colours, depth_colours(np.linspace(0, 1, 7), np.ones(7)))
    assert heat.get_xticklabels()[0].get_text() == "blocks.0"


def test_heat_map_is_sorted_by_expected_layer():
    shown = _figure(_dataset(), "layer").axes[1].images[0].get_array()
    expected = shown @ np.linspace(0, 1, 7)
    assert (np.diff(expected) >= 0).all()
    assert shown.shape == (60, 7)


def test_points_stand_at_the_fitted_centres_and_are_hollow_where_nothing_is_predicted():
    dataset = _dataset()
    dataset["r2_test"].values[:] = 0.2
    dataset["r2_test"].values[:5] = -0.1
    dataset["space_selector"].values[10] = np.nan
    axes = _figure(dataset, "space").axes[0]
    hollow, filled = (c for c in axes.collections if isinstance(c, PathCollection))
    assert (len(hollow.get_offsets()), len(filled.get_offsets())) == (5, 54)
    np.testing.assert_allclose(hollow.get_offsets(), dataset["space_selector"].values[:5])
    # Image coordinates: y points down.
    assert axes.get_ylim() == (1, -1)


def test_points_without_any_score_are_filled_in_one_colour():
    dataset = _dataset()
    dataset["r2_test"].values[:] = np.nan
    figure = _figure(dataset, "space")
    hollow, filled = (c for c in figure.axes[0].collections if isinstance(c, PathCollection))
    assert (len(hollow.get_offsets()), len(filled.get_offsets())) == (0, 60)
    (colour,) = np.unique(filled.get_facecolors(), axis=0)
    assert colour[3] == 1
    assert "test R²" not in [text.get_text() for text in figure.texts]
    bars = [bar for bar in _figure(dataset, "scale").axes[0].patches if bar.get_width() < 0.05]
    assert sum(bar.get_height() for bar in bars[:25]) == 60


def test_histograms_count_every_place_once():
    dataset = _dataset()
    scale = _figure(dataset, "scale").axes[0]
    assert sum(bar.get_height() for bar in scale.patches if bar.get_width() < 0.05) == 60
    r2 = _figure(dataset, "r2").axes[1]
    assert r2.patches[0].get_data().values.sum() == 60


def test_scores_fall_from_left_to_right_beside_their_ceilings():
    dataset = _dataset()
    dataset["r2_test"].values[7] = np.nan
    axes = _figure(dataset, "r2").axes[0]
    (lines,) = (c for c in axes.collections if isinstance(c, LineCollection))
    tops = [segment[1][1] for segment in lines.get_segments()]
    assert len(tops) == 59
    assert (np.diff(tops) <= 0).all()
    best = dataset["r2_test"].values.argsort()[::-1][1]
    assert axes.lines[0].get_ydata()[0] == pytest.approx(dataset["noise_ceiling"].values[best])


def test_a_wild_negative_score_does_not_flatten_the_others():
    dataset = _dataset()
    dataset["r2_test"].values[0] = -500
    assert _figure(dataset, "r2").axes[0].get_ylim()[0] > -1


@pytest.mark.parametrize("n_vertices", [1, 2, 5000])
@pytest.mark.parametrize("n_layers", [1, 60])
def test_any_size_is_drawn_without_a_warning(n_vertices, n_layers):
    for figure in distribution_figures(read_fit(_dataset(n_vertices, n_layers), "x")).values():
        figure.canvas.draw()


def test_a_fit_of_nothing_but_unknowns_is_drawn_without_a_warning():
    dataset = _dataset()
    names = ["layer_selector", "space_selector", "scale_selector", "confidence", "r2_test"]
    for name in [*names, "noise_ceiling"]:
        dataset[name].values[:] = np.nan
    for figure in distribution_figures(read_fit(dataset, "x")).values():
        figure.canvas.draw()


def test_a_fit_that_predicts_nothing_is_drawn():
    fit = synthetic_fit(None, 40, 3)
    silent = fit.assign(r2_test=-abs(fit["r2_test"]) - 0.1)
    assert set(distribution_figures(read_fit(silent, "fit"))) == {"layer", "space", "scale", "r2"}

"""The overview: who stands where, and with which score."""

import numpy as np
import pytest
from tests.fits import synthetic_fit, volume_fit

from cortexlens.errors import CortexlensError
from cortexlens.figures.drawing.panels import layer_rgba
from cortexlens.figures.maps.fits import read_fit
from cortexlens.figures.maps.overview import overview_figure


def _fit(backbone, subject, space="fsaverage5", n_vertices=200, r2=None, **settings):
    dataset = synthetic_fit(space, n_vertices, backbone=backbone, subject=subject, **settings)
    if r2 is not None:
        dataset["r2_test"].values[:] = r2
    return read_fit(dataset, "fit")


def _texts(figure):
    """Texts with their places, in fractions of the figure from the upper left."""
    return {
        text.get_text(): (text.get_position()[0], 1 - text.get_position()[1])
        for text in figure.texts
    }


def test_networks_go_down_and_subjects_across_in_the_order_of_the_fits():
    fits = [_fit(net, who) for net in ("zeta", "alpha") for who in ("s2", "s1")]
    figure = overview_figure(fits)
    figure.canvas.draw()
    places = _texts(figure)
    assert places["zeta"][1] < places["alpha"][1]
    assert places["subject s2"][0] < places["subject s1"][0]
    # Two hemispheres a fit and a mean, a panel of scores a network, and the key.
    assert len(figure.axes) == 2 * 4 + 2 * 2 + 2 + 1


def test_scores_are_written_beside_their_subject():
    figure = overview_figure([_fit("net", "s1", r2=0.25), _fit("net", "s2", r2=0.125)])
    scores = next(axes for axes in figure.axes if axes.texts and axes.get_yticks().size == 2)
    found = [text.get_text() for text in scores.texts]
    assert found == ["0.250", "0.125"]
    assert [label.get_text() for label in scores.get_yticklabels()] == ["s1", "s2"]


def test_a_fit_that_is_not_above_chance_is_marked():
    figure = overview_figure([_fit("a", "s1", r2=-0.02), _fit("b", "s1", r2=0.2)])
    places = [text.get_position() for text in figure.texts if "chance" in text.get_text()]
    heads = {text.get_text(): text.get_position()[1] for text in figure.texts}
    assert len(places) == 1
    assert places[0][1] == pytest.approx(heads["a"])


def test_a_pair_that_was_not_fitted_is_told():
    figure = overview_figure([_fit("a", "s1"), _fit("b", "s2")])
    assert [text.get_text() for text in figure.texts].count("not fitted") == 2


def test_without_a_cortex_there_are_profiles():
    fits = [_fit(net, "s1", space=None, rois=False) for net in ("a", "b")]
    figure = overview_figure(fits)
    figure.canvas.draw()
    assert "Layer profiles" in _texts(figure)
    bars = [patch.get_height() for patch in figure.axes[0].patches]
    np.testing.assert_allclose(bars, fits[0].layer.mean(axis=0), rtol=1e-6)


def test_subjects_with_and_without_a_cortex_share_a_sheet():
    figure = overview_figure([_fit("a", "s1"), _fit("a", "n1", space=None, rois=False)])
    figure.canvas.draw()
    assert len(figure.axes) == 2 + 1 + 1 + 1


def test_networks_of_different_depth_and_subjects_of_different_vertices_share_a_sheet():
    fits = [_fit("a", "s1", n_layers=3), _fit("a", "s2", n_vertices=90, n_layers=12)]
    overview_figure(fits).canvas.draw()


def test_a_fit_given_twice_is_refused():
    with pytest.raises(CortexlensError, match="found 2 fits of only 1 pairs"):
        overview_figure([_fit("a", "s1"), _fit("a", "s1")])


def _volume(backbone, subject, **settings):
    return read_fit(volume_fit(200, backbone=backbone, subject=subject, **settings), "fit")


def test_a_volume_is_two_slices_in_the_colours_of_its_layer_map():
    fit = _volume("a", "s1", rois=False)
    figure = overview_figure([fit])
    figure.canvas.draw()
    assert "Layer maps" in _texts(figure)
    assert len(figure.axes) == 2 + 1 + 1
    colours = {tuple(colour) for colour in np.rint(255 * layer_rgba(fit)[:, :3]).astype(int)}
    for axes in figure.axes[:2]:
        pixels = np.asarray(axes.images[0].get_array()).reshape(-1, 3)
        chromatic = pixels[np.ptp(pixels.astype(int), axis=1) > 10]
        assert len(chromatic)
        assert set(map(tuple, chromatic.tolist())) <= colours


def test_volumes_surfaces_and_neurons_share_a_sheet():
    fits = [
        fit
        for net in ("a", "b")
        for fit in (
            _volume(net, "voxels"),
            _volume(net, "small", size=6.0),
            _volume(net, "drawn", surface=True),
            _fit(net, "vertices"),
            _fit(net, "neurons", space=None, rois=False),
        )
    ]
    figure = overview_figure(fits)
    figure.canvas.draw()
    assert len(figure.axes) == 2 * (2 + 2 + 2 + 2 + 1) + 2 + 1
    edges = [axes.get_position() for axes in figure.axes]
    for number, one in enumerate(edges):
        assert not any(one.overlaps(other) for other in edges[:number])

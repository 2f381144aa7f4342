"""Keys and titles: names short enough to be read, ends of scales that are round."""

import numpy as np
import pytest
from tests.fits import synthetic_fit

from cortexlens.figures.drawing.keys import layer_ticks, score_top, shortened
from cortexlens.figures.maps.cortex import map_figures
from cortexlens.figures.maps.fits import read_fit


def test_few_layers_are_all_named_and_many_are_thinned_with_both_ends_kept():
    few = tuple(f"blocks.{layer}" for layer in range(12))
    assert layer_ticks(few) == (list(range(12)), list(few))
    shown, _ = layer_ticks(tuple(f"blocks.{layer}" for layer in range(40)))
    assert len(shown) == 13
    assert (shown[0], shown[-1]) == (0, 39)


def test_long_names_lose_what_they_share_and_then_their_beginning():
    _, names = layer_ticks(tuple(f"model.visual.transformer.{layer}" for layer in range(3)))
    assert names == ["0", "1", "2"]
    _, names = layer_ticks(("stem", "a.very.long.name.of.a.layer"))
    assert names == ["stem", "…name.of.a.layer"]


@pytest.mark.parametrize(("length", "expected"), [(20, "a-name-of-18-chars"), (8, "…8-chars")])
def test_shortened_names_keep_their_end(length, expected):
    assert shortened("a-name-of-18-chars", length) == expected


@pytest.mark.parametrize(
    ("values", "top"), [([0.4], 0.4), ([0.41], 0.45), ([-3.0], 0.05), ([np.nan], 0.05), ([], 0.05)]
)
def test_scales_of_scores_end_at_multiples_of_a_twentieth(values, top):
    assert score_top(np.array(values, float)) == pytest.approx(top)


def test_a_long_title_stays_on_the_page():
    dataset = synthetic_fit(n_vertices=200, backbone="-".join(["network"] * 30))
    figure = map_figures(read_fit(dataset, "fit"), only=["space"])["space"]
    figure.canvas.draw()
    for text in figure.texts:
        assert text.get_window_extent().x1 <= figure.bbox.x1

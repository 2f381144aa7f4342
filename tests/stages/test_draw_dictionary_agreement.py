"""The stage draw_dictionary_agreement: two layer maps and what they share, on any ground."""

import numpy as np
import pytest

from cortexlens.errors import CortexlensError
from dictionaries import FITS, dictionary_at, picture_of, run, written


def draw(folder, dictionary, fit):
    paths = written(folder, dictionary, fit)
    run(
        *("draw-dictionary-agreement", "--dictionary", paths["dictionary"]),
        *("--fit", paths["fit"], "--out", folder / "out"),
    )
    pixels, title = picture_of(folder / "out" / "dictionary_agreement.png")
    return pixels, title, (folder / "out" / "dictionary_agreement.svg").read_text()


@pytest.mark.parametrize("place", FITS)
def test_both_maps_are_drawn_wherever_vertices_lie(place, tmp_path):
    fit = FITS[place]()
    pixels, title, _ = draw(tmp_path, dictionary_at(fit), fit)
    assert min(pixels.shape[:2]) > 500
    assert title == "dictionary_agreement of vit-demo, subject sim01"


def test_the_share_of_the_same_layer_is_written(tmp_path):
    fit = FITS["cortex"]()
    dictionary = dictionary_at(fit)
    best = np.broadcast_to(np.arange(200) % 2, (2, 200))
    dictionary = dictionary.assign(best_layer=(("metric", "vertex"), best))
    first = fit.assign(layer_selector=(("vertex", "layer"), np.eye(6)[np.zeros(200, int)]))
    _, _, drawing = draw(tmp_path, dictionary, first)
    assert "50 % of vertices" in drawing


def test_a_fit_of_another_subject_is_refused(tmp_path):
    fit = FITS["cortex"]()
    other = fit.assign_attrs(subject="sim02")
    with pytest.raises(CortexlensError, match=r"to sim01 .* a fit of vit-demo to sim02"):
        draw(tmp_path, dictionary_at(fit), other)

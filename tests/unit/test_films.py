"""Films: activations on vertices in standard deviations, and their likeness to responses."""

import numpy as np
import pytest

from cortexlens.analysis.dictionaries.films import film
from cortexlens.figures.dictionaries.films import MOST_LAYERS, shown_layers
from cortexlens.shapes import TEST, TRAIN
from saes import LAYERS, dictionary_of, made_up, units_of


@pytest.fixture(scope="module")
def made():
    return made_up(80, 120, noise=0.2)


def of(made, images, dictionary=None, response=None):
    units = [units_of(made, layer) for layer in reversed(LAYERS)]
    response = made.responses["response"].values if response is None else response
    dictionary = dictionary_of(made) if dictionary is None else dictionary
    return film(dictionary, units, response, np.ones(80, int), images)


def test_values_are_literal_deviations(made):
    image = int(np.flatnonzero(made.responses["split"].values == TEST)[2])
    found = of(made, [image])
    train = made.responses["split"].values == TRAIN
    unit = dictionary_of(made)["layer_unit"].sel(metric="pearson").values
    for place, layer in enumerate(LAYERS):
        for vertex in (0, 50, 119):
            codes = made.activation[layer][:, unit[vertex, place]].astype(np.float16).astype(float)
            literal = (codes[image] - codes[train].mean()) / codes[train].std()
            assert found.projected[0, place, vertex] == pytest.approx(literal, rel=1e-4)
    response = made.responses["response"].values.astype(float)
    literal = (response[image] - response[train].mean(axis=0)) / response[train].std(axis=0)
    np.testing.assert_allclose(found.measured[0], literal, rtol=1e-4, atol=1e-6)
    expected = [np.corrcoef(found.projected[0, place], literal)[0, 1] for place in range(3)]
    np.testing.assert_allclose(found.correlation[0], expected, rtol=1e-4)


def test_the_layers_that_vertices_follow_look_like_the_response(made):
    """Vertices respond as units of their own layer do: its map is that of the response there."""
    tested = np.flatnonzero(made.responses["split"].values == TEST)
    found = of(made, tested.tolist())
    for place in range(len(LAYERS)):
        inside, shown = made.layer == place, found.measured
        own, other = (
            np.corrcoef(found.projected[:, one][:, inside].ravel(), shown[:, inside].ravel())
            for one in (place, (place + 1) % 3)
        )
        assert own[0, 1] > 0.9
        assert other[0, 1] < 0.7


def test_what_is_unknown_stays_unknown(made):
    dictionary = dictionary_of(made)
    unit = dictionary["layer_unit"].values.copy()
    unit[:, 4, 1] = -1
    dictionary = dictionary.assign(layer_unit=(dictionary["layer_unit"].dims, unit))
    response = made.responses["response"].values.copy()
    response[:, 7] = 1.0
    found = of(made, [3], dictionary, response)
    assert np.isnan(found.projected[0, 1, 4])
    assert np.isnan(found.measured[0, 7])
    assert np.isfinite(found.projected[0, 0, 4])
    assert np.isfinite(found.correlation).all()


def test_an_image_that_was_not_recorded_has_no_response(made):
    units = [units_of(made, layer) for layer in LAYERS]
    response, repeats = made.responses["response"].values, np.arange(80) < 79
    found = film(dictionary_of(made), units, response, repeats.astype(int), [79])
    assert np.isnan(found.measured).all()
    assert np.isnan(found.correlation).all()
    assert np.isfinite(found.projected).all()


def test_a_strip_has_at_most_twelve_layers_from_first_to_last():
    assert shown_layers(5) == [0, 1, 2, 3, 4]
    many = shown_layers(48)
    assert len(set(many)) == MOST_LAYERS
    assert (many[0], many[-1]) == (0, 47)

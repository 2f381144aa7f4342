"""The stage build_dictionary: over layers and seeds, one to one, against chance."""

import numpy as np
import pytest

from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import open_dataset
from planted_units import LAYERS, N_UNITS, built, compared, write_planted


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    made = write_planted(tmp_path_factory.mktemp("planted"))
    for layer in LAYERS:
        for sae_seed in (0, 1):
            compared(made, layer, sae_seed)
    return made


@pytest.fixture(scope="module")
def dictionary(planted):
    return built(planted)


def test_vertices_find_layer_and_unit_on_held_out_images(planted, dictionary):
    heard = planted.ceiling > 0.3
    assert heard.sum() > 40
    right = (dictionary["best_layer"].values == planted.layer) & (
        dictionary["best_unit"].values == planted.unit
    )
    assert (right[:, heard].mean(axis=1) >= 0.9).all()
    found = right & (dictionary["q"].values < 0.05)
    assert (found[:, heard].mean(axis=1) >= 0.9).all()
    selector = dictionary["layer_selector"].values[:-1]
    assert (selector.sum(axis=1) == 1).all()
    assert (selector.argmax(axis=1) == dictionary["best_layer"].values[1, :-1]).all()


def test_a_vertex_that_never_varies_has_no_unit(dictionary):
    last = dictionary.isel(vertex=-1)
    for name in ("best_layer", "best_unit", "assigned_layer", "assigned_unit"):
        assert (last[name] == -1).all()
    for name in ("similarity", "held_out", "p", "q", "assigned_held_out", "null_maximum"):
        assert np.isnan(last[name]).all()
    assert np.isnan(last["layer_selector"]).all()


def test_no_unit_is_assigned_twice_and_assigning_costs_similarity(dictionary):
    for metric in (0, 1):
        one = dictionary.isel(metric=metric)
        number = one["assigned_layer"].values * N_UNITS + one["assigned_unit"].values
        given = number[one["assigned_unit"].values >= 0]
        assert len(given) > 60
        assert len(np.unique(given)) == len(given)
        there = np.isfinite(one["assigned_held_out"].values)
        assert one["assigned_held_out"].values[there].mean() < one["held_out"].values[there].mean()


def test_seeds_with_the_same_directions_have_the_same_dictionary(dictionary):
    assert (dictionary["seed_layer_agreement"].values[:-1] == 1).all()
    np.testing.assert_allclose(dictionary["seed_correlation"].values[:-1], 1, atol=1e-5)


def test_regions_have_the_mean_of_their_vertices_within_its_interval(dictionary):
    names = list(
        zip(dictionary["region_roi"].values, dictionary["region_side"].values, strict=True)
    )
    late = names.index(("late", "both"))
    mask = dictionary["roi_mask"].values[:, 1]
    assert (dictionary["region_mask"].values[:, late] == mask).all()
    mean = np.nanmean(dictionary["held_out"].values[:, mask], axis=1)
    np.testing.assert_allclose(dictionary["region_held_out"].values[:, late], mean, rtol=1e-5)
    assert (dictionary["region_held_out_low"].values[:, late] < mean).all()
    assert (mean < dictionary["region_held_out_high"].values[:, late]).all()


def test_held_out_and_ceiling_are_those_of_the_responses(planted, dictionary):
    responses = open_dataset(planted.folder / "responses.zarr", kind="responses").load()
    np.testing.assert_allclose(dictionary["noise_ceiling"].values, planted.ceiling, rtol=1e-6)
    tested = np.flatnonzero(responses["split"].values == 2)
    mean = responses["response"].values.reshape(-1, 3, 120).mean(axis=1)[tested]
    for vertex in (0, 30, 77):
        layer, unit = (int(dictionary[f"best_{of}"].values[1, vertex]) for of in ("layer", "unit"))
        units = open_dataset(planted.folder / "units" / LAYERS[layer] / "seed-0.zarr", kind="units")
        code = units["activation"].values[tested, unit].astype(float)
        expected = np.corrcoef(code, mean[:, vertex])[0, 1]
        assert dictionary["held_out"].values[1, vertex] == pytest.approx(expected, abs=1e-5)


def test_noise_has_no_dictionary_on_held_out_images(tmp_path):
    made = write_planted(tmp_path, n_vertices=300, null=True)
    for layer in LAYERS:
        compared(made, layer)
    found = built(made)
    assert found["similarity"].values[1, :-1].min() > 0.05
    assert abs(np.nanmean(found["held_out"].values[1])) < 0.05
    assert (found["q"].values[1, :-1] < 0.05).mean() < 0.05
    # a single seed tells nothing of stability
    assert found.sizes["pair"] == 0
    assert np.isnan(found["seed_layer_agreement"]).all()


def test_what_cannot_be_is_refused(planted, tmp_path):
    with pytest.raises(CortexlensError, match="allowed are cosine, pearson"):
        built(planted, "--metric", "spearman")
    other = write_planted(tmp_path, n_images=120)
    compared(other, LAYERS[0])
    compared(other, LAYERS[1], 1)
    with pytest.raises(CortexlensError, match="the same layers of one network"):
        built(other)

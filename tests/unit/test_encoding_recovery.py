"""Planted trials have the ceilings, repeats and images of the subject."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
import xarray as xr

from cortexlens.analysis.recovery.truth import planted_truth
from cortexlens.encoding.fitters import fit_readout
from cortexlens.encoding.planted_channels import TRUTHS
from cortexlens.encoding.recovery import (
    UNUSED,
    Condition,
    choose_vertices,
    plant,
    planted_data,
    recover,
    single_trial_ratio,
)
from cortexlens.encoding.settings import parse_settings
from cortexlens.errors import CortexlensError
from cortexlens.shapes import TEST, TRAIN
from cortexlens.study.ceiling import noise_ceiling
from encoders import planted_data as tiny_data


@pytest.fixture
def data():
    found, _ = tiny_data(n_images=2_000, n_vertices=3)
    return replace(found, repeats=1 + np.arange(len(found.trial_image)) % 3)


@pytest.mark.parametrize("ceiling", [0.05, 0.4, 0.9])
def test_a_given_ceiling_is_reached(data, ceiling):
    test = data.repeats[data.trials(TEST)]
    ratio = single_trial_ratio(np.full(3, np.nan, np.float32), ceiling, test)
    np.testing.assert_allclose(noise_ceiling(ratio, test), ceiling, rtol=1e-6)


def test_trials_have_the_planted_ratio(data):
    rng = np.random.default_rng(0)
    signal = rng.standard_normal((2_000, 3)).astype(np.float32)
    ratio = np.array([0.3, 1.0, 100.0])
    seen = planted_data(data, signal, ratio, None, rng)
    shown = signal[data.trial_image]
    for repeats in (1, 2, 3):
        rows = data.repeats == repeats
        slope = ratio / np.sqrt(1 + ratio**2)
        left = (seen.response - slope * shown)[rows]
        expected = 1 / np.sqrt(repeats * (1 + ratio**2))
        np.testing.assert_allclose(left.std(axis=0), expected, rtol=0.1)
    np.testing.assert_array_equal(seen.split, data.split)


def test_fewer_training_images_leave_validation_and_test(data):
    rng = np.random.default_rng(0)
    signal = rng.standard_normal((2_000, 3)).astype(np.float32)
    seen = planted_data(data, signal, np.ones(3), 50, rng)
    train = np.flatnonzero(seen.split == TRAIN)
    assert len(train) == 50
    assert (data.split[train] == TRAIN).all()
    np.testing.assert_array_equal(seen.split == TEST, data.split == TEST)
    assert (seen.split == UNUSED).sum() == (data.split == TRAIN).sum() - 50


def test_vertices_with_an_unknown_ceiling_are_left_out():
    ratio = np.array([1.0, np.nan, 0.0, 2.0])
    rng = np.random.default_rng(0)
    assert choose_vertices(ratio, None, rng).tolist() == [0, 2, 3]
    assert set(choose_vertices(ratio, 2, rng)) < {0, 2, 3}
    with pytest.raises(CortexlensError, match=r"recovery.vertices: found 4; the subject has 3"):
        choose_vertices(ratio, 4, rng)
    with pytest.raises(CortexlensError, match=r"no repeats.*recovery.ceilings begin with a number"):
        choose_vertices(np.full(3, np.nan), None, rng)


def test_repeats_that_are_equal_have_a_finite_ratio():
    ratio = single_trial_ratio(np.array([np.inf, 0.5], np.float32), None, np.ones(4, int))
    assert ratio.tolist() == [100.0, 0.5]


def test_settings_are_read_as_the_config_has_them():
    given = {"single_trials": False, "epochs": 7, "learning_rate": "1e-2", "grid": 4}
    found = parse_settings("factortopy", json.dumps({**given, "topology": False}))
    assert (found.options["epochs"], found.options["learning_rate"]) == (7, 0.01)
    assert found.data["grid"] == 4
    assert "topology" not in found.options
    # what is left out is as in the config
    assert found.options["members"] == 1
    assert parse_settings("ridge", "").options["components"] == 300
    assert parse_settings("ridge", "").data == {"single_trials": False}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"epoch": 7}', "--options: 'epoch' is unknown; did you mean 'epochs'"),
        ('{"epochs": "x"}', "--options: epochs: found 'x'; allowed is a whole number"),
        ('{"epochs": 0}', "--options: epochs: found 0; allowed is a whole number of at least 1"),
        ("epochs=7", "--options: found 'epochs=7'; allowed is a JSON object"),
        ("[1]", "--options: found "),
    ],
)
def test_settings_that_do_not_exist_are_refused(text, message):
    with pytest.raises(CortexlensError, match=message):
        parse_settings("factortopy", text)


def test_an_unknown_readout_is_refused_in_a_line(data):
    message = "readout: found 'lasso'; allowed are stacked, factortopy, ridge, banded"
    with pytest.raises(CortexlensError, match=message):
        fit_readout("lasso", data, xr.Dataset(), {}, 0)


@pytest.fixture(scope="module")
def subject():
    """A tiny subject with places, its responses store, and the truth that is planted in it.

    Tokens of an image are alike, as those of networks are, and the global one is their mean.
    """
    data, _ = tiny_data(n_images=600, n_vertices=40, channels=(24, 20, 22))
    layers = []
    for number, layer in enumerate(data.layers):
        rng = np.random.default_rng(number)
        count = layer.shape[2]
        shared, own = rng.standard_normal((2, 600, 4, count)) * [[[[1.0]]], [[[0.5]]]]
        mixing = np.linalg.qr(rng.standard_normal((count, count)))[0] * 0.8 ** np.arange(count)
        local = (shared[:, :1] + own) @ mixing.T
        tokens = np.concatenate([local, local.mean(axis=1, keepdims=True)], axis=1)
        layers.append(torch.from_numpy(tokens.astype(np.float16)))
    data = replace(data, layers=layers)
    places = np.stack([np.linspace(-40, 40, 40), *np.zeros((2, 40))], axis=1)
    responses = xr.Dataset(
        {
            "ncsnr": ("vertex", np.full(40, 2.0)),
            "coordinates": (("vertex", "axis"), places),
            "roi_mask": (("vertex", "roi"), np.arange(40)[:, None] // 20 == np.arange(2)),
        },
        coords={"roi": ["V1", "EBA"]},
    )
    return data, responses, planted_truth(responses, np.random.default_rng(0))


@pytest.mark.parametrize("truth", TRUTHS)
def test_ridge_finds_the_layer_of_every_truth_where_there_is_little_noise(subject, truth):
    data, responses, planted = subject
    ends = planted.assign(planted_level=planted["planted_level"].round())
    what = Condition(ceiling=0.9, truth=truth)
    options = parse_settings("ridge", '{"components": 100}').options
    found = recover(data, responses, ends, what, "ridge", options, 0)
    assert "space_selector" not in found
    assert "planted_size" not in found
    right = found["layer_selector"].argmax("layer") == found["planted_layer"].argmax("layer")
    # two of three layers were planted: 0.5 at most by chance
    assert right.mean() > 0.85
    assert found["r2_test"].mean() > 0.3
    assert dict(found["roi_mask"].sizes) == {"vertex": 40, "roi": 2}


def test_a_planting_is_the_same_for_every_readout_and_its_size_where_windows_are(subject):
    data, responses, planted = subject
    what = Condition(ceiling=0.5, vertices=15, truth="sparse", windows=True)
    first, again, other = (plant(data, responses, planted, what, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.data.response, again.data.response)
    np.testing.assert_array_equal(first.rows, again.rows)
    assert not np.array_equal(first.rows, other.rows)
    size = planted["planted_size"].values[first.rows]
    np.testing.assert_allclose(first.variables()["planted_size"][1], size)
    # the wider a window, the more evenly it weighs the tokens
    peak = first.selectors.mask[:, 0].amax(dim=1).numpy()
    assert np.corrcoef(peak, size)[0, 1] < -0.3
    points = plant(data, responses, planted, replace(what, windows=False), 0)
    assert points.size is None
    assert points.selectors.mask is None
    assert not np.allclose(points.data.response, first.data.response)


def test_patchy_levels_are_those_of_other_vertices(subject):
    data, responses, planted = subject
    smooth, patchy = (
        plant(data, responses, planted, Condition(0.5, truth=truth), 0).selectors
        for truth in ("isotropic", "patchy")
    )
    level = [(each.scale.numpy() - 0.1) / 0.6 for each in (smooth, patchy)]
    np.testing.assert_allclose(np.sort(level[0]), np.sort(level[1]), atol=1e-6)
    assert np.corrcoef(level[0][1:], level[0][:-1])[0, 1] > 0.8
    assert abs(np.corrcoef(level[1][1:], level[1][:-1])[0, 1]) < 0.4
    np.testing.assert_array_equal(smooth.space, patchy.space)


def test_readouts_find_what_their_kind_finds(subject):
    data, responses, planted = subject
    what = Condition(ceiling=0.5, vertices=10)
    few = {"dimensions": 4, "epochs": 1, "members": 2}
    options = parse_settings("factortopy", json.dumps(few)).options
    found = recover(data, responses, planted, what, "factortopy", options, 0)
    for name in ("layer_selector", "space_selector", "scale_selector", "confidence"):
        assert name in found
    assert "member_layer_selector" not in found
    best = recover(data, responses, planted, what, "factortopy", {**options, "layers": "best"}, 0)
    np.testing.assert_array_equal(best["layer_selector"].max("layer") > 0.49, True)
    joint = parse_settings("ridge", '{"layers": "all", "components": 20}').options
    found = recover(data, responses, planted, what, "ridge", joint, 0)
    np.testing.assert_allclose(found["layer_selector"].sum("layer"), 1, rtol=1e-5)
    assert (found["layer_selector"].max("layer") < 1).all()

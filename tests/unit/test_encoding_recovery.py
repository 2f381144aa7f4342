"""Planted trials have the ceilings, repeats and images of the subject."""

from dataclasses import replace

import numpy as np
import pytest

from cortexlens.encoding.recovery import (
    UNUSED,
    choose_vertices,
    planted_data,
    single_trial_ratio,
)
from cortexlens.encoding.settings import parse_encoder
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
    text = "single_trials=False,epochs=7,learning_rate=0.01,grid=4,precision=float32,topology=True"
    found = parse_encoder(text, topology=False)
    assert (found.options.epochs, found.options.learning_rate) == (7, 0.01)
    assert (found.options.precision, found.options.topology) == ("float32", False)
    assert found.data == {"single_trials": False, "grid": 4}
    assert parse_encoder("", topology=True).options.members == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [("epoch=7", "found 'epoch=7'; allowed are dimensions=…"), ("epochs=x", "epochs: found 'x'")],
)
def test_settings_that_do_not_exist_are_refused(text, message):
    with pytest.raises(CortexlensError, match=message):
        parse_encoder(text, topology=True)

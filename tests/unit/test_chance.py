"""A fit that predicts nothing is told from one that predicts a little, somewhere."""

import numpy as np
import pytest

from cortexlens.encoding.chance import LEVEL, above_chance

N_IMAGES, N_VERTICES = 60, 100


def made(rng, signal, noise=1.0, shared=0.5):
    """Predictions of test images, and responses that hold ``signal`` (vertex) of each of them."""
    common = rng.standard_normal((N_IMAGES, 1))
    own = shared * common + np.sqrt(1 - shared**2) * rng.standard_normal((N_IMAGES, N_VERTICES))
    predicted = rng.standard_normal((N_IMAGES, N_VERTICES)) * 0.5 + 0.3 * common[::-1]
    return predicted * noise, own + signal * predicted


def one(count, value):
    signal = np.zeros(N_VERTICES)
    signal[:count] = value
    return signal


def test_predictions_of_nothing_pass_no_more_often_than_the_level_says():
    regions = np.arange(N_VERTICES)[:, None] // 20 == np.arange(5)
    rng = np.random.default_rng(0)
    passed = [
        above_chance(*made(rng, 0.0, noise), regions) for noise in (0.02, 0.2) for _ in range(150)
    ]
    assert np.mean(passed) < LEVEL


@pytest.mark.parametrize(
    ("signal", "in_regions"),
    [(one(N_VERTICES, 1.0), False), (one(20, 1.0), True), (one(1, 3.0), False)],
    ids=["everywhere", "one region of five", "one vertex"],
)
def test_a_prediction_of_some_responses_passes(signal, in_regions):
    regions = np.arange(N_VERTICES)[:, None] // 20 == np.arange(5)
    predicted, observed = made(np.random.default_rng(1), signal)
    # of the other places it predicts what is not there, and the mean over all is below 0
    assert above_chance(predicted, observed, regions if in_regions else None)


def test_a_mean_below_zero_hides_no_region():
    predicted, observed = made(np.random.default_rng(2), one(20, 1.0))
    square = np.square(observed - observed.mean(axis=0)).sum(axis=0)
    r2 = 1 - np.square(observed - predicted).sum(axis=0) / square
    assert r2.mean() < 0 < r2[:20].mean()
    assert above_chance(predicted, observed, (np.arange(N_VERTICES) < 20)[:, None])


def test_the_mean_response_itself_is_not_above_chance():
    _, observed = made(np.random.default_rng(3), 0.0)
    mean = np.broadcast_to(observed.mean(axis=0), observed.shape)
    assert above_chance(mean, observed) is False
    assert above_chance(mean + 0.1, observed) is False


def test_constant_responses_and_too_few_images_say_nothing():
    predicted, observed = made(np.random.default_rng(4), 1.0)
    assert above_chance(predicted[:2], observed[:2]) is None
    assert above_chance(predicted, np.zeros_like(observed)) is None
    observed[:, :5] = 1.0
    assert above_chance(predicted, observed)

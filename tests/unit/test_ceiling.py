import numpy as np
import pytest
from scipy.stats import zscore

from cortexlens.study.ceiling import (
    RunningNcsnr,
    ncsnr,
    noise_ceiling,
    zscore_within_session,
)


def simulated(rng, n_images=400, repeats=3, signal_variance=(0.0, 0.2, 0.5, 0.9)):
    """Trials in random order: signal and noise with variances that add to 1."""
    variance = np.array(signal_variance)
    trial_image = rng.permutation(np.repeat(np.arange(n_images), repeats))
    signal = np.sqrt(variance) * rng.standard_normal((n_images, len(variance)))
    noise = np.sqrt(1 - variance) * rng.standard_normal((len(trial_image), len(variance)))
    return (signal[trial_image] + noise).astype(np.float32), trial_image, variance


def test_ncsnr_agrees_with_the_equations_one_by_one():
    rng = np.random.default_rng(0)
    trial_image = np.array([4, 0, 1, 0, 4, 2, 4, 0, 2, 1])  # images 0 and 4 thrice
    response = rng.standard_normal((10, 3)).astype(np.float32)
    response[:, 0] *= 0.3
    for vertex, found in enumerate(ncsnr(response, trial_image, 6)):
        variances = []
        for image in (0, 4):
            values = [float(response[t, vertex]) for t in range(10) if trial_image[t] == image]
            mean = sum(values) / 3
            variances.append(sum((value - mean) ** 2 for value in values) / 2)
        v2 = sum(variances) / 2
        assert found == pytest.approx(max(0, 1 - v2) ** 0.5 / v2**0.5, rel=1e-5)


def test_ncsnr_finds_the_variance_that_was_planted():
    response, trial_image, variance = simulated(np.random.default_rng(1), n_images=4000)
    found = ncsnr(response, trial_image, 4000).astype(float)
    np.testing.assert_allclose(found**2 / (1 + found**2), variance, atol=0.03)


def test_the_ceiling_is_what_the_true_signal_reaches():
    rng = np.random.default_rng(2)
    n_images, variance = 6000, 0.4
    signal = np.sqrt(variance) * rng.standard_normal((n_images, 1))
    noise = np.sqrt(1 - variance) * rng.standard_normal((n_images, 3))
    repeats = np.repeat([3, 2, 1], n_images // 3)
    mean = np.array([(signal[i] + noise[i, :n]).mean() for i, n in enumerate(repeats)])
    ceiling = noise_ceiling(np.sqrt([variance / (1 - variance)]), repeats)
    assert np.corrcoef(mean, signal[:, 0])[0, 1] ** 2 == pytest.approx(ceiling[0], abs=0.02)


def test_mixed_repeats_are_weighed_as_published():
    A, B, C = 7, 4, 2
    repeats = np.repeat([3, 2, 1], [A, B, C])
    ratio = np.array([0.0, 0.5, 1.0, 3.0])
    expected = ratio**2 / (ratio**2 + (A / 3 + B / 2 + C) / (A + B + C))
    np.testing.assert_allclose(noise_ceiling(ratio, repeats), expected, rtol=1e-6)
    single = noise_ceiling(ratio, np.ones(5, int))
    np.testing.assert_allclose(single, ratio**2 / (ratio**2 + 1), rtol=1e-6)


def test_the_ceiling_is_defined_at_the_ends():
    found = noise_ceiling(np.array([0, np.inf, np.nan], np.float32), np.array([3, 3]))
    np.testing.assert_array_equal(found, np.array([0, 1, np.nan], np.float32))
    for repeats in ([], [3, 0]):
        with pytest.raises(ValueError, match="at least one repeat"):
            noise_ceiling(np.ones(1), np.array(repeats, int))


def test_without_repeats_there_is_no_estimate():
    assert np.isnan(ncsnr(np.ones((4, 2), np.float32), np.arange(4), 4)).all()


@pytest.mark.parametrize("length", [1, 7, 400])
def test_trials_may_come_bit_by_bit(length):
    response, trial_image, _ = simulated(np.random.default_rng(7))
    running = RunningNcsnr(np.bincount(trial_image), response.shape[1])
    for start in range(0, len(response), length):
        running.add(response[start : start + length], trial_image[start : start + length])
    np.testing.assert_array_equal(running.result(), ncsnr(response, trial_image, 400))


def test_perfect_constant_and_hopeless_vertices():
    trial_image = np.repeat(np.arange(50), 2)
    rng = np.random.default_rng(3)
    signal = rng.standard_normal(50)[trial_image]
    opposed = np.tile([1.0, -1.0], 50)
    response = np.stack([signal, np.full(100, 0.1), opposed], axis=1).astype(np.float32)
    assert ncsnr(response, trial_image, 50).tolist() == [np.inf, 0, 0]


def test_blocks_of_vertices_make_no_difference(monkeypatch):
    response, trial_image, _ = simulated(np.random.default_rng(4), signal_variance=[0.3] * 7)
    session = np.arange(len(trial_image)) % 4
    whole = ncsnr(response, trial_image, 400), zscore_within_session(response, session)
    monkeypatch.setattr("cortexlens.study.ceiling.BLOCK_VALUES", 2 * len(trial_image))
    parts = ncsnr(response, trial_image, 400), zscore_within_session(response, session)
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one, other)


def test_each_session_is_scaled_by_itself(capsys):
    rng = np.random.default_rng(5)
    response = (rng.standard_normal((30, 4)) * 3 + 100).astype(np.float32)
    session = np.array([2, 0, 7] * 10)
    found = zscore_within_session(response, session)
    for name in (0, 2, 7):
        expected = zscore(response[session == name].astype(float), axis=0, ddof=1)
        np.testing.assert_allclose(found[session == name], expected, atol=1e-5)
    assert capsys.readouterr().err == ""


def test_vertices_that_do_not_vary_are_zero_and_counted(capsys):
    response = np.random.default_rng(6).standard_normal((20, 3)).astype(np.float32)
    response[:10, 1] = 0.1  # its mean is not exactly 0.1 in floating point
    found = zscore_within_session(response, np.repeat([0, 1], 10))
    assert (found[:10, 1] == 0).all()
    assert (found[10:, 1] != 0).all()
    assert (found[:, [0, 2]] != 0).all()
    assert "| in 1 cases a vertex is constant within a session" in capsys.readouterr().err

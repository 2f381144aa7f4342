"""Unbiased linear CKA against its definition with image-by-image kernels, and its jackknife."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import special_ortho_group

from cortexlens.analysis.statistics.cka import FEWEST_IMAGES, linear_cka, unbiased_hsic


def kernels(x, y):
    """Kernels of two sets of features without their diagonals."""
    found = [each @ each.T for each in (x, y)]
    for kernel in found:
        np.fill_diagonal(kernel, 0)
    return found


def hsic_of_song(x, y):
    """Song et al. 2012, equation 5, literally."""
    k, m = kernels(x, y)
    n, one = len(x), np.ones(len(x))
    first = np.trace(k @ m)
    second = (one @ k @ one) * (one @ m @ one) / ((n - 1) * (n - 2))
    third = 2 / (n - 2) * (one @ k @ m @ one)
    return (first + second - third) / (n * (n - 3))


def hsic_of_centred(x, y):
    """Székely & Rizzo 2014: mean product of kernels that are centred without bias."""
    n, centred = len(x), []
    for k in (x @ x.T, y @ y.T):
        np.fill_diagonal(k, 0)
        rows, whole = k.sum(axis=1) / (n - 2), k.sum() / ((n - 1) * (n - 2))
        k = k - rows[:, None] - rows[None] + whole
        np.fill_diagonal(k, 0)
        centred.append(k)
    return (centred[0] * centred[1]).sum() / (n * (n - 3))


def cka_of(hsic, x, y):
    return hsic(x, y) / np.sqrt(hsic(x, x) * hsic(y, y))


def pair(n, seed=0, channels=(7, 4), shared=0.6):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, channels[0])) + 3
    y = shared * x[:, : channels[1]] + rng.standard_normal((n, channels[1]))
    return x, y


@pytest.mark.parametrize("n", [FEWEST_IMAGES, 6, 40])
@pytest.mark.parametrize("reference", [hsic_of_song, hsic_of_centred])
def test_hsic_is_that_of_both_references(n, reference):
    x, y = pair(n)
    found = unbiased_hsic(x, y)
    assert found.whole == pytest.approx(reference(x, y), rel=1e-9)
    expected = [reference(*(np.delete(each, i, axis=0) for each in (x, y))) for i in range(n)]
    np.testing.assert_allclose(found.without, expected, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("reference", [hsic_of_song, hsic_of_centred])
def test_cka_and_its_interval_are_those_of_leaving_images_out(reference):
    x, y = pair(25)
    cka, low, high = linear_cka(x, y, 0.9)
    assert cka == pytest.approx(cka_of(reference, x, y), rel=1e-9)
    z = np.arctanh([cka_of(reference, *(np.delete(a, i, 0) for a in (x, y))) for i in range(25)])
    error = np.sqrt(24 / 25 * ((z - z.mean()) ** 2).sum())
    # 1.7109 is the 95th percentile of Student's t with 24 degrees of freedom
    ends = np.tanh(np.arctanh(cka) + 1.710882 * error * np.array([-1, 1]))
    np.testing.assert_allclose([low, high], ends, rtol=1e-6)


@given(st.integers(5, 40), st.integers(0, 50), st.floats(0, 5), st.floats(-3, 3))
def test_cka_is_bounded_and_blind_to_rotation_factor_and_shift(n, seed, shared, shift):
    x, y = pair(n, seed, shared=shared)
    cka, low, high = linear_cka(x, y, 0.95)
    assert -1 <= low <= cka <= high <= 1
    turned = x @ special_ortho_group.rvs(7, random_state=seed) * 0.1 + shift
    np.testing.assert_allclose(linear_cka(turned, y, 0.95), (cka, low, high), atol=1e-7)


def test_the_same_features_are_alike_beyond_doubt():
    x, _ = pair(30)
    np.testing.assert_allclose(linear_cka(x, x.astype(np.float32), 0.95), 1, atol=1e-5)


def test_features_that_do_not_vary_have_no_similarity():
    x, y = pair(10)
    assert np.isnan(linear_cka(np.ones_like(x), y, 0.95)).all()


def test_unrelated_features_of_few_images_are_not_alike():
    # With its diagonals CKA would be above 0.5 here: 20 images, 200 channels.
    rng = np.random.default_rng(0)
    found = [linear_cka(*rng.standard_normal((2, 20, 200)), 0.95)[0] for _ in range(200)]
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found)) < 4 * error < 0.05


def test_intervals_hold_the_value_of_very_many_images():
    rng = np.random.default_rng(1)
    mixing = rng.standard_normal((6, 6)) * np.array([2, 1, 1, 0.5, 0.5, 0.5])[:, None]

    def drawn(n):
        x = rng.standard_normal((n, 6)) @ mixing
        return x, x + 2 * rng.standard_normal((n, 6))

    truth = linear_cka(*drawn(200_000), 0.95)[0]
    held = [
        low <= truth <= high for _, low, high in (linear_cka(*drawn(60), 0.9) for _ in range(400))
    ]
    # Binomial: four standard errors of 0.9 over 400 are 0.06.
    assert abs(np.mean(held) - 0.9) < 0.06

"""Area and d′ of categories against a literal transcription and scikit-learn."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score

from cortexlens.analysis.dictionaries.category_contrasts import (
    as_shown,
    contrasts,
    drawn,
    exchanged,
)


@pytest.fixture
def made():
    """Sparse signals with many ties, shares, and labels of unequal categories."""
    rng = np.random.default_rng(0)
    label = rng.permutation(np.repeat([0, 1, 2], [7, 12, 21]))
    signal = np.maximum(rng.standard_normal((40, 5)) + (label == 1)[:, None] - 0.5, 0)
    return signal.round(1), rng.dirichlet(np.ones(5)), label


def literal(values, label, category):
    """Both measures, written down as they are defined."""
    own, rest = values[label == category], values[label != category]
    pairs = [(a > b) + 0.5 * (a == b) for a in own for b in rest]
    spread = np.sqrt((np.var(own, ddof=1) + np.var(rest, ddof=1)) / 2)
    return np.mean(pairs), (own.mean() - rest.mean()) / spread


def test_pictures_as_shown(made):
    signal, share, label = made
    found = contrasts(signal, share, as_shown(label))[0]
    for category in range(3):
        each = np.array([literal(column, label, category) for column in signal.T])
        np.testing.assert_allclose(found[:, category], share @ each, rtol=1e-5)
        areas = [roc_auc_score(label == category, column) for column in signal.T]
        assert found[0, category] == pytest.approx(share @ areas, rel=1e-6)
        statistic = mannwhitneyu(signal[label == category, 0], signal[label != category, 0])
        alone = contrasts(signal[:, :1], np.ones(1), as_shown(label))[0, 0, category]
        pairs = (label == category).sum() * (label != category).sum()
        assert alone == pytest.approx(statistic.statistic / pairs, rel=1e-6)


def test_draws_are_those_of_repeated_pictures(made):
    signal, share, label = made
    resamples = drawn(label, 6, 3)
    found = contrasts(signal, share, resamples)
    for draw, weight in enumerate(resamples.weight):
        rows = np.repeat(np.arange(40), weight.astype(int))
        assert (np.bincount(label[rows]) == np.bincount(label)).all()
        for category in range(3):
            each = np.array([literal(column[rows], label[rows], category) for column in signal.T])
            np.testing.assert_allclose(found[draw, :, category], share @ each, rtol=2e-5, atol=1e-6)
        weighted = roc_auc_score(label == 2, signal[:, 0], sample_weight=weight)
        alone = contrasts(signal[:, :1], np.ones(1), resamples)[draw, 0, 2]
        assert alone == pytest.approx(weighted, rel=1e-5)


def test_exchanges_are_those_of_labels(made):
    signal, share, label = made
    resamples = exchanged(label, 5, 3)
    found = contrasts(signal, share, resamples)
    for order, labels in enumerate(resamples.label):
        assert (np.bincount(labels) == np.bincount(label)).all()
        for category in range(3):
            each = np.array([literal(column, labels, category) for column in signal.T])
            np.testing.assert_allclose(
                found[order, :, category], share @ each, rtol=2e-5, atol=1e-6
            )

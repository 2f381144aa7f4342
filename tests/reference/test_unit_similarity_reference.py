"""Cosine and Pearson against a literal transcription in float64, and libraries."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics.pairwise import cosine_similarity

from cortexlens.sae import similarity
from cortexlens.sae.similarity import prepare_codes, similarities


def literal(codes, response):
    """Sums over images, one pair after another."""
    found = np.empty((2, codes.shape[1], response.shape[1]))
    for unit, a in enumerate(codes.T.astype(float)):
        for vertex, y in enumerate(response.T.astype(float)):
            b, z = a - a.sum() / len(a), y - y.sum() / len(y)
            found[0, unit, vertex] = (a * y).sum() / ((a * a).sum() * (y * y).sum()) ** 0.5
            found[1, unit, vertex] = (b * z).sum() / ((b * b).sum() * (z * z).sum()) ** 0.5
    return found


@pytest.mark.parametrize("sparse", [0.0, 1.0], ids=["dense product", "sparse product"])
@pytest.mark.parametrize("offset", [0.0, 3.0, 1000.0])
def test_both_metrics(monkeypatch, sparse, offset):
    monkeypatch.setattr(similarity, "_SPARSE", sparse)
    rng = np.random.default_rng(0)
    codes = (rng.uniform(0, 4, (80, 9)) * (rng.random((80, 9)) < 0.3)).astype(np.float16)
    response = (codes[:, :6] + rng.standard_normal((80, 6)) + offset).astype(np.float32)
    found = similarities(prepare_codes(codes), response)
    np.testing.assert_allclose(found, literal(codes, response), atol=2e-6)
    library = cosine_similarity(codes.T.astype(float), response.T.astype(float))
    np.testing.assert_allclose(found[0], library, atol=2e-6)
    for unit in range(9):
        for vertex in range(6):
            r = stats.pearsonr(codes[:, unit].astype(float), response[:, vertex].astype(float))[0]
            assert found[1, unit, vertex] == pytest.approx(r, abs=2e-6)

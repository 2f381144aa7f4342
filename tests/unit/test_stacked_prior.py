"""Priors over channels: learnt where vertices share them, and where there are vertices enough."""

from dataclasses import replace

import numpy as np
import torch

from cortexlens.encoding.data import FitData
from cortexlens.encoding.predictions import predicted_responses
from cortexlens.encoding.scores import r2_score
from cortexlens.encoding.stacked import prior
from cortexlens.encoding.stacked.fit import StackedOptions, fit_stacked
from cortexlens.shapes import TEST, TRAIN

QUICK = StackedOptions(sizes=(0.0,), lattice=1, bandwidths=(0.0,), blocks=10, draws=10)
CHANNELS, SHARED, VERTICES = 24, 3, 120


def study(shared, *, n_train=120, n_test=200, n_vertices=VERTICES, seed=0):
    """Vertices that read one layer of two, through a few shared directions or through all."""
    rng = np.random.default_rng(seed)
    n_images = n_train + n_test
    layers = [rng.standard_normal((n_images, 5, CHANNELS)) for _ in range(2)]
    directions = [np.linalg.qr(rng.standard_normal((CHANNELS, CHANNELS)))[0] for _ in range(2)]
    response = np.empty((n_images, n_vertices))
    for vertex in range(n_vertices):
        layer, n_used = vertex % 2, SHARED if shared else CHANNELS
        weight = directions[layer][:, :n_used] @ rng.standard_normal(n_used)
        signal = layers[layer][:, vertex % 4] @ weight
        response[:, vertex] = signal / signal.std() + 1.5 * rng.standard_normal(n_images)
    return FitData(
        [torch.from_numpy(layer.astype(np.float16)) for layer in layers],
        response.astype(np.float32),
        np.arange(n_images),
        np.repeat([TRAIN, TEST], [n_train, n_test]),
        np.ones(n_images, dtype=np.int64),
    ), directions


def held_out(data, steps):
    """Fit, and mean R² on test images."""
    fit = fit_stacked(data, None, replace(QUICK, prior_steps=steps))
    trials = data.trials(TEST)
    predicted = predicted_responses(fit.model, data)[data.trial_image[trials]]
    return fit, float(r2_score(data.response[trials], predicted).mean())


def learnt(data, steps, monkeypatch):
    """What is learnt in a fit, as covariances of local channels."""
    found = {}
    learn = prior.learn_priors

    def watched(*given):
        found.update(enumerate(learn(*given).roots))
        return learn(*given)

    monkeypatch.setattr("cortexlens.encoding.stacked.fit.learn_priors", watched)
    held_out(data, steps)
    return [found[layer][0] @ found[layer][0].T for layer in range(2)]


def test_channels_that_vertices_share_are_learnt_and_predict_better(monkeypatch):
    data, directions = study(shared=True)
    (alike, r2), (fit, better) = held_out(data, 0), held_out(data, 2)
    assert better > r2 + 0.03
    assert (alike.prior_steps, alike.prior_gain, fit.prior_steps) == (0, (0.0,), 2)
    assert 0 < fit.prior_gain[1] < fit.prior_gain[2]
    for layer, covariance in enumerate(learnt(data, 2, monkeypatch)):
        within = directions[layer][:, :SHARED]
        share = np.trace(within.T @ covariance.numpy() @ within) / np.trace(covariance.numpy())
        # 3 of 24 directions hold an eighth where all are alike
        assert share > 0.4
    assert alike.weight.isfinite().all()


def test_where_nothing_is_shared_hardly_anything_is_learnt(monkeypatch):
    data, _ = study(shared=False)
    (_, r2), (_, same) = held_out(data, 0), held_out(data, 1)
    assert abs(same - r2) < 0.02
    for covariance in learnt(data, 1, monkeypatch):
        values = torch.linalg.eigvalsh(covariance)
        assert values.min() > 0.4
        assert values.max() < 2.5


def test_fewer_vertices_than_channels_learn_nothing(monkeypatch):
    data, _ = study(shared=True, n_vertices=20)
    for covariance in learnt(data, 2, monkeypatch):
        torch.testing.assert_close(covariance, torch.eye(CHANNELS))
    (one, _), (other, _) = held_out(data, 0), held_out(data, 2)
    assert other.prior_steps == 0
    assert len(other.prior_gain) == 2
    torch.testing.assert_close(one.weight, other.weight, atol=1e-4, rtol=1e-4)


def test_a_layer_that_does_not_vary_has_no_prior():
    data, _ = study(shared=True)
    data.layers[1][:] = 1.0
    fit, _ = held_out(data, 1)
    # where nothing is predicted weights are even
    assert set(np.unique(fit.layer[:, 1])) <= {0.0, 0.5}
    assert (fit.layer[::2, 0] == 1).mean() > 0.9

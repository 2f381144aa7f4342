"""One fit a layer, and for each vertex the layer that predicts it best."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cortexlens.encoding.best_layer import fit_best_layer
from cortexlens.encoding.ensemble import load_models, save_models
from cortexlens.encoding.fit import FitOptions, fit_members
from cortexlens.encoding.predictions import predict_images, score_on
from encoders import planted_data

OPTIONS = FitOptions(dimensions=4, batch_size=16, epochs=8, learning_rate=0.04, precision="float32")
EVERYWHERE = np.arange(120)


@pytest.fixture(scope="module")
def data():
    return planted_data(n_images=120)[0]


@pytest.mark.parametrize(
    "changes", [{}, {"scale": False}, {"factorized": False}], ids=["whole", "no scale", "masks"]
)
def test_a_vertex_is_predicted_by_the_fit_of_its_best_layer(data, changes):
    options = replace(OPTIONS, **changes)
    (joined,) = fit_best_layer(data, None, options, [3])
    alone = [replace(data, layers=[layer]) for layer in data.layers]
    models = [fit_members(each, None, options, [3])[0].model for each in alone]
    scores = np.stack([score_on(m, d, 1) for m, d in zip(models, alone, strict=True)])
    best = scores.argmax(axis=0)
    selectors = joined.model.selectors()
    np.testing.assert_array_equal(selectors.layer.detach(), np.eye(2)[best])
    each = np.stack([predict_images(m, d, EVERYWHERE) for m, d in zip(models, alone, strict=True)])
    expected = each[best, :, np.arange(6)].T
    found = predict_images(joined.model, data, EVERYWHERE)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    for vertex, layer in enumerate(best):
        own = models[layer].selectors()
        torch.testing.assert_close(selectors.space[vertex], own.space[vertex], atol=1e-5, rtol=0)
        torch.testing.assert_close(selectors.scale[vertex], own.scale[vertex], atol=1e-5, rtol=0)


def test_the_layers_that_were_planted_are_found(data):
    (joined,) = fit_best_layer(data, None, replace(OPTIONS, epochs=20), [0])
    assert joined.model.selectors().layer.argmax(dim=1).tolist() == [0, 1, 0, 1, 0, 1]
    assert len(joined.curve_loss) == len(joined.curve_r2_validation) <= 20


def test_a_vertex_that_never_varies_has_a_layer_too(data):
    response = data.response.copy()
    response[:, 2] = 1
    (joined,) = fit_best_layer(replace(data, response=response), None, OPTIONS, [0])
    assert joined.model.selectors().layer[2].tolist() == [1, 0]


@pytest.mark.parametrize("changes", [{"factorized": False}, {"scale": False}, {}])
def test_members_are_saved_and_loaded(data, changes, tmp_path):
    options = replace(OPTIONS, epochs=2, **changes)
    members = fit_best_layer(data, np.eye(6, 3) * 50, options, [0, 1])
    members += fit_members(data, np.eye(6, 3) * 50, options, [0])
    for number, member in enumerate(members):
        path = tmp_path / f"{number}.safetensors"
        save_models([member.model], path, {})
        (again,), _ = load_models(path)
        np.testing.assert_array_equal(
            predict_images(again, data, EVERYWHERE), predict_images(member.model, data, EVERYWHERE)
        )

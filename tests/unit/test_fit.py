from dataclasses import replace

import numpy as np
import pytest
import torch

import equation
from cortexlens.encoding.data import average_repeats
from cortexlens.encoding.ensemble import load_models, save_models
from cortexlens.encoding.fit import FitOptions, fit_member
from cortexlens.encoding.predictions import predict_images, score_on
from cortexlens.errors import CortexlensError
from encoders import planted_data

QUICK = FitOptions(
    dimensions=4,
    batch_size=16,
    epochs=3,
    learning_rate=0.01,
    regularization_images=100,
    precision="float32",
)
# A step that moves nothing: what is left is the model as it starts.
FROZEN = replace(QUICK, learning_rate=1e-30, epochs=1, weight_decay=0.0)


@pytest.fixture(scope="module")
def planted():
    """A planted subject, its truth, and a fit that should find it."""
    data, truth = planted_data(n_images=200)
    # Selectors that learn as fast as channels can leave the place that a vertex reads for good:
    # these tokens are independent, and far from the place there is no slope back to it.
    options = replace(
        QUICK, dimensions=8, epochs=30, patience=30, learning_rate=0.04, selector_lr_multiplier=0.3
    )
    return data, truth, fit_member(data, None, options, seed=0)


def same_state(one, other):
    one, other = one.model.state_dict(), other.model.state_dict()
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def test_the_loss_falls_and_held_out_responses_are_predicted(planted):
    data, _, fitted = planted
    assert fitted.curve_loss[-1] < 0.5 * fitted.curve_loss[0]
    assert (score_on(fitted.model, data, 2) > 0.8).all()  # perfect selectors would give 0.92


def test_the_planted_selectors_are_found(planted):
    _, truth, fitted = planted
    selectors = fitted.model.selectors()
    assert torch.equal(selectors.layer.argmax(dim=1), torch.tensor(truth.layer.argmax(axis=1)))
    assert (selectors.layer.max(dim=1).values > 0.6).all()
    assert torch.equal(selectors.space > 0, torch.tensor(truth.space > 0))
    assert (selectors.scale < 0.45).all()


def test_predictions_are_equation_1_of_the_fitted_parameters(planted):
    data, _, fitted = planted
    images = np.array([5, 0, 17])
    with torch.no_grad():
        selectors = fitted.model.selectors()
        aligned = fitted.model.align([layer.float() for layer in data.features(images)])
        parts = (aligned, *selectors[:3], fitted.model.weight, fitted.model.bias)
    terms = equation.Terms(*(part.detach().double().numpy() for part in parts))
    found = predict_images(fitted.model, data, images, batch_size=2)
    equation.assert_close(found, equation.predict(terms), 1e-4)


def test_the_same_seed_gives_the_same_numbers():
    data, _ = planted_data(1, n_images=60)
    options = replace(QUICK, dropout=0.3)
    one, again, other = (fit_member(data, None, options, seed) for seed in (4, 4, 5))
    assert same_state(one, again)
    np.testing.assert_array_equal(one.curve_loss, again.curve_loss)
    assert not torch.equal(one.model.weight, other.model.weight)


def test_test_images_never_influence_the_fit():
    data, _ = planted_data(2, n_images=60, repeats=2)
    unseen = data.split == 2
    response = data.response.copy()
    response[unseen[data.trial_image]] *= -50
    layers = [layer.clone() for layer in data.layers]
    for layer in layers:
        layer[torch.from_numpy(unseen)] = 7
    changed = replace(data, response=response, layers=layers)
    one, other = (fit_member(each, None, QUICK, seed=0) for each in (data, changed))
    assert same_state(one, other)
    np.testing.assert_array_equal(one.curve_r2_validation, other.curve_r2_validation)


def test_validation_images_only_choose_the_epoch():
    data, _ = planted_data(2, n_images=60)
    response = data.response.copy()
    response[data.split[data.trial_image] == 1] *= -1
    options = replace(QUICK, patience=99)
    one, other = (
        fit_member(each, None, options, seed=0) for each in (data, replace(data, response=response))
    )
    np.testing.assert_array_equal(one.curve_loss, other.curve_loss)
    assert not np.array_equal(one.curve_r2_validation, other.curve_r2_validation)


def test_the_best_state_is_kept():
    """Pure noise is only ever fitted too well: validation soon falls, and the fit stops."""
    data, _ = planted_data(3, n_images=60)
    response = np.random.default_rng(0).standard_normal(data.response.shape).astype(np.float32)
    data = replace(data, response=response)
    options = replace(QUICK, epochs=40, patience=4, learning_rate=0.03, dimensions=16)
    fitted = fit_member(data, None, options, seed=0)
    scores = fitted.curve_r2_validation
    best = int(scores.argmax())
    assert len(scores) == len(fitted.curve_loss) == best + 1 + options.patience < options.epochs
    assert scores[-1] < scores[best] - 0.05
    assert np.nanmean(score_on(fitted.model, data, 1)) == pytest.approx(scores[best], abs=1e-6)
    assert not fitted.model.training


def smooth_l1(error, beta):
    size = np.abs(error)
    return np.where(size < beta, 0.5 * error**2 / beta, size - 0.5 * beta)


@pytest.mark.parametrize("batch_size", [16, 1000])
def test_single_trials_weigh_images_by_their_repeats(batch_size):
    data, _ = planted_data(4, n_images=40, repeats=3)
    kept = np.random.default_rng(0).permutation(len(data.response))[:70]
    data = replace(
        data,
        response=data.response[kept],
        trial_image=data.trial_image[kept],
        repeats=data.repeats[kept],
    )
    fitted = fit_member(data, None, replace(FROZEN, batch_size=batch_size), seed=0)
    predicted = predict_images(fitted.model, data, np.arange(40))
    trials = np.flatnonzero(data.split[data.trial_image] == 0)
    errors = [predicted[data.trial_image[t]] - data.response[t] for t in trials]
    expected = smooth_l1(np.array(errors, dtype=float), FROZEN.smooth_l1_beta).mean()
    assert fitted.curve_loss[0] == pytest.approx(expected, rel=1e-5)


def test_quadratic_loss_on_single_trials_is_that_on_their_means():
    """Where all images are repeated equally often, the two differ by a constant only."""
    data, _ = planted_data(5, n_images=40, repeats=2)
    response, image, repeats = average_repeats(data.response, data.trial_image)
    means = replace(data, response=response, trial_image=image, repeats=repeats)
    options = replace(QUICK, smooth_l1_beta=1e3, learning_rate=1e-3)
    one, other = (fit_member(each, None, options, seed=0) for each in (data, means))
    everywhere = np.arange(40)
    equation.assert_close(
        predict_images(one.model, data, everywhere),
        predict_images(other.model, data, everywhere).astype(float),
        1e-4,
    )


def test_a_batch_holds_every_trial_of_its_images_once():
    data, _ = planted_data(6, n_images=30, repeats=2)
    fitted = fit_member(data, None, replace(FROZEN, batch_size=7, epochs=1), seed=0)
    shuffled = replace(
        data,
        response=data.response[::-1].copy(),
        trial_image=data.trial_image[::-1].copy(),
    )
    again = fit_member(shuffled, None, replace(FROZEN, batch_size=7, epochs=1), seed=0)
    assert fitted.curve_loss[0] == pytest.approx(again.curve_loss[0], rel=1e-5)


def test_the_model_holds_the_moments_of_training_images():
    data, _ = planted_data(7, n_images=50)
    fitted = fit_member(data, None, FROZEN, seed=0)
    train = torch.from_numpy(data.split == 0)
    for layer, (local, pooled) in zip(data.layers, fitted.model.alignments(), strict=True):
        tokens = layer[train].double()
        for align, part in ((local, tokens[:, :-1]), (pooled, tokens[:, -1:])):
            flat = part.flatten(0, 1)
            torch.testing.assert_close(align.mean.double(), flat.mean(dim=0), rtol=1e-4, atol=0)
            torch.testing.assert_close(align.scale.double(), flat.std(dim=0), rtol=1e-4, atol=0)


@pytest.mark.parametrize("places", [None, np.eye(6, 3) * 50], ids=["free", "topology"])
def test_a_fit_that_diverges_twice_says_what_to_change(places, capsys):
    data, _ = planted_data(8, n_images=40)
    told = r"diverged in epoch 1: .*again.*Lower encoder\.learning_rate \(1e\+25\)"
    with pytest.raises(CortexlensError, match=told):
        fit_member(data, places, replace(QUICK, learning_rate=1e25), seed=0)
    assert "Retrying once with encoder.learning_rate 1e+24" in capsys.readouterr().err


def test_a_fit_that_diverges_once_is_the_fit_at_a_tenth_of_the_rate():
    data, _ = planted_data(8, n_images=40)
    found, slower = (fit_member(data, None, replace(QUICK, learning_rate=r), 0) for r in (100, 10))
    assert "diverged in epoch 1: its loss is " in found.diverged
    assert slower.diverged is None
    assert same_state(found, slower)
    np.testing.assert_array_equal(found.curve_loss, slower.curve_loss)


def test_topology_is_used_where_there_are_coordinates():
    data, _ = planted_data(9, n_images=40)
    places = np.random.default_rng(0).uniform(-50, 50, (6, 3))
    with_place = fit_member(data, places, FROZEN, seed=0)
    assert torch.equal(
        with_place.model.selectors.coordinates, torch.from_numpy(places.astype(np.float32))
    )
    for fitted in (
        fit_member(data, places, replace(FROZEN, topology=False), seed=0),
        fit_member(data, None, FROZEN, seed=0),
    ):
        assert set(dict(fitted.model.selectors.named_parameters())) == {"space", "layer", "scale"}
        assert not dict(fitted.model.selectors.named_buffers())


@pytest.mark.parametrize(
    ("option", "value"), [("regularization", 5.0), ("selector_lr_multiplier", 0.0)]
)
def test_what_holds_selectors_back(option, value):
    """Strong regularisation keeps layers uniform; a rate of zero keeps selectors as they start."""
    data, _ = planted_data(10, n_images=60)
    options = replace(QUICK, epochs=30, regularization_images=10**9, weight_decay=0.0)
    free = fit_member(data, None, options, seed=0).model.selectors()
    held = fit_member(data, None, replace(options, **{option: value}), seed=0).model.selectors()
    assert (held.layer - 0.5).abs().max() < 0.1 * (free.layer - 0.5).abs().max()
    assert (held.scale - 0.5).abs().max() < 0.2 * (free.scale - 0.5).abs().max()


def test_selectors_can_learn_from_images_that_channels_have_not_seen():
    """A wide layer of noise is soon known by heart; other images tell it from one that answers."""
    data, _ = planted_data(13, n_images=120, n_vertices=4, height=1, channels=(4,), noise=1.5)
    noise = np.random.default_rng(13).standard_normal((120, 2, 1024)).astype(np.float16)
    data.layers.append(torch.from_numpy(noise))
    options = replace(QUICK, epochs=20, patience=20, learning_rate=0.03, regularization_images=0)
    together, apart = (
        fit_member(data, None, replace(options, selector_image_fraction=share), seed=0)
        for share in (0.0, 0.3)
    )
    told = [fitted.model.selectors().layer[:, 0] for fitted in (together, apart)]
    assert told[1].mean() > 0.1 + told[0].mean()
    assert (told[1] > told[0]).all()
    again = fit_member(data, None, replace(options, selector_image_fraction=0.3), seed=0)
    assert same_state(apart, again)


def test_weight_decay_reaches_the_optimiser():
    data, _ = planted_data(11, n_images=60)
    plain, decayed = (
        fit_member(data, None, replace(QUICK, weight_decay=decay), seed=0).model.weight.norm()
        for decay in (0.0, 3.0)
    )
    assert decayed < 0.95 * plain


def test_bfloat16_fits_as_well_as_float32():
    data, _ = planted_data(12, n_images=150)
    options = replace(QUICK, epochs=8, learning_rate=0.04, dimensions=8)
    full, halved = (
        fit_member(data, None, replace(options, precision=precision), seed=0)
        for precision in ("float32", "bfloat16")
    )
    assert halved.model.weight.dtype == torch.float32
    difference = halved.curve_r2_validation.max() - full.curve_r2_validation.max()
    assert abs(difference) < 0.05


def test_aligned_features_of_every_layer_are_held_at_one_size():
    data, _ = planted_data(17, n_images=80, n_vertices=6, channels=(4, 16))
    held = fit_member(data, None, replace(QUICK, aligned_rms=3.0), seed=0).model
    images = np.flatnonzero(data.split == 0)
    with torch.inference_mode():
        aligned = held.align([tokens.float() for tokens in data.features(images)])
    for tokens in (aligned[:, :, :-1], aligned[:, :, -1:]):
        size = tokens.square().mean(dim=(0, 2, 3)).sqrt()
        torch.testing.assert_close(size, torch.full((2,), 3.0), rtol=1e-3, atol=0)


def test_a_held_size_is_gone_from_the_fitted_model(tmp_path):
    """Whoever reads the model needs nothing of how it was fitted."""
    data, _ = planted_data(18, n_images=60)
    free, held = (
        fit_member(data, None, replace(QUICK, aligned_rms=size), seed=0).model
        for size in (0.0, 2.0)
    )
    assert set(free.state_dict()) == set(held.state_dict())
    assert all(parameter.requires_grad for parameter in held.parameters())
    save_models([held], tmp_path / "model.safetensors", {})
    (again,), _ = load_models(tmp_path / "model.safetensors")
    images = np.arange(5)
    np.testing.assert_array_equal(
        predict_images(again, data, images), predict_images(held, data, images)
    )


def test_a_layer_without_variance_does_not_break_held_sizes():
    data, _ = planted_data(19, n_images=60)
    data.layers[0][:] = 1
    fitted = fit_member(data, None, replace(QUICK, aligned_rms=1.0), seed=0)
    assert np.isfinite(fitted.curve_loss).all()
    assert all(torch.isfinite(value).all() for value in fitted.model.state_dict().values())


def test_without_a_scale_only_local_tokens_are_read():
    data, _ = planted_data(20, n_images=60)
    model = fit_member(data, np.eye(6, 3) * 50, replace(QUICK, scale=False), seed=0).model
    assert (model.selectors().scale == 0).all()
    assert not [name for name in model.state_dict() if name.startswith("selectors.scale")]
    changed = [layer.clone() for layer in data.layers]
    for layer in changed:
        layer[:, -1] = 9
    images = np.arange(60)
    np.testing.assert_array_equal(
        predict_images(model, data, images),
        predict_images(model, replace(data, layers=changed), images),
    )


def test_without_factorisation_masks_find_what_was_planted():
    data, truth = planted_data(n_images=200)
    options = replace(QUICK, dimensions=8, epochs=30, patience=30, learning_rate=0.04)
    fitted = fit_member(data, None, replace(options, factorized=False), seed=0)
    assert (score_on(fitted.model, data, 2) > 0.6).all()
    selectors = fitted.model.selectors()
    assert torch.equal(selectors.layer.argmax(dim=1), torch.tensor(truth.layer.argmax(axis=1)))
    assert torch.equal(selectors.space > 0, torch.tensor(truth.space > 0))

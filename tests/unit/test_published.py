"""Published checkpoints become models of ours that select and predict the same."""

import itertools

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from cortexlens.encoding.ensemble import load_models, save_models
from cortexlens.encoding.published import code_columns, published_model, read_published
from cortexlens.errors import CortexlensError
from equation import assert_close
from published import predict, random_state, selectors


def places(rng, n_vertices):
    """Coordinates in mm; the second axis is the longest, and none starts at 0."""
    return (rng.uniform(-1, 1, (n_vertices, 3)) * [40, 150, 60] + [5, -30, 80]).astype(np.float32)


def write(path, state):
    torch.save(state, path)
    return path


# 17 tokens and 13 channels: 8 shared channels are read by cell above 14 vertices, folded below.
@pytest.mark.parametrize(("n_vertices", "folded"), [(5, True), (60, False)])
@pytest.mark.parametrize("last_bias", [False, True])
def test_selectors_and_predictions_are_those_of_the_equations(
    tmp_path, n_vertices, folded, last_bias
):
    rng = np.random.default_rng(n_vertices)
    state = random_state(
        rng, n_vertices=n_vertices, dimensions=8, channels=(4, 3, 6), last_bias=last_bias
    )
    coordinates = places(rng, n_vertices)
    tensors = read_published(write(tmp_path / "model.pt", state))
    model = published_model(tensors, coordinates)
    assert model._folding_is_cheaper(17) == folded
    expected = selectors(state, coordinates)
    found = model.selectors()
    for name, values in expected.items():
        assert_close(getattr(found, name).detach(), values, 1e-5, name)
    assert np.ptp(expected["space"], axis=0).max() > 0.2
    tokens = [rng.standard_normal((4, 17, count)).astype(np.float16) for count in (4, 3, 6)]
    with torch.inference_mode():
        predicted = model([torch.from_numpy(layer) for layer in tokens])
    assert_close(predicted, predict(state, expected, tokens), 1e-5)


def test_the_code_in_our_own_order_would_be_another_model():
    rng = np.random.default_rng(9)
    state, coordinates = random_state(rng, n_vertices=20), places(rng, 20)
    in_our_order = {
        name: values[:, code_columns().argsort()] if name.endswith("mlp.1.weight") else values
        for name, values in state.items()
    }
    one, other = (published_model(each, coordinates).selectors() for each in (state, in_our_order))
    assert (one.layer - other.layer).abs().max() > 0.05


@pytest.mark.parametrize("last_bias", [False, True])
def test_an_imported_model_is_saved_and_read_again(tmp_path, last_bias):
    rng = np.random.default_rng(1)
    tensors = random_state(rng, last_bias=last_bias)
    model = published_model(tensors, places(rng, 7))
    save_models([model], tmp_path / "model.safetensors", {})
    (again,), _ = load_models(tmp_path / "model.safetensors")
    assert model.selectors().mask is None
    for one, other in zip(model.selectors()[:3], again.selectors()[:3], strict=True):
        assert torch.equal(one, other)
    assert ("selectors.layer.4.bias" in again.state_dict()) == last_bias


def test_sines_and_cosines_of_a_published_code_are_found():
    published = list(itertools.product(range(3), range(32), ("sine", "cosine")))
    found = [published[column] for column in code_columns()]
    ours = itertools.product(range(3), ("sine", "cosine"), range(32))
    assert found == [(axis, frequency, function) for axis, function, frequency in ours]


@pytest.mark.parametrize("prefix", ["", "model.", "module.", "module.model.", "encoder.head."])
@pytest.mark.parametrize("nested", [None, "state_dict", "model"])
@pytest.mark.parametrize("suffix", [".pt", ".pth", ".ckpt"])
def test_prefixes_and_nests_are_taken_off(tmp_path, prefix, nested, suffix):
    state = random_state(np.random.default_rng(2))
    named = {f"{prefix}{name}": value for name, value in state.items()}
    content = {nested: named, "epoch": 3} if nested else named
    found = read_published(write(tmp_path / f"model{suffix}", content))
    assert set(found) == set(state)
    assert all(torch.equal(found[name], value) for name, value in state.items())


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_precisions_become_float32(tmp_path, dtype):
    state = random_state(np.random.default_rng(3))
    save_file({n: v.to(dtype) for n, v in state.items()}, tmp_path / "model.safetensors")
    found = read_published(tmp_path / "model.safetensors")
    assert {value.dtype for value in found.values()} == {torch.float32}
    assert torch.equal(found["weight"], state["weight"].to(dtype).float())


def test_tensors_that_are_not_weights_of_the_format_are_told(tmp_path, capsys):
    state = random_state(np.random.default_rng(4))
    more = {"space_selector_mlp.0.frequencies": torch.ones(32), "loss.weight": torch.ones(2)}
    assert set(read_published(write(tmp_path / "model.pt", state | more))) == set(state)
    told = capsys.readouterr().err
    assert "ignoring 2 tensors that are not in the format, e.g. space_selector_mlp.0." in told


NAMES = list(random_state(np.random.default_rng(0), last_bias=True))


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("5.bias")])
def test_a_missing_tensor_is_named(tmp_path, name):
    state = random_state(np.random.default_rng(5))
    del state[name]
    with pytest.raises(CortexlensError, match=f"model.pt: tensor '{name}' is missing"):
        read_published(write(tmp_path / "model.pt", state))


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", NAMES)
def test_a_tensor_that_does_not_fit_the_others_is_refused(tmp_path, name, axis):
    state = random_state(np.random.default_rng(6), last_bias=True)
    state[name] = torch.cat([state[name], state[name].narrow(axis, 0, 1)], axis)
    with pytest.raises(CortexlensError, match=r"model.pt: tensor '.*' (has shape|is missing)"):
        read_published(write(tmp_path / "model.pt", state))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(tmp_path, name, value):
    state = random_state(np.random.default_rng(7), last_bias=True)
    state[name].view(-1)[-1] = value
    with pytest.raises(CortexlensError, match=f"tensor '{name}' holds values that are not finite"):
        read_published(write(tmp_path / "model.pt", state))


def flat(state):
    state["local_token_bottleneck.1.weight"] = state["local_token_bottleneck.1.weight"][..., 0, 0]


def empty(state):
    state["weight"] = state["weight"][:, :0]


def whole(state):
    state["bias"] = state["bias"].to(torch.int64)


def biased(state):
    state["local_token_bottleneck.0.bias"] = torch.ones(5)


def deeper(state):
    state["local_token_bottleneck.3.weight"] = state["local_token_bottleneck.0.weight"]


def doubled(state):
    state |= {f"ema.{name}": value for name, value in state.items()}


def other(state):
    state.clear()
    state["conv1.weight"] = torch.ones(3)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (flat, r"'local_token_bottleneck.1.weight' has shape \(5, 3\); needed are 4 axes"),
        (empty, r"'weight' has shape \(7, 0\); needed are 2 axes, none of them empty"),
        (whole, r"'bias' holds torch.int64; needed are finite floating-point numbers"),
        (biased, r"'local_token_bottleneck.0.bias' is not part of the published format with N = 7"),
        (deeper, r"'local_token_bottleneck.3.weight' is not part of .* L = 3 layers"),
        (doubled, r"holds 2 models, under '' and 'ema\.'; allowed is one. Save"),
        (other, r"'local_token_bottleneck.0.weight' is missing; found 1 others.*'conv1.weight'"),
    ],
)
def test_what_is_no_published_model_is_refused(tmp_path, spoil, message):
    state = random_state(np.random.default_rng(8))
    spoil(state)
    with pytest.raises(CortexlensError, match=message):
        read_published(write(tmp_path / "model.pt", state))

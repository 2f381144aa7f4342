"""Autoencoders in memory and on disk: what activations let through, and what files keep."""

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save_file

from cortexlens.errors import CortexlensError
from cortexlens.sae.activations import batch_threshold, chosen, jump, n_candidates
from cortexlens.sae.model import ACTIVATIONS, ENTRY, About, Sae, load_sae, save_sae
from cortexlens.sae.settings import Settings
from cortexlens.sae.step import initialise_weights

CHANNELS, UNITS = 12, 40


def made(activation="topk", active=5, seed=0):
    sae = Sae(About(activation, active, "local", "net", "blocks.1"), CHANNELS, UNITS)
    initialise_weights(sae, seed)
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        sae.encoder.bias.copy_(0.1 * torch.randn(UNITS, generator=generator))
        sae.decoder.bias.copy_(torch.randn(CHANNELS, generator=generator))
        sae.threshold.fill_({"batchtopk": 0.7, "jumprelu": 0.4}.get(activation, 0.0))
    sae.input.mean.copy_(torch.randn(CHANNELS, generator=generator))
    sae.input.scale.fill_(2.5)
    return sae


def drawn(n_tokens=30, seed=3):
    return 3 * torch.randn(n_tokens, CHANNELS, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def literally(sae, token):
    """Codes of one token in float64, written out."""
    weight, bias = sae.encoder.weight.double(), sae.encoder.bias.double()
    before = weight @ ((token.double() - sae.input.mean) / sae.input.scale) + bias
    if sae.activation == "topk":
        kept = sorted(range(UNITS), key=lambda unit: -before[unit])[: sae.about.k]
        return torch.tensor([max(0.0, float(before[u])) if u in kept else 0 for u in range(UNITS)])
    return torch.where(before > sae.threshold, before, 0.0)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_codes_and_reconstruction_are_those_written_out(activation):
    sae, tokens = made(activation), drawn()
    codes = sae.encode(tokens)
    expected = torch.stack([literally(sae, token) for token in tokens]).float()
    torch.testing.assert_close(codes, expected, rtol=1e-4, atol=1e-5)
    assert (codes >= 0).all()
    assert (codes > 0).any()
    summed = codes.double() @ sae.decoder.weight.detach().double() + sae.decoder.bias.detach()
    found = sae.reconstruct(tokens).double()
    torch.testing.assert_close(found, summed * 2.5 + sae.input.mean, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_sparse_codes_are_the_same(activation):
    sae, tokens = made(activation), drawn()
    values, units = sae.encode_sparse(tokens)
    again = torch.zeros(len(tokens), UNITS).scatter_(1, units, values)
    assert torch.equal(again, sae.encode(tokens))


def test_no_tokens_have_no_codes():
    values, units = made().encode_sparse(drawn()[:0])
    assert values.shape == units.shape == (0, 1)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_file_gives_back_the_same_autoencoder(activation, tmp_path):
    sae = made(activation)
    save_sae(sae, tmp_path / "sae.safetensors")
    found = load_sae(tmp_path / "sae.safetensors")
    assert found.about == sae.about
    assert (found.tokens, found.activation, found.n_units) == ("local", activation, UNITS)
    assert torch.equal(found.encode(drawn()), sae.encode(drawn()))
    assert not any(each.requires_grad for each in found.parameters())


def test_what_is_no_autoencoder_is_refused(tmp_path):
    file = tmp_path / "sae.safetensors"
    with pytest.raises(CortexlensError, match="cannot be read as a sparse autoencoder"):
        load_sae(file)
    file.write_bytes(b"none")
    with pytest.raises(CortexlensError, match="Run the workflow again"):
        load_sae(file)
    save_file({"other": torch.zeros(2)}, file)
    with pytest.raises(CortexlensError, match="KeyError"):
        load_sae(file)


@pytest.mark.parametrize(("activation", "tokens"), [("relu", "class"), ("topk", "global")])
def test_unknown_names_are_refused(activation, tokens):
    with pytest.raises(CortexlensError, match="allowed: "):
        About(activation, 3, tokens)


@given(st.integers(1, 40), st.integers(1, 30), st.integers(0, 1000))
def test_a_batch_keeps_as_many_as_it_shall(n_tokens, active, seed):
    before = torch.randn(n_tokens, 50, generator=torch.Generator().manual_seed(seed))
    n_kept = n_candidates("batchtopk", active, 50)
    values = before.topk(n_kept, dim=1).values
    count = int(chosen(values, "batchtopk", active).sum())
    above = int((values > 0).sum())
    assert count == min(active * n_tokens, above)
    assert float(batch_threshold(values, active)) <= float(values.max())


def test_gradients_of_thresholds_are_those_of_the_paper():
    before = torch.tensor([[0.45, 0.55, 3.0]], requires_grad=True)
    threshold = torch.full((3,), 0.5, requires_grad=True)
    codes, above = jump(before, threshold)
    assert torch.equal(codes, torch.tensor([[0.0, 0.55, 3.0]]))
    assert torch.equal(above, torch.tensor([[0.0, 1.0, 1.0]]))
    (2 * codes.sum() + 7 * above.sum()).backward()
    # within half of the width 0.2 of the threshold: -(0.5 * 2 + 7) / 0.2
    torch.testing.assert_close(threshold.grad, torch.tensor([-40.0, -40.0, 0.0]))
    assert torch.equal(before.grad, torch.tensor([[0.0, 2.0, 2.0]]))


def test_the_learning_rate_falls_over_the_last_fifth():
    rates = [Settings(learning_rate=2.0).rate(done) for done in (0, 0.5, 0.8, 0.9, 1)]
    assert rates == pytest.approx([2, 2, 2, 1, 0])
    assert Settings(expansion=0.01).n_units(3) == 1


@pytest.mark.parametrize(
    ("n_tokens", "size"), [(10, 10), (1000, 32), (9000, 90), (102_400, 1024), (10**6, 1024)]
)
def test_a_pass_over_few_tokens_has_more_steps(n_tokens, size):
    assert Settings(batch_size=1024).step_tokens(n_tokens) == size


def test_files_with_former_names_of_settings_are_read(tmp_path):
    sae = made()
    save_sae(sae, tmp_path / "new.safetensors")
    former = {("active" if name == "k" else name): value for name, value in vars(sae.about).items()}
    with safe_open(tmp_path / "new.safetensors", "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    save_file(tensors, tmp_path / "old.safetensors", {ENTRY: json.dumps(former)})
    assert load_sae(tmp_path / "old.safetensors").about == sae.about

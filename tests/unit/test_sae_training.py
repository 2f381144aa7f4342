"""Training of autoencoders: gradients, planted dictionaries, dead units, runs that are killed."""

import copy

import numpy as np
import pytest
import torch
from torch.nn import functional

from cortexlens.errors import CortexlensError
from cortexlens.sae import training
from cortexlens.sae.model import About, Sae, save_sae
from cortexlens.sae.settings import Settings
from cortexlens.sae.step import SaeTrainer, strongest
from cortexlens.sae.tokens import Tokens, batches, moments_of
from cortexlens.sae.training import train_autoencoder


class Drawn(Tokens):
    """Tokens in memory, read as those of stores are; one a picture."""

    def __init__(self, tokens):
        self._kept = tokens.half()[:, None]
        self._places = np.zeros((len(tokens), 2), int)
        self.per_image, self.n_channels = 1, tokens.shape[1]
        self.device = torch.device("cpu")


def planted(n_tokens, n_channels=32, n_units=64, active=4, noise=0.02, seed=0):
    """Tokens of a few directions each, and the directions."""
    generator = torch.Generator().manual_seed(seed)
    directions = functional.normalize(torch.randn(n_units, n_channels, generator=generator), dim=1)
    units = torch.rand(n_tokens, n_units, generator=generator).topk(active, dim=1).indices
    amplitude = 1 + torch.rand(n_tokens, active, generator=generator)
    codes = torch.zeros(n_tokens, n_units).scatter_(1, units, amplitude)
    drawn = noise * torch.randn(n_tokens, n_channels, generator=generator)
    return codes @ directions + drawn + 3, directions


def normalising(tokens, activation, active, n_units):
    found = moments_of(tokens)
    sae = Sae(About(activation, active, "local"), tokens.n_channels, n_units)
    sae.input.mean.copy_(found.mean)
    sae.input.scale.fill_(found.scale)
    return sae


def trained(tmp_path, tokens, activation="topk", active=4, key="", n_units=64, **settings):
    sae = normalising(tokens, activation, active, n_units)
    given = Settings(**{"batch_size": 256, "epochs": 3, "learning_rate": 3e-3, **settings})
    progress = train_autoencoder(sae, tokens, given, tmp_path / "state", key)
    return sae, progress


def test_moments_are_those_of_the_tokens():
    tokens = planted(1000)[0]
    found = moments_of(Drawn(tokens))
    given = tokens.half().double()
    torch.testing.assert_close(found.mean, given.mean(0), rtol=1e-5, atol=1e-5)
    expected = torch.from_numpy(np.cov(given.T.numpy(), bias=True))
    torch.testing.assert_close(found.covariance, expected, rtol=1e-4, atol=1e-5)
    assert found.scale == pytest.approx(float(given.var(0, correction=0).mean().sqrt()), rel=1e-4)
    assert moments_of(Drawn(torch.ones(5, 3))).scale == 1


def test_a_pass_gives_every_token_once_but_for_what_is_left_over():
    tokens = Drawn(torch.arange(1000.0)[:, None].expand(1000, 2))
    first, second = (list(batches(tokens, 64, 7, epoch)) for epoch in (0, 1))
    assert {len(batch) for batch in first} == {64}
    seen = torch.cat(first)[:, 0].tolist()
    assert len(set(seen)) == len(seen) == 1000 // 64 * 64
    assert not torch.equal(torch.cat(first), torch.cat(second))
    assert torch.equal(torch.cat(first), torch.cat(list(batches(tokens, 64, 7, 0))))


@pytest.mark.parametrize("activation", ["topk", "batchtopk"])
def test_sparse_products_give_the_gradients_of_dense_ones(activation):
    tokens = Drawn(planted(500)[0])
    sae = normalising(tokens, activation, 4, 64)
    settings = Settings(batch_size=500)
    raw = next(tokens.blocks(size=500))
    found = []
    for dense in (False, True):
        learner = SaeTrainer(copy.deepcopy(sae), settings, 500, 10, dense=dense)
        own = learner.sae.normalised(raw)
        forward = learner.forward(own)
        (forward.reconstruction - own).square().mean().backward()
        gradients = [each.grad for each in learner.sae.parameters() if each.requires_grad]
        found.append([forward.reconstruction, forward.active, forward.n_active, *gradients])
    for sparse, dense in zip(*found, strict=True):
        torch.testing.assert_close(sparse, dense, rtol=1e-4, atol=1e-6)


def test_units_that_a_short_format_finds_have_exact_values():
    tokens = Drawn(planted(500)[0])
    sae = normalising(tokens, "topk", 4, 64)
    own = sae.normalised(next(tokens.blocks(size=500)))
    found = []
    for dtype in (torch.float32, torch.bfloat16):
        learner = SaeTrainer(sae, Settings(batch_size=500), 500, 10, dtype)
        found.append(learner.forward(own).reconstruction)
    same = (found[0] - found[1]).abs().amax(1) < 1e-5
    # others have a unit that is about as strong as the next
    assert same.float().mean() > 0.9


def test_the_strongest_units_are_found_part_by_part():
    generator = torch.Generator().manual_seed(0)
    tokens, weight = (torch.randn(n, 16, generator=generator) for n in (600, 90))
    bias = torch.randn(90, generator=generator)
    values, units = strongest(tokens, weight, bias, 7)
    before = functional.linear(tokens, weight, bias)
    torch.testing.assert_close(values.sort(1).values, before.topk(7, 1).values.sort(1).values)
    torch.testing.assert_close(before.gather(1, units), values)


# What each activation finds of the planted directions; topk has to find nearly all.
@pytest.mark.parametrize(
    ("activation", "share"), [("topk", 0.9), ("batchtopk", 0.9), ("jumprelu", 0.8), ("l1", 0.8)]
)
def test_planted_directions_are_found(activation, share, tmp_path):
    tokens, directions = planted(10_000)
    sae, progress = trained(tmp_path, Drawn(tokens), activation, epochs=10, n_units=128)
    likeness = directions @ sae.decoder.weight.detach().T
    assert float((likeness.max(dim=1).values >= 0.9).float().mean()) >= share
    torch.testing.assert_close(sae.decoder.weight.norm(dim=1), torch.ones(128))
    fresh = planted(2000, seed=0)[0]
    count = float((sae.encode(fresh) > 0).sum(1).float().mean())
    assert count == pytest.approx(4, rel=0.3)
    # a penalty on the sum of codes makes all of them smaller than they are
    assert progress.history[-1]["fvu"] < (0.9 if activation == "l1" else 0.2)


@pytest.mark.parametrize("activation", ["topk", "batchtopk", "jumprelu", "l1"])
def test_a_run_that_was_killed_ends_with_the_same_bytes(activation, tmp_path, monkeypatch):
    tokens = Drawn(planted(3000)[0])
    whole, _ = trained(tmp_path / "whole", tokens, activation)
    save, calls = training.write_state, []

    def killed(*given):
        save(*given)
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(training, "write_state", killed)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "killed", tokens, activation)
    monkeypatch.setattr(training, "write_state", save)
    again, progress = trained(tmp_path / "killed", tokens, activation)
    assert len(progress.history) == 3
    for name, sae in (("one", whole), ("other", again)):
        save_sae(sae, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_state_of_another_training_is_left_out(tmp_path, capsys):
    tokens = Drawn(planted(1000)[0])
    trained(tmp_path, tokens, key="one", epochs=1)
    trained(tmp_path, tokens, key="other", epochs=1)
    assert "other settings, data or code" in capsys.readouterr().err
    (tmp_path / "state").write_bytes(b"none")
    trained(tmp_path, tokens, key="other", epochs=1)
    assert "the checkpoint cannot be read" in capsys.readouterr().err


def test_seeds_differ_and_the_same_seed_does_not(tmp_path):
    tokens = Drawn(planted(1000)[0])
    one, same, other = (
        trained(tmp_path / str(place), tokens, epochs=1, sae_seed=seed)[0].decoder.weight
        for place, seed in enumerate((0, 0, 1))
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_training_that_diverges_twice_says_so_and_leaves_nothing(tmp_path):
    with pytest.raises(CortexlensError, match=r"diverged in epoch 1 .*Lower sae\.learning_rate"):
        trained(tmp_path, Drawn(planted(1000)[0]), learning_rate=1e30)
    assert not list(tmp_path.iterdir())


def test_a_training_that_diverges_once_is_that_at_a_tenth_of_the_rate(tmp_path, monkeypatch):
    """No real rate diverges while its tenth does not: directions are of length 1."""
    tokens, step = Drawn(planted(1000)[0]), SaeTrainer.step

    def diverging(learner, raw, number):
        found = step(learner, raw, number)
        return found * float("nan") if learner.settings.learning_rate == 0.03 else found

    slower, _ = trained(tmp_path / "slower", tokens, learning_rate=0.03 * 0.1)
    monkeypatch.setattr(SaeTrainer, "step", diverging)
    sae, progress = trained(tmp_path / "found", tokens, learning_rate=0.03)
    assert progress.diverged == "the training diverged in epoch 1 of 3: its loss is nan."
    assert len(progress.history) == 3
    for name, value in slower.state_dict().items():
        assert torch.equal(sae.state_dict()[name], value)


@pytest.mark.parametrize("activation", ["topk", "l1", "jumprelu"])
def test_dead_units_come_back(activation):
    tokens = Drawn(planted(4000)[0])
    sae = normalising(tokens, activation, 4, 64)
    learner = SaeTrainer(sae, Settings(batch_size=500, learning_rate=3e-3), 4000, 400)
    with torch.no_grad():
        learner.sae.encoder.bias[:20] = -4.5 if activation == "topk" else -8
    number = 0
    dead = []
    for epoch in range(12):
        for raw in batches(tokens, 500, 0, epoch):
            learner.step(raw, number)
            number += 1
        dead.append(int((learner.dead() < 20).sum()))
        learner.resample(raw, epoch)
    assert dead[0] >= 15
    assert dead[-1] <= 4


def test_directions_stay_unit_vectors_and_gradients_do_not_stretch_them():
    tokens = Drawn(planted(500)[0])
    learner = SaeTrainer(normalising(tokens, "topk", 4, 64), Settings(batch_size=500), 500, 10)
    weight = learner.sae.decoder.weight
    before = weight.detach().clone()
    learner.step(next(tokens.blocks(size=500)), 0)
    along = (before * weight.grad).sum(1)
    torch.testing.assert_close(along, torch.zeros(64), rtol=0, atol=1e-7)
    assert not torch.equal(before, weight)
    torch.testing.assert_close(weight.norm(dim=1), torch.ones(64))

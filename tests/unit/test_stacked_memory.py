"""What a stacked fit holds in memory: bounded, and bounds change nothing of what is found."""

import errno
import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array, identity

from cortexlens.encoding.predictions import predicted_responses
from cortexlens.encoding.stacked import regressions, samples, scratch, search, stacking
from cortexlens.encoding.stacked.fit import StackedOptions, fit_stacked
from cortexlens.encoding.stacked.neighbours import Cortex, averaged
from cortexlens.encoding.stacked.samples import training_samples
from cortexlens.encoding.stacked.scratch import Scratch
from cortexlens.encoding.stacked.stacking import (
    average,
    block_sums,
    blocks_that_fit,
    empty_sums,
)
from cortexlens.errors import CortexlensError
from cortexlens.shapes import TRAIN
from encoders import planted_data

OPTIONS = StackedOptions(
    lattice=1, sizes=(0.0, 1.0), bandwidths=(0.0, 3.0), blocks=12, draws=10, components=3
)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data():
    return planted_data(n_images=100, n_vertices=12, repeats=2)[0]


def fit(data, folder):
    places = np.random.default_rng(0).uniform(0, 4, (12, 3))
    return fit_stacked(data, places, OPTIONS, np.repeat([0, 1], 6), scratch=folder)


@pytest.fixture(scope="module")
def held(data):
    return fit(data, None)


def test_weights_in_a_file_are_those_in_memory(data, held, tmp_path, monkeypatch):
    mapped = []
    from_file = torch.from_file

    def counted(name, **options):
        mapped.append(name)
        assert os.path.getsize(name) == 4 * options["size"]
        return from_file(name, **options)

    monkeypatch.setattr(torch, "from_file", counted)
    monkeypatch.setattr(scratch, "HELD_BYTES", 0)
    filed = fit(data, tmp_path)
    assert {os.path.dirname(name) for name in mapped} == {str(tmp_path)}
    assert len(mapped) >= 6
    assert list(tmp_path.iterdir()) == []
    for ours, theirs in zip(held.model.sets, filed.model.sets, strict=True):
        assert torch.equal(ours.vertices, theirs.vertices)
        assert torch.equal(ours.weights, theirs.weights)
    found = predicted_responses(filed.model, data)
    np.testing.assert_array_equal(found, predicted_responses(held.model, data))
    assert found.std() > 0


@pytest.mark.parametrize("components", [None, 3])
def test_tokens_that_are_read_again_are_those_that_stay(data, components, monkeypatch, tmp_path):
    options = replace(OPTIONS, components=components)
    places = np.random.default_rng(0).uniform(0, 4, (12, 3))
    fits = []
    for kept in (1e9, 0):
        monkeypatch.setattr(samples, "KEPT_BYTES", kept)
        fits.append(fit_stacked(data, places, options, scratch=tmp_path))
    np.testing.assert_array_equal(fits[0].found.window, fits[1].found.window)
    torch.testing.assert_close(fits[0].weight, fits[1].weight, atol=1e-4, rtol=1e-4)


def test_a_search_looks_at_fewer_images_where_vertices_have_neighbours(data, held, monkeypatch):
    average = Cortex(np.random.default_rng(0).uniform(0, 4, (12, 3)), 12).average(2.0)
    assert search.images_that_suffice(average) > search.ENOUGH_IMAGES
    alone = csr_array(identity(12, dtype=np.float32, format="csr"))
    assert search.images_that_suffice(alone) == search.ENOUGH_SEEN
    monkeypatch.setattr(search, "ENOUGH_IMAGES", 40)
    monkeypatch.setattr(search, "ENOUGH_SEEN", 40)
    looked_at = []
    try_all = search._try_all
    monkeypatch.setattr(
        search, "_try_all", lambda *given: looked_at.append(given) or try_all(*given)
    )
    fewer = fit(data, None)
    assert fewer.found.n_images == 40
    # responses and features have no mean over the trials of the images that are looked at
    ((tokens, windows, _),) = looked_at
    some = tokens.samples
    assert len(some.images) == 40 < (data.split == TRAIN).sum()
    for values in (some.response, tokens.through(0, windows.weight[:2])[1]):
        np.testing.assert_allclose(some.root @ values, 0, atol=1e-4)
    # what was decomposed was of those images alone
    assert fewer.found.made == {}
    assert (fewer.found.window == held.found.window).mean() > 0.5


def test_bounds_on_what_a_search_holds_change_nothing(data, held, monkeypatch):
    used_again, rotate = [], regressions.rotate
    monkeypatch.setattr(
        regressions, "rotate", lambda *given: used_again.append(given) or rotate(*given)
    )
    fit(data, None)
    assert used_again
    used_again.clear()
    monkeypatch.setattr(search, "BASES_BYTES", 0)
    # a token at a time, and the fewest vertices
    monkeypatch.setattr(samples, "HELD_VALUES", 1)
    monkeypatch.setattr(search, "PRODUCT_VALUES", 1)
    monkeypatch.setattr(search, "FEWEST_VERTICES", 5)
    found = fit(data, None)
    assert not used_again
    torch.testing.assert_close(found.found.score, held.found.score, atol=1e-5, rtol=1e-4)
    np.testing.assert_array_equal(found.found.window, held.found.window)
    torch.testing.assert_close(found.weight, held.weight, atol=1e-4, rtol=1e-4)


def test_few_weights_make_no_file(tmp_path):
    place = Scratch(scratch.HELD_BYTES, tmp_path / "not there", CPU)
    assert place.zeros(3, 2).tolist() == [[0, 0]] * 3


def test_a_full_disk_is_an_error_in_one_line(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(scratch, "_reserve", full)
    with pytest.raises(CortexlensError, match=r"no room for 4\.0 GB .*lower stacked\.components"):
        Scratch(4e9, tmp_path, CPU).zeros(1000, 1_000_000)
    assert list(tmp_path.iterdir()) == []


def test_room_is_reserved_where_there_is_no_fallocate(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    found = Scratch(2e9, tmp_path, CPU).zeros(5, 7)
    found += 1
    assert found.sum() == 35


@pytest.mark.parametrize(("n_layers", "n_vertices"), [(12, 40_000), (4, 12_000), (24, 11_000)])
def test_sums_take_no_more_than_their_bound(n_layers, n_vertices):
    n_blocks = blocks_that_fit(50, 3, n_layers, n_vertices)
    assert stacking.FEWEST_BLOCKS <= n_blocks < 50
    one = empty_sums(1, 3 * n_layers, 10, CPU)
    n_bytes = sum(part.nbytes for part in (one.products, one.responses, one.total))
    assert n_bytes * n_blocks * n_vertices / 10 <= stacking.SUMS_BYTES


def test_networks_of_a_subject_have_as_many_blocks():
    assert len({blocks_that_fit(50, 3, layers, 40_000) for layers in range(1, 13)}) == 1
    assert blocks_that_fit(50, 3, 12, 4_000) == 50
    assert blocks_that_fit(50, 3, 12, 10**7) == stacking.FEWEST_BLOCKS
    assert blocks_that_fit(4, 3, 12, 10**7) == 4


def test_a_fit_of_fewer_blocks_says_so(data, monkeypatch):
    monkeypatch.setattr(stacking, "SUMS_BYTES", 0)
    found = fit(data, None)
    assert found.blocks == stacking.FEWEST_BLOCKS
    assert found.bandwidth.error.shape[2] == stacking.FEWEST_BLOCKS


def random_sums(n_vertices):
    sums = empty_sums(3, 4, n_vertices, CPU)
    for part in (sums.products, sums.responses, sums.total):
        part.normal_(generator=torch.Generator().manual_seed(1))
    return sums


@pytest.mark.parametrize("sigma", [{0: 2.0, 1: 2.0}, {0: 0.0, 1: 2.0}, {0: 1.0, 1: 2.0}])
def test_averages_in_place_are_those_of_each_hemisphere(sigma):
    places = np.random.default_rng(0).uniform(0, 4, (30, 3))
    cortex = Cortex(places, 30, np.arange(30) % 2)
    sums, before = random_sums(30), random_sums(30)
    average(sums, cortex, sigma)
    for found, given in (
        (sums.products, before.products),
        (sums.responses, before.responses),
        (sums.total, before.total),
    ):
        for side, width in sigma.items():
            expected = averaged(given, cortex.average(width))[..., side::2]
            torch.testing.assert_close(found[..., side::2], expected)
            assert torch.equal(found[..., side::2], given[..., side::2]) == (width == 0)


def test_sums_of_chosen_vertices_are_theirs_among_all():
    generator = torch.Generator().manual_seed(0)
    left_out = torch.randn((4, 9, 20), generator=generator)
    response = torch.randn((20, 9), generator=generator)
    root, block = torch.rand(20, generator=generator) + 1, torch.arange(20) // 7
    whole, some = empty_sums(3, 4, 9, CPU), empty_sums(3, 4, 3, CPU)
    given = left_out.clone()
    block_sums(left_out, response, root, block, whole, torch.arange(9))
    chosen = torch.tensor([7, 2, 5])
    rows = torch.tensor([1, 0, 2])
    block_sums(left_out, response[:, chosen], root, block, some, rows, chosen)
    assert torch.equal(left_out, given)
    for name in ("products", "responses", "total"):
        torch.testing.assert_close(
            getattr(some, name)[..., rows], getattr(whole, name)[..., chosen]
        )
    centred = left_out - (left_out @ (root / root.square().sum()))[:, :, None] * root
    expected = torch.einsum("svi,iv->sv", centred, response)
    torch.testing.assert_close(whole.responses.sum(dim=0), expected)


def test_responses_gathered_in_parts_are_the_same(data, monkeypatch):
    whole = training_samples(data, 5)
    monkeypatch.setattr(samples, "BLOCK_VALUES", 5 * len(data.response))
    parts = training_samples(data, 5)
    assert torch.equal(whole.response, parts.response)
    assert torch.equal(whole.offset, parts.offset)

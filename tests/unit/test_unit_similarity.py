"""Similarity of units and vertices: the best few, blocks, exchanges, resamples, assignments."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from cortexlens.analysis.dictionaries.similarity import drawn_regions, paired
from cortexlens.analysis.statistics.bootstrap import image_draws
from cortexlens.sae import similarity
from cortexlens.sae.assignment import assign
from cortexlens.sae.matching import match_directions
from cortexlens.sae.similarity import (
    TrainTestSplit,
    best_of_both,
    best_of_rows,
    compare,
    exchanged,
    prepare_codes,
    similarities,
)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 400), st.booleans())
def test_the_best_of_rows_are_those_of_a_full_sort(seed, kept, width, coarse):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((5, width)).astype(np.float32)
    if coarse:
        values = values.round()  # many equal ones
    values[rng.random(values.shape) < 0.1] = np.nan
    found = best_of_rows(values, kept)
    for row, number, value in zip(values, *found, strict=True):
        order = np.argsort(-np.nan_to_num(row, nan=-np.inf), kind="stable")
        order = order[np.nan_to_num(row[order], nan=-1) > 0][:kept]
        assert number[: len(order)].tolist() == order.tolist()
        assert (number[len(order) :] == -1).all()
        np.testing.assert_array_equal(value[: len(order)], row[order])
        assert np.isnan(value[len(order) :]).all()


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 30), st.integers(1, 30))
def test_lists_of_two_parts_join_to_that_of_the_whole(seed, kept, left, right):
    values = np.random.default_rng(seed).standard_normal((4, left + right)).round(1)
    values = values.astype(np.float32)
    one, other = best_of_rows(values[:, :left], kept), best_of_rows(values[:, left:], kept)
    moved = np.where(other.number < 0, -1, other.number + left).astype(np.int32)
    joined, whole = best_of_both(one, other._replace(number=moved)), best_of_rows(values, kept)
    np.testing.assert_array_equal(joined.number, whole.number)
    np.testing.assert_array_equal(joined.value, whole.value)


def some(n_images=60, n_units=30, n_vertices=50, share=0.3, seed=0):
    rng = np.random.default_rng(seed)
    codes = rng.uniform(0, 3, (n_images, n_units)) * (rng.random((n_images, n_units)) < share)
    response = rng.standard_normal((n_images, n_vertices)).astype(np.float32)
    split = np.where(np.arange(n_images) % 3 == 0, 2, 0)
    return codes.astype(np.float16), response, split


def compared(codes, response, split, **options):
    parts = TrainTestSplit(*(np.flatnonzero(split == part) for part in (0, 2)))
    orders = exchanged(split, 3, 0)
    return compare(codes, response, parts, orders, **{"kept": 4, **options})


def test_blocks_threads_and_sparse_products_change_nothing(monkeypatch):
    whole = compared(*some())
    monkeypatch.setattr(similarity, "_BLOCK_VALUES", 30 * 7)
    monkeypatch.setattr(similarity, "_SPARSE", 1.0)
    for options in ({"threads": 2}, {"threads": 1}):
        for one, other in zip(whole, compared(*some(), **options), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)


def test_chance_is_measured_on_some_of_very_many_vertices(monkeypatch):
    whole = compared(*some())
    monkeypatch.setattr(similarity, "EXCHANGED", 11)
    found = compared(*some())
    drawn = np.unique(np.linspace(0, 49, 11).round()).astype(int)
    for name in ("null_maximum", "null_held_out"):
        part, every = getattr(found, name), getattr(whole, name)
        np.testing.assert_allclose(part[..., drawn], every[..., drawn], atol=1e-6)
        assert np.isnan(np.delete(part, drawn, axis=-1)).all()
    np.testing.assert_array_equal(found.vertex_unit, whole.vertex_unit)


def test_what_is_kept_is_the_best_of_the_whole_product():
    codes, response, split = some()
    found = compared(codes, response, split)
    train, test = split == 0, split == 2
    trained = similarities(prepare_codes(codes[train]), response[train])
    tested = similarities(prepare_codes(codes[test]), response[test])
    np.testing.assert_array_equal(found.vertex_unit[..., 0], trained.argmax(axis=1))
    np.testing.assert_allclose(found.vertex_similarity[..., 0], trained.max(axis=1), rtol=1e-5)
    best = np.take_along_axis(tested, found.vertex_unit.swapaxes(1, 2), axis=1).swapaxes(1, 2)
    best = np.where(found.vertex_unit < 0, np.nan, best)
    np.testing.assert_allclose(found.vertex_held_out, best, atol=1e-6)
    np.testing.assert_array_equal(found.unit_vertex[..., 0], trained.argmax(axis=2))
    order = exchanged(split, 3, 0)[1]
    mixed = similarities(prepare_codes(codes[train]), response[order][train])
    held = similarities(prepare_codes(codes[test]), response[order][test])
    np.testing.assert_allclose(found.null_maximum[:, 1], mixed.max(axis=1), rtol=1e-5)
    chosen = np.take_along_axis(held, mixed.argmax(axis=1)[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(found.null_held_out[:, 1], chosen, atol=1e-6)


def test_dead_units_and_constant_vertices_match_nothing():
    codes, response, split = some()
    codes[:, 3], codes[:, 5], response[:, 7], response[:, 9] = 0, 2, 0, 1.5
    found = compared(codes, response, split)
    assert not np.isin(found.vertex_unit, 3).any()
    assert not np.isin(found.vertex_unit[1], 5).any()  # always as active: no correlation
    assert not np.isin(found.unit_vertex, 7).any()
    assert not np.isin(found.unit_vertex[1], 9).any()
    for nothing in (found.vertex_unit[:, 7], found.vertex_unit[1, 9], found.unit_vertex[:, 3]):
        assert (nothing == -1).all()
    # a constant that is not zero has an angle with codes, and that is largest where these are alike
    assert found.vertex_unit[0, 9, 0] == 5
    assert found.vertex_similarity[0, 9, 0] == pytest.approx(1, abs=1e-6)


def test_images_are_exchanged_within_their_part():
    split = np.random.default_rng(0).integers(0, 3, 200)
    orders = exchanged(split, 4, 1)
    for order in orders:
        assert (split[order] == split).all()
        assert sorted(order) == list(range(200))
        assert (order != np.arange(200)).mean() > 0.9
    np.testing.assert_array_equal(orders, exchanged(split, 4, 1))
    assert (orders[0] != exchanged(split, 4, 2)[0]).any()


@pytest.mark.parametrize("metric", ["cosine", "pearson"])
def test_resamples_are_those_of_repeated_images(metric):
    rng = np.random.default_rng(0)
    code = np.maximum(rng.standard_normal((40, 5)), 0).astype(np.float32)
    response = (code + rng.standard_normal((40, 5)) + 3).astype(np.float32)
    masks = np.array([[True, True, True, True, True], [False, True, False, False, True]]).T
    draws = image_draws(np.arange(40), 6, 0)
    found = drawn_regions(metric, code, response, masks, draws)
    for draw, expected in zip(draws, found, strict=True):
        rows = np.repeat(np.arange(40), draw.astype(int))
        again = paired(metric, code[rows], response[rows])
        means = [again[mask].mean() for mask in masks.T]
        np.testing.assert_allclose(expected, means, atol=1e-5)


def test_a_pair_of_which_one_is_constant_has_no_similarity():
    code = np.array([[0, 1, 1.0], [0, 1, 2], [0, 1, 4]], np.float32)
    response = np.array([[1, 2, 5.0], [2, 1, 5], [3, 4, 5]], np.float32)
    assert np.isnan(paired("pearson", code, response)).all()
    assert np.isnan(paired("cosine", code, response)).tolist() == [True, False, False]


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12))
def test_assignments_are_as_good_as_those_of_the_dense_method(seed, n_vertices, n_units):
    rng = np.random.default_rng(seed)
    dense = rng.uniform(-0.5, 1, (n_vertices, n_units))
    dense[rng.random(dense.shape) < 0.4] = np.nan
    vertex, unit = (each.ravel() for each in np.indices(dense.shape))
    found = assign(
        np.concatenate([vertex, vertex[:3], [-1]]),
        np.concatenate([unit, unit[:3], [0]]),
        np.concatenate([dense.ravel(), dense.ravel()[:3], [0.9]]),
        n_vertices,
    )
    own = found[found >= 0]
    assert len(np.unique(own)) == len(own)
    gained = dense[np.flatnonzero(found >= 0), own]
    assert (gained > 0).all()
    value = np.where(np.nan_to_num(dense, nan=-1) > 0, np.nan_to_num(dense), 0)
    assert gained.sum() == pytest.approx(value[linear_sum_assignment(value, maximize=True)].sum())


def test_turning_a_dictionary_leaves_its_directions_apart():
    rng = np.random.default_rng(0)
    one = rng.standard_normal((20, 40))
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    found = match_directions(one, one[rng.permutation(20)], 0)
    np.testing.assert_allclose(found.found, 1)
    assert found.by_chance.max() < 0.8

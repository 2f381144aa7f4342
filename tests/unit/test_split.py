import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.errors import CortexlensError
from cortexlens.study.split import parse_parts, split_by_image


def hashes(n):
    return [hashlib.sha256(str(i).encode()).hexdigest() for i in range(n)]


@pytest.mark.parametrize(
    ("n_images", "counts"),
    [
        *((3, [1, 1, 1]), (4, [2, 1, 1]), (6, [2, 2, 2]), (12, [8, 2, 2]), (15, [11, 2, 2])),
        *((20, [16, 2, 2]), (1200, [960, 120, 120])),
    ],
)
def test_the_shares_are_exact(n_images, counts):
    split = split_by_image(hashes(n_images), 0)
    assert split.dtype == np.int8
    assert np.bincount(split, minlength=3).tolist() == counts


@given(st.integers(6, 60), st.lists(st.integers(1, 50), min_size=3, max_size=3), st.integers(0, 9))
def test_no_part_is_too_small_to_fit_or_to_score(n_images, parts, seed):
    counts = np.bincount(split_by_image(hashes(n_images), seed, parts), minlength=3)
    assert counts.min() >= 2


def test_other_shares_and_seeds():
    names = hashes(100)
    assert np.bincount(split_by_image(names, 0, (2, 1, 1))).tolist() == [50, 25, 25]
    first, again, other = (split_by_image(names, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    # independent draws agree by chance on .8² + .1² + .1² = 66 of 100 images
    assert 50 < (first == other).sum() < 80


@given(st.lists(st.integers(0, 40), min_size=1, max_size=80), st.integers(0, 5), st.randoms())
def test_equal_pictures_stay_together_in_any_order(pictures, seed, random):
    names = [hashlib.sha256(str(i).encode()).hexdigest() for i in pictures]
    distinct = len(set(names))
    if distinct < 3:
        with pytest.raises(CortexlensError, match=rf"Found {distinct} distinct .* at least 3"):
            split_by_image(names, seed)
        return
    split = split_by_image(names, seed)
    side = dict(zip(names, split.tolist(), strict=True))
    assert [side[name] for name in names] == split.tolist()
    counts = np.bincount(split, minlength=3)
    assert counts.min() >= 1
    largest = max(names.count(name) for name in names)
    assert np.abs(counts - len(names) * np.array([0.8, 0.1, 0.1])).max() <= 2 * largest + 1
    order = list(range(len(names)))
    random.shuffle(order)
    np.testing.assert_array_equal(split_by_image([names[i] for i in order], seed), split[order])


def test_single_pictures_make_up_for_one_that_is_there_often():
    names = hashes(95) + ["f" * 64] * 5
    for seed in range(20):
        assert np.bincount(split_by_image(names, seed)).tolist() == [80, 10, 10]


def test_two_subjects_mostly_share_the_parts_of_shared_pictures():
    names = hashes(2000)
    first = split_by_image(names[:1200], 0)
    second = split_by_image(names[800:], 0)
    assert (first[800:] == second[:400]).mean() > 0.95


def test_each_picture_is_as_likely_in_each_place():
    splits = np.stack([split_by_image(hashes(20), seed) for seed in range(400)])
    in_test = (splits == 2).mean(axis=0)  # expected 0.1, standard error 0.015
    assert np.abs(in_test - 0.1).max() < 0.06


def test_shares_are_read_from_the_command_line():
    assert parse_parts("8, 1,1") == (8, 1, 1)
    for text in ("8,1", "8,1,1,1", "8,0,1", "8,-1,1", "a,b,c", "", "0.8,0.1,0.1"):
        with pytest.raises(CortexlensError, match="allowed are three positive whole numbers"):
            parse_parts(text)

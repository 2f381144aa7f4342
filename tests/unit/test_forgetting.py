"""Probes of labels: what they learn, and their intervals against other ways to them."""

from itertools import product
from math import comb

import numpy as np
import pytest

from cortexlens.analysis.finetuning.forgetting import (
    Labelled,
    forgetting_table,
    paired_interval,
    probe,
    wilson,
)
from cortexlens.analysis.finetuning.pairs import Origin
from cortexlens.errors import CortexlensError

DERIVED = {"net-land": Origin("net", "land", None)}


def pictures(n=180, seed=0):
    """Labels, parts, and tokens that hold the labels but for some noise."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 3, n)
    tokens = np.eye(3)[label] @ rng.standard_normal((3, 6)) * 3 + rng.standard_normal((n, 6))
    split = np.repeat([0, 1, 2], [n - 80, 40, 40])
    return tokens.astype(np.float32), Labelled([f"kind {number}" for number in label], split)


def test_a_probe_finds_labels_that_are_there_and_none_that_are_not():
    tokens, labelled = pictures()
    assert probe(tokens, labelled).right.mean() > 0.9
    noise = np.random.default_rng(1).standard_normal(tokens.shape).astype(np.float32)
    # Chance is a third; four standard errors of 40 images are 0.3.
    assert probe(noise, labelled).right.mean() < 0.64


def test_test_images_are_not_learnt_from_nor_chosen_by():
    tokens, labelled = pictures()
    other = list(labelled.label)
    rng = np.random.default_rng(2)
    test = np.flatnonzero(labelled.split == 2)
    for place, row in zip(test, rng.permutation(test), strict=True):
        other[place] = labelled.label[row]
    one, two = probe(tokens, labelled), probe(tokens, labelled._replace(label=other))
    assert one.penalty == two.penalty
    same = np.array([other[row] == labelled.label[row] for row in test])
    np.testing.assert_array_equal(one.right[same], two.right[same])


def test_pictures_without_a_label_count_for_nothing():
    tokens, labelled = pictures()
    bare = ["" if row % 4 == 0 else label for row, label in enumerate(labelled.label)]
    spoilt = np.where(np.array(bare)[:, None] == "", 1e6, tokens).astype(np.float32)
    found = [probe(each, labelled._replace(label=bare)) for each in (tokens, spoilt)]
    np.testing.assert_array_equal(found[0].right, found[1].right)
    assert len(found[0].right) == 30


def test_too_few_labels_are_refused():
    tokens, labelled = pictures()
    for label in (["a"] * 180, [""] * 100 + labelled.label[100:]):
        with pytest.raises(CortexlensError, match="needs images in each part and two labels"):
            probe(tokens, labelled._replace(label=label))


def test_what_was_known_and_is_not_is_counted():
    tokens, labelled = pictures()
    forgot = tokens.copy()
    forgot[:, :] = np.random.default_rng(3).standard_normal(tokens.shape)
    known = {("net", "s"): (tokens, labelled), ("net-land", "s"): (forgot, labelled)}
    row = forgetting_table(known, DERIVED, 0.95).iloc[0]
    assert row["accuracy_change"] == pytest.approx(row["accuracy_after"] - row["accuracy_before"])
    assert row["accuracy_change_high"] < 0
    assert (row["n_gained"] - row["n_lost"]) / row["n_test"] == pytest.approx(
        row["accuracy_change"]
    )
    test = labelled.label[140:]
    learnt = labelled.label[:100]
    commonest = max(set(learnt), key=learnt.count)
    assert row["accuracy_commonest"] == test.count(commonest) / 40
    assert (row["n_classes"], row["n_train"], row["n_validation"]) == (3, 100, 40)


def test_no_labels_no_rows():
    assert forgetting_table({}, DERIVED, 0.95).empty


def test_wilson_interval_solves_its_equation():
    # Ends are shares whose own standard error puts what was seen 1.96 of them away.
    right = np.arange(50) < 37
    for end in wilson(right, 0.95):
        assert abs(0.74 - end) / np.sqrt(end * (1 - end) / 50) == pytest.approx(1.959964, abs=1e-5)


@pytest.mark.parametrize(("lost", "gained"), [(0.2, 0.05), (0.1, 0.1), (0.02, 0.0)])
def test_paired_intervals_hold_the_difference_in_all_that_can_be_seen(lost, gained):
    n, held = 40, 0.0
    for a, b in product(range(n + 1), repeat=2):
        if a + b > n:
            continue
        chance = (
            comb(n, a) * comb(n - a, b) * lost**a * gained**b * (1 - lost - gained) ** (n - a - b)
        )
        if chance < 1e-9:
            continue
        before, after = np.zeros(n, bool), np.zeros(n, bool)
        before[:a], after[a : a + b] = True, True
        low, high = paired_interval(before, after, 0.95)
        held += chance * (low <= gained - lost <= high)
    # Bonett & Price report 0.94 to 1 over all settings of such n.
    assert held > 0.935

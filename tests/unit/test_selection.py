"""Fewer training images, halves of them, and responses that belong to other images."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.encoding.fit import FitOptions, fit_member
from cortexlens.encoding.predictions import score_on
from cortexlens.encoding.selection import selected_data
from cortexlens.errors import CortexlensError
from encoders import planted_data

DATA = planted_data(n_images=60, repeats=2)[0]
N_TRAIN = int((DATA.split == 0).sum())


def learnt(**options):
    """Training images that are left."""
    return set(np.flatnonzero(selected_data(DATA, **options).split == 0))


@given(st.integers(2, N_TRAIN), st.integers(2, N_TRAIN), st.integers(0, 5))
def test_fewer_images_are_among_more(one, other, seed):
    few, many = sorted((one, other))
    small, large = (learnt(training_images=count, seed=seed) for count in (few, many))
    assert len(small) == few
    assert len(large) == many
    assert small <= large <= learnt()


@given(st.integers(0, 5), st.integers(2, N_TRAIN // 2))
def test_halves_have_no_image_in_common(seed, count):
    one, other = (learnt(half=half, seed=seed) for half in "ab")
    assert len(one) == len(other) == N_TRAIN // 2
    assert not one & other
    assert one | other <= learnt()
    assert learnt(half="a", training_images=count, seed=seed) <= one


def test_another_seed_takes_other_images():
    assert learnt(training_images=20, seed=0) != learnt(training_images=20, seed=1)
    assert learnt(training_images=20, seed=3) == learnt(training_images=20, seed=3)


@pytest.mark.parametrize("options", [{"half": "b"}, {"training_images": 5}, {"shuffled": True}])
def test_validation_and_test_images_stay(options):
    chosen = selected_data(DATA, **options)
    for part in (1, 2):
        np.testing.assert_array_equal(chosen.split == part, DATA.split == part)
        assert len(chosen.trials(part)) == len(DATA.trials(part))


@given(st.integers(0, 20))
def test_shuffled_responses_stay_together_and_belong_to_no_image_of_theirs(seed):
    chosen = selected_data(DATA, shuffled=True, seed=seed)
    assert (chosen.trial_image != DATA.trial_image).all()
    np.testing.assert_array_equal(chosen.split[chosen.trial_image], DATA.split[DATA.trial_image])
    pairs = set(zip(DATA.trial_image.tolist(), chosen.trial_image.tolist(), strict=True))
    assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


def test_nothing_is_predicted_where_responses_are_shuffled():
    data, _ = planted_data(n_images=200)
    options = FitOptions(
        dimensions=4, batch_size=16, epochs=10, learning_rate=0.04, precision="float32"
    )
    told, control = (
        score_on(fit_member(each, None, options, seed=0).model, each, 2).mean()
        for each in (data, selected_data(data, shuffled=True))
    )
    assert told > 0.5
    assert abs(control) < 0.1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"training_images": 1000}, "training_images is 1000; there are 42 training images, all"),
        ({"training_images": 1}, "allowed are 2 to 42"),
        ({"training_images": 30, "half": "a"}, "there are 21 training images in half a, allowed"),
        ({"half": "c"}, "half is 'c'; allowed: a, b"),
    ],
)
def test_what_is_not_there_is_refused(options, message):
    with pytest.raises(CortexlensError, match=message):
        selected_data(DATA, **options)


def test_a_half_of_too_few_is_refused():
    split = DATA.split.copy()
    split[np.flatnonzero(split == 0)[3:]] = 2
    data = selected_data(DATA)
    object.__setattr__(data, "split", split)
    with pytest.raises(CortexlensError, match="half 'a' of 3 training images has 1; at least 2"):
        selected_data(data, half="a")

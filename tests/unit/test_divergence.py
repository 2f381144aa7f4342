"""Training that diverges: when that is said, and what the second try begins from."""

import math

import pytest

from cortexlens.compute.divergence import EXPLODED, DivergedError, LossMonitor, retry_at_lower_rate


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_has_diverged(loss):
    with pytest.raises(DivergedError, match="the fit in epoch 2: its loss is"):
        LossMonitor().check(loss, lambda: 1.0, "the fit in epoch 2")


def test_a_loss_may_be_many_times_the_usual_but_not_run_away():
    watch = LossMonitor()
    for loss in (0.5, 0.1, 2.0, 0.99 * EXPLODED):
        watch.check(loss, lambda: 1.0, "here")
    with pytest.raises(DivergedError, match=r"its loss is 101; it is usually about 1"):
        watch.check(1.01 * EXPLODED, lambda: 1.0, "here")


def test_the_first_loss_is_usual_where_nothing_varies():
    """Of responses that are 0 throughout, knowing nothing has no loss."""
    watch = LossMonitor()
    watch.check(0.3, lambda: 0.0, "here")
    watch.check(25, lambda: 0.0, "here")
    with pytest.raises(DivergedError):
        watch.check(31, lambda: 0.0, "here")


def diverging(n_times, seen):
    """A training that diverges some times."""

    def attempt(rate):
        seen.append(rate)
        if len(seen) <= n_times:
            raise DivergedError(f"try {len(seen)} diverged.")
        return "trained"

    return attempt


def test_what_does_not_diverge_is_trained_once():
    seen = []
    assert retry_at_lower_rate(diverging(0, seen), 0.5, "a.rate") == ("trained", None)
    assert seen == [0.5]


def test_the_second_try_is_at_a_tenth_and_the_first_is_told(capsys):
    seen = []
    assert retry_at_lower_rate(diverging(1, seen), 0.5, "a.rate") == ("trained", "try 1 diverged.")
    assert seen == [0.5, pytest.approx(0.05)]
    assert "Retrying once with a.rate 0.05 instead of 0.5." in capsys.readouterr().err


def test_there_is_no_third():
    seen = []
    with pytest.raises(DivergedError, match=r"^try 2 diverged\. .* Lower a\.rate \(0\.5\)"):
        retry_at_lower_rate(diverging(2, seen), 0.5, "a.rate")
    assert len(seen) == 2


def test_a_run_that_was_killed_in_the_second_try_goes_on_with_it(tmp_path):
    note, seen = tmp_path / "note", []

    def killed(rate):
        seen.append(rate)
        if len(seen) == 1:
            raise DivergedError("it diverged.")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retry_at_lower_rate(killed, 0.5, "a.rate", (note, "key"))
    again = []
    assert retry_at_lower_rate(diverging(0, again), 0.5, "a.rate", (note, "key")) == (
        "trained",
        "it diverged.",
    )
    assert again == [pytest.approx(0.05)]
    # a note of another training counts for nothing
    assert retry_at_lower_rate(diverging(0, again), 0.5, "a.rate", (note, "other")) == (
        "trained",
        None,
    )

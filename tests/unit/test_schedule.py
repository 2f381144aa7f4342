"""FactorTopy's schedule: as published where images are many, enough of it where they are few."""

import math
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.compute.schedule import ENOUGH_IMAGES, LEAST_STEPS, Schedule, schedule, shortfalls
from cortexlens.encoding.ensemble import selector_variables
from cortexlens.encoding.fit import FitOptions, fit_member, n_training_images, schedule_of
from cortexlens.encoding.predictions import score_on
from cortexlens.shapes import TEST
from encoders import planted_data, write_subject
from studies import REPOSITORY

sys.path.append(str(REPOSITORY / "benchmarks"))

import few_images

PUBLISHED = Schedule(20, 8, 16_000)


@pytest.mark.parametrize("n_images", [3_200, 9_000, 22_200])
def test_many_images_have_the_published_schedule(n_images):
    assert schedule(n_images, 64) == PUBLISHED


@given(st.integers(1, 10_000), st.integers(1, 512))
def test_every_fit_has_its_steps_and_learns_most_of_them_without_penalty(n_images, batch_size):
    used = schedule(n_images, batch_size)
    steps = used.epochs * math.ceil(n_images / batch_size)
    assert steps >= LEAST_STEPS
    assert used.epochs == 20 or steps - math.ceil(n_images / batch_size) < LEAST_STEPS
    assert used.regularization_images == min(16_000, used.epochs * n_images // 4)
    assert used.patience == math.ceil(0.4 * used.epochs)


@given(st.integers(1, 10_000), st.integers(1, 99), st.integers(1, 99), st.integers(0, 10**6))
def test_what_is_given_is_taken(n_images, epochs, patience, fade):
    given_all = schedule(n_images, 64, epochs=epochs, patience=patience, regularization_images=fade)
    assert given_all == Schedule(epochs, patience, fade)
    assert schedule(n_images, 64, epochs=epochs).epochs == epochs
    assert schedule(n_images, 64, patience=patience).patience == patience
    assert schedule(n_images, 64, regularization_images=0).regularization_images == 0


def test_few_epochs_that_are_given_do_not_leave_the_penalty_on():
    assert schedule(120, 64, epochs=10).regularization_images == 300


def test_a_fit_runs_its_schedule(monkeypatch):
    monkeypatch.setattr("cortexlens.compute.schedule.LEAST_STEPS", 200)
    data, _ = planted_data(n_images=120)
    assert n_training_images(data) == 84
    options = FitOptions(dimensions=4, batch_size=16, precision="float32", regularization=0.0)
    assert schedule_of(options, 84).epochs == 34
    # half of the images are for the selectors
    assert schedule_of(replace(options, selector_image_fraction=0.5), 84).epochs == 67
    fitted = fit_member(data, None, replace(options, patience=99), seed=0)
    assert len(fitted.curve_loss) == 34


def test_few_images_are_a_dead_map_with_fixed_numbers_and_a_map_with_the_defaults():
    """The fault that the schedule mends; all but the schedule is as by default."""
    data, truth = planted_data(n_images=120, noise=0.5)
    options = FitOptions(dimensions=8, precision="float32")
    found = {}
    for name, used in (("fixed", few_images.FIXED), ("scaled", schedule(84, options.batch_size))):
        fitted = fit_member(data, None, replace(options, **vars(used)), seed=0)
        variables = selector_variables([fitted])
        found[name] = score_on(fitted.model, data, TEST).mean(), variables["confidence"][1].mean()
    right = variables["layer_selector"][1].argmax(axis=1) == truth.layer.argmax(axis=1)
    assert found["fixed"][0] < 0.1
    assert found["fixed"][1] < 0.01
    assert found["scaled"][0] > 0.4
    assert found["scaled"][1] > 0.1
    assert right.mean() > 0.8


def test_the_benchmark_fits_with_both_schedules(tmp_path, monkeypatch):
    monkeypatch.setattr("cortexlens.compute.schedule.LEAST_STEPS", 50)
    data, _ = planted_data(n_images=60)
    features, responses = write_subject(tmp_path, data, coordinates=True)
    for path, place in (
        (features, "features/net/s1.zarr"),
        (responses, "subjects/s1/responses.zarr"),
    ):
        (tmp_path / place).parent.mkdir(parents=True)
        path.rename(tmp_path / place)
    options = FitOptions(dimensions=4, precision="float32")
    table = few_images.compare(tmp_path, "net", "s1", [20, 40], options=options)
    assert list(table["training_images"]) == [20, 20, 40, 40]
    assert list(table["schedule"]) == ["fixed", "scaled"] * 2
    assert (table.loc[table["schedule"] == "scaled", "epochs"] == 50).all()
    assert np.isfinite(table[["r2_test", "confidence"]]).all(axis=None)


def test_shortfalls_say_what_was_found_what_is_needed_and_what_to_do():
    assert not list(shortfalls(ENOUGH_IMAGES, schedule(ENOUGH_IMAGES, 64)))
    (few,) = shortfalls(96, schedule(96, 64))
    for words in ("96 training images", f"about {ENOUGH_IMAGES}", "readout stacked", "add images"):
        assert words in few
    fixed = replace(PUBLISHED, epochs=20)
    _, fading = shortfalls(120, fixed)
    assert "encoder.regularization_images 16,000" in fading
    assert "shows 2,400 images (20 epochs of 120)" in fading
    assert not list(shortfalls(900, fixed))

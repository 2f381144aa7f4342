"""Measures of a recovery study say what was made of them."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from cortexlens.analysis.recovery.tables import (
    CONFUSION_COLUMNS,
    STUDY_COLUMNS,
    confusion_table,
    recovery_measures,
    study_table,
    t_interval,
)
from recoveries import N_LAYERS, N_SEEDS, N_VERTICES, synthetic_recovery


@pytest.fixture
def perfect():
    return synthetic_recovery(condition="base", varied="base", topology=1)


def shifted(store, layers):
    """The same store with layers found deeper than they were planted, round the end."""
    found = store["layer_selector"].roll(layer=layers, roll_coords=False)
    return store.assign(layer_selector=found)


def value(table, measure, topology="smooth", column="mean"):
    rows = table[(table["measure"] == measure) & (table["topology"] == topology)]
    return rows[column].item()


def test_a_perfect_fit_finds_everything(perfect):
    found = recovery_measures(perfect.isel(seed=0))
    assert found["layer_exact"] == found["layer_within_one"] == 1
    assert found["layer_chance"] == pytest.approx(1 / N_LAYERS)
    assert found["space_error"] == found["scale_error"] == 0
    assert found["space_r"] == pytest.approx(1)
    assert (found["r2"], found["confidence"]) == (0.25, 0.75)
    assert found["layer_named"] == 1
    assert (found["level_r"], found["scale_r"]) == pytest.approx((1, 1))
    assert np.isnan(found["space_r_v1"])
    assert "size_r" not in found


def test_what_a_readout_does_not_find_is_not_measured(perfect):
    names = ("space_selector", "scale_selector", "confidence")
    found = recovery_measures(perfect.drop_vars(names).isel(seed=0))
    layers = {"layer_exact", "layer_within_one", "layer_chance", "layer_named", "level_r"}
    assert set(found) == layers | {"r2"}


def test_only_vertices_that_one_layer_leads_in_are_to_be_named(perfect):
    shared = perfect["planted_layer"].values.copy()
    shared[:, ::2] = 0.6 * shared[:, ::2] + 0.4 * np.roll(shared[:, ::2], 1, axis=-1)
    led = perfect.assign(planted_layer=(perfect["planted_layer"].dims, shared))
    wrong = shared.copy()
    wrong[:, ::2] = np.roll(shared[:, ::2], 2, axis=-1)
    found = led.assign(layer_selector=(perfect["layer_selector"].dims, wrong)).isel(seed=0)
    assert recovery_measures(found)["layer_exact"] == 0.5
    assert recovery_measures(found)["layer_named"] == 1
    everywhere = led.assign(planted_layer=led["planted_layer"] * 0 + 0.25)
    assert np.isnan(recovery_measures(everywhere.isel(seed=0))["layer_named"])


def test_places_of_v1_and_sizes_are_measured_where_they_are_known(perfect):
    place = ("seed", "vertex")
    of_v1 = np.arange(N_VERTICES) < 20
    mask = np.stack([of_v1, ~of_v1], axis=1)
    error = np.where(of_v1, 0, 1)[:, None] * np.random.default_rng(0).normal(size=(N_VERTICES, 2))
    size = np.random.default_rng(1).uniform(0.1, 0.3, (N_SEEDS, N_VERTICES))
    store = perfect.assign(
        roi_mask=((*place, "roi"), np.broadcast_to(mask, (N_SEEDS, *mask.shape))),
        space_selector=perfect["planted_space"] + error,
        planted_size=(place, size),
        receptive_field_size=(place, 2 * size + 0.1),
    ).assign_coords(roi=["V1", "EBA"])
    found = recovery_measures(store.isel(seed=0))
    assert found["space_r_v1"] == pytest.approx(1)
    assert found["space_r"] < 0.8
    assert found["size_r"] == pytest.approx(1)


def test_readouts_and_truths_have_rows_of_their_own(perfect):
    other = synthetic_recovery(
        condition="truth-sparse", varied="truth", topology=None, readout="ridge", truth="sparse"
    )
    table = study_table([perfect, other], 0.95)
    assert set(zip(table["readout"], table["truth"], table["topology"], strict=True)) == {
        ("factortopy", "isotropic", "smooth"),
        ("ridge", "sparse", "own"),
    }
    assert set(table["windows"]) == {0}
    confused = confusion_table([perfect, other])
    assert set(confused["readout"]) == {"factortopy", "ridge"}


@pytest.mark.parametrize(("layers", "within"), [(1, 0.75), (2, 0.0)])
def test_layers_that_are_off_are_counted(perfect, layers, within):
    found = recovery_measures(shifted(perfect, layers).isel(seed=0))
    assert found["layer_exact"] == 0
    assert found["layer_within_one"] == within


def test_fields_are_off_in_image_widths(perfect):
    moved = perfect["planted_space"] + np.array([0.3, 0.4])
    found = recovery_measures(perfect.assign(planted_space=moved).isel(seed=0))
    assert found["space_error"] == pytest.approx(0.25)
    assert found["space_r"] == pytest.approx(1)


def test_the_table_pairs_topologies_within_seeds(perfect):
    error = xr.DataArray([0.1, 0.2, 0.6], dims="seed")
    free = perfect.assign(scale_selector=perfect["planted_scale"] + error)
    table = study_table([perfect, free.assign_attrs(topology=0)], 0.9)
    assert tuple(table.columns) == STUDY_COLUMNS
    assert value(table, "scale_error", "smooth") == 0
    assert value(table, "scale_error", "free") == pytest.approx(0.3)
    assert value(table, "scale_error", "smooth-free") == pytest.approx(-0.3)
    assert value(table, "layer_exact", "free", "n_seeds") == N_SEEDS
    assert value(table, "r2", column="layer_similarity") == pytest.approx(0.5)
    assert value(table, "r2", column="ceiling") == pytest.approx(0.5)


def test_unequal_numbers_of_seeds_are_not_paired(perfect):
    free = perfect.isel(seed=[0, 1]).assign_attrs(topology=0)
    assert set(study_table([perfect, free], 0.95)["topology"]) == {"smooth", "free"}


def test_confused_layers_have_their_cells(perfect):
    table = confusion_table([shifted(perfect, 1)])
    assert tuple(table.columns) == CONFUSION_COLUMNS
    share = table.pivot_table(index="planted_layer", columns="found_layer", values="share")
    np.testing.assert_array_equal(share.to_numpy(), np.roll(np.eye(N_LAYERS), 1, axis=1))
    assert (table["n_vertices"] == N_SEEDS * N_VERTICES / N_LAYERS).all()
    same = table["planted_layer"] == table["found_layer"]
    assert (table.loc[same, "similarity"] == 1).all()
    assert (table.loc[~same, "similarity"] == 0.5).all()


def test_a_layer_that_was_not_planted_has_no_share(perfect):
    only_first = perfect["planted_layer"] * 0
    only_first[..., 0] = 1
    table = confusion_table([perfect.assign(planted_layer=only_first)])
    assert table.loc[table["planted_layer"] != "a", "share"].isna().all()
    assert table.loc[table["planted_layer"] == "a", "share"].sum() == pytest.approx(1)


def test_intervals_are_student_s():
    values = np.random.default_rng(0).standard_normal(7)
    found = t_interval(values, 0.9)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert np.isnan(t_interval(values[:1], 0.9).low)
    assert t_interval(values[:1], 0.9).mean == values[0]


def test_intervals_cover_as_often_as_they_say():
    rng = np.random.default_rng(0)
    ends = np.array([t_interval(rng.standard_normal(5), 0.9) for _ in range(2_000)])
    covered = ((ends[:, 1] < 0) & (ends[:, 2] > 0)).mean()
    assert covered == pytest.approx(0.9, abs=3 * (0.09 / 2_000) ** 0.5)


def test_no_stores_make_empty_tables():
    assert study_table([], 0.95).equals(pd.DataFrame(columns=list(STUDY_COLUMNS)))
    assert confusion_table([]).equals(pd.DataFrame(columns=list(CONFUSION_COLUMNS)))

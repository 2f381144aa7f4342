"""Units that dictionaries of regions have in common."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.analysis.dictionaries.overlap import (
    CONTRAST,
    Part,
    dictionary_shares,
    overlap_table,
    overlaps,
)
from saes import dictionary_of, made_up

SIDE = 20
UNITS = st.lists(st.integers(-1, 6), min_size=1, max_size=30)


@given(UNITS, UNITS)
def test_overlaps_are_shares_that_do_not_depend_on_the_order(one, other):
    units = np.array(one + other)
    parts = [np.arange(len(one)), np.arange(len(one), len(units))]
    share = dictionary_shares(units, Part(parts), 7)
    found = overlaps(share, share)
    known = [any(unit >= 0 for unit in each) for each in (one, other)]
    assert np.isnan(found[0, 1]) == (not all(known))
    if all(known):
        assert 0 <= found[0, 1] <= 1
        assert found[0, 1] == pytest.approx(found[1, 0])
        assert found.diagonal() == pytest.approx(1)
        literal = np.minimum(*share).sum() / np.maximum(*share).sum()
        assert found[0, 1] == pytest.approx(literal)


def test_the_same_dictionary_overlaps_wholly_and_another_one_not_at_all():
    units = np.array([3, 3, 5, 0, 0, 1, -1])
    parts = Part([np.array([0, 2]), np.array([1, 2]), np.array([3, 5]), np.array([6])])
    share = dictionary_shares(units, parts, 6)
    found = overlaps(share, share)
    assert found[0, 1] == 1
    assert found[0, 2] == 0
    assert np.isnan(found[3, 0])


def sheet(unit, rois, *, places=True):
    """Dictionary of two square sheets of cortex, one a hemisphere."""
    x, y = (each.ravel() for each in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    n = 2 * SIDE**2
    place = np.tile(np.stack([x, y, 0 * x], axis=1).astype(float), (2, 1))
    best = np.tile(unit, (2, 1)).astype(np.int32)
    dataset = xr.Dataset(
        {
            "hemisphere": ("vertex", np.repeat([0, 1], SIDE**2).astype(np.int8)),
            "roi_mask": (("vertex", "roi"), np.stack([np.tile(m, 2) for m in rois.values()], 1)),
            "best_layer": (("metric", "vertex"), np.zeros((2, n), np.int32)),
            "best_unit": (("metric", "vertex"), best),
        },
        coords={"roi": list(rois), "metric": ["cosine", "pearson"]},
        attrs={"subject": "s", "backbone": "net", "metric": "pearson", "layer_names": ["one"]},
    )
    return dataset.assign(coordinates=(("vertex", "axis"), place)) if places else dataset


def columns():
    """Regions of the sheets, and the region of each vertex."""
    x = np.tile(np.meshgrid(np.arange(SIDE), np.arange(SIDE))[0].ravel(), 2)
    one = x[: SIDE**2]
    return {"a": one < 5, "b": (one >= 5) & (one < 10), "c": one >= 15}, x // 5


def test_regions_with_units_of_their_own_overlap_within_and_not_between():
    rois, block = columns()
    unit = 3 * block + np.arange(len(block)) % 3
    table = overlap_table([sheet(unit, rois)], permutations=99)
    table = table[table.chosen == 1]
    for parts in ("hemispheres", "patches"):
        cells = table[(table.parts == parts) & (table.roi != CONTRAST)]
        within = cells[cells.roi == cells.other_roi]
        assert (within["overlap"] > 0.8).all()
        assert (within["p"] <= 0.05).all()
        assert (cells[cells.roi != cells.other_roi]["overlap"] == 0).all()
        contrast = table[(table.parts == parts) & (table.roi == CONTRAST)].iloc[0]
        assert contrast["overlap"] == pytest.approx(within["overlap"].mean())
        assert contrast["p"] == pytest.approx(0.01)
    assert (table["chance_low"] <= table["chance_high"]).all()


def test_a_smooth_map_that_knows_no_regions_is_seldom_a_discovery():
    rois, _ = columns()
    x, y = (each.ravel() for each in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    smooth, alone = [], []
    for seed in range(16):
        sides = []
        for turn in np.random.default_rng(seed).uniform(0, 2 * np.pi, (2, 3)):
            wave = np.sin(x / 4 + turn[0]) + np.cos(y / 4 + turn[1]) + np.sin((x + y) / 5 + turn[2])
            sides.append(np.digitize(wave, np.quantile(wave, np.linspace(0, 1, 9)[1:-1])))
        unit = np.concatenate(sides)
        for places, chances in ((True, smooth), (False, alone)):
            table = overlap_table([sheet(unit, rois, places=places)], permutations=99, seed=seed)
            table = table[(table.chosen == 1) & (table.parts == "hemispheres")]
            chances.append(table[table.roi == CONTRAST]["p"].iloc[0])
    assert np.mean(np.array(smooth) <= 0.05) <= 0.2
    assert np.mean(np.array(alone) <= 0.05) > np.mean(np.array(smooth) <= 0.05)


def test_subjects_are_compared_over_the_regions_that_both_have():
    made = [made_up(subject=name) for name in ("sim01", "sim02")]
    dictionaries = [dictionary_of(each) for each in made]
    without = dictionaries[1].isel(roi=slice(0, 4))
    table = overlap_table([dictionaries[0], without], permutations=99)
    between = table[(table.parts == "subjects") & (table.metric == "pearson")]
    assert set(between["other_subject"]) == {"sim02"}
    assert "PPA" not in set(between["roi"])
    within = between[between.roi == between.other_roi]
    assert (within["overlap"] > 0.9).all()
    assert between[between.roi == CONTRAST]["p"].iloc[0] <= 0.05
    assert set(table["parts"]) == {"hemispheres", "patches", "subjects"}


def test_without_regions_there_is_nothing_to_compare():
    dictionary = dictionary_of(made_up(100, 60)).drop_vars(["roi_mask", "roi"])
    assert overlap_table([dictionary], permutations=99).empty

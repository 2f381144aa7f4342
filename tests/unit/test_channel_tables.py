"""Regions of clusters against chance, and the diversity of channels."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from cortexlens.analysis.channels.clusters import unit_rows
from cortexlens.analysis.channels.diversity import (
    CONTRAST,
    diversity_rows,
    equalised,
    jackknife,
    mean_cosine,
    participation_ratio,
    place_spread,
)
from cortexlens.analysis.channels.regions import cluster_stability_table, exchanges, overlap_table

SIDE = 24


def sheet(label, read=None, rois=None, place=None):
    """Store of kind channels of a square sheet of cortex of one hemisphere."""
    x, y = (each.ravel() for each in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    n, rng = SIDE**2, np.random.default_rng(0)
    rois = {"V1": x < 8, "EBA": x >= 16} if rois is None else rois
    read = rng.standard_normal((n, 6)) if read is None else read
    place = rng.uniform(-1, 1, (n, 2)) if place is None else place
    return xr.Dataset(
        {
            "coordinates": (("vertex", "axis"), np.stack([x, y, 0 * x], axis=1).astype(float)),
            "hemisphere": ("vertex", np.zeros(n, np.int8)),
            "roi_mask": (("vertex", "roi"), np.stack(list(rois.values()), axis=1)),
            "cluster": ("vertex", label.astype(np.int16)),
            "centroid": (("cluster_id", "channel"), np.zeros((int(label.max()) + 1, 6))),
            "channel_selector_read": (("vertex", "channel"), read),
            "space_selector": (("vertex", "image_axis"), place),
            "stability": (("number", "split"), np.array([[0.5, 0.7], [0.8, 0.6]])),
            "stability_shuffled": (("number", "split"), np.array([[0.1, 0.3], [0.0, 0.2]])),
        },
        coords={"roi": list(rois), "number": [2, 3]},
        attrs={"subject": "s", "backbone": "net", "readout": "factortopy", "most_stable": 3},
    ), x


def test_exchanges_keep_neighbours_together_and_every_patch_once():
    store, x = sheet(np.zeros(SIDE**2, int))
    y = store["coordinates"].values[:, 1]
    apart = []
    for rows in exchanges(store, 5, 0):
        counts = np.bincount(rows, minlength=SIDE**2)
        assert counts.max() <= 2
        assert (counts == 1).mean() > 0.9
        moved = np.hypot(np.diff(x[rows].reshape(SIDE, SIDE)), np.diff(y[rows].reshape(SIDE, SIDE)))
        apart.append(np.median(moved))
    assert max(apart) < 4  # of a sheet of 24 by 24


def test_a_cluster_that_is_a_region_is_found_there_and_a_smooth_map_is_no_discovery():
    store, x = sheet(np.zeros(SIDE**2, int))
    table = overlap_table([sheet((x < 8).astype(int))[0]], permutations=199)
    cell = table[(table.cluster == 2) & (table.roi == "V1")].iloc[0]
    assert cell.share_of_cluster == cell.share_of_roi == 1
    assert cell.enrichment == pytest.approx(3)
    assert cell.p == pytest.approx(1 / 200)
    y = store["coordinates"].values[:, 1]
    hits, naive = [], []
    for seed in range(8):
        # a smooth map that knows nothing of regions
        turn = np.random.default_rng(seed).uniform(0, 2 * np.pi, 4)
        wave = np.sin(x / 5 + turn[0]) * np.cos(y / 5 + turn[1]) + np.sin((x + y) / 6 + turn[2])
        store, _ = sheet((wave > np.median(wave)).astype(int))
        hits.append(overlap_table([store], permutations=99, seed=seed)["p"].min())
        alone = store.drop_vars(["coordinates"])
        naive.append(overlap_table([alone], permutations=99, seed=seed)["p"].min())
    assert np.mean(np.array(naive) <= 0.01) > np.mean(np.array(hits) <= 0.01)


def test_unknown_vertices_and_studies_without_regions():
    label = np.arange(SIDE**2) % 3 - 1
    table = overlap_table([sheet(label)[0]], permutations=99)
    assert table["n_cluster"].max() == SIDE**2 // 3
    assert (table["q"] >= table["p"] - 1e-12).all()
    bare, _ = sheet(label, rois={"V1": np.zeros(SIDE**2, bool)})
    assert overlap_table([bare], permutations=99).empty


def test_the_table_of_stability_says_which_number_is_most_stable():
    table = cluster_stability_table([sheet(np.zeros(SIDE**2, int))[0]])
    assert table["rand_index"].tolist() == pytest.approx([0.6, 0.7])
    assert table[["lowest", "highest"]].values.tolist() == [[0.5, 0.7], [0.6, 0.8]]
    assert table["chosen"].tolist() == [0, 1]


def test_participation_counts_directions_and_grows_with_the_sample():
    rng = np.random.default_rng(0)
    wide = rng.standard_normal((4000, 12))
    assert participation_ratio(wide) == pytest.approx(12, rel=0.02)
    assert participation_ratio(wide * ([1.0] * 3 + [0.0] * 9)) == pytest.approx(3, rel=0.02)
    values = np.linalg.eigvalsh(np.cov(wide.T))
    assert participation_ratio(wide) == pytest.approx(values.sum() ** 2 / np.square(values).sum())
    few, many = (equalised(wide, n, np.random.default_rng(1)) for n in (20, 2000))
    assert few < 9 < many
    assert np.isnan(participation_ratio(np.ones((5, 3))))


def test_means_over_pairs_need_no_pairs():
    unit = unit_rows(np.random.default_rng(1).standard_normal((40, 5)) + 0.4)
    pairs = unit @ unit.T
    assert mean_cosine(unit) == pytest.approx((pairs.sum() - 40) / (40 * 39))
    place = np.array([[-1.0, 0], [1, 0]])
    assert place_spread(place) == pytest.approx(0.5)  # half an image width to either side


def test_the_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(2).standard_normal(12)
    found = jackknife(
        lambda rows: float(values[rows].mean()), np.arange(12), [np.array([i]) for i in range(12)]
    )
    assert found.value == pytest.approx(values.mean())
    assert found.error == pytest.approx(values.std(ddof=1) / np.sqrt(12))
    assert np.isnan(jackknife(lambda rows: 1.0, np.arange(3), [np.arange(3)]).error)


def test_late_regions_of_fewer_channels_and_places_are_told_from_early_ones():
    rng = np.random.default_rng(3)
    x = np.tile(np.arange(SIDE), SIDE)
    early = (x < 8)[:, None]
    read = rng.standard_normal((SIDE**2, 6)) * np.where(early, 1, [1, 1, 0.05, 0.05, 0.05, 0.05])
    place = rng.uniform(-1, 1, (SIDE**2, 2)) * np.where(early, 0.9, 0.2)
    store, _ = sheet(np.zeros(SIDE**2, int), read=read, place=place)
    table = pd.DataFrame(diversity_rows(store))
    contrast = table[table.roi == CONTRAST].iloc[0]
    assert contrast.participation_high < -2
    assert contrast.place_spread_high < -0.2
    assert contrast.p_participation < 1e-4
    v1 = table[(table.roi == "V1") & (table.hemisphere == "both")].iloc[0]
    assert v1.participation_low < 6 * 0.97 < v1.participation_all + 0.5
    assert v1.participation <= v1.participation_all


def test_where_nothing_differs_the_contrast_seldom_says_so():
    chances = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        place = rng.uniform(-1, 1, (SIDE**2, 2))
        read = rng.standard_normal((SIDE**2, 6))
        store, _ = sheet(np.zeros(SIDE**2, int), read=read, place=place)
        rows = pd.DataFrame(diversity_rows(store, seed=seed))
        chances.append(rows[rows.roi == CONTRAST].iloc[0]["p_place_spread"])
    assert np.mean(np.array(chances) < 0.05) <= 0.2

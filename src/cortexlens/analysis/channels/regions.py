"""Where clusters of channel selectors lie: their overlap with regions, with permutation tests."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float, Int

from cortexlens.analysis.scores.fit_scores import regions
from cortexlens.analysis.statistics.blocks import halved_patches
from cortexlens.progress import track

OVERLAP_COLUMNS: Final = (
    *("subject", "backbone", "readout", "cluster", "roi", "n_cluster", "n_roi", "n_both"),
    *("share_of_cluster", "share_of_roi", "enrichment", "chance_low", "chance_high", "p", "q"),
)
STABILITY_COLUMNS: Final = (
    *("subject", "backbone", "readout", "clusters", "splits", "rand_index", "lowest", "highest"),
    *("shuffled", "shuffled_lowest", "shuffled_highest", "chosen"),
)
# Number of patches per hemisphere that are permuted. With fewer there are few distinct
# permutations; with more, correlations between neighbouring vertices are broken up.
PATCHES: Final = 32


def exchanges(channels: xr.Dataset, number: int, seed: int) -> Iterator[Int[np.ndarray, " vertex"]]:
    """Yield permutations of patches of cortex, as the row that each vertex takes its cluster from.

    Most neighbours remain neighbours, so permuted maps are as smooth as the map itself. Rotations
    of the whole sphere would move most of a map of visual cortex to where nothing was recorded.

    Parameters
    ----------
    channels
        Dataset with ``coordinates`` (mm), and ``hemisphere`` on a cortex; without coordinates
        single vertices are permuted.
    number
        Number of permutations.
    seed
        Seed of the permutations.
    """
    rng, n = np.random.default_rng(seed), channels.sizes["vertex"]
    patches = list(_patches_by_side(channels)) if "coordinates" in channels else []
    for _ in range(number):
        taken = np.empty(n, np.int64)
        for own in patches:
            for rows, other in zip(own, rng.permutation(len(own)).tolist(), strict=True):
                # sizes of patches differ by about one vertex
                along = np.linspace(0, len(own[other]) - 1, len(rows)).round().astype(int)
                taken[rows] = own[other][along]
        yield taken if patches else rng.permutation(n)


def _patches_by_side(channels: xr.Dataset) -> Iterator[list[Int[np.ndarray, " _"]]]:
    """Yield the patches of each hemisphere, each with its vertices sorted along its widest axis."""
    places = channels["coordinates"].values.astype(np.float64)
    side = channels["hemisphere"].values if "hemisphere" in channels else np.zeros(len(places))
    for hemisphere in np.unique(side):
        rows = np.flatnonzero(side == hemisphere)
        most = -(-len(rows) // PATCHES)
        found = halved_patches(places[rows], np.zeros(len(rows), np.int64), most)
        yield [rows[patch] for patch in found]


def overlap_rows(channels: xr.Dataset, permutations: int, seed: int) -> list[dict[str, object]]:
    """Rows of ``channel_clusters.tsv``: each cluster with each region.

    Parameters
    ----------
    channels
        Dataset of kind ``channels``.
    permutations
        Number of permutations of patches for the p value.
    seed
        Seed of the permutations.
    """
    named = [(roi, mask) for roi, mask in regions(channels) if roi != "all"]
    if not named:
        return []
    label = channels["cluster"].values.astype(np.int64)
    count = channels.sizes["cluster_id"]
    masks = np.stack([mask for _, mask in named], axis=1)
    found = _shared(label, masks, count)
    exchanged = exchanges(channels, permutations, seed)
    chance = np.stack([_shared(label[rows], masks, count) for rows in exchanged])
    p = (1 + (chance >= found).sum(axis=0)) / (1 + permutations)
    q = _false_discovery(p)
    size, n_roi = np.bincount(label[label >= 0], minlength=count), masks[label >= 0].sum(axis=0)
    expected = np.outer(size, n_roi) / max(1, (label >= 0).sum())
    low, high = np.percentile(chance, [2.5, 97.5], axis=0)
    return [
        {
            **_whose(channels),
            **{"cluster": cluster + 1, "roi": roi},
            **{"n_cluster": size[cluster], "n_roi": n_roi[r], "n_both": found[cluster, r]},
            "share_of_cluster": found[cluster, r] / max(1, size[cluster]),
            "share_of_roi": found[cluster, r] / max(1, n_roi[r]),
            "enrichment": _ratio(found, expected, cluster, r),
            "chance_low": _ratio(low, expected, cluster, r),
            "chance_high": _ratio(high, expected, cluster, r),
            "p": p[cluster, r],
            "q": q[cluster, r],
        }
        for cluster in range(count)
        for r, (roi, _) in enumerate(named)
    ]


def _ratio(
    counts: Float[np.ndarray, "cluster roi"] | Int[np.ndarray, "cluster roi"],
    expected: Float[np.ndarray, "cluster roi"],
    *cell: int,
) -> float:
    return float(counts[cell] / expected[cell]) if expected[cell] else float("nan")


def _shared(
    label: Int[np.ndarray, " vertex"], masks: Bool[np.ndarray, "vertex roi"], count: int
) -> Int[np.ndarray, "cluster roi"]:
    """Number of vertices that each cluster shares with each region."""
    return np.stack(
        [np.bincount(label[mask & (label >= 0)], minlength=count) for mask in masks.T], axis=1
    )


def _false_discovery(p: Float[np.ndarray, "cluster roi"]) -> Float[np.ndarray, "cluster roi"]:
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(p.ravel())).reshape(p.shape)


def overlap_table(
    stores: Sequence[xr.Dataset], *, permutations: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """``channel_clusters.tsv`` of several fits; empty if there are no regions."""
    tracked = track(stores, "fits permuted")
    rows = [row for store in tracked for row in overlap_rows(store, permutations, seed)]
    return pd.DataFrame(rows, columns=list(OVERLAP_COLUMNS))


def stability_rows(channels: xr.Dataset) -> list[dict[str, object]]:
    """Rows of ``channel_stability.tsv``: one for each number of clusters that was tried."""
    found, shuffled = (channels[f"stability{end}"].values for end in ("", "_shuffled"))
    return [
        {
            **_whose(channels),
            "clusters": int(number),
            "splits": found.shape[1],
            **dict(zip(("rand_index", "lowest", "highest"), _ends(real), strict=True)),
            **dict(
                zip(("shuffled", "shuffled_lowest", "shuffled_highest"), _ends(chance), strict=True)
            ),
            "chosen": int(number == channels.attrs["most_stable"]),
        }
        for number, real, chance in zip(channels["number"].values, found, shuffled, strict=True)
    ]


def cluster_stability_table(stores: Sequence[xr.Dataset]) -> pd.DataFrame:
    """``channel_stability.tsv`` of several fits."""
    rows = [row for store in stores for row in stability_rows(store)]
    return pd.DataFrame(rows, columns=list(STABILITY_COLUMNS))


def _ends(values: Float[np.ndarray, " split"]) -> tuple[float, float, float]:
    return float(values.mean()), float(values.min()), float(values.max())


def _whose(channels: xr.Dataset) -> dict[str, object]:
    return {key: channels.attrs[key] for key in ("subject", "backbone", "readout")}

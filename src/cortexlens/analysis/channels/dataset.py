"""Clusters of a fit's channel selectors in a common space: the store of kind channels."""

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float

from cortexlens.analysis.channels.clusters import (
    Clusters,
    find_clusters,
    first_number,
    grow_tree,
    unit_rows,
)
from cortexlens.analysis.channels.stability import Stability, stability
from cortexlens.encoding.results import COPIED, COPIED_ATTRIBUTES, Variables
from cortexlens.errors import CortexlensError

METRICS: Final = ("read", "raw")
# Smallest number of vertices to cluster.
_FEWEST: Final = 16


class Clustering(NamedTuple):
    """Parameters of the clustering.

    Attributes
    ----------
    metric
        One of :data:`METRICS`.
    clusters
        Number of clusters; 0: the most stable number.
    first_clusters
        Largest number of k-means clusters.
    splits
        Number of pairs of halves on which stability is measured.
    seed
        Seed of k-means and of the halves.
    """

    metric: str = "read"
    clusters: int = 20
    first_clusters: int = 1000
    splits: int = 5
    seed: int = 0


def channels_dataset(fit: xr.Dataset, model: Path, features: Path, how: Clustering) -> xr.Dataset:
    """Cluster the vertices of a fit by their channel selectors.

    Parameters
    ----------
    fit
        Fit of FactorTopy or of the stacked readout.
    model, features
        Model of the fit, and the features that it was fitted to; for FactorTopy only read with
        metric ``read``.
    how
        Parameters of the clustering.

    Returns
    -------
    xr.Dataset
        Content of a store of kind ``channels``. A stacked fit has no shared channels: its
        ``channel`` are axes to which the maps of the layers' own channels are reduced, and
        ``axis_weight`` contains the weights of those channels on each axis.

    Raises
    ------
    CortexlensError
        If the fit has no channel selectors, the metric is unknown, or there are too few vertices.
    """
    if how.metric not in METRICS:
        raise CortexlensError(f"--metric: found {how.metric!r}; allowed are {', '.join(METRICS)}.")
    if not {"channel_selector", "set_weight"} & set(fit.variables):
        raise CortexlensError(
            f"{model}: its fit (readout {fit.attrs.get('readout')!r}) has neither channel_selector "
            "nor set_weight. Give a FactorTopy or stacked fit."
        )
    fit = fit.load()
    selectors = _shared if "channel_selector" in fit else _stacked
    read, root, further = selectors(fit, model, features, how.metric)
    unit = unit_rows(read)
    known = np.isfinite(unit).all(axis=1)
    if known.sum() < _FEWEST:
        raise CortexlensError(
            f"{model}: found {known.sum()} vertices whose channel selectors are finite and not 0; "
            f"at least {_FEWEST} are needed. Map more vertices."
        )
    stable = stability(unit[known], how.first_clusters, how.splits, how.seed)
    number = how.clusters or stable.best
    first = first_number(int(known.sum()), how.first_clusters, number)
    tree = grow_tree(unit[known], first, how.seed)
    found = find_clusters(unit[known], tree, number)
    return (
        _dataset(fit, read, root, known, found, stable)
        .assign(further.variables)
        .assign_attrs(further.attrs)
    )


Selectors = tuple[
    Float[np.ndarray, "vertex channel"], Float[np.ndarray, "channel channel"], xr.Dataset
]


def _shared(fit: xr.Dataset, model: Path, features: Path, metric: str) -> Selectors:
    """Selectors of the channels that all layers share, and the square root of their metric."""
    weight = fit["channel_selector"].values.astype(np.float64)
    if metric == "raw":
        return weight, np.eye(weight.shape[1]), xr.Dataset()
    root = _metric(fit, model, features)
    return weight @ root, root, xr.Dataset()


def _stacked(fit: xr.Dataset, model: Path, features: Path, metric: str) -> Selectors:
    """Maps of the layers' own channels in a common space, which needs no further metric."""
    from cortexlens.encoding.channel_metric import LayerMaps, read_maps, token_images
    from cortexlens.encoding.ensemble import load_models
    from cortexlens.features.store import open_features

    models, about = load_models(model)
    store = open_features(features)
    images = token_images(store.n_images, _tested(fit))
    fitted: object = models[0]
    if not isinstance(fitted, LayerMaps):
        raise CortexlensError(
            f"{model}: found a model of {type(fitted).__name__}, which has no maps of the layers' "
            "channels. Give the model.safetensors in the folder of the stacked fit."
        )
    found = read_maps(fitted, store, about["grid"], images, raw=metric == "raw")
    described = "weights of the layers' channels on each axis, layer by layer"
    further = xr.Dataset(
        {
            "axis_weight": (
                ("channel", "layer_channel"),
                found.weight.astype(np.float32),
                {"description": described},
            )
        },
        attrs={"share_lost": round(found.lost, 6)},
    )
    return found.read, np.eye(found.read.shape[1]), further


def _tested(fit: xr.Dataset) -> np.ndarray:
    """Indices of the test images, which are not used."""
    return fit["test_image"].values if "test_image" in fit.coords else np.zeros(0, np.int64)


def _metric(fit: xr.Dataset, model: Path, features: Path) -> Float[np.ndarray, "channel channel"]:
    """Square root of the covariance of the aligned tokens that vertices read."""
    # imported here because PyTorch takes a second to import and raw selectors do not need it
    from cortexlens.encoding.channel_metric import aligned_covariance, square_root, token_images
    from cortexlens.encoding.ensemble import factortopy_members, load_models
    from cortexlens.features.store import open_features

    models, about = load_models(model)
    store = open_features(features)
    covariance = aligned_covariance(
        factortopy_members(models, model),
        store,
        about["grid"],
        fit["layer_selector"].values.mean(axis=0, dtype=np.float64),
        float(fit["scale_selector"].values.mean(dtype=np.float64)),
        token_images(store.n_images, _tested(fit)),
    )
    return square_root(covariance)


def _dataset(
    fit: xr.Dataset,
    read: Float[np.ndarray, "vertex channel"],
    root: Float[np.ndarray, "channel channel"],
    known: np.ndarray,
    found: Clusters,
    stable: Stability,
) -> xr.Dataset:
    variables = _variables(read, root, known, found, stable)
    copied = [name for name in (*COPIED, "space_selector") if name in fit.variables]
    dataset = xr.Dataset(
        {
            **{name: fit[name] for name in copied},
            **{
                name: (dims, values, {"description": described})
                for name, (dims, values, described) in variables.items()
            },
        },
        coords={"number": stable.number},
    )
    kept = ("backbone", "subject", "readout", *COPIED_ATTRIBUTES)
    return dataset.assign_attrs(
        {name: fit.attrs[name] for name in kept if name in fit.attrs},
        most_stable=stable.best,
    )


def _variables(
    read: Float[np.ndarray, "vertex channel"],
    root: Float[np.ndarray, "channel channel"],
    known: np.ndarray,
    found: Clusters,
    stable: Stability,
) -> Variables:
    label, first = (np.full(len(known), -1) for _ in range(2))
    label[known], first[known] = found.label, found.first
    merged = ("merge", "part")
    both = ("number", "split")
    return {
        "channel_selector_read": (
            ("vertex", "channel"),
            read.astype(np.float32),
            "Σ^½·w, whose cosines are correlations of what vertices read; w with metric raw",
        ),
        "metric_root": (("channel", "other_channel"), root, "Σ^½ of the aligned tokens"),
        "cluster": (
            ("vertex",),
            label.astype(np.int16),
            "cluster, from 0; similar clusters have neighbouring numbers; -1 unknown",
        ),
        "first_cluster": (
            ("vertex",),
            first.astype(np.int32),
            "k-means cluster, from 0; -1 unknown",
        ),
        "centroid": (("cluster_id", "channel"), found.centre, "mean unit vector of each cluster"),
        "first_centroid": (
            ("first_id", "channel"),
            found.tree.centre,
            "mean unit vector of each k-means cluster",
        ),
        "linkage": (merged, found.linkage, "Ward's tree of the clusters, in the format of scipy"),
        "first_linkage": (
            ("first_merge", "part"),
            found.tree.linkage,
            "Ward's tree of the k-means clusters, in the format of scipy",
        ),
        "stability": (both, stable.found, "adjusted Rand index of two halves' clusters"),
        "stability_shuffled": (both, stable.shuffled, "the same for shuffled selectors"),
    }

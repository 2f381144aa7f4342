"""Made-up stores of kind channels for tests of what reads them."""

from pathlib import Path

import numpy as np
import xarray as xr

from cortexlens.analysis.channels.dataset import Clustering, channels_dataset


def with_groups(fit: xr.Dataset, n_groups: int = 4, seed: int = 0) -> xr.Dataset:
    """Give the vertices of a fit channel selectors around as many directions."""
    rng = np.random.default_rng(seed)
    group = np.arange(fit.sizes["vertex"]) * n_groups // fit.sizes["vertex"]
    centre = rng.standard_normal((n_groups, 8))
    selector = centre[group] + 0.3 * rng.standard_normal((len(group), 8))
    return fit.drop_vars("channel_selector").assign(
        channel_selector=(("vertex", "channel"), selector.astype(np.float32))
    )


def channels_of(fit: xr.Dataset, clusters: int = 4) -> xr.Dataset:
    """Cluster the selectors of a fit as they are."""
    how = Clustering("raw", clusters, first_clusters=20, splits=2)
    return channels_dataset(fit, Path("model"), Path("features"), how)

"""Best network at every vertex, and how far each network falls below it, by region.

Source: "Brain Decodes Deep Nets", arXiv 2312.01280, Table 1. What the paper calls a root sum
squared difference has the magnitude of a root mean square, and is reported here as one.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float, Int

from cortexlens.analysis.scores.fit_scores import regions
from cortexlens.analysis.scores.held_out import image_terms, read_held_out, vertex_blocks
from cortexlens.analysis.statistics.bootstrap import image_draws, r2_draws, spread_interval
from cortexlens.errors import CortexlensError
from cortexlens.progress import track

MAX, MEAN = "max", "mean"
# The paper's table joins these regions.
JOINED = {"V2V3": ("V2", "V3")}
# Bytes of resampled scores of all networks to hold in memory at once.
_HELD = 2e8


class Models(NamedTuple):
    """Max model and each network, by region, for one subject or the mean over subjects.

    Attributes
    ----------
    subject
        Id of the subject, or ``mean``.
    readout
        Readout of all networks.
    names
        ``max``, then the networks.
    rois
        Names of the regions.
    n_images
        Number of test images.
    estimate
        For ``max`` the mean R², for a network the root mean square of the maximum minus its own R².
    draws
        The same in each resample of the test images.
    """

    subject: str
    readout: str
    names: list[str]
    rois: list[str]
    n_images: int
    estimate: Float[np.ndarray, "model roi"]
    draws: Float[np.ndarray, "draw model roi"]


def joined_regions(fit: xr.Dataset) -> dict[str, np.ndarray]:
    """Regions of a fit, with V2 and V3 joined in addition to the single ones."""
    found: dict[str, np.ndarray] = {}
    given = dict(regions(fit))
    for roi, mask in given.items():
        found[roi] = mask
        for name, parts in JOINED.items():
            if roi == parts[-1] and name not in given and set(parts) <= set(given):
                found[name] = np.logical_or.reduce([given[part] for part in parts])
    return found


def subject_models(fits: Sequence[xr.Dataset], *, bootstraps: int, seed: int) -> Models:
    """Compare the networks of one subject; the maximum is taken anew in every resample.

    Parameters
    ----------
    fits
        Datasets of kind ``fit`` of one subject and readout, one per network.
    bootstraps, seed
        As for :func:`cortexlens.analysis.scores.fit_scores.score_fit`.

    Returns
    -------
    Models

    Raises
    ------
    CortexlensError
        If a fit has no stored predictions, or vertices or test images differ between fits.
    """
    images = _shared_images(fits)
    masks = joined_regions(fits[0])
    membership = np.stack(list(masks.values()), axis=1)
    drawn = np.concatenate(
        [np.ones((1, len(images)), np.float32), image_draws(images, bootstraps, seed)]
    )
    sums = np.zeros((1 + bootstraps, 1 + len(fits), len(masks)))
    counts = np.zeros(len(masks))
    size = max(64, int(_HELD / (4 * len(fits) * len(drawn))))
    blocks = list(vertex_blocks(fits[0].sizes["vertex"], size))
    for block in track(blocks, f"blocks of {fits[0].attrs['subject']} compared"):
        r2 = np.stack([_block_draws(fit, block, drawn) for fit in fits])
        scored = np.isfinite(r2[:, 0]).all(axis=0)
        inside = membership[block][scored].astype(np.float32)
        r2 = r2[..., scored]
        highest = r2.max(axis=0)
        sums[:, 0] += highest @ inside
        for model, each in enumerate(r2, 1):
            sums[:, model] += np.square(highest - each) @ inside
        counts += inside.sum(axis=0)
    means = np.full(sums.shape, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    means[:, 1:] = np.sqrt(means[:, 1:])
    names = [MAX, *(str(fit.attrs["backbone"]) for fit in fits)]
    subject, readout = (str(fits[0].attrs[key]) for key in ("subject", "readout"))
    return Models(subject, readout, names, list(masks), len(images), means[0], means[1:])


def _shared_images(fits: Sequence[xr.Dataset]) -> Int[np.ndarray, " image"]:
    """Test images of all fits; refuses fits that cannot be compared vertex by vertex."""
    first = fits[0]
    for fit in fits:
        name = f"fit of {fit.attrs['backbone']} to {fit.attrs['subject']}"
        held = read_held_out(fit.isel(vertex=slice(0, 1)), name)
        same = fit.sizes["vertex"] == first.sizes["vertex"]
        if not same or not np.array_equal(held.images, first["test_image"].values):
            raise CortexlensError(
                f"{name}: found {fit.sizes['vertex']} vertices and {held.n_images} test images; "
                f"that of {first.attrs['backbone']} has {first.sizes['vertex']} and "
                f"{first.sizes['test_image']}, or different ones. Fit all networks to the same "
                "responses."
            )
    images: np.ndarray = first["test_image"].values
    return images


def _block_draws(
    fit: xr.Dataset, block: slice, drawn: Float[np.ndarray, "draw image"]
) -> Float[np.ndarray, "draw vertex"]:
    """R² of some vertices: on all test images first, then in each resample."""
    held = read_held_out(fit.isel(vertex=block), "fit")
    r2 = r2_draws(held, drawn)
    r2[0] = image_terms(held).r2
    return r2


def mean_models(found: Sequence[Models]) -> Models:
    """Mean over subjects, draw by draw, of networks and regions that all subjects have."""
    names = [name for name in found[0].names if all(name in each.names for each in found)]
    rois = [roi for roi in found[0].rois if all(roi in each.rois for each in found)]
    estimates, draws = [], []
    for each in found:
        rows = [each.names.index(name) for name in names]
        columns = [each.rois.index(roi) for roi in rois]
        estimates.append(each.estimate[np.ix_(rows, columns)])
        draws.append(each.draws[:, rows][:, :, columns])
    n_images = min(each.n_images for each in found)
    means = np.mean(estimates, 0), np.mean(draws, 0)
    return Models(MEAN, found[0].readout, names, rois, n_images, *means)


def model_rows(found: Models, confidence_level: float) -> Iterator[dict[str, object]]:
    """Rows of ``roi_models.tsv``: the maximum first, then each network's difference from it."""
    flat = found.draws.reshape(len(found.draws), -1)
    ends = spread_interval(found.estimate.ravel(), flat, found.n_images, confidence_level)
    low, high = (end.reshape(found.estimate.shape) for end in ends)
    # A root mean square cannot be negative.
    low[1:] = np.maximum(low[1:], 0)
    for row, name in enumerate(found.names):
        line: dict[str, object] = {"subject": found.subject, "readout": found.readout}
        line["model"] = name
        line["value"] = "rms_difference" if row else "r2_mean"
        for column, roi in enumerate(found.rois):
            line[roi] = float(found.estimate[row, column])
            line[f"{roi}_low"], line[f"{roi}_high"] = low[row, column], high[row, column]
        yield line


def model_table(
    fits: Sequence[xr.Dataset], *, confidence_level: float, bootstraps: int, seed: int
) -> pd.DataFrame:
    """``roi_models.tsv``: for each readout every subject, then their mean.

    Parameters
    ----------
    fits
        Datasets of kind ``fit`` in any order; networks are compared within each readout.
    interval, bootstraps, seed
        As for :func:`cortexlens.analysis.scores.fit_scores.score_fit`.
    """
    groups: dict[str, dict[str, list[xr.Dataset]]] = {}
    for fit in sorted(fits, key=lambda fit: (fit.attrs["subject"], fit.attrs["backbone"])):
        readout, subject = str(fit.attrs["readout"]), str(fit.attrs["subject"])
        groups.setdefault(readout, {}).setdefault(subject, []).append(fit)
    rows = []
    for subjects in groups.values():
        found = [subject_models(own, bootstraps=bootstraps, seed=seed) for own in subjects.values()]
        rows += [
            row
            for each in [*found, mean_models(found)]
            for row in model_rows(each, confidence_level)
        ]
    return pd.DataFrame(rows)

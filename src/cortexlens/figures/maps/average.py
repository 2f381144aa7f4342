"""Mean of one network's maps over subjects who share a cortex."""

from collections.abc import Sequence
from functools import reduce
from hashlib import sha256

import numpy as np
from jaxtyping import Float

from cortexlens.encoding.scores import confidence
from cortexlens.figures.maps.fits import CONFIDENCE, PROBABILITY, Cortex, DrawnFit


def average_fit(fits: Sequence[DrawnFit]) -> DrawnFit | None:
    """Mean of the selectors over subjects, at the vertices that all subjects have.

    Confidence is that of the mean layer selector: it is low if subjects disagree. If fits have
    probabilities, it is the mean over subjects of the probability that the strongest layer of the
    mean is the subject's strongest layer. A vertex belongs to a region if it does so in most
    subjects.

    Parameters
    ----------
    fits
        Fits of one network, one per subject.

    Returns
    -------
    DrawnFit or None
        None if there are fewer than two subjects, if they share no vertices of a mesh, or if layers
        differ.
    """
    cortices = [fit.cortex for fit in fits if fit.cortex is not None]
    if len(cortices) < max(2, len(fits)) or len({cortex.space for cortex in cortices}) > 1:
        return None
    if len({(fit.layer_axis, fit.layer_names) for fit in fits}) > 1:
        return None
    # A unique number for each vertex of both hemispheres.
    names = [2 * cortex.vertex_index + cortex.hemisphere for cortex in cortices]
    common = reduce(np.intersect1d, names)
    if common.size == 0:
        return None
    rows = [_rows(name, common) for name in names]

    def mean(field: str) -> np.ndarray:
        parts = [getattr(fit, field)[row] for fit, row in zip(fits, rows, strict=True)]
        return np.asarray(np.mean(parts, axis=0))

    layer, r2 = mean("layer"), mean("r2")
    sized = all(fit.size is not None for fit in fits)
    likely = all(fit.probability is not None for fit in fits)
    probability = mean("probability") if likely else None
    members = [
        {name: mask[row] for name, mask in fit.regions.items()}
        for fit, row in zip(fits, rows, strict=True)
    ]
    return DrawnFit(
        above_chance=any(fit.above_chance for fit in fits),
        backbone=fits[0].backbone,
        subject="average of " + ", ".join(fit.subject for fit in fits),
        layer_names=fits[0].layer_names,
        layer=layer,
        place=mean("place"),
        scale=mean("scale"),
        confidence=_confidence(layer, probability),
        r2=r2,
        ceiling=mean("ceiling"),
        cortex=Cortex(
            cortices[0].space, (common % 2).astype(np.int8), (common // 2).astype(np.int64)
        ),
        volume=None,
        regions=_majority(members, len(common)),
        recorded_r2=r2,
        source=sha256("".join(fit.source for fit in fits).encode()).hexdigest(),
        layer_axis=fits[0].layer_axis,
        readout=fits[0].readout,
        meaning=PROBABILITY if likely else CONFIDENCE,
        size=mean("size") if sized else None,
        probability=probability,
    )


def _confidence(
    layer: Float[np.ndarray, "vertex layer"], probability: Float[np.ndarray, "vertex layer"] | None
) -> Float[np.ndarray, "vertex"]:
    """Confidence in the strongest layer of the mean; NaN where its weights are NaN."""
    if probability is None or layer.shape[1] == 1:
        return confidence(layer)
    known = ~np.isnan(layer).any(axis=1)
    best = np.nan_to_num(layer).argmax(axis=1)
    return np.where(known, probability[np.arange(len(best)), best], np.nan)


def _rows(names: np.ndarray, common: np.ndarray) -> np.ndarray:
    """Row of each common vertex, the first if a vertex occurs twice."""
    order = np.argsort(names, kind="stable")
    return np.asarray(order[np.searchsorted(names[order], common)])


def _majority(members: list[dict[str, np.ndarray]], n_vertices: int) -> dict[str, np.ndarray]:
    """Regions by order of first occurrence; a vertex is in one if it is for most subjects."""
    regions = {}
    for name in dict.fromkeys(name for masks in members for name in masks):
        votes = sum(masks.get(name, np.zeros(n_vertices, int)).astype(int) for masks in members)
        mask = np.asarray(votes) * 2 > len(members)
        if mask.any():
            regions[name] = mask
    return regions

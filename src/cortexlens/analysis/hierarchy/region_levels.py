"""Level of each region in a network, and its differences between networks and subjects.

The level of a vertex is the mean depth of its layer weights, from 0 (first layer) to 1 (last
layer), so that networks with different numbers of layers are comparable. Stacked fits store the
levels obtained from resampled blocks of training images, from which the confidence intervals here
are computed. The intervals cover what other images of the same kind would have given. They do not
cover other subjects, nor biases that all vertices of a region share, such as the pull of both ends
of a network towards its middle.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float, Int
from scipy.special import stdtr

from cortexlens.analysis.hierarchy.slope import expected_level, layer_axis, level_deviations
from cortexlens.analysis.scores.fit_scores import regions
from cortexlens.analysis.statistics.blocks import interval_ends
from cortexlens.analysis.statistics.intervals import Resampling
from cortexlens.errors import CortexlensError

LEVEL_COLUMNS: Final = (
    *("subject", "backbone", "readout", "roi", "n_vertices"),
    *("level", "level_low", "level_high", "layer", "layer_share", "share_named"),
)
DIFFERENCE_COLUMNS: Final = (
    *("kind", "subject", "backbone", "other_subject", "other_backbone", "readout", "roi"),
    *("difference", "low", "high", "paired", "p", "p_holm"),
)
NETWORKS: Final = "networks"
SUBJECTS: Final = "subjects"
# Smallest probability of being the strongest layer at which a vertex's layer counts as named.
NAMED: Final = 0.8


@dataclass(frozen=True)
class LevelsOfFit:
    """Levels and layers of the regions of a fit.

    Attributes
    ----------
    subject, backbone, readout
        Subject, network and readout of the fit.
    axis
        Unit of the levels, see :func:`cortexlens.analysis.hierarchy.slope.layer_axis`.
    rois
        Names of the regions that have vertices, ``all`` first.
    n_vertices
        Number of vertices of each region.
    level
        Mean expected level of each region's vertices, 0 the first layer, 1 the last.
    deviations
        Deviations of these means when blocks of images are resampled, centred on 0; None if the fit
        has no stored draws.
    blocks
        Number of blocks of images that were resampled; None if unknown.
    layer
        Name of the layer with the largest mean probability of being the strongest layer of a vertex
        of the region.
    layer_share
        That mean probability, which is the expected share of the region's vertices. If the fit has
        no probabilities, the share of vertices in which the layer has the largest weight.
    share_named
        Share of each region's vertices in which some layer is the strongest with a probability of
        at least :data:`NAMED`; NaN if the fit has no probabilities.
    """

    subject: str
    backbone: str
    readout: str
    axis: str
    rois: list[str]
    n_vertices: Int[np.ndarray, " roi"]
    level: Float[np.ndarray, " roi"]
    deviations: Float[np.ndarray, "draw roi"] | None
    blocks: int | None
    layer: list[str]
    layer_share: Float[np.ndarray, " roi"]
    share_named: Float[np.ndarray, " roi"]

    def __str__(self) -> str:
        """Name of the fit, as used in error messages."""
        return f"{self.readout} fit of {self.backbone} to {self.subject}"


def levels_of_fit(fit: xr.Dataset) -> LevelsOfFit:
    """Average levels and probabilities of layers over the regions of a fit.

    Parameters
    ----------
    fit
        Dataset of kind ``fit`` with layer selectors, and optionally ``expected_level_draw`` and
        ``layer_probability``.

    Raises
    ------
    CortexlensError
        If the fit has no layer selectors or no vertices.
    """
    subject, backbone, readout = (str(fit.attrs[key]) for key in ("subject", "backbone", "readout"))
    if "layer_selector" not in fit or fit.sizes["vertex"] == 0:
        lacking = "vertices" if "layer_selector" in fit else "layer selectors"
        raise CortexlensError(
            f"{readout} fit of {backbone} to {subject}: found no {lacking}; levels of regions "
            "need both vertices and layer selectors, as stacked and FactorTopy fits have."
        )
    named = dict(regions(fit))
    number = np.array([mask.sum() for mask in named.values()], np.int64)
    average = np.stack(list(named.values())) / number[:, None]
    selector = fit["layer_selector"].transpose("vertex", "layer").values.astype(np.float64)
    deviations = level_deviations(fit)
    if "layer_probability" in fit:
        values = fit["layer_probability"].transpose("vertex", "layer").values
        probability = values.astype(np.float64)
        share_named = average @ (values.max(axis=1) >= NAMED)
    else:
        probability = np.eye(selector.shape[1])[selector.argmax(axis=1)]
        share_named = np.full(len(named), np.nan)
    share = average @ probability
    layers = [str(name) for name in fit["layer"].values]
    return LevelsOfFit(
        *(subject, backbone, readout, layer_axis(fit), list(named), number),
        level=average @ expected_level(selector),
        deviations=None if deviations is None else deviations @ average.T,
        blocks=int(fit.attrs["blocks"]) if "blocks" in fit.attrs else None,
        layer=[layers[best] for best in share.argmax(axis=1)],
        layer_share=share.max(axis=1),
        share_named=share_named,
    )


def region_level_table(
    fits: Sequence[LevelsOfFit],
    how: Resampling = Resampling(),  # noqa: B008
) -> pd.DataFrame:
    """``region_levels.tsv``: one row per fit and region.

    Parameters
    ----------
    fits
        Results of :func:`levels_of_fit`, each of another subject, network or readout.
    how
        Only its confidence level is used, because the resamples are those stored in the fit.

    Returns
    -------
    pd.DataFrame
        Columns :data:`LEVEL_COLUMNS`, sorted by subject, network and readout. ``level_low`` and
        ``level_high`` are the ends of the confidence interval of the level, within 0 and 1, over
        other images; they do not cover other subjects or biases shared by the vertices. NaN if a
        fit has no stored draws.

    Raises
    ------
    CortexlensError
        If two fits are of the same subject, network and readout.
    """
    rows: list[dict[str, object]] = []
    for fit in _sorted(fits):
        low, high = (np.full(len(fit.rois), np.nan) for _ in range(2))
        if fit.deviations is not None:
            low, high = interval_ends(
                np.clip(fit.level + fit.deviations, 0, 1), how.confidence_level
            )
        about = {"subject": fit.subject, "backbone": fit.backbone, "readout": fit.readout}
        columns = {
            **{"roi": fit.rois, "n_vertices": fit.n_vertices, "level": fit.level},
            **{"level_low": low, "level_high": high, "layer": fit.layer},
            **{"layer_share": fit.layer_share, "share_named": fit.share_named},
        }
        rows += [
            about | dict(zip(columns, values, strict=True))
            for values in zip(*columns.values(), strict=True)
        ]
    return pd.DataFrame(rows, columns=list(LEVEL_COLUMNS))


def level_difference_table(
    fits: Sequence[LevelsOfFit],
    how: Resampling = Resampling(),  # noqa: B008
) -> pd.DataFrame:
    """``level_differences.tsv``: pairs of networks in a subject, and of subjects for a network.

    Parameters
    ----------
    fits
        Results of :func:`levels_of_fit`, each of another subject, network or readout. Only fits
        with the same readout and the same axis of levels are compared, in the regions that both
        have.
    how
        Confidence level; number and seed of the random pairs of draws that are not paired.

    Returns
    -------
    pd.DataFrame
        Columns :data:`DIFFERENCE_COLUMNS`. ``difference`` is the level in the fit of
        ``other_subject`` and ``other_backbone`` minus that in the fit of ``subject`` and
        ``backbone``. ``paired`` says whether both fits used the same resamples, so that effects of
        an image on both cancel: two networks in a subject, with as many draws of as many blocks.
        Other draws are taken as independent. ``p`` is the two-sided p value of a t test with the
        standard deviation of the draws, and one degree of freedom fewer than there are blocks of
        images. ``p_holm`` is corrected by :func:`holm` over all rows of a readout and kind. Columns
        that need draws are NaN if a fit has none.

    Raises
    ------
    CortexlensError
        If two fits are of the same subject, network and readout, or two networks were fitted to
        different vertices of a subject.
    """
    rows = [
        row
        for kind in (NETWORKS, SUBJECTS)
        for first, second in combinations(_sorted(fits), 2)
        if _kind(first, second) == kind
        for row in _differences(kind, first, second, how)
    ]
    table = pd.DataFrame(rows, columns=list(DIFFERENCE_COLUMNS))
    families = table.groupby(["readout", "kind"])["p"]
    table["p_holm"] = families.transform(lambda p: holm(p.to_numpy(np.float64)))
    return table


def holm(p: Float[np.ndarray, " test"]) -> Float[np.ndarray, " test"]:
    """Holm's step-down correction of p values for multiple tests.

    Controls the probability of any false rejection under any dependence between the tests (Holm
    1979, Scand. J. Stat. 6:65).

    Parameters
    ----------
    p
        Uncorrected p values; NaN values do not count as tests and stay NaN.

    Returns
    -------
    ndarray
        Corrected p values.
    """
    adjusted = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def _sorted(fits: Sequence[LevelsOfFit]) -> list[LevelsOfFit]:
    """Fits sorted by subject, network and readout; refuses duplicates."""
    ordered = sorted(fits, key=_whose)
    for one, other in pairwise(ordered):
        if _whose(one) == _whose(other):
            raise CortexlensError(f"{one}: found twice; give each fit once.")
    return ordered


def _whose(fit: LevelsOfFit) -> tuple[str, str, str]:
    return fit.subject, fit.backbone, fit.readout


def _kind(first: LevelsOfFit, second: LevelsOfFit) -> str | None:
    """Whether two fits are of two networks or two subjects; None if they are not comparable."""
    if first.readout != second.readout or first.axis != second.axis:
        return None
    if first.subject == second.subject:
        return NETWORKS
    return SUBJECTS if first.backbone == second.backbone else None


def _differences(
    kind: str, first: LevelsOfFit, second: LevelsOfFit, how: Resampling
) -> Iterator[dict[str, object]]:
    """Yield one row per region that both fits have, without the corrected p value."""
    shared = [
        (first.rois.index(roi), second.rois.index(roi)) for roi in first.rois if roi in second.rois
    ]
    one, other = (np.array(rows) for rows in zip(*shared, strict=True))
    if kind == NETWORKS:
        _check_vertices(first, second, one, other)
    found = second.level[other] - first.level[one]
    low, high, p = (np.full(len(shared), np.nan) for _ in range(3))
    paired = kind == NETWORKS and _resampled_alike(first, second)
    if first.deviations is not None and second.deviations is not None:
        parts = first.deviations[:, one], second.deviations[:, other]
        draws = found + (parts[1] - parts[0] if paired else _unpaired(*parts, how))
        low, high = interval_ends(draws, how.confidence_level)
        independent = [
            fit.blocks or len(part) for fit, part in zip((first, second), parts, strict=True)
        ]
        p = _two_sided(found, draws, min(independent) - 1)
    about = {
        **{"kind": kind, "subject": first.subject, "backbone": first.backbone},
        **{"other_subject": second.subject, "other_backbone": second.backbone},
        "readout": first.readout,
    }
    for row, values in zip(one, zip(found, low, high, p, strict=True), strict=True):
        named = dict(zip(("difference", "low", "high", "p"), map(float, values), strict=True))
        yield {**about, "roi": first.rois[row], "paired": "yes" if paired else "no", **named}


def _check_vertices(
    first: LevelsOfFit,
    second: LevelsOfFit,
    one: Int[np.ndarray, " shared"],
    other: Int[np.ndarray, " shared"],
) -> None:
    """Check that two networks were fitted to the same vertices, judged by their numbers."""
    for row, number, too in zip(one, first.n_vertices[one], second.n_vertices[other], strict=True):
        if number != too:
            raise CortexlensError(
                f"{first} and that of {second.backbone}: found {number} and {too} vertices in "
                f"{first.rois[row]}; networks are compared in the same ones. Fit both to the same "
                "responses."
            )


def _resampled_alike(first: LevelsOfFit, second: LevelsOfFit) -> bool:
    """Whether draw d of both fits to a subject comes from the same resample of images."""
    if first.deviations is None or second.deviations is None:
        return False
    return len(first.deviations) == len(second.deviations) and first.blocks == second.blocks


def _unpaired(
    first: Float[np.ndarray, "draw roi"],
    second: Float[np.ndarray, "other_draw roi"],
    how: Resampling,
) -> Float[np.ndarray, "pair roi"]:
    """Differences of independent deviations, for random pairs of draws."""
    rng = np.random.default_rng(how.seed)
    chosen = [rng.integers(0, len(part), how.bootstraps) for part in (first, second)]
    return np.asarray(second[chosen[1]] - first[chosen[0]])


def _two_sided(
    found: Float[np.ndarray, " roi"], draws: Float[np.ndarray, "draw roi"], freedom: int
) -> Float[np.ndarray, " roi"]:
    """Two-sided p values of differences with normal errors, whose spread is that of the draws.

    ``freedom`` is the degrees of freedom of that spread: draws of a few blocks of images determine
    it no better than as many independent observations.
    """
    spread = draws.std(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(found == 0, 0.0, np.abs(found) / spread)
    return np.asarray(2 * stdtr(freedom, -t))

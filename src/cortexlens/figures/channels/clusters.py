"""Figures of clusters of channel selectors: where they lie, their tree, and their stability."""

from functools import partial
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure

from cortexlens.figures.drawing.colours import depth_colours
from cortexlens.figures.drawing.panels import Panel, opaque
from cortexlens.figures.drawing.style import (
    FAINT,
    INK,
    SMALL_SIZE,
    axes_at,
    house_style,
    new_figure,
    write_at,
)
from cortexlens.figures.drawing.titles import HEAD, write_head
from cortexlens.figures.maps.cortex import panel_map
from cortexlens.figures.maps.fits import DrawnFit
from cortexlens.figures.maps.volume import panel_slices

TITLE: Final = "Channel clusters"
STABILITY_TITLE: Final = "Stability of channel clusters"
_KEY: Final = (1.0, 2.5)
_LEFT: Final = 0.7
_PLOT: Final = (3.4, 1.9)


class DrawnClusters(NamedTuple):
    """Data of clusters that are drawn.

    Attributes
    ----------
    label
        Cluster of each vertex that is drawn, from 0; -1 unknown.
    linkage
        Ward's tree of the clusters, which are numbered along its leaves.
    number, found, shuffled
        Numbers of clusters that were tried, and the adjusted Rand index of two halves' clusters,
        for the selectors and for shuffled ones.
    """

    label: Int[np.ndarray, " vertex"]
    linkage: Float[np.ndarray, "merge 4"]
    number: Int[np.ndarray, " number"]
    found: Float[np.ndarray, "number split"]
    shuffled: Float[np.ndarray, "number split"]

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(self.linkage) + 1


def cluster_colours(
    linkage: Float[np.ndarray, "merge 4"],
) -> Float[np.ndarray, "cluster rgb"]:
    """Colours along a single ramp, spaced by the distance of neighbouring clusters in the tree.

    Twenty colours that are pairwise distinguishable in colour blindness do not exist; on a ramp,
    colours that are hard to distinguish belong to similar clusters.
    """
    steps = _joined_at(linkage)
    # Half of each step is constant, so that no two clusters have the same colour.
    steps = steps / max(steps.sum(), 1e-12) + 1 / max(len(steps), 1)
    place = np.concatenate([[0.0], np.cumsum(steps)]) / max(steps.sum(), 1e-12)
    return depth_colours(place, np.ones_like(place))


def _joined_at(linkage: Float[np.ndarray, "merge 4"]) -> Float[np.ndarray, " gap"]:
    """Height at which each cluster and the next one are merged."""
    n = len(linkage) + 1
    span = {leaf: (leaf, leaf) for leaf in range(n)}
    height = np.zeros(max(n - 1, 0))
    for step, (left, right, at, _) in enumerate(linkage.tolist()):
        low, high = sorted((span.pop(int(left)), span.pop(int(right))))
        height[low[1]] = at
        span[n + step] = (low[0], high[1])
    return height


def clusters_figure(fit: DrawnFit, clusters: DrawnClusters) -> Figure:
    """Draw the cluster of each vertex on the flat cortex or slices, or the sizes of clusters."""
    rgb = cluster_colours(clusters.linkage)
    if fit.cortex is None and fit.volume is None:
        return _counts(fit, clusters, rgb)
    of_vertex = np.where(clusters.label[:, None] < 0, np.nan, rgb[clusters.label])
    key = partial(_draw_tree, linkage=clusters.linkage, rgb=rgb)
    draw = panel_slices if fit.cortex is None else panel_map
    return draw(fit, TITLE, [Panel(opaque(of_vertex), key)])


def _draw_tree(
    figure: Figure,
    left: float,
    top: float,
    linkage: Float[np.ndarray, "merge 4"],
    rgb: Float[np.ndarray, "cluster rgb"],
) -> None:
    """Draw the tree of the clusters, with leaves on the left in their colours."""
    n = len(rgb)
    width, height = _KEY[0], min(_KEY[1], 0.4 + 0.16 * n)
    write_at(figure, left, top, "clusters and dendrogram", fontweight="bold")
    axes = axes_at(figure, left + 0.42, top + 0.32, width, height, bare=True)
    place = {leaf: (0.0, float(leaf)) for leaf in range(n)}
    for step, (one, other, at, _) in enumerate(linkage.tolist()):
        (x1, y1), (x2, y2) = place.pop(int(one)), place.pop(int(other))
        axes.plot([x1, at, at, x2], [y1, y1, y2, y2], color=INK, linewidth=0.6)
        place[n + step] = (at, (y1 + y2) / 2)
    axes.set_ylim(n - 0.5, -0.5)
    axes.set_xlim(0, 1.03 * linkage[:, 2].max(initial=1e-12))
    patches = axes_at(figure, left + 0.2, top + 0.32, 0.2, height, bare=True)
    patches.imshow(rgb[:, None], aspect="auto", extent=(0, 1, n - 0.5, -0.5))
    every = 1 if n <= 25 else 5
    for cluster in range(0, n, every):
        patches.text(
            -0.15, cluster, str(cluster + 1), ha="right", va="center", fontsize=SMALL_SIZE - 1
        )


def _counts(
    fit: DrawnFit, clusters: DrawnClusters, rgb: Float[np.ndarray, "cluster rgb"]
) -> Figure:
    """Number of vertices in each cluster, if they have no coordinates."""
    with house_style():
        figure = new_figure(_LEFT + 4.6 + 2.0, HEAD + 2.9)
        write_head(figure, TITLE, fit)
        axes = axes_at(figure, _LEFT, HEAD, 4.2, 2.3)
        count = np.bincount(clusters.label[clusters.label >= 0], minlength=len(rgb))
        axes.bar(np.arange(len(rgb)) + 1, count, color=rgb)
        axes.set_xlabel("cluster")
        axes.set_ylabel("recording sites")
        _draw_tree(figure, _LEFT + 4.6, HEAD - 0.2, clusters.linkage, rgb)
        return figure


def stability_figure(fit: DrawnFit, clusters: DrawnClusters) -> Figure:
    """Draw the agreement of clusters of two halves of the vertices, by number of clusters."""
    with house_style():
        figure = new_figure(_LEFT + _PLOT[0] + 1.2, HEAD + _PLOT[1] + 0.6)
        write_head(figure, STABILITY_TITLE, fit)
        axes = axes_at(figure, _LEFT, HEAD + 0.05, *_PLOT)
        number = clusters.number
        shown = (
            ("original", clusters.found, "#0032cc", "-"),
            ("shuffled", clusters.shuffled, FAINT, "--"),
        )
        for name, values, colour, line in shown:
            axes.fill_between(
                number, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.2, lw=0
            )
            axes.plot(number, values.mean(axis=1), line, color=colour, marker=".", label=name)
        axes.axvline(clusters.n_clusters, color=FAINT, linewidth=0.6)
        axes.set_xscale("log")
        ticks = [tick for tick in (2, 4, 8, 20, 40) if tick <= number[-1]]
        axes.set_xticks(ticks, labels=[str(tick) for tick in ticks])
        axes.set_xticks([], minor=True)
        axes.set_ylim(min(0.0, float(clusters.found.min()), float(clusters.shuffled.min())), None)
        axes.set_xlabel("number of clusters (vertical line: as shown)")
        axes.set_ylabel("adjusted Rand index")
        axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0))
        return figure

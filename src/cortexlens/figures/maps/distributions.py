"""Figures of a fit without cortex or volume: distributions over its vertices."""

from collections.abc import Collection
from typing import Final

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cortexlens.figures.drawing.colours import SCALES, SCORES, SIZES, WEIGHTS, depth_colours
from cortexlens.figures.drawing.keys import draw_bar, draw_crosshair, layer_ticks, score_top
from cortexlens.figures.drawing.panels import maps_of, size_top
from cortexlens.figures.drawing.style import (
    FAINT,
    INK,
    SMALL_SIZE,
    axes_at,
    house_style,
    new_figure,
)
from cortexlens.figures.drawing.titles import HEAD, write_head
from cortexlens.figures.maps.fits import DrawnFit

_LEFT: Final = 0.7
_WIDTH: Final = 4.6
_PALE: Final = "#c9c9c9"
# Position in the colour scale of scores, for figures in which the colour does not encode the score.
_MIDDLE: Final = 0.45


def distribution_figures(
    fit: DrawnFit, *, only: Collection[str] | None = None
) -> dict[str, Figure]:
    """Draw the figures of a fit that has no cortex.

    Parameters
    ----------
    fit
        Fit to neurons or voxels.
    only
        Which of :func:`~cortexlens.figures.drawing.panels.maps_of`; None: all that the fit has.

    Returns
    -------
    dict
        Name → figure.
    """
    drawn = {"layer": _layer, "space": _space, "scale": _scale, "r2": _r2, "size": _size}
    with house_style():
        return {name: drawn[name](fit) for name in (maps_of(fit) if only is None else only)}


def draw_profile(axes: Axes, fit: DrawnFit) -> None:
    """Draw the mean layer selector as one bar per layer, with bootstrap intervals.

    Parameters
    ----------
    axes
        Axes to draw into.
    fit
        Fit; vertices with an unknown layer selector are left out.
    """
    profile, n_layers = _mean(fit.layer), len(fit.layer_names)
    colours = depth_colours(fit.layer_depth, np.ones(n_layers), fit.layer_axis)
    layers = np.arange(n_layers)
    axes.bar(layers, np.nan_to_num(profile), width=0.82, color=colours)
    axes.axhline(1 / n_layers, color=FAINT, linewidth=0.7, linestyle=(0, (3, 2)))
    axes.set_xlim(-0.6, n_layers - 0.4)
    axes.set_ylim(0, 1.08 * max(1 / n_layers, np.nanmax(np.append(profile, 0.0))))


def _layer(fit: DrawnFit) -> Figure:
    figure = new_figure(7.3, 5.3)
    write_head(figure, f"{fit.layer_axis.capitalize()} profile", fit)
    profile = axes_at(figure, _LEFT, HEAD + 0.1, _WIDTH, 1.5)
    draw_profile(profile, fit)
    profile.set_ylabel("mean weight")
    profile.set_xticks([])
    profile.text(
        1.0,
        1 / len(fit.layer_names),
        " uniform",
        transform=profile.get_yaxis_transform(),
        va="center",
        fontsize=SMALL_SIZE,
        color=FAINT,
    )
    heat = axes_at(figure, _LEFT, HEAD + 1.75, _WIDTH, 2.0)
    known = np.flatnonzero(~np.isnan(fit.expected_depth))
    order = known[np.argsort(fit.expected_depth[known], kind="stable")]
    shown = fit.layer[order] if known.size else np.full((1, len(fit.layer_names)), np.nan)
    heat.imshow(
        shown,
        aspect="auto",
        cmap=WEIGHTS,
        vmin=0,
        vmax=1,
        interpolation="nearest",
        extent=(-0.5, len(fit.layer_names) - 0.5, len(shown), 0),
    )
    heat.set_xlim(profile.get_xlim())
    heat.set_ylabel(f"recording sites,\nearliest {fit.layer_axis} first")
    ticks, names = layer_ticks(fit.layer_names)
    heat.set_xticks(ticks, names, rotation=40, ha="right", rotation_mode="anchor")
    draw_bar(
        figure,
        _LEFT + _WIDTH + 0.45,
        HEAD + 1.6,
        f"{fit.layer_axis} weight",
        WEIGHTS,
        1.0,
        height=1.4,
    )
    return figure


def _space(fit: DrawnFit) -> Figure:
    side, margin = 3.3, 0.55
    figure = new_figure(6.2, HEAD + margin + side + 0.45)
    write_head(figure, "Receptive-field centres", fit)
    axes = axes_at(figure, 0.3, HEAD + margin, side, side)
    draw_crosshair(axes, colour=_PALE)
    x, y = fit.place.T
    top, shown = score_top(fit.r2), ~np.isnan(fit.place).any(axis=1)
    hollow, filled = shown & ~fit.predicted, shown & fit.predicted
    # The best predicted are drawn last, on top.
    order = np.flatnonzero(filled)[np.argsort(fit.r2[filled], kind="stable")]
    size = float(np.clip(3000 / max(1, len(x)), 3, 26))
    axes.scatter(
        x[hollow],
        y[hollow],
        s=size,
        facecolors="none",
        edgecolors=_PALE,
        linewidths=0.7,
        rasterized=True,
    )
    axes.scatter(
        *(x[order], y[order]),
        s=size,
        c=fit.r2[order] if fit.scored else np.full(order.size, _MIDDLE * top),
        cmap=SCORES,
        norm=Normalize(0, top),
        edgecolors="white",
        linewidths=0.3,
        rasterized=True,
    )
    bins = np.linspace(-1, 1, 25)
    above = axes_at(figure, 0.3, HEAD, side, margin - 0.06, bare=True)
    above.stairs(np.histogram(x[filled], bins)[0], bins, fill=True, color=_PALE)
    above.set_xlim(-1, 1)
    beside = axes_at(figure, 0.3 + side + 0.06, HEAD + margin, margin - 0.06, side, bare=True)
    counts = np.histogram(y[filled], bins)[0]
    beside.stairs(counts, bins, fill=True, color=_PALE, orientation="horizontal")
    beside.set_ylim(1, -1)
    note = "hollow: test R² ≤ 0" if hollow.any() else ""
    if fit.scored:
        draw_bar(figure, 0.3 + side + margin + 0.55, HEAD + margin, "test R²", SCORES, top, note)
    return figure


def _scale(fit: DrawnFit) -> Figure:
    figure, axes = _histogram(fit, "Scale", fit.scale, SCALES, 1.0)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0\nlocal", "0.25", "0.5", "0.75", "1\nglobal"])
    axes.set_xlabel("scale α")
    return figure


def _size(fit: DrawnFit) -> Figure:
    assert fit.size is not None
    figure, axes = _histogram(fit, "Receptive-field size", fit.size, SIZES, size_top(fit.size))
    axes.set_xlabel("standard deviation of the window, image widths")
    return figure


def _histogram(
    fit: DrawnFit, title: str, values: Float[np.ndarray, "vertex"], colours: Colormap, top: float
) -> tuple[Figure, Axes]:
    """Histogram of values from 0 to ``top``; larger values are counted in the last bin."""
    figure = new_figure(6.2, 3.6)
    write_head(figure, title, fit)
    axes = axes_at(figure, _LEFT, HEAD + 0.15, 5.1, 2.2)
    bins = np.linspace(0, top, 26)
    middle, width = (bins[:-1] + bins[1:]) / 2, 0.9 * bins[1]
    shown = ~np.isnan(values)
    good, bad = (
        np.histogram(np.clip(values[shown & chosen], 0, top), bins)[0]
        for chosen in (fit.predicted, ~fit.predicted)
    )
    axes.bar(middle, good, width=width, color=colours(middle / top))
    axes.bar(middle, bad, width=width, bottom=good, color=_PALE, label="test R² ≤ 0")
    _mark_mean(axes, _mean(values[shown & fit.predicted]), "x")
    axes.set_xlim(0, top)
    axes.set_ylabel("recording sites")
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    if bad.any():
        axes.legend(loc="upper right")
    return figure, axes


def _r2(fit: DrawnFit) -> Figure:
    figure = new_figure(7.6, 3.7)
    write_head(figure, fit.score[0].upper() + fit.score[1:], fit)
    axes = axes_at(figure, _LEFT, HEAD + 0.1, 4.3, 2.35)
    known = np.flatnonzero(~np.isnan(fit.r2))
    order = known[np.argsort(-fit.r2[known], kind="stable")]
    rank = np.arange(1, len(order) + 1)
    top = max(0.05, float(np.nanmax(np.append(fit.r2, 0.0))))
    if fit.has_ceiling:
        axes.plot(rank, fit.ceiling[order], ".", color=_PALE, markersize=3, label="noise ceiling")
        top = max(top, float(np.nanmax(fit.ceiling)))
        axes.legend(loc="upper right", handletextpad=0.1)
    axes.vlines(
        rank, 0, fit.r2[order], color=SCORES(_MIDDLE), linewidth=max(0.4, 160 / (len(rank) + 1))
    )
    axes.axhline(0, color=INK, linewidth=0.6)
    # Limit the axis, so that a few very negative values do not flatten all others.
    bottom = min(0.0, float(np.nanpercentile(np.append(fit.r2, 0.0), 2)))
    axes.set_ylim(bottom - 0.02 * top, 1.05 * top)
    axes.set_xlim(0, len(order) + 1)
    axes.set_xlabel("recording sites, best first")
    axes.set_ylabel(fit.score.removeprefix("test "))
    beside = axes_at(figure, _LEFT + 4.45, HEAD + 0.1, 1.6, 2.35)
    bins = np.linspace(*axes.get_ylim(), 31)
    counts = np.histogram(np.clip(fit.r2[known], bins[0], bins[-1]), bins)[0]
    beside.stairs(counts, bins, fill=True, color=SCORES(_MIDDLE), orientation="horizontal")
    beside.set_ylim(axes.get_ylim())
    beside.set_yticks([])
    beside.set_xlabel("count")
    beside.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    _mark_mean(beside, _mean(fit.r2), "y")
    return figure


def _mean(values: Float[np.ndarray, "vertex *column"]) -> Float[np.ndarray, "*column"]:
    """Mean over the finite values; NaN if there are none."""
    known = values[~np.isnan(values).any(axis=tuple(range(1, values.ndim)))]
    return np.asarray(known.mean(axis=0) if len(known) else np.full(values.shape[1:], np.nan))


def _mark_mean(axes: Axes, mean: Float[np.ndarray, ""], along: str) -> None:
    """Mark a mean on the x or y axis of a histogram."""
    if np.isnan(mean):
        return
    if along == "x":
        axes.axvline(float(mean), color=INK, linewidth=1.1)
        x, y, across, down = float(mean), 1.0, "center", "bottom"
        transform = axes.get_xaxis_transform()
    else:
        axes.axhline(float(mean), color=INK, linewidth=1.1)
        x, y, across, down = 1.0, float(mean), "left", "center"
        transform = axes.get_yaxis_transform()
    text = f" mean {mean:.2f}"
    axes.text(x, y, text, transform=transform, ha=across, va=down, fontsize=SMALL_SIZE)

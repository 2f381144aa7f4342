"""Keys that explain the colours of a figure. Positions and sizes are inches from the upper left."""

from itertools import takewhile
from typing import Final

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure

from cortexlens.figures.drawing.colours import depth_colours, place_colours
from cortexlens.figures.drawing.style import FAINT, SMALL_SIZE, axes_at, write_at
from cortexlens.shapes import LAYER

_MAX_NAMED_LAYERS: Final = 13
_MAX_LETTERS: Final = 16


def layer_ticks(names: tuple[str, ...]) -> tuple[list[int], list[str]]:
    """Layers to be named on an axis, at most 13, and their shortened names.

    The dotted prefix that all names share is removed from long names.

    Parameters
    ----------
    names
        Names of all layers, first to last.
    """
    n_shown = min(len(names), _MAX_NAMED_LAYERS)
    shown = np.linspace(0, len(names) - 1, n_shown).round().astype(int).tolist()
    if max(map(len, names)) > _MAX_LETTERS:
        parts = [name.split(".") for name in names]
        columns = list(zip(*parts, strict=False))[:-1]
        shared = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))
        names = tuple(".".join(part[shared:]) for part in parts)
    return shown, [shortened(names[layer]) for layer in shown]


def shortened(name: str, letters: int = _MAX_LETTERS) -> str:
    """Name cut to a length; its end is kept, because that is where names of layers differ."""
    return name if len(name) <= letters else "…" + name[1 - letters :]


def layer_key_height(names: tuple[str, ...]) -> float:
    """Height of the colours of a layer key, in inches."""
    return min(2.4, max(0.6, 0.2 * len(names)))


def draw_layer_key(
    figure: Figure,
    left: float,
    top: float,
    names: tuple[str, ...],
    axis: str = LAYER,
    *,
    depth: Float[np.ndarray, "layer"] | None = None,
    brightness: tuple[str, str, str] = ("0", "confidence", "1"),
    title: str = "strongest",
) -> None:
    """Draw the two-dimensional key of layer maps: layers upward, brightness to the right.

    Parameters
    ----------
    figure, left, top
        Figure, and position of the key.
    names
        Names of the layers.
    axis
        Kind of the layers: ``layer`` or ``time step``.
    depth
        Depth of each layer in the network, 0 to 1; None: they are all layers of the network.
    brightness
        Lower end, meaning and upper end of the brightness.
    title
        Word for the layer of a vertex that is shown, e.g. strongest.
    """
    axes = axes_at(figure, left, top + 0.32, 0.5, layer_key_height(names))
    if depth is None:
        depth = np.arange(len(names)) / max(1, len(names) - 1)
    bright = np.linspace(0, 1, 33)
    depths, confidences = np.broadcast_arrays(depth[:, None], bright[None, :])
    axes.imshow(
        depth_colours(depths, confidences, axis),
        extent=(0, 1, -0.5, len(names) - 0.5),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
    )
    axes.yaxis.tick_right()
    axes.set_yticks(*layer_ticks(names))
    axes.tick_params(length=0)
    lowest, meaning, highest = brightness
    axes.set_xticks([0, 1], [lowest, highest])
    axes.set_xlabel(meaning, fontsize=SMALL_SIZE, labelpad=1)
    axes.spines[:].set_visible(False)
    write_at(figure, left, top, f"{title} {axis}", fontweight="bold")


def draw_depth_key(
    figure: Figure,
    left: float,
    top: float,
    width: float,
    confident: bool,
    axis: str = LAYER,
    meaning: str = "confidence",
) -> None:
    """Draw the key of layers of networks of any depth: depth to the right, confidence upward.

    Parameters
    ----------
    figure, left, top, width
        Figure, position and width of the key.
    confident
        Whether to show the confidence too; otherwise only full colours.
    axis
        Kind of the layers: ``layer`` or ``time step``.
    meaning
        Meaning of the brightness: ``confidence``, or ``probability`` of the strongest layer.
    """
    height = 0.42 if confident else 0.16
    axes = axes_at(figure, left, top, width, height, bare=True)
    depth, confidence = np.meshgrid(
        np.linspace(0, 1, 256), np.linspace(0, 1, 33) if confident else np.ones(1)
    )
    axes.imshow(
        depth_colours(depth, confidence, axis), extent=(0, 1, 0, 1), origin="lower", aspect="auto"
    )
    for x, across, name in ((0, "left", f"first {axis}"), (1, "right", f"last {axis}")):
        axes.text(x, -0.03 / height, name, ha=across, va="top", fontsize=SMALL_SIZE)
    if confident:
        probable = meaning != "confidence"
        ends = ("0", "1") if probable else (f"uniform over {axis}s", f"one {axis}")
        for y, name in enumerate(ends):
            down = "top" if y else "bottom"
            axes.text(1.02, y, name, ha="left", va=down, fontsize=SMALL_SIZE, color=FAINT)
        axes.text(1.02, 0.5, meaning, ha="left", va="center", fontsize=SMALL_SIZE)


def draw_place_key(figure: Figure, left: float, top: float, note: str = "") -> None:
    """Draw the square key of receptive-field centres: the image, coloured by location."""
    side = 1.1
    axes = axes_at(figure, left, top + 0.32, side, side)
    x, y = np.meshgrid(np.linspace(-1, 1, 101), np.linspace(-1, 1, 101))
    axes.imshow(place_colours(np.stack([x, y], axis=-1)), extent=(-1, 1, 1, -1))
    draw_crosshair(axes)
    write_at(figure, left, top, "receptive-field centre", fontweight="bold")
    write_at(figure, left, top + 0.32 + side + 0.22, note, SMALL_SIZE, color=FAINT)


def draw_crosshair(axes: Axes, colour: str = "white") -> None:
    """Style axes as the image: centre lines, labelled edges, y downward."""
    axes.axhline(0, color=colour, linewidth=0.5, alpha=0.7)
    axes.axvline(0, color=colour, linewidth=0.5, alpha=0.7)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlim(-1, 1)
    axes.set_ylim(1, -1)
    axes.spines[:].set_visible(True)
    for x, y, across, along, name in (
        (-1, 1.06, "left", "top", "left"),
        (1, 1.06, "right", "top", "right"),
        (1.06, -1, "left", "top", "top"),
        (1.06, 1, "left", "bottom", "bottom"),
    ):
        axes.text(x, y, name, ha=across, va=along, fontsize=SMALL_SIZE)


def score_top(values: Float[np.ndarray, "score"]) -> float:
    """Upper end of a scale of R²: the 99th percentile, rounded up to a multiple of 0.05."""
    known = values[~np.isnan(values)]
    highest = float(np.percentile(known, 99)) if known.size else 0.0
    return max(0.05, float(np.ceil(highest / 0.05 - 1e-6)) * 0.05)


def draw_bar(
    figure: Figure,
    left: float,
    top: float,
    title: str,
    colours: Colormap,
    highest: float,
    note: str = "",
    height: float = 2.0,
    lowest: float = 0.0,
) -> None:
    """Draw a colour bar from ``lowest`` to ``highest``."""
    axes = axes_at(figure, left, top + 0.32, 0.16, height)
    bar = figure.colorbar(ScalarMappable(Normalize(lowest, highest), colours), cax=axes)
    bar.outline.set_visible(False)
    write_at(figure, left, top, title, fontweight="bold")
    write_at(figure, left, top + 0.32 + height + 0.12, note, SMALL_SIZE, color=FAINT)

"""Common style of all figures: fonts, sizes, placement in inches, reproducible files."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cortexlens.storage.datasets import replacing

DOTS_PER_INCH: Final = 170
# Resolution in a notebook, whose cells are narrower than a printed page.
_SHOWN_DOTS_PER_INCH: Final = 110
INK: Final = "#222222"
FAINT: Final = "#767676"
WARNING: Final = "#b3261e"
TITLE_SIZE: Final = 11
TEXT_SIZE: Final = 8.5
SMALL_SIZE: Final = 7

_STYLE: Final = {
    "font.family": "DejaVu Sans",
    "font.size": TEXT_SIZE,
    "axes.titlesize": TEXT_SIZE,
    "axes.labelsize": TEXT_SIZE,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": SMALL_SIZE,
    "ytick.labelsize": SMALL_SIZE,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.frameon": False,
    "legend.fontsize": SMALL_SIZE,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "text.parse_math": False,
    # Text remains text, and ids of elements do not change between drawings.
    "svg.fonttype": "none",
    "svg.hashsalt": "cortexlens",
}
# Each figure is written as a raster image for web pages and as vector graphics for print.
SUFFIXES: Final = (".png", ".svg")


@contextmanager
def house_style() -> Iterator[None]:
    """Use the style of cortexlens, whatever the user's own matplotlib settings are."""
    with matplotlib.style.context(["default", _STYLE]):
        yield


class ShownFigure(Figure):
    """Figure that a notebook displays without a matplotlib back end."""

    def _repr_png_(self) -> bytes:
        written = BytesIO()
        with house_style():
            self.savefig(written, format="png", dpi=_SHOWN_DOTS_PER_INCH)
        return written.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure that is not part of pyplot's global state; sizes in inches."""
    figure = ShownFigure(figsize=(width, height), dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    return figure


def axes_at(
    figure: Figure, left: float, top: float, width: float, height: float, *, bare: bool = False
) -> Axes:
    """Add axes at a position in inches from the figure's upper left corner.

    Parameters
    ----------
    figure
        Figure to draw into.
    left, top, width, height
        Position and size, inches.
    bare
        Whether to omit frame, ticks and background.
    """
    full_width, full_height = figure.get_size_inches()
    axes = figure.add_axes(
        (
            left / full_width,
            1 - (top + height) / full_height,
            width / full_width,
            height / full_height,
        )
    )
    if bare:
        axes.set_axis_off()
    return axes


def write_at(
    figure: Figure, left: float, top: float, text: str, size: float = TEXT_SIZE, **settings: Any
) -> None:
    """Write text with its upper left corner at a position in inches; settings as in matplotlib."""
    full_width, full_height = figure.get_size_inches()
    settings = {"va": "top", "ha": "left", **settings}
    figure.text(left / full_width, 1 - top / full_height, text, fontsize=size, **settings)


def save(figure: Figure, path: Path, *, title: str, source: str) -> None:
    """Write a file whose bytes depend only on the figure: no date, no version.

    Parameters
    ----------
    figure
        Figure to write.
    path
        Path of the file, ending in ``.png`` or ``.svg``.
    title, source
        Metadata of the file: what it shows, and the content hash of what it was drawn from.
    """
    fields = {
        ".png": {"Software": "cortexlens", "Title": title, "Source": source},
        ".svg": {"Creator": "cortexlens", "Title": title, "Source": source, "Date": None},
    }
    with house_style():
        figure.savefig(
            path, format=path.suffix[1:], dpi=DOTS_PER_INCH, metadata=fields[path.suffix]
        )


def save_pair(figure: Figure, folder: Path, name: str, *, title: str, source: str) -> None:
    """Write ``{name}.png`` and ``{name}.svg`` to a folder, each atomically."""
    for suffix in SUFFIXES:
        with replacing(folder / f"{name}{suffix}") as partial:
            save(figure, partial, title=title, source=source)

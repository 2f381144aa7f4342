"""One look for all pictures: fonts, sizes, placing in inches, deterministic files."""

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
# In a notebook, whose cells are narrower than a page of print.
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
    # Text stays text, and the names of parts do not change from one drawing to the next.
    "svg.fonttype": "none",
    "svg.hashsalt": "cortexlens",
}
# Each picture is written as dots, for pages, and as lines and text, for print.
SUFFIXES: Final = (".png", ".svg")


@contextmanager
def house_style() -> Iterator[None]:
    """Draw as cortexlens draws, whatever the user's own matplotlib settings are."""
    with matplotlib.style.context(["default", _STYLE]):
        yield


class ShownFigure(Figure):
    """A figure that a notebook shows by itself, without a back end of matplotlib's."""

    def _repr_png_(self) -> bytes:
        written = BytesIO()
        with house_style():
            self.savefig(written, format="png", dpi=_SHOWN_DOTS_PER_INCH)
        return written.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure that belongs to no global state; sizes in inches."""
    figure = ShownFigure(figsize=(width, height), dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    return figure


def axes_at(
    figure: Figure, left: float, top: float, width: float, height: float, *, bare: bool = False
) -> Axes:
    """Add axes at a place in inches from the figure's upper left corner.

    Parameters
    ----------
    figure
        Where to.
    left, top, width, height
        Inches.
    bare
        Without frame, ticks and background.
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
    """Write text with its upper left corner at a place in inches (settings: matplotlib's text)."""
    full_width, full_height = figure.get_size_inches()
    settings = {"va": "top", "ha": "left", **settings}
    figure.text(left / full_width, 1 - top / full_height, text, fontsize=size, **settings)


def save(figure: Figure, path: Path, *, title: str, source: str) -> None:
    """Write a file whose bytes depend on the picture alone: no date, no version.

    Parameters
    ----------
    figure
        What to write.
    path
        Name of the file, ending in ``.png`` or ``.svg``.
    title, source
        Kept in the file's text fields: what it shows, and the content hash of what it was
        drawn from.
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
    """Write ``{name}.png`` and ``{name}.svg`` to a folder, each whole or not at all."""
    for suffix in SUFFIXES:
        with replacing(folder / f"{name}{suffix}") as partial:
            save(figure, partial, title=title, source=source)

"""Titles: what is drawn, of which network and subject, and how well the fit predicts."""

from typing import Final

from matplotlib.figure import Figure

from cortexlens.figures.fits import DrawnFit
from cortexlens.figures.intervals import mean_interval
from cortexlens.figures.style import FAINT, TEXT_SIZE, TITLE_SIZE, write_at

# Inches that a title takes at the top of a figure.
HEAD: Final = 0.68


def write_head(figure: Figure, what: str, fit: DrawnFit) -> None:
    """Write title and subtitle at the figure's upper left."""
    write_at(figure, 0.25, 0.14, what, TITLE_SIZE, fontweight="bold")
    write_at(
        figure,
        0.25,
        0.38,
        f"{fit.backbone}  ·  subject {fit.subject}  ·  {score_text(fit)}",
        TEXT_SIZE,
        color=FAINT,
    )


def score_text(fit: DrawnFit) -> str:
    """Mean test R² with its interval, and the number of vertices behind it."""
    score = mean_interval(fit.r2)
    if score.n == 0:
        return "test R² unknown"
    return (
        f"mean test R² {score.mean:.3f} (95 % interval {score.low:.3f} to {score.high:.3f}, "
        f"n = {score.n:,})"
    )

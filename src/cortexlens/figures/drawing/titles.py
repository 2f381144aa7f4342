"""Titles: what is drawn, of which network and subject, and how well the fit predicts."""

from typing import Final

import numpy as np
from matplotlib.figure import Figure

from cortexlens.figures.drawing.keys import shortened
from cortexlens.figures.drawing.style import (
    FAINT,
    SMALL_SIZE,
    TEXT_SIZE,
    TITLE_SIZE,
    WARNING,
    write_at,
)
from cortexlens.figures.maps.fits import DrawnFit

# Inches that a title takes at the top of a figure.
HEAD: Final = 0.68
_LEFT: Final = 0.25
NO_PREDICTION: Final = "No better than predicting the mean response: do not interpret the layers."
NOT_SHOWN: Final = (
    "Not significantly better than the mean response (p ≥ 0.05): do not interpret the layers."
)
# Mean width of a letter of the title, inches.
_TITLE_LETTER: Final = 0.1


def write_head(figure: Figure, what: str, fit: DrawnFit) -> None:
    """Write title and subtitle at the figure's upper left; a long network's name is cut.

    A fit that predicts no better than the mean response is said to be one.
    """
    room = int((figure.get_figwidth() - 2 * _LEFT) / _TITLE_LETTER) - len(what) - 2
    title = f"{what}: {shortened(fit.backbone, max(8, room))}"
    write_at(figure, _LEFT, 0.14, title, TITLE_SIZE, fontweight="bold")
    subtitle = f"subject {fit.subject}  ·  {score_text(fit)}"
    write_at(figure, _LEFT, 0.38, subtitle, TEXT_SIZE, color=FAINT)
    if not fit.above_chance:
        write_at(figure, _LEFT, 0.54, chance_text(fit), SMALL_SIZE, color=WARNING)


def chance_text(fit: DrawnFit) -> str:
    """What is to be known of a fit that is not above chance: its mean R² is, or is not, above 0."""
    known = fit.recorded_r2[np.isfinite(fit.recorded_r2)]
    return NOT_SHOWN if known.size and known.mean() > 0 else NO_PREDICTION


def score_text(fit: DrawnFit) -> str:
    """Mean score and the number of recorded places behind it; its interval is in a table."""
    known = fit.recorded_r2[np.isfinite(fit.recorded_r2)]
    if known.size == 0:
        return f"{fit.score} unknown"
    return f"mean {fit.score} {known.mean():.3f}, n = {known.size:,}"

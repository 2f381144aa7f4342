"""Titles: what is drawn, of which network and subject, and how well the fit predicts."""

from typing import Final

import numpy as np
from matplotlib.figure import Figure

from cortexlens.figures.fits import DrawnFit
from cortexlens.figures.keys import shortened
from cortexlens.figures.style import FAINT, TEXT_SIZE, TITLE_SIZE, write_at

# Inches that a title takes at the top of a figure.
HEAD: Final = 0.68
_LEFT: Final = 0.25
# Mean width of a letter of the title, inches.
_TITLE_LETTER: Final = 0.1


def write_head(figure: Figure, what: str, fit: DrawnFit) -> None:
    """Write title and subtitle at the figure's upper left; a long network's name is cut."""
    room = int((figure.get_figwidth() - 2 * _LEFT) / _TITLE_LETTER) - len(what) - 2
    title = f"{what}: {shortened(fit.backbone, max(8, room))}"
    write_at(figure, _LEFT, 0.14, title, TITLE_SIZE, fontweight="bold")
    subtitle = f"subject {fit.subject}  ·  {score_text(fit)}"
    write_at(figure, _LEFT, 0.38, subtitle, TEXT_SIZE, color=FAINT)


def score_text(fit: DrawnFit) -> str:
    """Mean score and the number of recorded places behind it; its interval is in a table."""
    known = fit.recorded_r2[np.isfinite(fit.recorded_r2)]
    if known.size == 0:
        return f"{fit.score} unknown"
    return f"mean {fit.score} {known.mean():.3f}, n = {known.size:,}"

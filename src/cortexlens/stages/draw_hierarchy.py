"""Stage: draw the expected level of each region's vertices for every fit, with its slope."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, ConfidenceLevel, DrawSeed


def draw_hierarchy(
    fits: Annotated[
        list[Path],
        typer.Argument(help="Fits of all networks and subjects: stores of kind fit (.zarr)."),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write hierarchy.png and hierarchy.svg to.")],
    confidence_level: ConfidenceLevel = 0.95,
    bootstraps: Bootstraps = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Draw the expected level of each region's vertices for every fit, with its slope."""
    from hashlib import sha256

    from cortexlens.analysis.hierarchy.slope import (
        fitted_hierarchies,
        layer_axis,
        line_band,
        region_levels,
    )
    from cortexlens.analysis.statistics.blocks import interval_ends
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.scores.hierarchy import HierarchyPanel, hierarchy_figure
    from cortexlens.storage.datasets import open_dataset

    opened = [open_dataset(fit, kind="fit") for fit in fits]
    panels = []
    for fit, found in fitted_hierarchies(opened, bootstraps=bootstraps, seed=seed):
        low, high = line_band(found, confidence_level)
        ends = interval_ends(found.draws, confidence_level)
        slope, start, *_ = (float(value) for value in found.found)
        estimates = [
            f"{middle:.2f} ({first:.2f}, {last:.2f})"
            for middle, first, last in zip(found.found, *ends, strict=True)
        ]
        ideal, expected, region = region_levels(fit)
        panels.append(
            HierarchyPanel(
                backbone=str(fit.attrs["backbone"]),
                subject=str(fit.attrs["subject"]),
                ideal=ideal,
                expected=expected,
                region=region,
                low=low,
                high=high,
                start=start,
                slope=slope,
                axis=layer_axis(fit),
                note=f"slope {estimates[0]}   ρ {estimates[-1]}".replace("-", "−"),
            )
        )
    source = sha256("".join(str(fit.attrs["content_hash"]) for fit in opened).encode()).hexdigest()
    title = "expected against ideal level of all fits"
    save_pair(
        hierarchy_figure(panels, confidence_level), out, "hierarchy", title=title, source=source
    )

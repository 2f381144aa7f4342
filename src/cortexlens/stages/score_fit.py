"""Stage: score one fit, with confidence intervals and p values."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.stages import Bootstraps, ConfidenceLevel, DrawSeed


def score_fit(
    fit: Annotated[Path, typer.Option(help="Fit to score: a store of kind fit (.zarr).")],
    out: Annotated[Path, typer.Option(help="Scores to write: a store of kind scores (.zarr).")],
    confidence_level: ConfidenceLevel = 0.95,
    bootstraps: Bootstraps = 1000,
    permutations: Annotated[
        int, typer.Option(help="Number of permutations of the test images.", min=99)
    ] = 1000,
    seed: DrawSeed = 0,
) -> None:
    """Score a fit by vertex and region: confidence intervals over test images, permutation p."""
    from cortexlens.analysis.scores import fit_scores
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import open_dataset, write_dataset

    settings = {
        "confidence_level": confidence_level,
        "bootstraps": bootstraps,
        "permutations": permutations,
    }
    dataset = fit_scores.score_fit(
        open_dataset(fit, kind="fit"),
        str(fit),
        confidence_level=confidence_level,
        bootstraps=bootstraps,
        permutations=permutations,
        seed=seed,
    )
    record = provenance.record("score_fit", inputs={"fit": fit}, settings=settings, seed=seed)
    write_dataset(dataset, out, kind="scores", provenance=record)

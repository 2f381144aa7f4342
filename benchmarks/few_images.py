"""Do FactorTopy's defaults fit the number of training images?

    make demo planted
    python benchmarks/few_images.py results/planted results/demo

Fits one network of each study to ever fewer training images, with the fixed schedule of before
(20 epochs, patience 8, the penalty fading over 16,000 images) and with what
:func:`cortexlens.compute.schedule.schedule` gives, all else as by default. Writes a table, see
docs/decisions/0041.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import torch

from cortexlens.compute.schedule import Schedule, schedule
from cortexlens.encoding.data import load_fit_data
from cortexlens.encoding.ensemble import selector_variables
from cortexlens.encoding.fit import FitOptions, fit_member
from cortexlens.encoding.predictions import score_on
from cortexlens.encoding.selection import selected_data
from cortexlens.features.store import open_features
from cortexlens.shapes import TEST, VALIDATION
from cortexlens.storage.datasets import open_dataset

FIXED = Schedule(epochs=20, patience=8, regularization_images=16_000)
COUNTS = (120, 300, 1200)


def compare(
    results: Path,
    backbone: str,
    subject: str,
    counts: Sequence[int] = COUNTS,
    vertices: int | None = None,
    options: FitOptions = FitOptions(),  # noqa: B008
    seed: int = 0,
) -> pd.DataFrame:
    """Fit with both schedules to each number of training images of a study's subject.

    Returns
    -------
    pd.DataFrame
        A row a fit: what was run, mean R² over vertices on validation and test images, mean
        confidence, and, where responses were planted, the share of vertices whose strongest layer
        is the planted one, and the correlation of expected and planted level.
    """
    recorded = open_dataset(results / "subjects" / subject / "responses.zarr", kind="responses")
    if vertices is not None:
        drawn = np.random.default_rng(seed).permutation(recorded.sizes["vertex"])[:vertices]
        recorded = recorded.isel(vertex=np.sort(drawn))
    features = open_features(results / "features" / backbone / f"{subject}.zarr")
    whole = load_fit_data(features, recorded, single_trials=False)
    place = recorded["coordinates"].values if "coordinates" in recorded else None
    rows = []
    for count in counts:
        data = selected_data(whole, training_images=count, seed=seed)
        for name, used in (("fixed", FIXED), ("scaled", schedule(count, options.batch_size))):
            start = perf_counter()
            fitted = fit_member(data, place, replace(options, **vars(used)), seed)
            row = {"study": results.name, "training_images": count, "schedule": name, **vars(used)}
            row |= {"epochs_run": len(fitted.curve_loss), "seconds": perf_counter() - start}
            for part, code in (("r2_validation", VALIDATION), ("r2_test", TEST)):
                row[part] = float(np.nanmean(score_on(fitted.model, data, code)))
            found = selector_variables([fitted])
            row["confidence"] = float(np.mean(found["confidence"][1]))
            if "planted_layer" in recorded:
                row |= _recovered(found["layer_selector"][1], recorded["planted_layer"].values)
            rows.append(row)
            print(pd.DataFrame(rows[-1:]).to_string(index=False), flush=True)
    return pd.DataFrame(rows)


def _recovered(found: np.ndarray, planted: np.ndarray) -> dict[str, float]:
    """How far layer selectors are the planted ones."""
    depth = np.linspace(0, 1, found.shape[1])
    return {
        "planted_layer": float((found.argmax(axis=1) == planted.argmax(axis=1)).mean()),
        "planted_level_r": float(np.corrcoef(found @ depth, planted @ depth)[0, 1]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", type=Path, help="folders of studies with features")
    parser.add_argument("--backbone", default="demo-supervised")
    parser.add_argument("--subject", default="sim01")
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--vertices", type=int, help="drawn at random; left out: all")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--out", type=Path, default=Path("results"))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    table = pd.concat(
        compare(folder, arguments.backbone, arguments.subject, arguments.counts, arguments.vertices)
        for folder in arguments.results
    )
    arguments.out.mkdir(exist_ok=True)
    table.to_csv(arguments.out / "few_images.tsv", sep="\t", index=False)


if __name__ == "__main__":
    main()

"""Does the fast order of operations find what the literal one finds, and at which batch sizes?

    make demo planted
    python benchmarks/same_result.py orders results/demo results/planted
    python benchmarks/same_result.py batches results/demo
    python benchmarks/same_result.py precisions results/demo results/planted

``orders`` fits the runs of a study twice, once in the literal order of equation (1), from the
same initial weights with the same images in the same order. ``batches`` fits one run at several
batch sizes and learning rates. ``precisions`` fits the runs with large products in float32 and in
bfloat16, from the same weights, with several seeds: does the rounding change layers, beyond what
another seed changes? Each writes a table, see docs/performance.md.
"""

import argparse
from dataclasses import replace
from itertools import product
from pathlib import Path
from time import perf_counter
from unittest.mock import patch

import numpy as np
import pandas as pd
import torch

from cortexlens.encoding import factortopy
from cortexlens.encoding.data import FitData, load_fit_data
from cortexlens.encoding.ensemble import selector_variables
from cortexlens.encoding.fit import FitOptions, fit_member
from cortexlens.encoding.literal import reference_readout
from cortexlens.encoding.predictions import score_on
from cortexlens.features.store import open_features
from cortexlens.shapes import TEST, VALIDATION
from cortexlens.storage.datasets import open_dataset

# Passes over the images (None: those of the study) → batch sizes and learning rates to try.
TRIED = {
    None: ((8, 32, 64, 128, 256), (0.001, 0.003, 0.01, 0.03)),
    20: ((64, 128), (0.01, 0.03)),
}
# Validation R² from which on a vertex's layer counts.
PREDICTED = 0.1


def fits_of(results: list[Path], subject: str) -> list[Path]:
    """Fits of the runs of some studies to a subject."""
    return sorted(
        path for folder in results for path in folder.glob(f"fits/factortopy/*/{subject}/*.zarr")
    )


def run_of(fit: Path) -> tuple[FitData, np.ndarray | None, FitOptions, int]:
    """Data, places, options and seed that a fit of a study was made with."""
    record = open_dataset(fit, kind="fit").attrs["provenance"]
    settings = record["settings"]
    results, backbone, subject = fit.parents[4], fit.parent.parent.name, fit.parent.name
    recorded = open_dataset(results / "subjects" / subject / "responses.zarr", kind="responses")
    data = load_fit_data(
        open_features(results / "features" / backbone / f"{subject}.zarr"),
        recorded,
        single_trials=settings["single_trials"],
        grid=settings["grid"],
    )
    place = recorded["coordinates"].values if "coordinates" in recorded else None
    known = {key: settings[key] for key in FitOptions.__dataclass_fields__ if key in settings}
    return data, place, FitOptions(**known), record["seed"]


def held_out(
    data: FitData, place: np.ndarray | None, options: FitOptions, seed: int
) -> dict[str, float]:
    start = perf_counter()
    fitted = fit_member(data, place, options, seed)
    parts = {"r2_validation": VALIDATION, "r2_test": TEST}
    scores = {
        name: float(np.nanmean(score_on(fitted.model, data, part))) for name, part in parts.items()
    }
    return {**scores, "epochs": len(fitted.curve_loss), "seconds": perf_counter() - start}


def compare_orders(results: list[Path], subject: str) -> pd.DataFrame:
    """Each run of the studies to a subject, in both orders."""
    rows = []
    for fit in fits_of(results, subject):
        data, place, options, seed = run_of(fit)
        fast = held_out(data, place, options, seed)
        with (
            patch.object(factortopy, "read_by_cell", reference_readout),
            patch.object(factortopy.FactorTopy, "_folding_is_cheaper", lambda *_: False),
        ):
            literal = held_out(data, place, options, seed)
        row = {"study": fit.parents[4].name, "backbone": fit.parent.parent.name}
        row["subject"] = fit.parent.name
        row |= {f"{name}_literal": value for name, value in literal.items()}
        rows.append(row | fast)
        print(pd.DataFrame(rows[-1:]).to_string(index=False), flush=True)
    return pd.DataFrame(rows)


def compare_batches(results: list[Path], subject: str, seeds: int = 2) -> pd.DataFrame:
    """The first run of each study to a subject at several batch sizes and learning rates."""
    rows = []
    for folder in results:
        fit = min(folder.glob(f"fits/factortopy/*/{subject}/*.zarr"))
        data, place, options, _ = run_of(fit)
        for passes, (sizes, rates) in TRIED.items():
            many = replace(options, epochs=passes or options.epochs)
            for size, rate, seed in product(sizes, rates, range(seeds)):
                changed = replace(many, batch_size=size, learning_rate=rate)
                found = held_out(data, place, changed, seed)
                row = {"study": folder.name, "backbone": fit.parent.parent.name}
                row |= {"batch_size": size, "learning_rate": rate, "seed": seed}
                rows.append(row | {"passes": many.epochs} | found)
                print(pd.DataFrame(rows[-1:]).to_string(index=False, header=False), flush=True)
    return pd.DataFrame(rows)


def compare_precisions(results: list[Path], subject: str, seeds: int = 3) -> pd.DataFrame:
    """Each run of the studies to a subject, in two precisions and with several seeds.

    Layers are compared in vertices that both fits of a pair predict with a validation R² above
    :data:`PREDICTED`.
    """
    rows = []
    for fit in fits_of(results, subject):
        data, place, options, _ = run_of(fit)
        planted = open_dataset(
            fit.parents[4] / "subjects" / subject / "responses.zarr", kind="responses"
        ).get("planted_layer")
        found = {
            (precision, seed): _layers(data, place, replace(options, precision=precision), seed)
            for seed in range(seeds)
            for precision in ("float32", "bfloat16")
        }
        for seed in range(seeds):
            exact, rounded = found["float32", seed], found["bfloat16", seed]
            other = found["float32", (seed + 1) % seeds]
            row = {"study": fit.parents[4].name, "backbone": fit.parent.parent.name, "seed": seed}
            for name, each in (("float32", exact), ("bfloat16", rounded)):
                row |= {f"r2_test_{name}": float(np.nanmean(each[1]["r2_test"]))}
                if planted is not None:
                    known = each[1]["r2_validation"] > PREDICTED
                    right = each[0] == planted.values.argmax(1)
                    row |= {f"planted_{name}": float(right[known].mean())}
            rows.append(
                row
                | {"same_seed": _agreement(exact, rounded), "two_seeds": _agreement(exact, other)}
            )
            print(pd.DataFrame(rows[-1:]).to_string(index=False), flush=True)
    return pd.DataFrame(rows)


def _layers(
    data: FitData, place: np.ndarray | None, options: FitOptions, seed: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The largest layer of each vertex, and its held-out R²."""
    fitted = fit_member(data, place, options, seed)
    layer = selector_variables([fitted])["layer_selector"][1]
    parts = {"r2_validation": VALIDATION, "r2_test": TEST}
    scores = {name: score_on(fitted.model, data, part) for name, part in parts.items()}
    return np.asarray(layer).argmax(1), scores


def _agreement(one: tuple, other: tuple) -> float:
    """Share of the vertices that both predict in which both find the same layer."""
    known = np.minimum(one[1]["r2_validation"], other[1]["r2_validation"]) > PREDICTED
    return float((one[0] == other[0])[known].mean())


COMPARISONS = {
    "orders": compare_orders,
    "batches": compare_batches,
    "precisions": compare_precisions,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=list(COMPARISONS))
    parser.add_argument("results", nargs="+", type=Path, help="folders of finished studies")
    parser.add_argument("--subject", default="sim01")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--out", type=Path, default=Path("results"))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    table = COMPARISONS[arguments.what](arguments.results, arguments.subject)
    arguments.out.mkdir(exist_ok=True)
    table.to_csv(arguments.out / f"{arguments.what}.tsv", sep="\t", index=False)


if __name__ == "__main__":
    main()

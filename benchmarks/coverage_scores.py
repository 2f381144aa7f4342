"""How often intervals of R² hold the truth, and how often chance is taken for more.

    python benchmarks/coverage_scores.py [--repeats 600] [--write]

Subjects are simulated: 40 vertices whose responses share signals and noise, as neighbours on a
cortex do, with images of unequal strength and heavy-tailed noise, so that errors are not normal.
The truth is the R² over 400,000 other images. Each repeat draws new test images, scores them and
asks whether 90 % intervals of every vertex and of the region's mean hold the truth; beside the
intervals that are used stand plain percentiles of the same resamples. For the null, responses are
drawn anew so that they do not depend on the predictions. --write puts a table as JSON and a
picture into docs/.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from cortexlens.analysis.scores.held_out import HeldOutPredictions, image_terms
from cortexlens.analysis.statistics.bootstrap import bootstrap_interval, image_draws, r2_draws
from cortexlens.analysis.statistics.permutation import permutation_test
from cortexlens.figures.drawing.style import FAINT, INK, house_style, new_figure, save

SIZES = (50, 100, 150, 300, 900)
VERTICES, SIGNALS, INTERVAL = 40, 6, 0.90
BOOTSTRAPS, PERMUTATIONS, TRUTH_IMAGES = 1000, 999, 400_000
DOCS = Path(__file__).parents[1] / "docs"
# Means over repeats are scored, or single trials of which images have one to three.
DESIGNS = ("means", "single trials")


class Population:
    """Vertices of which any number of images can be drawn."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.seen, self.missed = rng.standard_normal((2, SIGNALS, VERTICES)) / 2
        self.gain = rng.uniform(0.3, 1.2, VERTICES)

    def draw(self, rng: np.random.Generator, n_images: int, design: str) -> HeldOutPredictions:
        """Test images with what is predicted and observed."""
        strength = np.exp(0.4 * rng.standard_normal((n_images, 1)))
        known, unknown = strength * rng.standard_normal((2, n_images, SIGNALS))
        prediction = known @ self.seen
        signal = prediction * self.gain + unknown @ self.missed
        repeats = np.ones(n_images, np.int64)
        if design == "single trials":
            repeats = rng.integers(1, 4, n_images)
        trial = np.repeat(np.arange(n_images), repeats)
        shared = 0.4 * rng.standard_normal((len(trial), 1))
        noise = 0.8 * rng.standard_t(6, (len(trial), VERTICES)) + shared
        observed = signal[trial] + noise
        starts = np.cumsum(repeats) - repeats
        mean = np.add.reduceat(observed, starts) / repeats[:, None]
        scatter = np.add.reduceat(np.square(observed - mean[trial]), starts)
        held = (prediction.astype(np.float32), mean.astype(np.float32), repeats)
        alone = (repeats == 1).all()
        return HeldOutPredictions(
            np.arange(n_images), *held, None if alone else scatter.astype(np.float32)
        )


def intervals(held: HeldOutPredictions, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Ends of the intervals of every vertex and of the mean, as used and as plain percentiles."""
    draws = r2_draws(held, image_draws(held.images, BOOTSTRAPS, seed))
    estimate = image_terms(held).r2
    mean, mean_draws = estimate.mean(keepdims=True), draws.mean(axis=1, keepdims=True)
    ends = [(1 - INTERVAL) / 2, (1 + INTERVAL) / 2]
    return {
        "vertex": bootstrap_interval(estimate, draws, held.n_images, INTERVAL),
        "region": bootstrap_interval(mean, mean_draws, held.n_images, INTERVAL),
        "vertex, percentiles": tuple(np.quantile(draws, ends, axis=0)),
        "region, percentiles": tuple(np.quantile(mean_draws, ends, axis=0)),
    }


def coverage(design: str, n_images: int, repeats: int, truth: np.ndarray) -> dict[str, float]:
    """Share of intervals that hold the truth, and of chances that are taken for more."""
    population, held_by = Population(), defaultdict(list)
    region = [np.ones(VERTICES, bool)]
    for repeat in range(repeats):
        rng = np.random.default_rng([DESIGNS.index(design), n_images, repeat])
        held = population.draw(rng, n_images, design)
        for name, (low, high) in intervals(held, repeat).items():
            wanted = truth if name.startswith("vertex") else truth.mean()
            held_by[name].append(np.mean((low <= wanted) & (wanted <= high)))
        other = population.draw(rng, n_images, design)
        unrelated = HeldOutPredictions(
            held.images, other.prediction, held.observed, held.repeats, held.scatter
        )
        found = permutation_test(unrelated, region, PERMUTATIONS, repeat)
        held_by["null: p < .05"].append(np.mean(found.p < 0.05))
        held_by["null: any q < .05"].append((found.q < 0.05).any())
        held_by["null: any family p < .05"].append((found.family < 0.05).any())
    return {name: float(np.mean(values)) for name, values in held_by.items()}


def truth_of(design: str) -> np.ndarray:
    """R² of every vertex over many other images."""
    held = Population().draw(np.random.default_rng(2), TRUTH_IMAGES, design)
    return image_terms(held).r2


def draw(found: list[dict[str, object]], path: Path) -> None:
    """Coverage against the number of test images."""
    with house_style():
        figure = new_figure(6.6, 2.9)
        for column, design in enumerate(DESIGNS):
            axes = figure.add_axes((0.09 + 0.47 * column, 0.2, 0.38, 0.62))
            axes.axhspan(85, 95, color="#eeeeee", linewidth=0)
            axes.axhline(100 * INTERVAL, color=FAINT, linewidth=0.8)
            rows = [row for row in found if row["design"] == design]
            for name, style in (
                ("vertex", {"color": INK, "marker": "o"}),
                ("region", {"color": "#b324ce", "marker": "s"}),
                ("vertex, percentiles", {"color": INK, "marker": "o", "linestyle": ":"}),
                ("region, percentiles", {"color": "#b324ce", "marker": "s", "linestyle": ":"}),
            ):
                shares = [100 * float(row[name]) for row in rows]
                images = [row["images"] for row in rows]
                axes.plot(images, shares, label=name, markersize=3, linewidth=1, **style)
            axes.set_xscale("log")
            axes.set_xticks(SIZES, map(str, SIZES))
            axes.minorticks_off()
            axes.set_ylim(40, 100)
            axes.set_title(design)
            axes.set_xlabel("test images")
            axes.set_ylabel("" if column else "90 % intervals that hold R², %")
            if column:
                axes.legend(loc="lower right")
        save(figure, path, title="coverage of intervals of R²", source="coverage_scores.py")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=600)
    parser.add_argument("--write", action="store_true", help="write docs/coverage_scores.json")
    given = parser.parse_args()
    found = []
    for design in DESIGNS:
        truth = truth_of(design)
        for n_images in SIZES:
            row = coverage(design, n_images, given.repeats, truth)
            about = {"design": design, "images": n_images, "repeats": given.repeats}
            found.append({**about, **row})
            told = ", ".join(f"{name} {100 * share:.1f} %" for name, share in row.items())
            print(f"{design}, {n_images} images: {told}", flush=True)
    if given.write:
        told = {"confidence_level": INTERVAL, "rows": found}
        path = DOCS / "coverage_scores.json"
        path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        draw(found, DOCS / "images" / "coverage_scores.png")


if __name__ == "__main__":
    main()

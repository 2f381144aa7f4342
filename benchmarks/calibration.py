"""Are the stacked readout's probabilities and intervals right? Asked of truths that were planted.

    python benchmarks/calibration.py                  after `make demo`
    python benchmarks/calibration.py --truths isotropic --ceilings 0.3 --seeds 1

Plants each truth at each noise ceiling several times in a subject's own data, fits the stacked
readout, and counts how often what it says with a probability is so. Each planting is kept in --out
and not fitted again. Writes reliability.tsv, coverage.tsv, docs/images/reliability.{png,svg} and,
between its marks, docs/readouts.md.
"""

import argparse
import hashlib
import json
import tempfile
from collections.abc import Iterable
from itertools import pairwise, product
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
import xarray as xr
from matplotlib.figure import Figure
from scipy.stats import binomtest
from threadpoolctl import threadpool_limits

from cortexlens.analysis.hierarchy.slope import expected_level
from cortexlens.analysis.recovery.tables import chosen_layers
from cortexlens.analysis.recovery.truth import planted_truth
from cortexlens.analysis.tables import write_table
from cortexlens.compute.devices import choose_device
from cortexlens.encoding.data import FitData, load_fit_data
from cortexlens.encoding.planted_channels import TRUTHS
from cortexlens.encoding.recovery import Condition, recover
from cortexlens.encoding.settings import parse_settings
from cortexlens.encoding.stacked.certainty import INTERVAL
from cortexlens.encoding.stacked.windows import POINT_SIZE
from cortexlens.features.store import open_features
from cortexlens.figures.drawing.style import (
    FAINT,
    INK,
    SMALL_SIZE,
    axes_at,
    house_style,
    new_figure,
    save_pair,
    write_at,
)
from cortexlens.progress import say
from cortexlens.storage.code_hash import fingerprint
from cortexlens.storage.datasets import open_dataset
from made_up import TINY, write_subject
from marked import markdown, write_part

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "readouts.md"
CEILINGS: Final = (0.6, 0.3, 0.1)
VERTICES: Final = 600
# Its middle eight are a tenth wide around 0.1, 0.2 …: the last but one is "80 % sure".
EDGES: Final = (0.0, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.0)
POOLED: Final = "all"
# Of intervals on the shares that are counted.
COUNTED: Final = 0.95
# What has an interval → name of the column that says whether it holds the truth.
HELD: Final = {
    "expected level": "level_held",
    "place, x": "x_held",
    "place, y": "y_held",
    "size": "size_held",
}
QUICK: Final = {"draws": 10, "blocks": 6, "sizes": [0, 1], "bandwidths": [0, 4]}
COLOURS: Final = ("#1f6f8b", "#c8643c", "#6b8e23", "#7b4f9d", "#b8860b")
# Inches.
_EDGE, _LEFT, _HEAD, _SIDE, _GAP, _FOOT = 0.2, 0.55, 0.45, 1.4, 0.32, 0.55


def outcomes(
    data: FitData,
    responses: xr.Dataset,
    condition: Condition,
    options: dict[str, Any],
    seed: int,
) -> pd.DataFrame:
    """Plant once and fit; what was said and what was so, a vertex a row.

    Returns
    -------
    pd.DataFrame
        ``confidence`` and whether the strongest layer is ``right``; of each of :data:`HELD` whether
        its interval holds what was planted.
    """
    truth = planted_truth(responses, np.random.default_rng([0, seed]))
    one = recover(data, responses, truth, condition, "stacked", options, seed)
    planted, found = chosen_layers(one)
    level = expected_level(one["planted_layer"].values)
    grid = round((data.layers[0].shape[1] - 1) ** 0.5)
    size = seen_size(one["planted_size"].values, grid)
    return pd.DataFrame(
        {
            "truth": condition.truth,
            "ceiling": condition.ceiling,
            "seed": seed,
            "confidence": one["confidence"].values,
            "right": planted == found,
            "level_held": _inside(level, one, "expected_level"),
            "x_held": _inside(one["planted_space"].values, one, "space")[:, 0],
            "y_held": _inside(one["planted_space"].values, one, "space")[:, 1],
            "size_held": _inside(size, one, "size"),
        }
    )


def seen_size(planted: np.ndarray, grid: int) -> np.ndarray:
    """Size of a planted field as sizes are reported: with the extent of the tokens themselves.

    A planted window is read bilinearly between tokens, as a window of size 0 is.
    """
    return np.hypot(planted, POINT_SIZE / grid)


def _inside(truth: np.ndarray, one: xr.Dataset, name: str) -> np.ndarray:
    # Ends are float32; a truth on one of them is held.
    low, high = (one[f"{name}_{end}"].values.astype(float) for end in ("low", "high"))
    return (truth >= low - 1e-6) & (truth <= high + 1e-6)


def gather(
    data: FitData,
    responses: xr.Dataset,
    options: dict[str, Any],
    given: argparse.Namespace,
    whose: str,
) -> pd.DataFrame:
    """Outcomes of all plantings, those that are kept read back."""
    parts = []
    for seed, truth, ceiling in product(range(given.seeds), given.truths, given.ceilings):
        condition = Condition(
            ceiling=ceiling, vertices=given.vertices, truth=truth, windows=not given.points
        )
        # of another version of the code nothing is taken
        known = [whose, options, given.vertices, given.points, fingerprint("recover")]
        settings = json.dumps(known, sort_keys=True)
        key = hashlib.sha256(settings.encode()).hexdigest()[:8]
        path = given.out / key / f"{truth}-{ceiling:g}-{seed}.tsv"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_table(outcomes(data, responses, condition, options, seed), path)
        part = pd.read_csv(path, sep="\t")
        say(
            f"{truth}, ceiling {ceiling:g}, seed {seed}: said {part['confidence'].mean():.2f}, "
            f"right {part['right'].mean():.2f}, level held {part['level_held'].mean():.2f}"
        )
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def groups(outcome: pd.DataFrame) -> Iterable[tuple[str, str, pd.DataFrame]]:
    """All vertices, those of each truth, and those of each ceiling."""
    yield POOLED, POOLED, outcome
    for truth in [name for name in TRUTHS if (outcome["truth"] == name).any()]:
        yield truth, POOLED, outcome[outcome["truth"] == truth]
    for ceiling in sorted(outcome["ceiling"].unique(), reverse=True):
        yield POOLED, f"{ceiling:g}", outcome[outcome["ceiling"] == ceiling]


def reliability(outcome: pd.DataFrame) -> pd.DataFrame:
    """Mean probability and share right in bins of the probability, pooled and apart.

    Intervals are Wilson's; they take vertices for independent, and those of one planting are not.
    """
    rows = []
    for truth, ceiling, some in groups(outcome):
        place = np.digitize(some["confidence"], EDGES[1:-1])
        for number, (low, high) in enumerate(pairwise(EDGES)):
            here = some[place == number]
            if len(here):
                rows.append(
                    {
                        "truth": truth,
                        "ceiling": ceiling,
                        "bin_low": low,
                        "bin_high": high,
                        "probability": here["confidence"].mean(),
                        **_share(here["right"]),
                    }
                )
    return pd.DataFrame(rows)


def coverage(outcome: pd.DataFrame) -> pd.DataFrame:
    """Share of intervals that hold the truth, pooled and apart."""
    return pd.DataFrame(
        [
            {"truth": truth, "ceiling": ceiling, "of": name, **_share(some[column])}
            for truth, ceiling, some in groups(outcome)
            for name, column in HELD.items()
        ]
    )


def _share(happened: pd.Series) -> dict[str, float]:
    found = binomtest(int(happened.sum()), len(happened))
    ends = found.proportion_ci(COUNTED, method="wilson")
    return {
        "share": found.statistic,
        "share_low": ends.low,
        "share_high": ends.high,
        "n_vertices": len(happened),
    }


def expected_error(table: pd.DataFrame) -> float:
    """Mean distance of probability and share right over vertices, by bins."""
    away = (table["probability"] - table["share"]).abs()
    return float(np.average(away, weights=table["n_vertices"]))


def reliability_part(table: pd.DataFrame) -> str:
    """Bins a line: what was said, what was so over all vertices, and by truth."""
    shown = table[table["ceiling"] == POOLED]
    truths = [name for name in TRUTHS if (shown["truth"] == name).any()]
    rows = []
    for low, high in pairwise(EDGES):
        here = shown[shown["bin_low"] == low].set_index("truth")
        if POOLED in here.index:
            every = here.loc[POOLED]
            rows.append(
                {
                    "bin": f"{low:g} to {high:g}",
                    "vertices": f"{every['n_vertices']:,}",
                    "probability": f"{every['probability']:.3f}",
                    "right": _cell(every),
                    **{
                        name: _cell(here.loc[name]) if name in here.index else "" for name in truths
                    },
                }
            )
    return markdown(rows)


def _cell(row: pd.Series) -> str:
    return f"{row['share']:.2f} ({row['share_low']:.2f} to {row['share_high']:.2f})"


def coverage_part(bins: pd.DataFrame, held: pd.DataFrame) -> str:
    """How far probabilities are off, and the coverage of intervals: all, by truth, by ceiling."""
    rows = []
    for (truth, ceiling), same in held.groupby(["truth", "ceiling"], sort=False):
        known = same.set_index("of")["share"]
        own = bins[(bins["truth"] == truth) & (bins["ceiling"] == ceiling)]
        rows.append(
            {
                "truth": truth,
                "ceiling": ceiling,
                "vertices": f"{own['n_vertices'].sum():,}",
                "probability off by": f"{expected_error(own):.3f}",
                **{name: f"{known[name]:.2f}" for name in HELD},
            }
        )
    return markdown(rows)


def draw(table: pd.DataFrame) -> Figure:
    """Share right against probability: all vertices, then a panel a truth."""
    shown = table[table["ceiling"] == POOLED]
    truths = list(dict.fromkeys(shown["truth"]))
    width = _LEFT + len(truths) * (_SIDE + _GAP) + _EDGE
    with house_style():
        figure = new_figure(width, _HEAD + _SIDE + _FOOT)
        for number, truth in enumerate(truths):
            left = _LEFT + number * (_SIDE + _GAP)
            axes = axes_at(figure, left, _HEAD, _SIDE, _SIDE)
            own = shown[shown["truth"] == truth]
            colour = INK if truth == POOLED else COLOURS[(number - 1) % len(COLOURS)]
            axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.6, linestyle=":")
            ends = np.abs(own[["share_low", "share_high"]].to_numpy().T - own["share"].to_numpy())
            axes.errorbar(
                own["probability"],
                own["share"],
                yerr=ends,
                color=colour,
                linewidth=1,
                marker="o",
                markersize=3,
                elinewidth=0.8,
            )
            axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
            axes.set_xlabel("probability")
            if number:
                axes.set_yticklabels([])
            else:
                axes.set_ylabel("share right")
            title = "all truths" if truth == POOLED else truth
            write_at(figure, left, _HEAD - 0.28, title)
            said = f"n = {own['n_vertices'].sum():,}, off by {expected_error(own):.3f}"
            write_at(figure, left, _HEAD - 0.13, said, SMALL_SIZE, color=FAINT)
    return figure


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results", type=Path, default=Path("results/demo"))
    parser.add_argument("--network", default="demo-supervised")
    parser.add_argument("--subject", default="sim01")
    parser.add_argument("--truths", nargs="+", choices=list(TRUTHS), default=list(TRUTHS))
    parser.add_argument("--ceilings", nargs="+", type=float, default=list(CEILINGS))
    parser.add_argument("--vertices", type=int, default=VERTICES)
    parser.add_argument("--seeds", type=int, default=3, help="plantings of each condition")
    parser.add_argument(
        "--points", action="store_true", help="plant fields that are read at a point, as published"
    )
    parser.add_argument(
        "--options", default="", help="of the readout, JSON; see cortexlens recover"
    )
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--out", type=Path, default=Path("results/calibration"))
    parser.add_argument("--images", type=Path, help="folder of the picture; of --tiny: --out")
    parser.add_argument("--page", type=Path, help=f"left out: {PAGE.name}; of --tiny: none")
    parser.add_argument("--tiny", action="store_true", help="a made-up subject, in seconds")
    return parser


def main() -> None:
    given = arguments().parse_args()
    torch.set_num_threads(given.threads)
    given.out.mkdir(parents=True, exist_ok=True)
    with threadpool_limits(given.threads), tempfile.TemporaryDirectory() as folder:
        if given.tiny:
            features, responses = write_subject(Path(folder), TINY)
            given.vertices, given.seeds = None, 1
            options = {**parse_settings("stacked", given.options).options, **QUICK}
            whose = "made-up"
        else:
            given.page = given.page or PAGE
            given.images = given.images or ROOT / "docs" / "images"
            whose = f"{given.network}/{given.subject}"
            features = open_features(given.results / "features" / f"{whose}.zarr")
            path = given.results / "subjects" / given.subject / "responses.zarr"
            responses = open_dataset(path, kind="responses")
            options = parse_settings("stacked", given.options).options
            whose = f"{features.attributes['content_hash']}/{whose}"
        device = choose_device(given.device)
        data = load_fit_data(features, responses, single_trials=False, device=device)
        outcome = gather(data, responses, options, given, whose)
    bins, held = reliability(outcome), coverage(outcome)
    write_table(bins, given.out / "reliability.tsv")
    write_table(held, given.out / "coverage.tsv")
    images = given.images or given.out
    source = hashlib.sha256(bins.to_csv().encode()).hexdigest()
    save_pair(draw(bins), images, "reliability", title="Probability and share", source=source)
    said = reliability_part(bins)
    where = coverage_part(bins, held)
    print(f"\n{said}\n\nIntervals of {INTERVAL:.0%}:\n\n{where}")
    if given.page is not None:
        picture = (
            "![Share of vertices whose strongest layer is right against the probability that it "
            "is](images/reliability.png)\n\n([as lines and text](images/reliability.svg))"
        )
        write_part(given.page, "reliability of probabilities", f"{picture}\n\n{said}")
        write_part(given.page, "coverage of intervals", where)


if __name__ == "__main__":
    main()

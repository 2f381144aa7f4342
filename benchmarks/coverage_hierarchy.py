"""Do the intervals of the hierarchy's slope hold the truth as often as they say?

python benchmarks/coverage_hierarchy.py [--cortices 200] [--picture docs/figures/…png]

Cortices of the simulated study get selectors whose expected level rises with the ideal level at a
known slope, plus errors: a smooth field that all members share, a smooth field of each member, and
noise of each vertex and member. Then the intervals are counted that hold the slope: those of
patches of cortex and members, and, beside them, those of single vertices.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from cortexlens.analysis.blocks import interval_ends
from cortexlens.analysis.hierarchy import hierarchy, ideal_level
from cortexlens.cortex.regions import visual_cortex

SLOPE, START = 0.4, 0.25
N_LAYERS = 12
# Standard deviations of the expected level: the shared field, a member's field, single vertices.
SHARED, OWN, VERTEX = 0.08, 0.05, 0.03
WAVES = 300
INTERVAL = 0.9


def smooth_field(rng, coordinates, length):
    """Gaussian field of variance 1 whose correlation is exp(−d²/2 length²): random waves."""
    wave = rng.standard_normal((coordinates.shape[1], WAVES)) / length
    phase = rng.uniform(0, 2 * np.pi, WAVES)
    return np.sqrt(2 / WAVES) * np.cos(coordinates @ wave + phase).sum(axis=1)


def simulated_fit(rng, length, members):
    """Fit whose selectors rise with the hierarchy at a slope of 0.4 but for errors."""
    cortex = visual_cortex(rng)
    ideal = np.nan_to_num(ideal_level(cortex), nan=0.5)
    places = cortex["coordinates"].values.astype(np.float64)
    level = START + SLOPE * ideal + SHARED * smooth_field(rng, places, length)
    each = np.stack(
        [
            level
            + OWN * smooth_field(rng, places, length)
            + VERTEX * rng.standard_normal(len(places))
            for _ in range(members)
        ]
    )
    # Of two neighbouring layers: any level is the mean depth of some selector.
    depth = np.clip(each, 0, 1)[..., None] * (N_LAYERS - 1)
    selector = np.clip(1 - np.abs(np.arange(N_LAYERS) - depth), 0, 1)
    return cortex.assign(
        member_layer_selector=(("member", "vertex", "layer"), selector),
        layer_selector=(("vertex", "layer"), selector.mean(axis=0)),
    )


def held(fit, seed, bootstraps):
    """Low and high end of the slope's interval, by patches and by single vertices."""
    plain = fit.drop_vars(["coordinates", "member_layer_selector"])
    for name, one in (("patches and members", fit), ("single vertices", plain)):
        found = hierarchy(one, bootstraps=bootstraps, seed=seed)
        low, high = interval_ends(found.draws[:, 0], INTERVAL)
        yield name, float(low), float(high), found.blocks


def simulate(cortices, lengths, members, bootstraps):
    """A row for each cortex, length of the errors and kind of interval."""
    rows = []
    for length in lengths:
        for seed in range(cortices):
            rng = np.random.default_rng([int(length), members, seed])
            for name, low, high, blocks in held(
                simulated_fit(rng, length, members), seed, bootstraps
            ):
                rows.append((length, name, low, high, low <= SLOPE <= high, blocks))
    columns = ["length_mm", "interval", "low", "high", "holds", "blocks"]
    return pd.DataFrame(rows, columns=columns)


def summary(table):
    """Share of intervals that hold the slope, and their mean width."""
    table = table.assign(width=table["high"] - table["low"])
    grouped = table.groupby(["length_mm", "interval"], sort=False)
    found = grouped.agg(coverage=("holds", "mean"), width=("width", "mean"), n=("holds", "size"))
    return found.assign(blocks=grouped["blocks"].mean())


def draw(table, path):
    """Draw every interval, sorted by its middle, those that miss the slope in red."""
    from cortexlens.figures.style import axes_at, house_style, new_figure, save

    groups = list(table.groupby(["length_mm", "interval"], sort=False))
    with house_style():
        figure = new_figure(2.6 * (len(groups) // 2) + 0.8, 5.6)
        for number, ((length, name), part) in enumerate(groups):
            column, row = divmod(number, 2)
            axes = axes_at(figure, 0.6 + 2.6 * column, 0.5 + 2.55 * row, 2.2, 1.95)
            part = part.sort_values("low").reset_index(drop=True)
            colours = np.where(part["holds"], "#9a9a9a", "#d1495b")
            axes.vlines(part.index, part["low"], part["high"], colors=colours, linewidth=0.8)
            axes.axhline(SLOPE, color="#222222", linewidth=0.8)
            axes.set_ylim(SLOPE - 0.25, SLOPE + 0.25)
            axes.set_title(
                f"{name}, errors over {length:g} mm\n{part['holds'].mean():.0%} hold the slope"
            )
            axes.set_xlabel("simulated cortices")
            if column == 0:
                axes.set_ylabel("slope")
    path.parent.mkdir(parents=True, exist_ok=True)
    save(figure, path, title="coverage of the hierarchy's intervals", source="")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cortices", type=int, default=200)
    parser.add_argument("--lengths", type=float, nargs="+", default=[4.0, 8.0, 12.0])
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--bootstraps", type=int, default=400)
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    table = simulate(given.cortices, given.lengths, given.members, given.bootstraps)
    print(summary(table).round(3).to_string())
    if given.picture:
        draw(table, given.picture)


if __name__ == "__main__":
    main()

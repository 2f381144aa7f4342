"""Do the intervals of the hierarchy hold the truth as often as they say?

    python benchmarks/coverage_hierarchy.py [--cortices 200] [--first 30000] [--write]

On the cortex of the simulated study, expected levels rise with the ideal level at a known slope,
plus errors: a field that all members share, a field of each member, and noise of each vertex and
member. Errors are smooth (likeness of a Gaussian over 0, 4, 8 or 12 mm) or rough (an exponential
over 8 mm); ``unequal`` ones are half as large in V1 and twice as large in EBA. Then the 90 %
intervals are counted that hold the slope, and the mean over all vertices, which is what the
agreement of subjects is; beside them those of vertices that err one by one. --write puts a table
as JSON and a picture into docs/.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from cortexlens.analysis.hierarchy.slope import ideal_level
from cortexlens.analysis.statistics.blocks import cortex_blocks, interval_ends, rescaled_draws
from cortexlens.cortex.regions import visual_cortex
from cortexlens.figures.drawing.style import FAINT, INK, house_style, new_figure, save

SLOPE, START = 0.4, 0.25
# Standard deviations of the expected level: the shared field, a member's field, single vertices.
SHARED, OWN, VERTEX = 0.08, 0.05, 0.03
UNEQUAL = np.array([0.5, 1.0, 1.0, 2.0])
WAVES, INTERVAL, DRAWS = 300, 0.9, 1000
# Cortices whose intervals are made together: they share the choice of vertices.
TOGETHER = 100
DOCS = Path(__file__).parents[1] / "docs"
SMOOTH = [("smooth", length) for length in (0, 4, 8, 12)]
CASES = [*SMOOTH, ("rough", 8), ("unequal", 8), ("unequal", 12)]


def field(rng, places, kind, length):
    """Gaussian field of variance 1, of random waves: exp(−d²/2 length²), rough: exp(−d/length)."""
    if length == 0:
        return rng.standard_normal(len(places))
    wave = rng.standard_normal((places.shape[1], WAVES)) / length
    if kind == "rough":
        wave /= np.abs(rng.standard_normal(WAVES))
    phase = rng.uniform(0, 2 * np.pi, WAVES)
    return np.sqrt(2 / WAVES) * np.cos(places @ wave + phase).sum(axis=1)


def errors_of_members(rng, places, stratum, kind, length, members):
    """Errors of the expected levels, (member, vertex)."""
    shared = SHARED * field(rng, places, kind, length)
    each = [
        shared + OWN * field(rng, places, kind, length) + VERTEX * rng.standard_normal(len(places))
        for _ in range(members)
    ]
    return np.stack(each) * (UNEQUAL[stratum] if kind == "unequal" else 1)


def coverage(case, members, cortices, first):
    """Share of intervals that hold the slope and the mean, and how wide those of the slope are."""
    kind, length = case
    cortex = visual_cortex(np.random.default_rng(0))
    ideal = ideal_level(cortex)
    fit = cortex.isel(vertex=np.flatnonzero(np.isfinite(ideal)))
    levels, stratum = np.unique(ideal[np.isfinite(ideal)], return_inverse=True)
    part = np.bincount(stratum) / len(stratum)
    slope = (levels - part @ levels) * part
    wanted = np.stack([slope / (slope @ levels), part])
    truth = np.array([SLOPE, START + SLOPE * (part @ levels)])
    places = fit["coordinates"].values.astype(np.float64)
    held = {"blocks": [], "vertices": []}
    for batch in range(first, first + cortices, TOGETHER):
        rng = np.random.default_rng([batch, int(length), members, CASES.index(case)])
        each = [
            START
            + SLOPE * ideal[np.isfinite(ideal)]
            + errors_of_members(rng, places, stratum, kind, length, members)
            for _ in range(TOGETHER)
        ]
        for name, one in (("blocks", fit), ("vertices", fit.drop_vars("coordinates"))):
            held[name] += intervals(np.stack(each), one, stratum, wanted, batch)
    row = {"errors": kind, "length_mm": length, "members": members, "cortices": cortices}
    for name, ends in held.items():
        low, high = np.moveaxis(np.array(ends), 1, 0)
        holds = ((low <= truth) & (truth <= high)).mean(axis=0)
        row |= {f"{name}, slope": float(holds[0]), f"{name}, mean": float(holds[1])}
        row[f"{name}, width"] = round(float((high - low)[:, 0].mean()), 4)
    return row


def intervals(each, fit, stratum, wanted, seed):
    """Ends of each cortex's intervals, (end, quantity), as ``hierarchy`` draws them."""
    number = np.bincount(stratum)
    centres = np.stack([each[..., stratum == s].mean(axis=-1) for s in range(len(number))], axis=-1)
    mean, middle = each.mean(axis=1), centres.mean(axis=1)
    blocks = cortex_blocks(fit, stratum, (mean - middle[:, stratum]).T, seed)
    rng = np.random.default_rng([seed, 1])
    errors = blocks.errors(rng, DRAWS)
    found = []
    for cortex, members in enumerate(centres):
        drawn = rescaled_draws(rng, DRAWS, len(members)) @ members / len(members)
        draws = (drawn + errors[:, :, cortex]) @ wanted.T
        found.append(interval_ends(draws, INTERVAL))
    return found


def draw(rows, path):
    """Coverage against the length over which smooth errors are alike."""
    with house_style():
        figure = new_figure(6.6, 2.9)
        for column, members in enumerate((1, 3)):
            axes = figure.add_axes((0.09 + 0.47 * column, 0.2, 0.38, 0.62))
            axes.axhspan(85, 95, color="#eeeeee", linewidth=0)
            axes.axhline(100 * INTERVAL, color=FAINT, linewidth=0.8)
            part = [r for r in rows if r["members"] == members and r["errors"] == "smooth"]
            for name, label, style in (
                ("blocks, slope", "slope", {"color": INK, "marker": "o"}),
                ("blocks, mean", "mean", {"color": "#b324ce", "marker": "s"}),
                ("vertices, slope", "slope, single vertices", {"color": INK, "linestyle": ":"}),
                ("vertices, mean", "mean, single vertices", {"color": "#b324ce", "linestyle": ":"}),
            ):
                shares = [100 * row[name] for row in part]
                lengths = [row["length_mm"] for row in part]
                axes.plot(lengths, shares, label=label, markersize=3, linewidth=1, **style)
            axes.set_xticks([0, 4, 8, 12])
            axes.set_ylim(0, 100)
            axes.set_title(f"{members} member{'s' * (members > 1)}")
            axes.set_xlabel("errors alike over, mm")
            axes.set_ylabel("" if column else "90 % intervals that hold it, %")
            if column:
                axes.legend(loc="lower left")
        save(figure, path, title="coverage of the hierarchy", source="coverage_hierarchy.py")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cortices", type=int, default=200, help=f"a multiple of {TOGETHER}")
    parser.add_argument("--first", type=int, default=30000, help="seed of the first cortices")
    parser.add_argument("--write", action="store_true", help="write docs/coverage_hierarchy.json")
    given = parser.parse_args()
    rows = []
    for case in CASES:
        for members in (1, 3):
            rows.append(coverage(case, members, given.cortices, given.first))
            print(rows[-1], flush=True)
    if given.write:
        told = {"confidence_level": INTERVAL, "first": given.first, "rows": rows}
        path = DOCS / "coverage_hierarchy.json"
        path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        draw(rows, DOCS / "images" / "coverage_hierarchy.png")


if __name__ == "__main__":
    main()

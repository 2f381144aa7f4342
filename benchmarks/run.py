"""All timings side by side: a table of ratios, and results/bench.json.

    make bench                       here, in less than 10 minutes on 2 cores
    python benchmarks/performance.py writes docs/performance.md from what was measured

Keep the machine idle meanwhile.
"""

import json
from pathlib import Path

import extraction
import fit_step
import reading
from timing import Measured

RESULTS = Path(__file__).parents[1] / "results"


def line_of(row: Measured) -> str:
    """A line of the table."""
    spread = f"{row['ratio_low']:.3g} to {row['ratio_high']:.3g}"
    ours = f"{row['median']:.3g} ({row['low']:.3g} to {row['high']:.3g}) {row['unit']}"
    return f"{row['name']:42} {row['ratio']:8.3g}  {spread:20} {ours}"


def main() -> None:
    print(f"{'name':42} {'ratio':>8}  {'lowest to highest':20} ours", flush=True)
    rows = []
    for module in (fit_step, reading, extraction):
        for row in module.measure():
            print(line_of(row), flush=True)
            rows.append(row)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "bench.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

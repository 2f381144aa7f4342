"""Does the topological constraint help to find again what was planted, and at which ceilings?

python benchmarks/topology.py        after `make demo`; some minutes

On the demo's features and cortex, known selectors are planted at several noise ceilings; FactorTopy
is fitted with the demo's settings to the same planted data, with smooth selectors and with free
ones. A free selector moves by its own steps alone and hardly leaves its start in a fit so short, so
free ones have a learning rate of their own.
"""

import argparse
import json
from itertools import product
from pathlib import Path

import pandas as pd
import yaml

from cortexlens.analysis.recovery.tables import recovery_measures, t_interval
from cortexlens.progress import say
from cortexlens.stages.recover import recover
from cortexlens.storage.datasets import open_dataset

CEILINGS = (0.1, 0.6)
VERTICES, SEEDS, INTERVAL = 800, 5, 0.95
# Learning rates of the selectors, in units of the fit's.
SMOOTH_RATES, FREE_RATES = (1.0,), (20.0,)
BACKBONE, SUBJECT = "demo-supervised", "sim01"
MEASURES = ("layer_exact", "layer_within_one", "space_error", "scale_error", "r2", "confidence")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("results/demo"))
    parser.add_argument("--out", type=Path, default=Path("results/topology"))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    fits = [(True, rate) for rate in SMOOTH_RATES] + [(False, rate) for rate in FREE_RATES]
    found = {
        (ceiling, *fit): measured(given.results, given.out, ceiling, *fit)
        for fit, ceiling in product(fits, CEILINGS)
    }
    table = pd.DataFrame([row for ceiling in CEILINGS for row in rows_at(ceiling, found)])
    table.to_csv(given.out / "topology.tsv", sep="\t", index=False, float_format="%.3f")
    print(table.to_string(index=False, float_format="{:.3f}".format))


def measured(results: Path, out: Path, ceiling: float, topology: bool, rate: float) -> pd.DataFrame:
    """What is found again in one condition, one row a seed; fitted unless it is there."""
    store = out / f"ceiling-{ceiling:g}-{'smooth' if topology else 'free'}-{rate:g}.zarr"
    if not store.exists():
        say(f"{store.stem}: {SEEDS} fits")
        encoder = yaml.safe_load(Path("config/config.yaml").read_text(encoding="utf-8"))["encoder"]
        settings = {**encoder, "selector_lr_multiplier": rate}
        recover(
            results / "features" / BACKBONE / f"{SUBJECT}.zarr",
            results / "subjects" / SUBJECT / "responses.zarr",
            BACKBONE,
            SUBJECT,
            store,
            ceiling=ceiling,
            vertices=VERTICES,
            topology=topology,
            seeds=SEEDS,
            options=json.dumps(settings),
        )
    stored = open_dataset(store, kind="recovery").load()
    return pd.DataFrame([recovery_measures(stored.isel(seed=seed)) for seed in range(SEEDS)])


def rows_at(
    ceiling: float, found: dict[tuple[float, bool, float], pd.DataFrame]
) -> list[dict[str, object]]:
    """Means over seeds of every fit at a ceiling, and of smooth less free on the same seeds."""
    smooth = found[ceiling, True, SMOOTH_RATES[0]]
    rows = []
    for (at, topology, rate), table in found.items():
        if at != ceiling:
            continue
        fit = f"{'smooth' if topology else 'free'}, rate {rate:g}"
        compared = {fit: table} if topology else {fit: table, f"smooth - {fit}": smooth - table}
        for name, values in compared.items():
            for measure in MEASURES:
                each = t_interval(values[measure].to_numpy(), INTERVAL)
                rows.append({"ceiling": ceiling, "fit": name, "measure": measure, **each._asdict()})
    return rows


if __name__ == "__main__":
    main()

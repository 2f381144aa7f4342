"""Write docs/performance.md from what the benchmarks measured.

    python benchmarks/performance.py

Takes up what lies in results/: bench.json (`make bench`), orders.tsv, batches.tsv and
precisions.tsv (`same_result.py`). What is not there keeps the figures of the time before, which
docs/performance.json holds.
"""

import json
import platform
from pathlib import Path

import pandas as pd
import torch

import fit_step

ROOT = Path(__file__).parents[1]
KEPT, PAGE, RESULTS = ROOT / "docs/performance.json", ROOT / "docs/performance.md", ROOT / "results"
AIMS = {
    "fit_step_cpu": "≥ 100",
    "fit_step_gpu": "≥ 20",
    "random_batches": "≥ 0.6",
    "prefetch": "≤ 1.15",
    "extraction": "≥ 0.9",
}
MEANING = {
    "fit_step_cpu": "time of a step an image, literal order ÷ ours",
    "fit_step_gpu": "time of a step an image, literal order ÷ ours",
    "fit_step_cpu_share_of_peak": "least time for the step's operations ÷ the step's time",
    "fit_step_gpu_share_of_peak": "least time for the step's operations ÷ the step's time",
    "fit_step_part_selectors": "time of the selectors' networks, both passes ÷ the step's",
    "fit_step_part_alignment": "time of the channel maps, both passes ÷ the step's",
    "fit_step_part_reading": "time of reading by cell, both passes ÷ the step's",
    "random_batches": "throughput of random batches, ours ÷ a plain memory map's",
    "sequential": "throughput of batches in order, ours ÷ a plain memory map's",
    "prefetch": "time of a fit that streams everything ÷ with all batches in memory",
    "members_shared": "time of three members one after the other ÷ side by side",
    "extraction": "throughput from files to a store ÷ the bare forward pass's",
    "kept_decoded": "time to decode a picture ÷ to read it kept decoded",
    "kept_memory": "a pass where the C library gives freed memory back ÷ where it keeps it",
    "decoding": "time that one thread decodes for ÷ the bare forward pass's",
}


def machine() -> str:
    """The kind of machine, without its name."""
    cores, features = torch.get_num_threads(), torch.backends.cpu.get_cpu_capability()
    amx = ", with matrix units for bfloat16" if torch.cpu._is_amx_tile_supported() else ""
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ", no GPU"
    return f"{platform.machine()}, {cores} cores, {features}{amx}{gpu}; torch {torch.__version__}"


def gather() -> dict:
    """What was measured now, and before where it was not measured now."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}
    if (RESULTS / "bench.json").is_file():
        kept["bench"] = json.loads((RESULTS / "bench.json").read_text(encoding="utf-8"))
        kept["machine"] = machine()
    for name in ("orders", "batches", "precisions"):
        if (RESULTS / f"{name}.tsv").is_file():
            found = pd.read_csv(RESULTS / f"{name}.tsv", sep="\t")
            # Not timed in turns, so no figures of speed.
            found = found.drop(columns=[each for each in found if each.startswith("seconds")])
            kept[name] = found.astype(object).where(found.notna(), None).to_dict("records")
            if name == "precisions":  # which formats are fast is the machine's
                kept["precisions_machine"] = machine()
    KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return kept


def table(rows: list[dict]) -> str:
    """Rows as a Markdown table."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(row.values() for row in rows)]
    return "".join("| " + " | ".join(map(str, cells)) + " |\n" for cells in lines)


def bench_table(rows: list[dict]) -> str:
    """The ratios, what they are of, and what they are meant to reach."""
    return table(
        [
            {
                "name": f"`{row['name']}`",
                "ratio": f"**{row['ratio']:.3g}** ({row['ratio_low']:.3g}–{row['ratio_high']:.3g})",
                "aim": AIMS.get(row["name"], ""),
                "of": MEANING[row["name"].partition(",")[0]],
                "ours": f"{row['median']:.3g} ({row['low']:.3g}–{row['high']:.3g}) {row['unit']}",
            }
            for row in rows
        ]
    )


def floor() -> dict[str, str]:
    """Operations and bytes of a step, as they stand in the text."""
    images = fit_step.BATCH
    outer = fit_step.N_VERTICES * 5 * fit_step.N_LAYERS * fit_step.DIMENSIONS
    features = fit_step.N_LAYERS * (fit_step.SIDE**2 + 1) * fit_step.N_CHANNELS
    aligning = 4 * features * fit_step.DIMENSIONS
    return {
        "images": f"{images}",
        "vertices": f"{fit_step.N_VERTICES:,}",
        "reading": f"{6 * outer / 1e9:.2f}",
        "aligning": f"{aligning / 1e9:.2f}",
        "selecting": f"{(fit_step.operations(1) - 6 * outer - aligning) / 1e9:.0f}",
        "total": f"{fit_step.operations(images) / images / 1e9:.2f}",
        "outer": f"{4 * outer / 1e9:.2f}",
        "features": f"{2 * features / 1e6:.1f}",
    }


def orders_table(rows: list[dict]) -> str:
    """Held-out R² of both orders, a run a line."""
    return table(
        [
            {
                "study": row["study"],
                "network": row["backbone"],
                "subject": row["subject"],
                "validation R², literal": f"{row['r2_validation_literal']:.4f}",
                "ours": f"{row['r2_validation']:.4f}",
                "test R², literal": f"{row['r2_test_literal']:.4f}",
                " ours ": f"{row['r2_test']:.4f}",
                "difference": f"{row['r2_test'] - row['r2_test_literal']:+.4f}",
            }
            for row in rows
        ]
    )


def precisions_table(rows: list[dict]) -> str:
    """Both precisions, a run a line: means over seeds, and their standard deviation."""
    lines = []
    for (study, network), same in pd.DataFrame(rows).groupby(["study", "backbone"]):
        change = same["r2_test_bfloat16"] - same["r2_test_float32"]
        shares = {
            "planted layer found, float32": "planted_float32",
            "bfloat16": "planted_bfloat16",
            "layers alike, float32 and bfloat16": "same_seed",
            "two seeds, float32": "two_seeds",
        }
        cells = {name: _share(same.get(column)) for name, column in shares.items()}
        lines.append(
            {
                "study": study,
                "network": network,
                "test R², float32": f"{same['r2_test_float32'].mean():.4f}",
                "bfloat16 − float32": f"{change.mean():+.4f} ± {change.std():.4f}",
                **cells,
            }
        )
    return table(lines)


def _share(values: pd.Series | None) -> str:
    if values is None or values.isna().all():
        return ""
    return f"{values.mean():.3f} ± {values.std():.3f}"


def batches_table(rows: list[dict]) -> str:
    """Validation R² by passes, batch size and learning rate, mean and spread over seeds."""
    found = pd.DataFrame(rows)
    rates = sorted(found["learning_rate"].unique())
    lines = []
    for (passes, size), same in found.groupby(["passes", "batch_size"]):
        scores = same.groupby("learning_rate")["r2_validation"].agg(["mean", "std"])
        cells = {
            f"rate {rate}": _score(*scores.loc[rate]) if rate in scores.index else ""
            for rate in rates
        }
        lines.append({"passes": passes, "batch": size, **cells})
    return table(lines)


def _score(mean: float, deviation: float) -> str:
    spread = "" if pd.isna(deviation) else f" ± {deviation:.4f}"
    return f"{mean:.4f}{spread}"


def main() -> None:
    kept = gather()
    template = (Path(__file__).parent / "performance.md").read_text(encoding="utf-8")
    parts = {
        "machine": kept["machine"],
        "bench": bench_table(kept["bench"]),
        "orders": orders_table(kept["orders"]),
        "precisions": precisions_table(kept["precisions"]),
        "precisions_machine": kept["precisions_machine"],
        "seeds": str(len({row["seed"] for row in kept["precisions"]})),
        "batches": batches_table(kept["batches"]),
        **floor(),
    }
    for name, text in parts.items():
        template = template.replace("{" + name + "}", text.rstrip("\n"))
    PAGE.write_text(template, encoding="utf-8")


if __name__ == "__main__":
    main()

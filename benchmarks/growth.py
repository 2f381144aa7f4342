"""Time and memory against every size of a study, and the rates that plans are made with.

    python benchmarks/growth.py                          measure, compare with the formulas, plot
    python benchmarks/growth.py --calibrate              then write planning/costs.json
    python benchmarks/growth.py --calibrate --rates F    the same to a file, for cortexlens plan
    python benchmarks/growth.py --calibrate --gpu        fits and extractions on a GPU, its rates
    python benchmarks/growth.py --only fit-encoder       some jobs alone
    python benchmarks/growth.py --only fit-stacked --calibrate --kinds stack_value,stack_step

Each job is one call of a stage, on random data of five sizes, in a process of its own with one
thread; growth is that of its time without its start. Writes results/growth.json and
docs/images/growth.png. Exits 1 if a job grows faster than linearly, or a
fit or extraction that no rate was calibrated on takes 1.5 times longer or shorter than planned.
Keep the machine idle meanwhile.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "src")]
RESULTS, PICTURE = HERE.parent / "results" / "growth.json", HERE.parent / "docs/images/growth.png"
GPU_JOBS = ("fit-encoder", "fit-stacked", "extract-features")
FACTOR = 1.5  # that a held-out job's time may differ by
TIME, MEMORY = "#20639b", "#c8641b"
UNITS = {
    "batch": "images a step",
    "channels": "channels a layer",
    "products": "GFLOP a picture",
}
STEEPEST = 1.15  # exponent that still counts as linear, with the noise of a measurement


@dataclass(frozen=True)
class Case:
    """One job to measure: which size grows, how large it is, and how its inputs are made."""

    job: str
    axis: str
    size: float
    make: tuple
    held_out: bool = False


def cases():
    """All jobs, five sizes an axis; the last two are not calibrated on."""
    import growth_data as data

    base = data.Fit()
    axes = {
        "vertices": ((2_000, 4_000, 8_000, 16_000, 32_000), {"images": 320, "epochs": 1}),
        "images": ((128, 256, 512, 1_024, 2_048), {"vertices": 2_000, "layers": 3}),
        "layers": ((2, 4, 8, 16, 32), {"vertices": 4_000, "images": 320, "epochs": 1}),
        "channels": ((64, 128, 256, 512, 1_024), {"vertices": 2_000}),
        "batch": ((8, 16, 32, 64, 128), {"epochs": 1}),
    }
    for axis, (sizes, others) in axes.items():
        for size in sizes:
            chosen = replace(base, **{**others, axis: size})
            yield Case("fit-encoder", axis, size, (data.fit_job, chosen))
    axes = {
        "vertices": ((1_000, 2_000, 4_000, 8_000, 16_000), {"images": 200, "layers": 4}),
        "images": ((128, 256, 512, 1_024, 2_048), {"vertices": 500, "layers": 4}),
        "layers": ((2, 4, 6, 8, 12), {"vertices": 1_000, "images": 200}),
        "channels": ((64, 128, 256, 384, 512), {"vertices": 500, "images": 400, "layers": 4}),
    }
    for axis, (sizes, others) in axes.items():
        for size in sizes:
            chosen = replace(base, **{**others, axis: size})
            yield Case("fit-stacked", axis, size, (data.stacked_job, chosen))
    for images in (32, 64, 128, 256, 512):
        yield Case(
            "extract-features", "images", images, (data.extraction_job, images, "zoo", "vit-demo")
        )
    for layers in (1, 2, 4, 6, 8):
        named = ",".join(f"blocks.{index}" for index in range(layers))
        make = (data.extraction_job, 128, "zoo", "vit-demo", named)
        yield Case("extract-features", "layers", layers, make)
    for gigaproducts, name in (
        (2.2, "vit_small_patch32_224"),
        (2.5, "vit_tiny_patch16_224"),
        (8.7, "vit_base_patch32_224"),
        (9.2, "vit_small_patch16_224"),
        (18.5, "vit_small_patch8_224"),
    ):
        make = (data.extraction_job, 16, "timm", name)
        yield Case("extract-features", "products", gigaproducts, make)
    small = replace(base, vertices=1_000, layers=2)
    for images in (128, 256, 512, 1_024, 2_048):
        yield Case("fit-ridge", "images", images, (data.ridge_job, replace(small, images=images)))
        yield Case("collect-images", "images", images, (data.listing_job, images))
    for vertices in (1_000, 2_000, 4_000, 8_000, 16_000):
        size = replace(small, images=256, vertices=vertices)
        yield Case("fit-ridge", "vertices", vertices, (data.ridge_job, size))
        yield Case("draw-maps", "vertices", vertices, (data.maps_job, vertices))
        make = (data.responses_job, 1_024, vertices)
        yield Case("collect-responses", "vertices", vertices, make)
    for scenes in (32, 64, 128, 256, 512):
        yield Case("draw-scenes", "images", scenes, (data.scenes_job, scenes))
    for scenes in (64, 128, 256):
        make = (data.simulation_job, scenes)
        yield Case("collect-responses", "simulated images", scenes, make)
    for fits in (2, 4, 8, 16, 32):
        make = (data.summary_job, fits, 2_000)
        yield Case("summarise-scores", "networks × subjects", fits, make)
        make = (data.overview_job, fits, 2_000)
        yield Case("draw-overview", "networks × subjects", fits, make)
    # A subject of the NSD and a ViT-B, as large as they are but for the number of images.
    large = replace(base, vertices=37_984, layers=12, channels=768, images=80, epochs=1)
    yield Case("fit-encoder", "NSD", 80, (data.fit_job, large), held_out=True)
    make = (data.extraction_job, 16, "timm", "vit_base_patch16_224")
    yield Case("extract-features", "ViT-B/16", 16, make, held_out=True)


def chosen_cases(only: str | None, first: int | None):
    """Cases of one job, or of all; of each axis the first sizes, or all."""
    seen: dict[tuple[str, str], int] = {}
    for case in cases():
        place = (case.job, case.axis)
        seen[place] = seen.get(place, 0) + 1
        if only in (None, case.job) and seen[place] <= (first or math.inf):
            yield case


def child(arguments: list[str], started: float) -> None:
    """Run a stage in this process; print its seconds from the start on, and its peak, bytes."""
    from cortexlens.cli import app

    app(arguments, standalone_mode=False)
    seconds = time.time() - started
    peak = Path("/proc/self/status").read_text(encoding="utf-8").split("VmHWM:")[1].split()[0]
    print(json.dumps([seconds, int(peak) * 1024]))


def measure(case: Case, more: tuple[str, ...] = ()) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        maker, *sizes = case.make
        arguments, workload = maker(Path(folder), *sizes)
        arguments = [*arguments, *more]
        done = subprocess.run(
            [sys.executable, __file__, "--started", str(time.time()), "--child", *arguments],
            env=environment(),
            check=False,
            capture_output=True,
            encoding="utf-8",
        )
        if done.returncode:
            sys.exit(f"{' '.join(arguments)}\n{done.stderr}")
    seconds, peak = json.loads(done.stdout.splitlines()[-1])
    return {
        "job": case.job,
        "axis": case.axis,
        "size": case.size,
        "held_out": case.held_out,
        "seconds": seconds,
        "peak": peak,
        "work": dict(workload.work),
        "planned_peak": workload.memory,
    }


def environment() -> dict[str, str]:
    paths = [str(HERE.parent / "src"), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    }


def measure_dry_runs() -> list[dict]:
    """Time of `snakemake --dry-run` against networks × subjects."""
    from growth_data import study_of

    found = []
    for networks, subjects in ((1, 1), (2, 4), (4, 8), (8, 16), (16, 32)):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "snakemake"]
            command += study_of(Path(folder), networks, subjects)
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env=environment())
            seconds = time.perf_counter() - start
        found.append({"job": "dry run", "axis": "networks × subjects", "seconds": seconds})
        found[-1] |= {"size": networks * subjects, "held_out": False, "peak": None, "work": {}}
    return found


def calibrate(records: list[dict], prior: dict[str, float], free: set[str]) -> dict[str, float]:
    """Rates by which the formulas come nearest to the measured times, in their logarithms.

    Those of ``free`` kinds are found; what the measurements say little of stays near the prior.
    """
    import numpy as np
    from scipy.optimize import least_squares

    used = [record for record in records if record["work"] and not record["held_out"]]
    kinds = sorted({kind for record in used for kind in work_of(record)} & free)
    amounts = np.array([[work_of(record).get(kind, 0) for kind in kinds] for record in used])
    fixed = [
        sum(n * prior[kind] for kind, n in work_of(record).items() if kind not in kinds)
        for record in used
    ]
    measured = np.log([record["seconds"] for record in used])
    start = np.log([max(prior[kind], 1e-15) for kind in kinds])

    def errors(rates):
        planned = np.log(amounts @ np.exp(rates) + fixed + 1e-9)
        return np.concatenate([planned - measured, 0.1 * (rates - start)])

    rates = dict(zip(kinds, np.exp(least_squares(errors, start).x), strict=True))
    return {kind: float(f"{rate:.3g}") for kind, rate in rates.items()}


def work_of(record: dict) -> dict[str, float]:
    """What a job does, without what it does not do at all."""
    return {kind: amount for kind, amount in record["work"].items() if amount}


def start_of(record: dict, rates: dict[str, float]) -> float:
    """Seconds of a job's start."""
    return sum(n * rates[kind] for kind, n in record["work"].items() if kind.startswith("start_"))


def compare(records: list[dict], rates: dict[str, float]) -> int:
    """Print every job beside its plan; the number of held-out jobs that are off."""
    print(f"\n{'job':18}{'axis':21}{'size':>8}{'s':>9}{'planned':>9}{'GB':>7}{'planned':>9}")
    off = 0
    for record in records:
        if not record["work"]:
            continue
        planned = sum(n * rates[kind] for kind, n in work_of(record).items())
        ratio = planned / record["seconds"]
        wrong = record["held_out"] and not 1 / FACTOR <= ratio <= FACTOR
        off += wrong
        print(
            f"{record['job']:18}{record['axis']:21}{record['size']:>8g}"
            f"{record['seconds']:>9.2f}{ratio:>8.2f}×{record['peak'] / 1e9:>7.2f}"
            f"{record['planned_peak'] / record['peak']:>8.2f}×"
            f"{' held out' if record['held_out'] else ''}{': off' if wrong else ''}"
        )
    return off


def exponents(records: list[dict], rates: dict[str, float]) -> dict[tuple[str, str], float]:
    """Slope of log time against log size, over the three larger sizes.

    Of the time without the start where that is most of it, else of the whole: a difference of two
    like numbers would be noise. Memory is compared with its formula, which is linear.
    """
    import numpy as np

    found = {}
    for job, axis in dict.fromkeys((record["job"], record["axis"]) for record in records):
        own = [
            record
            for record in sorted(records, key=lambda record: record["size"])
            if (record["job"], record["axis"]) == (job, axis) and not record["held_out"]
        ][-3:]
        if len(own) == 3:
            start = start_of(own[0], rates)
            start = start if own[0]["seconds"] > 2 * start else 0.0
            points = [(record["size"], record["seconds"] - start) for record in own]
            sizes, seconds = np.log(points).T
            found[job, axis] = float(np.polyfit(sizes, seconds, 1)[0])
    return found


def plot(records: list[dict], slopes: dict[tuple[str, str], float], rates: dict) -> None:
    """Time and memory against each size, from zero on axes that are not bent: lines are lines."""
    from matplotlib.figure import Figure

    columns = 4
    figure = Figure(
        figsize=(3.2 * columns, 2.6 * math.ceil(len(slopes) / columns)), layout="constrained"
    )
    grid = figure.subplots(math.ceil(len(slopes) / columns), columns, squeeze=False).flat
    for (job, axis), axes in zip(slopes, grid, strict=False):
        own = [record for record in records if (record["job"], record["axis"]) == (job, axis)]
        own.sort(key=lambda record: record["size"])
        sizes = [record["size"] for record in own]
        axes.plot(sizes, [record["seconds"] for record in own], "o", color=TIME)
        if own[0]["work"]:
            planned = [sum(n * rates[k] for k, n in work_of(each).items()) for each in own]
            axes.plot(sizes, planned, "-", color=TIME, linewidth=1)
        axes.set_ylim(0)
        if own[0]["peak"]:
            memory = axes.twinx()
            memory.plot(sizes, [each["peak"] / 1e9 for each in own], "s", color=MEMORY, ms=4)
            plan = [each["planned_peak"] / 1e9 for each in own]
            memory.plot(sizes, plan, "--", color=MEMORY, linewidth=1)
            memory.set_ylim(0)
            memory.set_ylabel("memory, GB", fontsize=8, color=MEMORY)
            memory.tick_params(labelsize=7)
        axes.set_title(job, fontsize=9)
        axes.set_xlabel(UNITS.get(axis, axis), fontsize=8)
        axes.set_ylabel("time, s", fontsize=8, color=TIME)
        axes.tick_params(labelsize=7)
    for axes in list(grid):
        axes.set_axis_off()
    figure.suptitle("Dots and squares: measured. Lines: planned by the formulas.", fontsize=10)
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, dpi=100)


def machine(device: str) -> str:
    import torch

    version = f"PyTorch {torch.__version__.partition('+')[0]}"
    if device == "gpu":
        return f"{torch.cuda.get_device_name()}, {version}"
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        "unknown processor",
    )
    return f"{model}, 1 thread, {version}"


def write_rates(path: Path, device: str, rates: dict[str, float]) -> None:
    """Put rates of a device into a file, beside those of the other if it has them."""
    from cortexlens.planning.costs import MEASURED

    measured = {"machine": machine(device), "measured": date.today().isoformat()}
    old = json.loads(MEASURED.read_text(encoding="utf-8"))[device]["seconds"]
    there = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    there[device] = {**measured, "seconds": old | rates}
    path.write_text(json.dumps(there, indent=2) + "\n", encoding="utf-8")
    print(f"{path} is written.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--rates", type=Path)
    parser.add_argument("--gpu", action="store_true", help="fits and extractions, on a GPU")
    parser.add_argument("--only")
    parser.add_argument("--kinds", help="kinds of work to find rates of; left out: all")
    parser.add_argument("--first", type=int, help="so many sizes of each axis alone, for a look")
    parser.add_argument("--again", action="store_true", help="use the last measurements")
    parser.add_argument("--started", type=float)
    parser.add_argument("--child", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.started)
        return 0
    from cortexlens.planning.costs import MEASURED, load_rates

    device = "gpu" if options.gpu else "cpu"
    more = ("--device=cuda",) if options.gpu else ()
    if options.again:
        records = json.loads(RESULTS.read_text(encoding="utf-8"))
    else:
        records = []
        for case in chosen_cases(options.only, options.first):
            if options.gpu and case.job not in GPU_JOBS:
                continue
            records.append(measure(case, more if case.job in GPU_JOBS else ()))
            seconds = records[-1]["seconds"]
            print(f"{case.job}, {case.axis} {case.size:g}: {seconds:.2f} s", flush=True)
        records += measure_dry_runs() if options.only is None and not options.gpu else []
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    packaged = load_rates()
    rates = dict(packaged.cpu) | (dict(packaged.gpu) if options.gpu else {})
    free = set(packaged.gpu if options.gpu else packaged.cpu)
    free &= set(options.kinds.split(",")) if options.kinds else free
    found = calibrate(records, rates, free) if options.calibrate else {}
    rates |= found
    off, slopes = compare(records, rates), exponents(records, rates)
    for (job, axis), slope in slopes.items():
        print(f"{job} grows with {axis} by the power {slope:.2f}")
    if slopes:
        plot(records, slopes, rates)
    if options.calibrate:
        write_rates(options.rates or MEASURED, device, found)
    return int(off > 0 or max(slopes.values(), default=0) > STEEPEST)


if __name__ == "__main__":
    sys.exit(main())

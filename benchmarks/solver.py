"""How long a stacked fit takes beside FactorTopy's on the same features, and what it spends it on.

    python benchmarks/solver.py                       ratios over five sizes of each axis; minutes
    python benchmarks/solver.py --paper-size          37,984 vertices, 9,000 images, a ViT-B; hours
    python benchmarks/solver.py --paper-size --whole  FactorTopy trained to its end, not scaled

Features and responses are made up (made_up.py). FactorTopy's time is measured over some steps and
looks at the validation images, and scaled to the epochs of its default schedule, without early
stopping; with --whole its fit is run. Writes solver.json and, between its marks, docs/readouts.md.
Keep the machine idle meanwhile. At paper size a store of 13 GB is written to --folder and given
back; with --memory so many GB of features stay in memory.
"""

import argparse
import json
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import fmean, median
from time import perf_counter
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import torch
import xarray as xr
from threadpoolctl import threadpool_limits
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from cortexlens.compute.devices import choose_device
from cortexlens.compute.malloc import give_back_large, keep_freed_memory
from cortexlens.encoding import batches, fit
from cortexlens.encoding.data import FitData, load_fit_data
from cortexlens.encoding.scores import r2_score
from cortexlens.encoding.stacked import fit as stacked
from cortexlens.encoding.stacked.windows import make_windows
from cortexlens.features.store import Features
from cortexlens.progress import say
from cortexlens.shapes import TEST
from made_up import TINY, Sizes, write_subject
from marked import markdown, write_part

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "readouts.md"
BASE: Final = Sizes(vertices=600, images=400, layers=4, channels=64, grid=6)
# That of a subject of the Natural Scenes Dataset on fsaverage, with vertices some 0.8 mm apart, and
# of a ViT-B, of whose variance two thirds are assumed to lie on a tenth of the components.
PAPER: Final = Sizes(
    vertices=37_984, images=9_000, layers=12, channels=768, grid=8, spacing=0.8, decay=1.0
)
LATTICE: Final = 2
# Five sizes of each axis, all else as in the base; "places" are windows, by the lattice's points a
# token.
AXES: Final[dict[str, tuple[int, ...]]] = {
    "vertices": (200, 400, 800, 1_600, 3_200),
    "images": (150, 300, 600, 1_200, 2_400),
    "layers": (2, 4, 6, 9, 12),
    "channels": (16, 32, 64, 128, 256),
    "lattice": (1, 2, 3, 4, 6),
}
TINY_AXES: Final[dict[str, tuple[int, ...]]] = {
    "vertices": (20, 40),
    "images": (60, 90),
    "layers": (2, 3),
    "channels": (4, 8),
    "lattice": (1, 2),
}
NAMES: Final = {
    "vertices": "vertices N",
    "images": "training images n",
    "layers": "layers L",
    "channels": "channels C",
    "lattice": "places",
}
# Stage → functions of the module that fits, and of others where a fit calls nothing between.
STAGES: Final = {
    "search": ("search_windows",),
    "channels": ("learn_priors",),
    "planting": ("plant",),
    "ridges": ("left_out_sums",),
    "stack": ("choose_bandwidth", "average", "non_negative"),
    "probabilities": ("calibrate", "certainty"),
}
# Those whose time goes into products and decompositions, which are counted in them.
COUNTED: Final = ("search", "channels", "planting", "ridges")
REST: Final = "rest"
# Test images that are predicted at once.
BATCH: Final = 64
# Steps of FactorTopy that are timed, after one that is not.
STEPS: Final = 20
GB: Final = 1e9


class Products(TorchDispatchMode):
    """Counts operations of matrix products, by number format."""

    def __init__(self) -> None:
        super().__init__()
        self.operations = Counter[torch.dtype]()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        done = func(*args, **(kwargs or {}))
        count = flop_registry.get(func.overloadpacket)
        if count is not None:
            self.operations[args[0].dtype] += count(*args, **(kwargs or {}), out_val=done)
        return done


@dataclass
class Spent:
    """What a stacked fit spent.

    Attributes
    ----------
    seconds
        Of each of :data:`STAGES`, and of the rest.
    decompositions
        Their sizes → how many eigendecompositions.
    decomposing
        Seconds of these.
    peak_gb
        Largest memory, GB, see :class:`Memory`.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    decompositions: dict[str, int] = field(default_factory=dict)
    decomposing: float = 0.0
    peak_gb: float = 0.0

    @property
    def total(self) -> float:
        """Seconds of all stages."""
        return sum(self.seconds.values())


def waited(device: torch.device) -> float:
    """Time, when everything asked of a device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    return perf_counter()


class Memory(threading.Thread):
    """Largest memory while it runs: of tensors on a GPU, else of the process.

    What is read from files counts only where it cannot be given back (scratch files of a fit, for
    one, can).
    """

    def __init__(self, device: torch.device) -> None:
        super().__init__(daemon=True)
        self.device, self.peak, self.over = device, 0.0, threading.Event()

    def run(self) -> None:
        """Look ten times a second."""
        while not self.over.wait(0.1):
            self.peak = max(self.peak, held_gb(self.device))

    def __enter__(self) -> "Memory":
        self.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.over.set()
        self.join()


def held_gb(device: torch.device) -> float:
    """Memory in use."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated() / GB
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:  # not on Linux
        return float("nan")
    return float(status.split("RssAnon:")[1].split()[0]) * 1024 / GB


def rate(dtype: torch.dtype, device: torch.device, side: int) -> float:
    """Operations a second of one large matrix product, the best of five."""
    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    taken = []
    for _ in range(6):
        start = waited(device)
        left @ right
        taken.append(waited(device) - start)
    return 2 * side**3 / min(taken[1:])


@contextmanager
def watched(device: torch.device, spent: Spent) -> Iterator[None]:
    """Time the stages of stacked fits, and their decompositions."""
    sizes, decompose = Counter[int](), torch.linalg.eigh

    def timed(stage: str, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        start = waited(device)
        done = work(*args, **kwargs)
        spent.seconds[stage] = spent.seconds.get(stage, 0.0) + waited(device) - start
        return done

    def decomposed(matrix: torch.Tensor) -> Any:
        start = waited(device)
        done = decompose(matrix)
        spent.decomposing += waited(device) - start
        sizes[len(matrix)] += 1
        return done

    with ExitStack() as patches:
        for stage, names in STAGES.items():
            for name in names:
                work = partial(timed, stage, getattr(stacked, name))
                patches.enter_context(patch.object(stacked, name, work))
        patches.enter_context(patch.object(torch.linalg, "eigh", decomposed))
        memory = patches.enter_context(Memory(device))
        start = waited(device)
        yield
        whole = waited(device) - start
    spent.seconds[REST] = max(0.0, whole - spent.total)
    spent.decompositions = {str(side): n for side, n in sorted(sizes.items())}
    spent.peak_gb = memory.peak


def fit_stacked(
    data: FitData,
    responses: xr.Dataset,
    options: stacked.StackedOptions,
    products: "Products | None" = None,
) -> tuple[Spent, stacked.StackedFit]:
    """Fit the stacked readout, watched; count products of the stages :data:`COUNTED`.

    Counting costs some microseconds an operation, which small fits should not have in their times.
    """

    def counted(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with products or nullcontext():
            return work(*args, **kwargs)

    spent = Spent()
    with ExitStack() as patches:
        for name in (name for stage in COUNTED for name in STAGES[stage]):
            work = partial(counted, getattr(stacked, name))
            patches.enter_context(patch.object(stacked, name, work))
        with watched(data.device, spent):
            fit = _fit(data, responses, options)
    return spent, fit


def _fit(
    data: FitData, responses: xr.Dataset, options: stacked.StackedOptions
) -> stacked.StackedFit:
    places = responses["coordinates"].values, responses["hemisphere"].values
    give_back_large()  # as the command does
    return stacked.fit_stacked(data, places[0], options, places[1])


def mean_r2(predict: Callable[[list[torch.Tensor]], torch.Tensor], data: FitData) -> float:
    """Mean R² over vertices on the test images, of which no fit has learnt."""
    trials = data.trials(TEST)
    batches = (trials[start : start + BATCH] for start in range(0, len(trials), BATCH))
    with torch.inference_mode():
        predicted = np.concatenate(
            [predict(data.features(data.trial_image[some])).cpu().numpy() for some in batches]
        )
    return float(np.nanmean(r2_score(data.response[trials], predicted)))


class _Clock:
    """Times what a fit does with its batches: steps, and what lies between epochs."""

    def __init__(self) -> None:
        self.steps: list[float] = []
        # When epochs began and ended.
        self.began: list[float] = []
        self.ended: list[float] = []

    def batches(self, *arguments: Any) -> batches.Batches:
        """Batches that are watched, of which an epoch has no more than are timed."""
        clock = self

        class Watched(batches.Batches):
            def epoch(self, number: int) -> Iterator[Any]:
                clock.began.append(perf_counter())
                with closing(super().epoch(number)) as pairs:
                    # Reading counts: a step lasts from one batch to the next.
                    last = clock.began[-1]
                    for pair in islice(pairs, STEPS + 1):
                        yield pair
                        now = perf_counter()
                        clock.steps.append(now - last)
                        last = now
                clock.ended.append(perf_counter())

        return Watched(*arguments)


def fit_factortopy(data: FitData, responses: xr.Dataset, *, whole: bool) -> dict[str, float]:
    """Seconds of a fit with default settings: the whole of it, or scaled from a part.

    Returns
    -------
    dict
        ``seconds`` of the fit; of a part also those of ``before`` the first step, of a ``step``
        (the mean of all but the first, which makes ready what the others use), of the
        ``validation`` after an epoch, and how many steps were ``timed``, ``epochs`` and ``steps``
        an epoch.
    """
    coordinates, options = responses["coordinates"].values, fit.FitOptions()
    plan = fit.schedule_of(options, fit.n_training_images(data))
    keep_freed_memory()  # as the command does
    if whole:
        start = waited(data.device)
        fit.fit_members(data, coordinates, replace(options, patience=plan.epochs), [0])
        return {"seconds": waited(data.device) - start, "epochs": plan.epochs}
    steps = batches.Batches(data, options.batch_size, options.selector_image_fraction, 0).n_steps
    clock, epochs = _Clock(), -(-(STEPS + 1) // steps)
    start = waited(data.device)
    with patch.object(fit, "Batches", clock.batches):
        fit.fit_members(data, coordinates, replace(options, epochs=epochs, patience=epochs), [0])
    end = waited(data.device)
    before, step = clock.began[0] - start, fmean(clock.steps[1:])
    between = zip(clock.ended, [*clock.began[1:], end], strict=True)
    validation = fmean(later - earlier for earlier, later in between)
    return {
        "seconds": before + plan.epochs * (steps * step + validation),
        "before": before,
        "step": step,
        "validation": validation,
        "timed": len(clock.steps) - 1,
        "epochs": plan.epochs,
        "steps": steps,
    }


@contextmanager
def made(sizes: Sizes, given: argparse.Namespace) -> Iterator[tuple[FitData, xr.Dataset]]:
    """A made-up subject, its features where a fit would have them."""
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        features, responses = write_subject(Path(folder), sizes)
        yield loaded(features, responses, given), responses


def loaded(features: Features, responses: xr.Dataset, given: argparse.Namespace) -> FitData:
    """Features and responses, as a fit has them."""
    # There is one trial an image, so that nothing is to be averaged.
    how = {"memory": given.memory, "device": given.device}
    return load_fit_data(features, responses, single_trials=True, **how)


def compared(base: Sizes, axis: str, value: int, given: argparse.Namespace) -> dict[str, Any]:
    """Time both fits at one size, in turns."""
    sizes = base if axis == "lattice" else replace(base, **{axis: value})
    lattice = value if axis == "lattice" else LATTICE
    default = stacked.StackedOptions().sizes
    ours, theirs = [], []
    with made(sizes, given) as (data, responses):
        for _ in range(given.repeats):
            ours.append(fit_stacked(data, responses, given.options(lattice=lattice))[0].total)
            theirs.append(fit_factortopy(data, responses, whole=given.whole)["seconds"])
    ratios = [other / own for own, other in zip(ours, theirs, strict=True)]
    return {
        "axis": axis,
        "value": len(make_windows(sizes.grid, default, lattice)) if axis == "lattice" else value,
        **asdict(sizes),
        "lattice": lattice,
        "stacked_seconds": median(ours),
        "factortopy_seconds": median(theirs),
        "ratio": median(ratios),
        "ratio_low": min(ratios),
        "ratio_high": max(ratios),
    }


def growth(rows: list[dict[str, Any]], name: str) -> float:
    """Power of an axis' value that seconds grow with, by least squares on logarithms."""
    value, seconds = (np.log([row[key] for row in rows]) for key in ("value", name))
    return float(np.polyfit(value, seconds, 1)[0])


def sweep(axes: dict[str, tuple[int, ...]], base: Sizes, given: argparse.Namespace) -> list[dict]:
    """Rows of all axes."""
    rows = []
    for axis in given.axes:
        for value in axes[axis]:
            rows.append(compared(base, axis, value, given))
            row = rows[-1]
            say(
                f"{NAMES[axis]} {row['value']:,}: stacked {row['stacked_seconds']:.2f} s, "
                f"FactorTopy {row['factortopy_seconds']:.2f} s, ratio {row['ratio']:.2f}"
            )
    return rows


def at_paper_size(sizes: Sizes, given: argparse.Namespace) -> dict[str, Any]:
    """Both fits once, the stacked one with its stages, memory and products."""
    device = given.device
    with made(sizes, given) as (data, responses):
        before, counted = held_gb(device), Products()
        spent, fitted = fit_stacked(data, responses, given.options(lattice=LATTICE), counted)
        r2 = mean_r2(fitted.model, data)
        del fitted
        say(
            f"stacked: {spent.total:.0f} s, peak {spent.peak_gb:.1f} GB, R² {r2:.3f} on test images"
        )
        products = {str(dtype): float(n) for dtype, n in counted.operations.items()}
        other = fit_factortopy(data, responses, whole=given.whole)
        say(f"FactorTopy: {other['seconds']:.0f} s")
    dtypes = {str(each): each for each in (torch.float32, torch.float64, torch.bfloat16)}
    rates = {name: rate(dtypes[name], device, given.side) for name in products}
    least = sum(count / rates[name] for name, count in products.items())
    counted = sum(spent.seconds.get(stage, 0.0) for stage in COUNTED)
    return {
        **asdict(sizes),
        "windows": len(make_windows(sizes.grid, stacked.StackedOptions().sizes, LATTICE)),
        "components": given.components,
        "stacked": asdict(spent),
        "products": products,
        "stacked_seconds": spent.total,
        "stacked_r2": r2,
        "memory_before_gb": before,
        "rates": rates,
        "least_seconds": least,
        "share_of_rate": least / counted,
        "share_of_rate_without_decompositions": least / max(counted - spent.decomposing, 1e-9),
        "factortopy": other,
        "whole": given.whole,
        "ratio": other["seconds"] / spent.total,
    }


def sweep_part(rows: list[dict[str, Any]]) -> str:
    """A line a size, then the powers that times grow with."""
    lines, powers = [], []
    for axis in dict.fromkeys(row["axis"] for row in rows):
        own = [row for row in rows if row["axis"] == axis]
        lines += [
            {
                "varied": NAMES[axis],
                "size": f"{row['value']:,}",
                "stacked": f"{row['stacked_seconds']:.2f} s",
                "FactorTopy": f"{row['factortopy_seconds']:.2f} s",
                "FactorTopy ÷ stacked": f"**{row['ratio']:.2f}** "
                f"({row['ratio_low']:.2f}–{row['ratio_high']:.2f})",
            }
            for row in own
        ]
        powers.append(
            f"{NAMES[axis]} {growth(own, 'stacked_seconds'):.2f} "
            f"({growth(own, 'factortopy_seconds'):.2f})"
        )
    grown = "Times grow with these powers, stacked (FactorTopy): " + ", ".join(powers) + "."
    return f"{markdown(lines)}\n\n{grown}"


def paper_part(found: dict[str, Any]) -> str:
    """What a fit at paper size spends, in words and a table."""
    spent = found["stacked"]
    lines = [
        {"stage": stage, "seconds": f"{seconds:.1f}", "share": f"{seconds / spent_of(found):.0%}"}
        for stage, seconds in spent["seconds"].items()
    ]
    counts = ", ".join(
        f"{count / 1e12:.3g} · 10¹² in {name.removeprefix('torch.')}"
        for name, count in found["products"].items()
    )
    eigen = ", ".join(f"{n:,} of side {side}" for side, n in spent["decompositions"].items())
    other = found["factortopy"]
    how = (
        "run to its end"
        if found["whole"]
        else f"scaled from {other['timed']} steps of {1e3 * other['step']:.0f} ms and validations "
        f"of {other['validation']:.1f} s to {other['epochs']} epochs of {other['steps']} steps, "
        "without early stopping"
    )
    of_components = f" ({found['components']} components a layer)" if found["components"] else ""
    said = (
        f"{found['vertices']:,} vertices, {found['images']:,} training images, {found['layers']} "
        f"layers of {found['channels']} channels, {found['grid']} × {found['grid']} tokens, "
        f"{found['windows']} windows, on {found['machine']}. Stacked{of_components}: "
        f"{spent_of(found):.0f} s, peak memory {spent['peak_gb']:.1f} GB "
        f"({found['memory_before_gb']:.1f} GB before the fit), mean R² on test images "
        f"{found['stacked_r2']:.3f} of a ceiling of {found['ceiling']:g}. "
        f"FactorTopy: {other['seconds']:.0f} s ({how}), **{found['ratio']:.1f}** times as "
        f"long.\n\nMatrix products of search, planting and ridges: {counts} operations. At the "
        f"machine's rate for one large product they take {found['least_seconds']:.1f} s, "
        f"{found['share_of_rate']:.0%} of these stages' time, and "
        f"{found['share_of_rate_without_decompositions']:.0%} of it without the "
        f"eigendecompositions ({eigen}; {spent['decomposing']:.1f} s)."
    )
    return f"{said}\n\n{markdown(lines)}"


def spent_of(found: dict[str, Any]) -> float:
    """Seconds of the stacked fit."""
    return float(found["stacked_seconds"])


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--axes", nargs="+", choices=list(AXES), default=list(AXES))
    parser.add_argument("--paper-size", action="store_true", help="one fit of each, at full size")
    parser.add_argument("--whole", action="store_true", help="train FactorTopy to its end")
    parser.add_argument("--repeats", type=int, default=3, help="turns of each size")
    parser.add_argument("--draws", type=int, default=stacked.StackedOptions().draws)
    parser.add_argument("--components", type=int, help="of the stacked fit; left out: all channels")
    parser.add_argument("--memory", type=float, help="GB of features in memory; see cortexlens fit")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--folder", type=Path, help="where features are written, for a while")
    parser.add_argument("--side", type=int, default=4096, help="of the product that gives the rate")
    for name in ("vertices", "images", "layers", "channels", "grid"):
        parser.add_argument(f"--{name}", type=int, help="instead of the paper's, or of the base")
    parser.add_argument("--out", type=Path, default=Path("results/solver"))
    parser.add_argument("--page", type=Path, help=f"left out: {PAGE.name}; of --tiny: none")
    parser.add_argument("--tiny", action="store_true", help="made-up sizes, in seconds")
    return parser


def main() -> None:
    given = arguments().parse_args()
    given.device = choose_device(given.device)
    given.options = partial(stacked.StackedOptions, components=given.components, draws=given.draws)
    torch.set_num_threads(given.threads)
    given.out.mkdir(parents=True, exist_ok=True)
    own = {name: getattr(given, name) for name in asdict(BASE) if getattr(given, name, None)}
    if given.tiny:
        given.repeats, given.draws, given.side = 1, 4, 64
    elif not own:  # sizes of one's own are for looking, not for the page
        given.page = given.page or PAGE
    base = replace(TINY if given.tiny else PAPER if given.paper_size else BASE, **own)
    with threadpool_limits(given.threads):
        if given.paper_size:
            found = {"machine": machine(given.device), **at_paper_size(base, given)}
            name, text = "time at paper size", paper_part(found)
        else:
            rows = sweep(TINY_AXES if given.tiny else AXES, base, given)
            found = {"machine": machine(given.device), "rows": rows}
            name, text = "time by size", f"{sweep_part(rows)}\n\nOn {found['machine']}."
    file = given.out / ("paper_size.json" if given.paper_size else "solver.json")
    file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"\n{text}")
    if given.page is not None:
        write_part(given.page, name, text)


def machine(device: torch.device) -> str:
    """The kind of machine, without its name."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    kind = torch.backends.cpu.get_cpu_capability()
    count = torch.get_num_threads()
    return f"{count} {'core' if count == 1 else 'cores'} ({kind}), torch {torch.__version__}"


if __name__ == "__main__":
    main()

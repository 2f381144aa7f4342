"""Every readout on the same images: what each predicts, what it finds, and whether it repeats.

    python benchmarks/readouts.py                     results/demo, results/planted, results/v4
    python benchmarks/readouts.py results/v4 --networks squeezenet --halves

Fits each readout to each network and subject of the studies' runs whose features are there, keeps
each fit in --out and goes on from there when it is called again. Writes readouts.tsv, halves.tsv
and, between its marks, docs/readouts.md.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
import xarray as xr
import yaml
from threadpoolctl import threadpool_limits

from cortexlens.analysis.hierarchy.slope import expected_level
from cortexlens.analysis.recovery.measures import CEILING_FOR_LAYER, CEILING_FOR_SPACE
from cortexlens.analysis.recovery.tables import FEWEST, recovery_measures
from cortexlens.analysis.scores.held_out import read_held_out
from cortexlens.analysis.statistics.bootstrap import bootstrap_interval, image_draws, r2_draws
from cortexlens.analysis.tables import write_table
from cortexlens.compute.devices import choose_device
from cortexlens.config.readouts import SECTIONS, fit_settings
from cortexlens.config.schema import completed, config_schema
from cortexlens.config.study import load_study
from cortexlens.encoding import results
from cortexlens.encoding.data import load_fit_data
from cortexlens.encoding.fitters import fit_readout
from cortexlens.encoding.recovery import PLACES
from cortexlens.encoding.selection import selected_data
from cortexlens.errors import CortexlensError
from cortexlens.features.store import Features, open_features
from cortexlens.progress import say
from cortexlens.storage.code_hash import fingerprint
from cortexlens.storage.datasets import open_dataset, write_dataset
from made_up import TINY, write_subject
from marked import markdown, write_part

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "readouts.md"
STUDIES: Final = ("demo", "planted", "v4")
STACKED: Final = "stacked"
LONG: Final = {"epochs": 40, "patience": 40}
# Name → kind of fit, and what is changed of the study's options; stacked first, for differences
# are to it.
READOUTS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    STACKED: ("stacked", {}),
    "ridge": ("ridge", {"layers": "best"}),
    "banded": ("banded", {}),
    "factortopy": ("factortopy", {}),
    "factortopy-long": ("factortopy", LONG),
}
TITLES: Final = {
    STACKED: "stacked",
    "ridge": "ridge, best layer",
    "banded": "banded ridge",
    "factortopy": "FactorTopy, the study's settings",
    "factortopy-long": "FactorTopy, 40 epochs",
}
# Kind of fit → the stage whose code it is.
STAGES: Final = {
    "stacked": "fit_stacked",
    "ridge": "fit_ridge",
    "banded": "fit_banded",
    "factortopy": "fit_encoder",
}
# What makes a fit of --tiny quick.
QUICK: Final[dict[str, dict[str, Any]]] = {
    "stacked": {"draws": 4, "blocks": 5, "sizes": [0, 1], "bandwidths": [0, 4]},
    "ridge": {"components": 4, "penalties": 3},
    "banded": {"components": 4, "samples": 3, "penalties": 3},
    "factortopy": {"epochs": 2, "dimensions": 4, "batch_size": 32},
}
HALVES: Final = ("a", "b")
INTERVAL: Final = 0.95
BOOTSTRAPS: Final = 1000
# From this probability on a map is said to be sure.
SURE: Final = 0.9
# Name → ceiling that vertices have to exceed, title.
FOUND: Final = {
    "layer_exact": (CEILING_FOR_LAYER, "right layer"),
    "layer_named": (CEILING_FOR_LAYER, "right where one leads"),
    "layer_within_one": (CEILING_FOR_LAYER, "within one"),
    "level_r": (CEILING_FOR_LAYER, "level, r"),
    "space_error": (CEILING_FOR_SPACE, "field off by"),
    "space_r_v1": (CEILING_FOR_SPACE, "V1 field, r"),
}
KEYS: Final = ("study", "backbone", "subject", "readout")
COLUMNS: Final = (
    *KEYS,
    *("training_images", "seconds", "n_vertices"),
    *("r2", "stacked_minus_it", "low", "high", *FOUND),
)
HALF_COLUMNS: Final = (
    *KEYS,
    *("training_images", "r2_a", "r2_b", "level_r"),
    *("same_layer", "within_one", "sure", "same_layer_sure"),
)


@dataclass(frozen=True)
class Case:
    """A network and a subject of a study.

    Attributes
    ----------
    study, backbone, subject
        Their ids.
    features, responses
        Open stores.
    options
        Kind of fit → its options, complete.
    """

    study: str
    backbone: str
    subject: str
    features: Features
    responses: xr.Dataset
    options: dict[str, dict[str, Any]] = field(repr=False)

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.study}, {self.backbone}, {self.subject}"

    @property
    def ids(self) -> dict[str, str]:
        """For tables."""
        return {"study": self.study, "backbone": self.backbone, "subject": self.subject}


def cases_of(folder: Path, networks: list[str], subjects: list[str]) -> Iterator[Case]:
    """Give the networks and subjects of a study's runs whose features are there.

    Parameters
    ----------
    folder
        Results of the study; its config is the one below config/ that bears the folder's name.
    networks, subjects
        Those that are wanted; empty: all.
    """
    study = load_study(config_of(folder.name), data=False)
    kinds = dict.fromkeys(kind for kind, _ in READOUTS.values())
    options = {kind: fit_settings(study.config, kind) for kind in kinds}
    for backbone, subject in dict.fromkeys((run.backbone, run.subject) for run in study.runs):
        features = folder / "features" / backbone / f"{subject}.zarr"
        wanted = (not networks or backbone in networks) and (not subjects or subject in subjects)
        if wanted and features.is_dir():
            responses = folder / "subjects" / subject / "responses.zarr"
            recorded = open_dataset(responses, kind="responses")
            yield Case(study.name, backbone, subject, open_features(features), recorded, options)


def config_of(study: str) -> Path:
    """Find the config file of a study."""
    for path in sorted(Path("config").glob("**/config.yaml")):
        if yaml.safe_load(path.read_text(encoding="utf-8")).get("study") == study:
            return path
    raise CortexlensError(
        f"found no config of a study {study!r} below config/; give a folder results/STUDY of one "
        "that has, and call from the repository's folder."
    )


def tiny_case(folder: Path) -> Case:
    """A made-up subject, and options that make every fit quick."""
    features, responses = write_subject(folder, TINY)
    sections = config_schema()["properties"]
    options = {
        kind: {**completed({}, sections[SECTIONS[kind]]), **quick} for kind, quick in QUICK.items()
    }
    return Case("made-up", "none", "made-up", features, responses, options)


@dataclass(frozen=True)
class How:
    """Where fits are kept, and how they are made.

    Attributes
    ----------
    out
        Folder of the fits.
    device
        That they are computed on.
    seed
        Of FactorTopy's weights and of the halves.
    bootstraps
        Resamples of test images.
    keep
        Whether fits that other code made are taken as they are.
    """

    out: Path
    device: torch.device
    seed: int
    bootstraps: int
    keep: bool = False


def fitted(
    case: Case, readout: str, half: str | None, how: How, long: dict[str, Any]
) -> xr.Dataset:
    """Give a fit: the one that is kept, where settings and code are the same, else a new one."""
    kind, own = READOUTS[readout]
    changed = long if own is LONG else own
    options = {**case.options[kind], **changed}
    settings = {"options": options, "half": half, "seed": how.seed}
    about, code = json.dumps(settings, sort_keys=True), fingerprint(STAGES[kind])
    path = how.out / case.study / case.backbone / case.subject
    path = path / f"{readout}{f'-{half}' if half else ''}.zarr"
    if path.is_dir():
        kept = open_dataset(path, kind="fit").load()
        if kept.attrs["settings"] == about and (how.keep or kept.attrs["code"] == code):
            return kept
    say(f"{case.name}: {readout}{f', half {half}' if half else ''}")
    # All readouts are scored on means over repeats, whatever their own sections say.
    grid = options.get("grid")
    data = load_fit_data(
        case.features, case.responses, single_trials=False, grid=grid, device=how.device
    )
    data = selected_data(data, half=half, seed=how.seed)
    places = case.responses[[name for name in PLACES if name in case.responses]].load()
    start = perf_counter()
    found = fit_readout(kind, data, places, options, how.seed)
    seconds = perf_counter() - start
    store = case.features
    who = results.FitIdentity(
        case.backbone, case.subject, readout, store.layer_names, store.layer_axis
    )
    fit = results.fit_dataset(who, found.variables, found.predicted, data, case.responses)
    fit = fit.assign_attrs(**results.fitting(data, seconds), **found.attributes)
    fit = fit.assign_attrs(settings=about, code=code)
    write_dataset(fit, path, kind="fit", provenance={"settings": settings})
    return fit


def mean_r2(fit: xr.Dataset) -> float:
    """Mean raw R² on test images, of vertices whose responses vary."""
    return float(np.nanmean(fit["r2_test"].values))


def less(stacked: xr.Dataset, other: xr.Dataset, how: How) -> tuple[float, float, float]:
    """R² of the stacked readout less another's, mean over vertices, with its interval.

    Test images are drawn again, the same ones for both.
    """
    held = [read_held_out(fit, str(fit.attrs["readout"])) for fit in (stacked, other)]
    if not np.array_equal(held[0].images, held[1].images):
        raise CortexlensError("found fits that are scored on different images; fit them again.")
    drawn = image_draws(held[0].images, how.bootstraps, 0)
    of_draws = [np.nanmean(r2_draws(each, drawn), axis=1) for each in held]
    apart = np.array([mean_r2(stacked) - mean_r2(other)])
    draws = (of_draws[0] - of_draws[1])[:, None]
    low, high = bootstrap_interval(apart, draws, held[0].n_images, INTERVAL)
    return float(apart[0]), float(low[0]), float(high[0])


def found_again(fit: xr.Dataset) -> dict[str, float]:
    """Measures of what was planted, each over the vertices that it is taken over."""
    if "planted_space" not in fit:
        return {}
    measures = {}
    for least in dict.fromkeys(ceiling for ceiling, _ in FOUND.values()):
        rows = np.flatnonzero(fit["noise_ceiling"].values > least)
        known = recovery_measures(fit.isel(vertex=rows)) if len(rows) >= FEWEST else {}
        names = (name for name, (ceiling, _) in FOUND.items() if ceiling == least)
        measures |= {name: known[name] for name in names if name in known}
    return measures


def row_of(case: Case, readout: str, fit: xr.Dataset, stacked: xr.Dataset | None, how: How) -> dict:
    """A row of readouts.tsv."""
    none = (float("nan"),) * 3
    apart = none if stacked is None or readout == STACKED else less(stacked, fit, how)
    return {
        **case.ids,
        "readout": readout,
        "training_images": fit.attrs["training_images"],
        "seconds": fit.attrs["fit_seconds"],
        "n_vertices": fit.sizes["vertex"],
        "r2": mean_r2(fit),
        **dict(zip(("stacked_minus_it", "low", "high"), apart, strict=True)),
        **found_again(fit),
    }


def halves_of(case: Case, readout: str, fits: list[xr.Dataset]) -> dict:
    """A row of halves.tsv: two fits to disjoint halves of the training images, side by side."""
    weights = [fit["layer_selector"].values for fit in fits]
    first, second = (each.argmax(axis=1) for each in weights)
    same = first == second
    sure, of_sure = float("nan"), float("nan")
    if readout == STACKED:
        both = np.all([fit["confidence"].values >= SURE for fit in fits], axis=0)
        sure, of_sure = float(both.mean()), float(same[both].mean()) if both.any() else np.nan
    levels = [expected_level(each) for each in weights]
    varies = min(np.ptp(each) for each in levels) > 0
    return {
        **case.ids,
        "readout": readout,
        "training_images": fits[0].attrs["training_images"],
        "r2_a": mean_r2(fits[0]),
        "r2_b": mean_r2(fits[1]),
        "level_r": float(np.corrcoef(*levels)[0, 1]) if varies else float("nan"),
        "same_layer": float(same.mean()),
        "within_one": float((np.abs(first - second) <= 1).mean()),
        "sure": sure,
        "same_layer_sure": of_sure,
    }


def r2_part(table: pd.DataFrame) -> str:
    """R² of every readout, a network and subject a line; bold where it beats the stacked one."""
    names = [name for name in READOUTS if (table["readout"] == name).any()]
    rows = []
    for (study, network, subject), same in table.groupby(
        ["study", "backbone", "subject"], sort=False
    ):
        known = same.set_index("readout")
        row = {"study": study, "network": network, "subject": subject}
        row["images"] = f"{known['training_images'].iloc[0]:,}"
        for name in names:
            row[TITLES[name]] = _score(known.loc[name]) if name in known.index else ""
        rows.append(row)
    return markdown(rows)


def _score(row: pd.Series) -> str:
    text = f"{row['r2']:.3f}"
    if not np.isfinite(row["low"]):
        return text
    text = f"**{text}**" if row["stacked_minus_it"] < 0 else text
    return f"{text}; {row['stacked_minus_it']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f})"


def truth_part(table: pd.DataFrame) -> str:
    """What is found again of what was planted, a fit a line."""
    names = [name for name in FOUND if name in table]
    known = table[table[names].notna().any(axis=1)] if names else table.iloc[:0]
    if known.empty:
        return "No study of those fitted has a planted truth."
    rows = []
    for row in known.to_dict("records"):
        cells = {
            title: "" if pd.isna(row[name]) else f"{row[name]:.3f}"
            for name, (_, title) in FOUND.items()
        }
        rows.append({**_whose(row), **cells, "seconds": f"{row['seconds']:.0f}"})
    return markdown(rows)


def halves_part(table: pd.DataFrame) -> str:
    """Agreement of two halves, a readout a line."""
    rows = []
    for row in table.to_dict("records"):
        sure = "" if pd.isna(row["sure"]) else f"{row['sure']:.2f}"
        of_sure = "" if pd.isna(row["same_layer_sure"]) else f"{row['same_layer_sure']:.2f}"
        rows.append(
            {
                **_whose(row),
                "images": f"{row['training_images']:,}",
                "R²": f"{row['r2_a']:.3f}, {row['r2_b']:.3f}",
                "level, r": "" if pd.isna(row["level_r"]) else f"{row['level_r']:.3f}",
                "same layer": f"{row['same_layer']:.2f}",
                "within one": f"{row['within_one']:.2f}",
                f"sure (≥ {SURE:g} twice)": sure,
                "same layer where sure": of_sure,
            }
        )
    return markdown(rows)


def _whose(row: dict) -> dict[str, str]:
    names = {"study": "study", "network": "backbone", "subject": "subject"}
    return {title: row[name] for title, name in names.items()} | {"readout": TITLES[row["readout"]]}


def updated(path: Path, row: dict, columns: tuple[str, ...]) -> pd.DataFrame:
    """Put a row into a table, in place of the one of the same fit; rows of other calls stay."""
    table = pd.DataFrame([row])
    if path.is_file():
        before = pd.read_csv(path, sep="\t", dtype=dict.fromkeys(KEYS, str))
        same = (before[list(KEYS)] == pd.Series(row)[list(KEYS)]).all(axis=1)
        table = pd.concat([before[~same], table], ignore_index=True)
    table = table.reindex(columns=list(columns))
    place = {name: number for number, name in enumerate(READOUTS)}
    table = table.sort_values(
        list(KEYS),
        kind="stable",
        key=lambda each: each.map(place) if each.name == KEYS[-1] else each,
    )
    write_table(table, path)
    return table


def measure(cases: list[Case], given: argparse.Namespace, how: How, long: dict[str, Any]) -> None:
    """Fit what is not there, and write tables and page after every case."""
    between = None
    for case in cases:
        stacked = None
        for readout in [name for name in READOUTS if name in (STACKED, *given.readouts)]:
            fit = fitted(case, readout, None, how, long)
            stacked = fit if readout == STACKED else stacked
            row = row_of(case, readout, fit, stacked, how)
            say(f"{case.name}: {readout}: R² {row['r2']:.4f}, {row['seconds']:.0f} s")
            table = updated(given.out / "readouts.tsv", row, COLUMNS)
            if given.halves:
                pair = [fitted(case, readout, half, how, long) for half in HALVES]
                row = halves_of(case, readout, pair)
                between = updated(given.out / "halves.tsv", row, HALF_COLUMNS)
        if given.page is not None:
            write_part(given.page, "test R² by readout", r2_part(table))
            write_part(given.page, "planted truth by readout", truth_part(table))
            if between is not None:
                write_part(given.page, "halves of the images by readout", halves_part(between))
    print(r2_part(table), truth_part(table), sep="\n\n")
    if between is not None:
        print(f"\n{halves_part(between)}")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("studies", nargs="*", type=Path, help="folders results/STUDY")
    parser.add_argument("--networks", nargs="+", default=[], help="left out: all")
    parser.add_argument("--subjects", nargs="+", default=[], help="left out: all")
    parser.add_argument(
        "--readouts",
        nargs="+",
        choices=list(READOUTS),
        default=list(READOUTS),
        help="stacked is always among them",
    )
    parser.add_argument("--halves", action="store_true", help="fit halves of the images too")
    parser.add_argument("--keep", action="store_true", help="fits of other versions of the code")
    parser.add_argument("--bootstraps", type=int, default=BOOTSTRAPS)
    parser.add_argument("--seed", type=int, default=0, help="of FactorTopy and of the halves")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--out", type=Path, default=Path("results/readouts"))
    parser.add_argument("--page", type=Path, help=f"left out: {PAGE.name}; of --tiny: none")
    parser.add_argument("--tiny", action="store_true", help="a made-up subject, in seconds")
    return parser


def main() -> None:
    given = arguments().parse_args()
    torch.set_num_threads(given.threads)
    given.out.mkdir(parents=True, exist_ok=True)
    device = choose_device(given.device)
    how = How(given.out, device, given.seed, given.bootstraps, given.keep)
    with threadpool_limits(given.threads), tempfile.TemporaryDirectory() as folder:
        if given.tiny:
            how = replace(how, bootstraps=min(how.bootstraps, 50))
            measure([tiny_case(Path(folder))], given, how, {"epochs": 3, "patience": 3})
            return
        given.page = given.page or PAGE
        known = [path for name in STUDIES if (path := Path("results") / name).is_dir()]
        cases = [
            case
            for path in given.studies or known
            for case in cases_of(path, given.networks, given.subjects)
        ]
        if not cases:
            raise SystemExit(
                "found no network and subject whose features are there; run the study first, e.g. "
                "make demo, or give its results folder."
            )
        measure(cases, given, how, LONG)


if __name__ == "__main__":
    main()

"""Small studies to read and run: config files and tables in a folder of a test's own."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).parents[1]
READY_MADE = sorted(REPOSITORY.glob("config/**/config.yaml"))

SIMULATED: dict[str, Any] = {
    "study": "tiny",
    "dataset": {"kind": "simulated", "n_scenes": 60, "repeats": 2, "sessions": 2},
    "subjects": "subjects.tsv",
    "backbones": "backbones.tsv",
    "runs": [{"backbones": "all", "subjects": "all", "readouts": ["factortopy"]}],
}
SUBJECTS = [
    {"subject": "sim01", "scenes": "0-9,10-39"},
    {"subject": "sim02", "scenes": "0-9,40-59"},
]
BACKBONES = [
    {"backbone": "plain", "source": "zoo", "name": "vit-demo", "seed": "0"},
    {"backbone": "other", "source": "zoo", "name": "vit-demo", "seed": "1"},
]
# Sections that make fits quick.
QUICK = {"encoder": {"epochs": 2, "dimensions": 8}, "ridge": {"components": 5, "penalties": 3}}
# What draw_maps leaves of a fit.
PICTURES = {"layer", "space", "scale", "r2", "layer_weights"}
MAPS = {f"{name}.{suffix}" for name in PICTURES for suffix in ("png", "svg")}


def write_table(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write a tab-separated table; columns in the order in which they first appear."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    path.write_text("".join("\t".join(line) + "\n" for line in lines))


def write_study(
    folder: Path,
    config: Mapping[str, Any] = SIMULATED,
    subjects: Iterable[Mapping[str, str]] = SUBJECTS,
    backbones: Iterable[Mapping[str, str]] = BACKBONES,
) -> Path:
    """Write a config file and its tables; returns the config file."""
    write_table(folder / "subjects.tsv", list(subjects))
    write_table(folder / "backbones.tsv", list(backbones))
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(dict(config), sort_keys=False))
    return path

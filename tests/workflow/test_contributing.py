"""The recipes of CONTRIBUTING.md, carried out on a copy of the package."""

import json
import os
import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from cortexlens.storage.datasets import write_dataset
from fits import synthetic_fit
from programs import Workflow
from studies import REPOSITORY, SIMULATED, write_study

PAGE = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r'(?ms)^```(\w+) title="([^"]+)"\n(.*?)^```$')
CEILING = 0.25


def apply(recipe, folder):
    """Write the files of a recipe's section, and change those that it shows as a difference."""
    section = PAGE.partition(f"\n## Recipe: {recipe}\n")[2].partition("\n## ")[0]
    blocks = BLOCK.findall(section)
    assert blocks, recipe
    for language, name, text in blocks:
        path = folder / name
        if language != "diff":
            assert not path.exists(), name
            path.write_text(text)
            continue
        lines = text.splitlines(keepends=True)
        old, new = ("".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +"))
        before = path.read_text()
        assert before.count(old) == 1, (name, old)
        path.write_text(before.replace(old, new))


@pytest.fixture
def copy(tmp_path):
    """A copy of what the recipes change."""
    folder = tmp_path / "repository"
    for name in ("src", "workflow", "config"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignored, symlinks=True)
    shutil.copy(REPOSITORY / "Snakefile", folder)
    return folder


def cortexlens(copy, *words):
    """Call a subcommand of the copy."""
    done = subprocess.run(
        [sys.executable, "-c", "from cortexlens.cli import main; main()", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(copy / "src"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_table_and_a_figure_are_added(copy, tmp_path):
    apply("a table", copy)
    apply("a figure", copy)
    fit = synthetic_fit()
    fit["noise_ceiling"] = ("vertex", [CEILING] * fit.sizes["vertex"])
    write_dataset(fit, tmp_path / "fit.zarr", kind="fit", provenance={})
    table, drawn = tmp_path / "ceilings.tsv", tmp_path / "figures"
    cortexlens(copy, "summarise-ceilings", tmp_path / "fit.zarr", "--out", table)
    (row,) = pd.read_csv(table, sep="\t").itertuples()
    assert (row.n_vertices, row.ceiling_mean) == (fit.sizes["vertex"], pytest.approx(CEILING))
    cortexlens(copy, "draw-ceilings", "--table", table, "--out", drawn)
    assert {path.name for path in drawn.iterdir()} == {"ceilings.png", "ceilings.svg"}
    workflow = Workflow(tmp_path / "study")
    workflow.folder.mkdir()
    write_study(workflow.folder, SIMULATED)
    planned = workflow.planned("--snakefile", str(copy / "Snakefile"), source=copy / "src")
    assert planned["summarise_ceilings"] == planned["draw_ceilings"] == 1


def test_a_source_of_networks_is_added(copy, tmp_path):
    apply("a source of networks", copy)
    words = ("--backbone=noise", "--source=random", "--name=8-16", "--layers=0,1")
    cortexlens(copy, "describe-backbone", *words, "--out", tmp_path / "noise.json")
    found = json.loads((tmp_path / "noise.json").read_text())
    assert (found["layers"], found["channels"]) == (["0", "1"], [8, 16])

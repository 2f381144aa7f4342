"""The stage write_methods describes what the stages before it recorded."""

import json
import re

import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import write_dataset
from cortexlens.storage.provenance import record
from fits import synthetic_fit
from records import ENCODER, features, network, responses, scores


@pytest.fixture
def records(tmp_path):
    """Stores and files as the stages write them."""
    stores = {
        "responses": responses().drop_attrs().assign_attrs(subject="s1", space="fsaverage5"),
        "fit": synthetic_fit(None, 40).assign_attrs(training_images=4),
        "scores": synthetic_fit(None, 40)[["r2_test"]].assign_attrs(n_test_images=17),
        "features": synthetic_fit(None, 40)[["bias"]].assign_attrs(
            {key: features()[key] for key in ("grid", "resize", "precision")}
        ),
    }
    settings = {
        "responses": ("collect_responses", {"kind": "simulated"}),
        "fit": ("fit_encoder", ENCODER),
        "scores": ("score_fit", scores()["provenance"]["settings"]),
        "features": ("extract_features", {}),
    }
    paths = []
    for kind, dataset in stores.items():
        stage, own = settings[kind]
        made = record(stage, inputs={}, settings=own, seed=3)
        paths.append(tmp_path / f"{kind}.zarr")
        write_dataset(dataset, paths[-1], kind=kind, provenance=made)
    (tmp_path / "net.json").write_text(json.dumps(network()))
    return [*paths, tmp_path / "net.json"]


def write(folder, *records):
    files = {"out": "methods.md", "bibliography": "methods.bib", "page": "methods.html"}
    options = [part for key, name in files.items() for part in (f"--{key}", str(folder / name))]
    command = ["write-methods", *map(str, records), "--study", "tiny", *options]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return {key: (folder / name).read_text() for key, name in files.items()}


def test_text_works_and_page_are_written(records, tmp_path):
    made = write(tmp_path / "made", *records)
    assert "# Methods of the study `tiny`" in made["out"]
    assert "| `s1` | 6 | 12 | 3 | 1,234 | 4 | 1 | 1 |" in made["out"]
    assert re.search(r"python 3\.\d+\.\d+, cortexlens \d", made["out"])
    assert re.search(r"snakemake [\d.]+ \[@molder2021sustainable\]", made["out"])
    assert "@misc{yang2023brain," in made["bibliography"]
    assert "<h2>Encoding models</h2>" in made["page"]
    assert "<script" not in made["page"]


def test_fits_without_responses_are_refused(records, tmp_path):
    with pytest.raises(
        CortexlensError, match="found 0 stores of responses, 1 stores of features, 1"
    ):
        write(tmp_path, *records[1:])


def test_a_damaged_report_is_named(records, tmp_path):
    (tmp_path / "net.json").write_text("{")
    with pytest.raises(CortexlensError, match=r"net\.json: cannot be read as JSON"):
        write(tmp_path, *records)

"""Notebooks of the documentation run from the first cell to the last, and show pictures."""

import re
import shutil
import warnings

import nbformat
import pytest

from cortexlens.analysis.scores.brain_score import score_table
from cortexlens.analysis.scores.fit_scores import score_fit
from cortexlens.analysis.tables import write_table
from cortexlens.storage.datasets import write_dataset
from fits import stacked_fit
from studies import REPOSITORY

NOTEBOOKS = sorted((REPOSITORY / "docs" / "notebooks").glob("*.ipynb"))


@pytest.fixture
def demo(tmp_path):
    """The demo's config, and one of its fits made up."""
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    folder = tmp_path / "results" / "demo"
    names = {"backbone": "demo-supervised", "subject": "sim01"}
    fit = stacked_fit(30, n_vertices=600, **names)
    place = folder / "fits" / "stacked" / names["backbone"] / names["subject"] / "fit.zarr"
    write_dataset(fit, place, kind="fit", provenance={"stage": "fit_stacked"})
    scores = score_fit(
        fit, "made up", bootstraps=100, permutations=99, confidence_level=0.95, seed=0
    )
    write_table(score_table([scores]), folder / "tables" / "brain_score.tsv")
    return tmp_path


def run(path, folder):
    """Run a notebook in a folder, with the Python of the tests; give what its cells show."""
    from nbclient import NotebookClient

    with warnings.catch_warnings():  # of a kernel's own start
        warnings.simplefilter("ignore")
        notebook = nbformat.read(path, as_version=4)
        settings = {"metadata": {"path": str(folder)}}
        NotebookClient(notebook, timeout=120, kernel_name="python3", resources=settings).execute()
    return [
        output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
    ]


def test_the_documentation_has_a_notebook():
    assert [path.name for path in NOTEBOOKS] == ["explore.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_and_shows_pictures(path, demo, monkeypatch):
    (demo / "docs" / "notebooks").mkdir(parents=True)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "src"))
    shown = run(path, demo / "docs" / "notebooks")
    assert {output.output_type for output in shown} == {"execute_result"}
    assert sum("image/png" in output.data for output in shown) == 2
    assert re.search(r"1 of \d+ fits finished", str(shown[0].data))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_kept_without_its_results(path):
    cells = nbformat.read(path, as_version=4).cells
    assert all(not cell.outputs for cell in cells if cell.cell_type == "code")

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cortexlens.analysis.scores.brain_score import COLUMNS
from cortexlens.analysis.scores.fit_scores import score_fit
from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import write_dataset
from fits import scored_fit


def run(*command):
    result = CliRunner().invoke(app, ["summarise-scores", *map(str, command)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Scores of two subjects' FactorTopy fits, and of a ridge baseline."""
    folder = tmp_path_factory.mktemp("scores")
    size = {"space": None, "n_vertices": 80, "n_layers": 4, "backbone": "net"}
    made = {
        name: scored_fit(subject=name, seed=seed, **size)
        for seed, name in enumerate(("sim01", "sim02"))
    }
    made["ridge"] = scored_fit(subject="sim01", seed=5, **size).assign_attrs(readout="ridge")
    for name, fit in made.items():
        scores = score_fit(fit, name, confidence_level=0.9, bootstraps=100, permutations=99, seed=0)
        write_dataset(scores, folder / f"{name}.zarr", kind="scores", provenance={})
    return folder


def test_every_fit_and_region_is_a_row(stores, tmp_path):
    out = tmp_path / "tables" / "brain_score.tsv"
    names = ("sim02", "ridge", "sim01")
    assert run(*(stores / f"{name}.zarr" for name in names), "--out", out).exit_code == 0
    table = pd.read_csv(out, sep="\t")
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 3 * 6
    of_all = table[table["roi"] == "all"].set_index(["subject", "readout"])
    assert of_all.index.tolist() == [
        ("sim01", "factortopy"),
        ("sim01", "ridge"),
        ("sim02", "factortopy"),
    ]
    r2 = scored_fit(space=None, n_vertices=80, n_layers=4, seed=0)["r2_test"].values.mean()
    assert of_all["r2_mean"].iloc[0] == pytest.approx(r2, abs=1e-5)
    assert (of_all["hemisphere"] == "both").all()
    assert np.isfinite(of_all.loc[:, "n_vertices":].to_numpy(float)).all()


def test_the_table_is_the_same_each_time(stores, tmp_path):
    for name in ("a.tsv", "b.tsv"):
        run(stores / "sim01.zarr", stores / "sim02.zarr", "--out", tmp_path / name)
    assert (tmp_path / "a.tsv").read_bytes() == (tmp_path / "b.tsv").read_bytes()


def test_what_is_no_fit_is_refused(stores, tmp_path):
    with pytest.raises(CortexlensError, match=r"absent.zarr: no finished zarr store here"):
        run(stores / "absent.zarr", "--out", tmp_path / "t.tsv")
    assert not (tmp_path / "t.tsv").exists()
    assert run("--out", tmp_path / "t.tsv").exit_code == 2

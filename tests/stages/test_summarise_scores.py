import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cortexlens.analysis.scores import COLUMNS
from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.stores import write_dataset
from fits import synthetic_fit


def run(*command):
    result = CliRunner().invoke(app, ["summarise-scores", *map(str, command)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Two subjects' FactorTopy fits, and a ridge baseline with other variables than theirs."""
    folder = tmp_path_factory.mktemp("fits")
    made = {
        name: synthetic_fit(None, 80, 4, subject=name, backbone="net", seed=seed)
        for seed, name in enumerate(("sim01", "sim02"))
    }
    selectors = ["space_selector", "scale_selector", "channel_selector", "bias", "confidence"]
    ridge = made["sim01"].drop_vars(selectors).assign_attrs(readout="ridge")
    made["ridge"] = ridge.assign(r2_test=ridge["r2_test"] - 0.1)
    for name, fit in made.items():
        write_dataset(fit, folder / f"{name}.zarr", kind="fit", provenance={})
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
    r2 = synthetic_fit(None, 80, 4, seed=0)["r2_test"].values.mean(dtype=float)
    assert of_all["r2_mean"].iloc[0] == pytest.approx(r2, abs=1e-5)
    assert of_all["r2_mean"].iloc[1] == pytest.approx(r2 - 0.1, abs=1e-5)
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

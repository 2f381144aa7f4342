import pandas as pd
import pytest
import xarray as xr
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.storage.datasets import write_dataset
from fits import synthetic_fit


def test_the_table_holds_what_was_found_again(tmp_path):
    fit = synthetic_fit("fsaverage5", 120, 4, backbone="net", subject="sim01")
    fit = fit.assign(
        noise_ceiling=xr.zeros_like(fit["noise_ceiling"]) + 0.5,
        planted_space=fit["space_selector"].copy(),
    )
    write_dataset(fit, tmp_path / "fit.zarr", kind="fit", provenance={})
    out = tmp_path / "recovery.tsv"
    command = ["summarise-recovery", str(tmp_path / "fit.zarr"), "--out", str(out)]
    CliRunner().invoke(app, command, catch_exceptions=False)
    row = pd.read_csv(out, sep="\t").iloc[0]
    assert row["subject"] == "sim01"
    assert row["n_space"] == 120
    assert row["space_r_x"] == pytest.approx(1)

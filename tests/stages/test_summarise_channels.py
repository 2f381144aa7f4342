"""The stage summarise_channels: three tables of several fits."""

import pandas as pd
from typer.testing import CliRunner

from channel_stores import channels_of, with_groups
from cortexlens.cli import app
from cortexlens.storage.datasets import write_dataset
from fits import synthetic_fit


def test_the_tables_hold_every_fit(tmp_path):
    paths = []
    for subject in ("sim01", "sim02"):
        fit = with_groups(synthetic_fit("fsaverage5", 400, subject=subject))
        path = tmp_path / f"{subject}.zarr"
        write_dataset(channels_of(fit), path, kind="channels", provenance={})
        paths.append(str(path))
    command = ["summarise-channels", *paths, "--out", str(tmp_path), "--permutations", "99"]
    CliRunner().invoke(app, command, catch_exceptions=False)
    tables = {
        name: pd.read_csv(tmp_path / f"channel_{name}.tsv", sep="\t")
        for name in ("clusters", "stability", "diversity")
    }
    for table in tables.values():
        assert set(table["subject"]) == {"sim01", "sim02"}
    assert len(tables["clusters"]) == 2 * 4 * 5
    assert tables["clusters"]["p"].min() >= 0.01
    # halves of 200 vertices and four groups
    stable = tables["stability"].set_index("clusters").loc[4, "rand_index"]
    assert stable.min() > 0.9
    assert {"all", "V1"} <= set(tables["diversity"]["roi"])
    assert tables["diversity"]["n_equal"].nunique() == 1

import pandas as pd
import pytest
from typer.testing import CliRunner

from cortexlens.analysis.finetuning.changes import COLUMNS, HIERARCHY_COLUMNS
from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from tuned import DERIVED, written_fits


def summarise(fits, folder, derived=DERIVED):
    command = ["summarise-changes", *fits, "--derived", derived, "--bootstraps", 100]
    command += ["--out", folder / "changes.tsv", "--hierarchy", folder / "hierarchy.tsv"]
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    return [pd.read_csv(folder / f"{name}.tsv", sep="\t") for name in ("changes", "hierarchy")]


def test_tables_have_the_network_and_its_checkpoints(tmp_path):
    changes, hierarchy = summarise(written_fits(tmp_path), tmp_path)
    assert tuple(changes.columns) == COLUMNS
    assert tuple(hierarchy.columns) == HIERARCHY_COLUMNS
    whole = changes[(changes["roi"] == "all") & (changes["hemisphere"] == "both")]
    assert whole["backbone"].tolist() == ["net-land-step5", "net-land"]
    assert whole["step"].fillna(0).tolist() == [5, 0]
    assert (whole["base"] == "net").all()
    # made up to be worse and worse, from the same network
    assert whole["r2_before"].nunique() == 1
    assert whole["r2_change"].iloc[1] < whole["r2_change"].iloc[0] < 0
    assert len(hierarchy) == 2


def test_a_missing_base_is_told(tmp_path):
    fits = written_fits(tmp_path)[1:]
    with pytest.raises(CortexlensError, match="but not net, its base network"):
        summarise(fits, tmp_path)

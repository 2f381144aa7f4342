import pandas as pd
import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.storage.datasets import write_dataset
from recoveries import synthetic_recovery


def test_both_tables_are_written(tmp_path):
    for topology in (1, 0):
        store = synthetic_recovery(condition="base", varied="base", topology=topology)
        write_dataset(store, tmp_path / f"{topology}.zarr", kind="recovery", provenance={})
    command = ["summarise-recovery-study", *(str(tmp_path / f"{n}.zarr") for n in (1, 0))]
    command += ["--out", str(tmp_path / "s.tsv"), "--confusion", str(tmp_path / "c.tsv")]
    CliRunner().invoke(app, command, catch_exceptions=False)
    study = pd.read_csv(tmp_path / "s.tsv", sep="\t")
    assert set(study["topology"]) == {"smooth", "free", "smooth-free"}
    exact = study[(study["measure"] == "layer_exact") & (study["topology"] == "smooth")]
    assert exact["mean"].item() == pytest.approx(1)
    confusion = pd.read_csv(tmp_path / "c.tsv", sep="\t")
    same = confusion["planted_layer"] == confusion["found_layer"]
    assert (confusion.loc[same, "share"] == 1).all()

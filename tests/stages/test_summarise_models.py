import pandas as pd
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.storage.datasets import write_dataset
from fits import scored_fit


def test_every_subject_and_their_mean_is_tabulated(tmp_path):
    fits = []
    for subject in ("s1", "s2"):
        for seed, name in enumerate(("a", "b")):
            path = tmp_path / f"{subject}-{name}.zarr"
            fit = scored_fit(n_vertices=60, n_layers=3, subject=subject, backbone=name, seed=seed)
            write_dataset(fit, path, kind="fit", provenance={})
            fits.append(str(path))
    out = tmp_path / "tables" / "roi_models.tsv"
    command = ["summarise-models", *fits, "--out", str(out), "--bootstraps", "100", "--seed", "3"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out, sep="\t")
    assert table["subject"].tolist() == ["s1"] * 3 + ["s2"] * 3 + ["mean"] * 3
    assert table["model"].tolist() == ["max", "a", "b"] * 3
    assert {"V1", "V1_low", "V1_high", "V2V3", "all"} <= set(table.columns)

import pandas as pd
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.storage.datasets import write_dataset
from fits import variant_fit


def test_the_table_has_a_row_a_number_of_images(tmp_path):
    fits = [variant_fit("factortopy"), variant_fit("images-50", training_images=50, seed=1)]
    paths = [str(tmp_path / f"{fit.attrs['readout']}.zarr") for fit in fits]
    for fit, path in zip(fits, paths, strict=True):
        provenance = fit.attrs.pop("provenance")
        write_dataset(fit, tmp_path / path, kind="fit", provenance=provenance)
    out = tmp_path / "learning_curve.tsv"
    command = ["summarise-learning-curve", *paths, "--out", str(out)]
    CliRunner().invoke(app, command, catch_exceptions=False)
    table = pd.read_csv(out, sep="\t")
    assert table[table["roi"] == "all"]["training_images"].tolist() == [50, 200]
    assert table["r2_share"].iloc[-1] == 1

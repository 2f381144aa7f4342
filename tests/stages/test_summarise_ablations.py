import pandas as pd
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.storage.datasets import write_dataset
from fits import variant_fit


def test_the_table_has_every_fit_and_its_difference(tmp_path):
    fits = [variant_fit("factortopy"), variant_fit("no-scale", seed=1)]
    paths = [str(tmp_path / f"{fit.attrs['readout']}.zarr") for fit in fits]
    for fit, path in zip(fits, paths, strict=True):
        provenance = fit.attrs.pop("provenance")
        write_dataset(fit, tmp_path / path, kind="fit", provenance=provenance)
    out = tmp_path / "ablations.tsv"
    command = ["summarise-ablations", *paths, "--out", str(out)]
    CliRunner().invoke(app, command, catch_exceptions=False)
    table = pd.read_csv(out, sep="\t").set_index(["readout", "roi"])
    means = [float(fit["r2_test"].mean()) for fit in fits]
    assert abs(table.loc[("no-scale", "all"), "difference"] - (means[1] - means[0])) < 1e-5
    assert (table["training_images"] == 200).all()

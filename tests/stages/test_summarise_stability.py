import pandas as pd
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.storage.datasets import write_dataset
from fits import variant_fit


def test_the_table_compares_seeds_and_halves(tmp_path):
    fits = [
        variant_fit("seeds", n_members=2),
        variant_fit("half-a", half="a"),
        variant_fit("half-b", half="b", seed=1),
    ]
    paths = [str(tmp_path / f"{fit.attrs['readout']}.zarr") for fit in fits]
    for fit, path in zip(fits, paths, strict=True):
        provenance = fit.attrs.pop("provenance")
        write_dataset(fit, tmp_path / path, kind="fit", provenance=provenance)
    tables = []
    for confidence_level in ("0.5", "0.95"):
        out = tmp_path / f"{confidence_level}.tsv"
        command = [
            "summarise-stability",
            *paths,
            "--out",
            str(out),
            "--confidence-level",
            confidence_level,
        ]
        CliRunner().invoke(app, command, catch_exceptions=False)
        tables.append(pd.read_csv(out, sep="\t"))
    assert set(tables[0]["compared"]) == {"seeds", "halves"}
    assert {"all", "V1"} <= set(tables[0]["roi"])
    narrow, wide = (each["total_variation_high"] - each["total_variation_low"] for each in tables)
    assert (narrow < wide).all()

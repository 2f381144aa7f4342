import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cortexlens.analysis.hierarchy.slope import COLUMNS
from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import write_dataset
from fits import synthetic_fit


def run(*command):
    result = CliRunner().invoke(app, ["summarise-hierarchy", *map(str, command)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output


def stored(folder, name, fit):
    write_dataset(fit, folder / f"{name}.zarr", kind="fit", provenance={})
    return folder / f"{name}.zarr"


def stepped_fit(steps, **attributes):
    """Vertices of V1, V2 and V3 that read the layer (of five, from 0) given for their region."""
    fit = synthetic_fit(None, 200, 5, **attributes)
    region = fit["roi_mask"].values.argmax(axis=1)
    layer = np.eye(5, dtype=np.float32)[np.array([*steps, 2, 2])[region]]
    return fit.assign(layer_selector=(("vertex", "layer"), layer))


def test_slopes_of_known_steps(tmp_path):
    """V1 stands at 0, V2 and V3 at 0.33: two layers of five farther on is a rise of one half."""
    paths = [
        stored(tmp_path, "up", stepped_fit([1, 3, 3], subject="b", backbone="up")),
        stored(tmp_path, "flat", stepped_fit([2, 2, 2], subject="a", backbone="flat")),
    ]
    run(*paths, "--out", tmp_path / "hierarchy.tsv")
    table = pd.read_csv(tmp_path / "hierarchy.tsv", sep="\t")
    assert tuple(table.columns) == COLUMNS
    assert table["backbone"].tolist() == ["flat", "up"]
    np.testing.assert_allclose(table["slope"], [0, 0.5 / 0.33], atol=1e-4)
    np.testing.assert_allclose(table["b0"], [0.5, 0.25], atol=1e-4)
    np.testing.assert_allclose(table["b1"], [0.5, 0.25 + 0.5 / 0.33], atol=1e-4)
    inside = stepped_fit([1, 3, 3])["roi_mask"].values[:, :3].sum()
    assert table["n"].tolist() == [inside, inside]
    assert table["blocks"].tolist() == [0, 0]


def test_intervals_are_as_wide_as_asked_and_of_the_seed(tmp_path):
    fit = stored(tmp_path, "cortex", synthetic_fit("fsaverage5", 600))
    tables = {}
    for name, options in {
        "a": [],
        "b": [],
        "c": ["--seed=5"],
        "d": ["--confidence-level=0.5"],
    }.items():
        run(fit, "--out", tmp_path / f"{name}.tsv", "--bootstraps=100", *options)
        tables[name] = pd.read_csv(tmp_path / f"{name}.tsv", sep="\t").iloc[0]
    width = {name: row["slope_high"] - row["slope_low"] for name, row in tables.items()}
    pd.testing.assert_series_equal(tables["a"], tables["b"])
    assert tables["c"]["slope_low"] != tables["a"]["slope_low"]
    assert width["d"] < 0.7 * width["a"]
    # its errors are smooth: fewer patches than vertices, and at least one for each level
    assert 2 <= tables["a"]["blocks"] < tables["a"]["n"] / 3


def test_a_study_without_regions_gives_an_empty_table(tmp_path):
    path = stored(tmp_path, "neurons", synthetic_fit(None, 10, 3, rois=False))
    run(path, "--out", tmp_path / "hierarchy.tsv")
    assert (tmp_path / "hierarchy.tsv").read_text() == "\t".join(COLUMNS) + "\n"


def test_what_is_no_fit_is_refused(tmp_path):
    path = tmp_path / "responses.zarr"
    write_dataset(synthetic_fit(None, 10, 3), path, kind="responses", provenance={})
    with pytest.raises(CortexlensError, match="found a store of kind 'responses'"):
        run(path, "--out", tmp_path / "hierarchy.tsv")

"""The stage summarise_levels: two tables of fits, through the command."""

import pytest
from typer.testing import CliRunner

from cortexlens.analysis.hierarchy.region_levels import DIFFERENCE_COLUMNS, LEVEL_COLUMNS
from cortexlens.analysis.tables import read_table
from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import write_dataset
from fits import stacked_fit, synthetic_fit


def run(folder, fits, *options):
    paths = []
    for number, fit in enumerate(fits):
        paths.append(folder / f"{number}.zarr")
        write_dataset(fit, paths[-1], kind="fit", provenance={})
    outputs = folder / "region_levels.tsv", folder / "level_differences.tsv"
    command = ["summarise-levels", *paths, "--out", outputs[0], "--differences", outputs[1]]
    result = CliRunner().invoke(app, [*map(str, command), *options])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return tuple(read_table(path, empty=True) for path in outputs)


def test_both_tables_of_a_study(tmp_path):
    """Two networks in two subjects, whose names are numbers, and one of another readout."""
    settings = {"space": None, "n_vertices": 60, "n_layers": 4}
    fits = [
        stacked_fit(**settings, subject=subject, backbone=backbone, resamples=number)
        for number, subject in enumerate(("01", "02"))
        for backbone in ("1", "2")
    ]
    fits.append(synthetic_fit(None, 60, 4, subject="01", backbone="1"))
    levels, differences = run(tmp_path, fits)
    assert tuple(levels.columns) == LEVEL_COLUMNS
    assert tuple(differences.columns) == DIFFERENCE_COLUMNS
    regions = levels["roi"].unique().tolist()
    assert regions[0] == "all"
    assert len(levels) == 5 * len(regions)
    assert len(differences) == 4 * len(regions)
    stacked = levels["readout"] == "stacked"
    assert levels[stacked].eval("level_low < level < level_high").all()
    assert levels.loc[~stacked, "level_low"].isna().all()
    of_kind = differences.groupby("kind")
    assert of_kind["paired"].unique().map(list).to_dict() == {
        "networks": ["yes"],
        "subjects": ["no"],
    }
    assert of_kind["other_subject"].unique().map(list).to_dict() == {
        "networks": ["01", "02"],
        "subjects": ["02"],
    }
    # maps are the same, and only what resamples do to them differs
    assert (differences["difference"] == 0).all()
    width = (differences["high"] - differences["low"]).groupby(differences["kind"]).mean()
    assert width["networks"] < 0.5 * width["subjects"]


def test_a_single_fit_has_no_differences(tmp_path):
    levels, differences = run(tmp_path, [stacked_fit(space=None, n_vertices=30)])
    assert len(levels) > 1
    assert differences.empty
    header = (tmp_path / "level_differences.tsv").read_text()
    assert header == "\t".join(DIFFERENCE_COLUMNS) + "\n"


def test_a_fit_without_layers_is_refused(tmp_path):
    fit = synthetic_fit(None, 10, 3).drop_vars("layer_selector").assign_attrs(readout="ridge")
    with pytest.raises(CortexlensError, match=r"ridge fit .* found no layer selectors"):
        run(tmp_path, [fit])

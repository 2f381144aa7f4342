import pytest
from PIL import Image
from typer.testing import CliRunner

from cortexlens.analysis.finetuning.changes import change_table, hierarchy_changes
from cortexlens.analysis.finetuning.drift import drift_table
from cortexlens.analysis.finetuning.forgetting import forgetting_table
from cortexlens.analysis.finetuning.pairs import parse_derived
from cortexlens.analysis.statistics.intervals import Resampling
from cortexlens.analysis.tables import write_table
from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.features.store import open_features
from tuned import DERIVED, network_fits, written_features, written_report

PICTURES = ("finetune_changes", "finetune_drift", "finetune_training")


def written_tables(folder, rois=True):
    derived, how = parse_derived(DERIVED), Resampling(0.95, 100, 0)
    fits = list(network_fits(rois=rois))
    features = [("s1", open_features(path)) for path in written_features(folder, None)]
    tables = {
        "changes": change_table(fits, derived, how),
        "hierarchy": hierarchy_changes(fits, derived, how),
        "drift": drift_table(features, derived, 0.95),
        "forgetting": forgetting_table({}, derived, 0.95),
    }
    for name, table in tables.items():
        write_table(table, folder / f"{name}.tsv")
    return [each for name in tables for each in (f"--{name}", folder / f"{name}.tsv")]


def draw(folder, *options):
    command = [
        "draw-finetuning",
        written_report(folder / "tuned"),
        *options,
        "--out",
        folder / "out",
    ]
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)


@pytest.mark.parametrize("rois", [True, False])
def test_three_pictures_are_drawn_as_dots_and_as_lines(rois, tmp_path):
    draw(tmp_path, *written_tables(tmp_path, rois))
    for name in PICTURES:
        with Image.open(tmp_path / "out" / f"{name}.png") as picture:
            assert picture.text["Title"] == name.replace("_", " ")
            assert min(picture.size) > 300
    drawing = (tmp_path / "out" / "finetune_changes.svg").read_text()
    assert "change in mean test R²" in drawing
    assert ("change in slope" in drawing) == rois
    # nothing was labelled
    assert "accuracy" not in drawing


def test_a_table_without_changes_is_refused(tmp_path):
    options = written_tables(tmp_path)
    path = tmp_path / "drift.tsv"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    with pytest.raises(CortexlensError, match="found no rows"):
        draw(tmp_path, *options)

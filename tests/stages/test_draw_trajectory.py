import pytest
from PIL import Image
from typer.testing import CliRunner

from cortexlens.analysis.finetuning.changes import change_table
from cortexlens.analysis.finetuning.pairs import parse_derived
from cortexlens.analysis.statistics.intervals import Resampling
from cortexlens.analysis.tables import write_table
from cortexlens.cli import app
from cortexlens.figures.finetuning.trajectory import points_of
from tuned import DERIVED, network_fits, written_report


@pytest.fixture(scope="module")
def changes():
    return change_table(list(network_fits()), parse_derived(DERIVED), Resampling(0.95, 100, 0))


def test_steps_before_along_and_after_are_drawn(changes, tmp_path):
    write_table(changes, tmp_path / "changes.tsv")
    command = ["draw-trajectory", written_report(tmp_path / "tuned"), "--out", tmp_path]
    command += ["--changes", tmp_path / "changes.tsv", "--mapped", "best"]
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    with Image.open(tmp_path / "trajectory.png") as picture:
        assert picture.text["Title"] == "along fine-tuning"
        assert min(picture.size) > 500
    assert "fine-tuning step" in (tmp_path / "trajectory.svg").read_text()


def test_points_start_with_the_network_before_and_end_with_the_mapped_one(changes):
    whole = changes[(changes["roi"] == "all") & (changes["hemisphere"] == "both")]
    points = points_of(whole, last=7)
    assert points["step"].tolist() == [0, 5, 7]
    expected = [whole["r2_before"].iloc[0], *whole["r2_after"]]
    assert points["r2"].tolist() == pytest.approx(expected)

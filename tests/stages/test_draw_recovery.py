from PIL import Image
from typer.testing import CliRunner

from cortexlens.analysis.recovery_study import confusion_table, study_table
from cortexlens.analysis.tables import write_table
from cortexlens.cli import app
from recoveries import synthetic_recovery


def test_both_pictures_are_drawn(tmp_path):
    stores = [
        synthetic_recovery(condition=name, varied=varied, topology=topology)
        for name, varied in (
            ("base", "base"),
            ("ceiling-0.1", "ceiling"),
            ("vertices-9", "vertices"),
        )
        for topology in (1, 0)
    ]
    write_table(study_table(stores, 0.95), tmp_path / "recovery_study.tsv")
    write_table(confusion_table(stores), tmp_path / "recovery_confusion.tsv")
    command = [
        "draw-recovery",
        "--study",
        tmp_path / "recovery_study.tsv",
        "--confusion",
        tmp_path / "recovery_confusion.tsv",
    ]
    command += ["--out", tmp_path]
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    with Image.open(tmp_path / "recovery_study.png") as picture:
        assert picture.text["Title"] == "recovery_study"
        assert picture.width > 700
    with Image.open(tmp_path / "recovery_confusion.png") as picture:
        assert picture.text["Title"] == "recovery_confusion"
        assert len(picture.convert("RGB").getcolors(2**24)) > 20
    assert "<text" in (tmp_path / "recovery_study.svg").read_text()
    assert "<text" in (tmp_path / "recovery_confusion.svg").read_text()

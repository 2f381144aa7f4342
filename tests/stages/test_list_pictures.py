import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.study.pictures.image_set import ImageSet
from trained import painted


def run(pictures, out):
    command = ["list-pictures", "--pictures", str(pictures), "--out", str(out)]
    CliRunner().invoke(app, command, catch_exceptions=False)


def test_a_folder_is_listed_in_natural_order(tmp_path):
    expected = painted(tmp_path / "more", 11)
    run(tmp_path / "more", tmp_path / "images.tsv")
    found = ImageSet.read(tmp_path / "images.tsv")
    assert found.ids == expected.ids
    assert found.ids[-1] == "more-p010"


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(CortexlensError, match="found no images among 0 files"):
        run(tmp_path / "none", tmp_path / "images.tsv")


def test_a_damaged_picture_is_named(tmp_path):
    painted(tmp_path / "more", 2)
    (tmp_path / "more" / "p001.png").write_bytes(b"no picture")
    with pytest.raises(CortexlensError, match=r"p001\.png"):
        run(tmp_path / "more", tmp_path / "images.tsv")
    assert not (tmp_path / "images.tsv").exists()

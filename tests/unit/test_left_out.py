"""What is left out of a folder says so; a folder that cannot be read is no empty one."""

import os
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from cortexlens.errors import CortexlensError
from cortexlens.study import files as files_module
from cortexlens.study.files import find_files
from cortexlens.study.pictures.image_set import list_pictures


def pictures(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(folder / name)


@pytest.fixture
def closed(monkeypatch):
    """Folders of this name cannot be read, whoever runs the tests."""
    scan = os.scandir

    def refuse(place="."):
        if "closed" in Path(place).parts:
            raise PermissionError(13, "Permission denied", str(place))
        return scan(place)

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(files_module.os, "scandir", refuse)


def test_pictures_in_a_folder_that_cannot_be_read_are_not_passed_over(tmp_path, closed):
    pictures(tmp_path, "a/1.png", "b/2.png", "closed/3.png")
    with pytest.raises(
        CortexlensError, match=r"closed: this folder cannot be read \(Permission denied\), and its"
    ):
        list_pictures(tmp_path)
    with pytest.raises(CortexlensError, match="closed: this folder cannot be read"):
        list_pictures(tmp_path / "closed")


@pytest.mark.parametrize("pattern", ["**/*_betas.nii", "*/func/*_betas.nii", "[a-c]*/*/*.nii"])
def test_responses_in_a_folder_that_cannot_be_read_are_not_passed_over(tmp_path, pattern, request):
    for name in ("a/func/1_betas.nii", "closed/func/2_betas.nii"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    assert len(find_files(tmp_path, pattern)) == 2
    request.getfixturevalue("closed")
    with pytest.raises(CortexlensError, match=r"closed(/func)?: this folder cannot be read"):
        find_files(tmp_path, pattern)
    assert len(find_files(tmp_path, "a/**/*.nii")) == 1  # does not lead there


def test_hidden_pictures_are_left_out_aloud(tmp_path, capsys):
    pictures(tmp_path, "1.png", "2.png", ".thumbs/1.png")
    (tmp_path / "._1.png").write_bytes(b"\0\5\x16\7")
    (tmp_path / ".DS_Store").touch()
    assert list(list_pictures(tmp_path)) == ["1.png", "2.png"]
    assert "2 hidden files are left out, the first is ._1.png" in capsys.readouterr().err
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "1.png", "a/1.png")
        archive.write(tmp_path / "._1.png", "__MACOSX/a/._1.png")
    assert list(list_pictures(tmp_path / "a.zip")) == ["a/1.png"]
    assert "1 hidden files are left out" in capsys.readouterr().err


def test_a_link_to_a_folder_of_pictures_is_left_out_aloud(tmp_path, capsys):
    pictures(tmp_path / "elsewhere", "2.png")
    pictures(tmp_path / "img", "1.png")
    (tmp_path / "img" / "more").symlink_to(tmp_path / "elsewhere")
    assert list(list_pictures(tmp_path / "img")) == ["1.png"]
    assert "more: is a link to a folder; its files are left out" in capsys.readouterr().err


def test_hidden_responses_are_left_out_aloud(tmp_path, capsys):
    names = ["run-1.nii", "run-2.nii", "._run-1.nii", ".git/annex/run-1.nii"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for pattern in ("*.nii", "**/*.nii", f"{tmp_path}/**/*.nii"):
        found = find_files(tmp_path, pattern, aloud=True)
        assert found == [tmp_path / "run-1.nii", tmp_path / "run-2.nii"]
    told = capsys.readouterr().err
    assert "1 hidden files are left out" in told
    assert "2 hidden files are left out" in told
    assert len(find_files(tmp_path, "._*.nii")) == 1
    assert capsys.readouterr().err == ""
    (tmp_path / "x").mkdir()
    assert find_files(tmp_path / "x", "../run-*.nii") == [
        tmp_path / "x" / ".." / name for name in names[:2]
    ]


def test_a_pattern_that_cannot_be_one_is_one_line(tmp_path):
    with pytest.raises(CortexlensError, match=r"'\*\*x/a': .*Correct it in subjects.tsv"):
        find_files(tmp_path, "**x/a")

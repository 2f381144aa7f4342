"""A folder of results knows its config: another one of the same name is refused."""

from pathlib import Path

import pytest

from cortexlens.config.ownership import NAME, check_owner, claim
from cortexlens.errors import CortexlensError

RESULTS = Path("results/mine")
DATA = {"kind": "table", "root": "data"}


@pytest.fixture
def first(tmp_path, monkeypatch):
    """Config of a study that was run."""
    monkeypatch.chdir(tmp_path)
    RESULTS.mkdir(parents=True)
    path = written(Path("one/config.yaml"))
    check_owner(RESULTS, path, DATA)
    claim(RESULTS, path, DATA)
    return path


def written(path, study="mine"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"study: {study}\nseed: 1\n")
    return path


def test_a_second_config_of_the_same_name_is_refused_in_one_line_with_both(first):
    second = written(Path("two/config.yaml"))
    with pytest.raises(CortexlensError) as caught:
        check_owner(RESULTS, second, {**DATA, "root": "elsewhere"})
    line = str(caught.value)
    assert "results/mine: holds the results of one/config.yaml (dataset table of data)" in line
    assert "two/config.yaml (dataset table of elsewhere) uses the same study" in line
    assert "\n" not in line
    (RESULTS / NAME).unlink()  # as the line says
    check_owner(RESULTS, second, DATA)
    claim(RESULTS, second, DATA)
    with pytest.raises(CortexlensError, match=r"holds the results of two/config\.yaml"):
        check_owner(RESULTS, first, DATA)


def test_an_edited_config_keeps_its_results_however_it_is_named(first):
    first.write_text("study: mine\nseed: 2\n")
    check_owner(RESULTS, first.absolute(), {**DATA, "root": "moved"})
    Path("link.yaml").symlink_to(first)
    check_owner(RESULTS, Path("link.yaml"), DATA)


def test_a_moved_config_takes_its_results_along(first):
    moved = first.rename("config.yaml")
    check_owner(RESULTS, moved, DATA)
    claim(RESULTS, moved, DATA)
    with pytest.raises(CortexlensError, match=r"holds the results of config\.yaml"):
        check_owner(RESULTS, written(first), DATA)


def test_a_config_that_has_another_name_by_now_is_no_owner(first):
    written(first, "other")
    check_owner(RESULTS, written(Path("two/config.yaml")), DATA)


def test_a_whole_project_can_be_moved_or_copied(first, tmp_path, monkeypatch):
    copy = tmp_path / "copy"
    for path in (first, RESULTS / NAME):
        (copy / path).parent.mkdir(parents=True)
        (copy / path).write_text(path.read_text())
    monkeypatch.chdir(copy)
    check_owner(RESULTS, first, DATA)


def test_a_name_that_was_given_on_the_command_line_counts(tmp_path, monkeypatch):
    """Both configs name another study than the one that they are run as."""
    monkeypatch.chdir(tmp_path)
    RESULTS.mkdir(parents=True)
    claim(RESULTS, written(Path("a.yaml"), "x"), DATA)
    with pytest.raises(CortexlensError, match=r"holds the results of a\.yaml"):
        check_owner(RESULTS, written(Path("b.yaml"), "y"), DATA)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"config": "gone.yaml"}'])
def test_a_damaged_record_stands_in_nobodys_way(first, content):
    (RESULTS / NAME).write_text(content)
    check_owner(RESULTS, written(Path("two/config.yaml")), DATA)


def test_results_that_cannot_be_written_are_no_fault(first, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("cortexlens.config.ownership.replacing", refuse)
    claim(RESULTS, written(Path("two/config.yaml")), DATA)
    assert "one/config.yaml" in (RESULTS / NAME).read_text()

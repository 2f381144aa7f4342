"""Locales, closed folders and odd paths: all is well, or one line says what is not."""

import ast
import errno
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from cortexlens import cli
from cortexlens.config import safe_yaml
from cortexlens.config.study import examine_study
from cortexlens.errors import CortexlensError, closed
from cortexlens.jobs import lock
from cortexlens.storage.names import check_braces, check_encoding
from cortexlens.study.tsv import read_tsv
from studies import REPOSITORY, write_study
from trees import table_tree

READERS = {"read_text", "write_text", "open"}
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def without_encoding(tree):
    """Calls that read or write text in whatever encoding the locale has."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", None))
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        words = [ast.unparse(argument) for argument in call.args]
        if name in ("run", "Popen", "check_output") and "text" in given:
            yield call
        if name not in READERS or "encoding" in given:
            continue
        mode = next((word for word in words if word.strip("'") in ("r", "w", "a", "x")), None)
        if name != "open" or mode is not None or (words == [] and not given):
            yield call


@pytest.mark.parametrize("folder", ["src", "workflow", "benchmarks", "page", "envs"])
def test_text_is_utf_8_whatever_the_locale(folder):
    found = []
    for path in (REPOSITORY / folder).rglob("*.py"):
        if "node_modules" not in path.parts:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found += [f"{path}:{call.lineno}" for call in without_encoding(tree)]
    assert found == []


def test_calls_without_encoding_are_noticed():
    code = "p.read_text(); p.write_text('a'); open(p, 'w'); p.open('a'); run([], text=True)"
    assert len(list(without_encoding(ast.parse(code)))) == 5
    code = "p.read_text(encoding='utf-8'); open(p, 'rb'); p.open('wb'); images.open(3)"
    assert not list(without_encoding(ast.parse(code)))


def accented(folder, monkeypatch):
    """A study whose folder, table and config have letters beyond ASCII."""
    folder = folder / "Zürich é"
    folder.mkdir()
    monkeypatch.chdir(folder)
    row = table_tree(folder / "Daten ö", zipped=False)
    config = {
        "study": "tiny",
        "dataset": {"kind": "table", "root": str(folder / "Daten ö")},
        "subjects": "subjects.tsv",
        "backbones": "backbones.tsv",
        "runs": [{"backbones": "all", "subjects": "all", "readouts": ["ridge"]}],
    }
    return write_study(folder, config, [{**row, "units": "µV"}])


def test_check_works_in_the_locale_of_old(tmp_path, monkeypatch):
    config = accented(tmp_path, monkeypatch)
    words = [Path(sys.executable).with_name("cortexlens"), "check", "--tables-only", "--config"]
    done = subprocess.run(
        [*words, str(config)], capture_output=True, env={**os.environ, **ASCII}, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Zürich é/config.yaml: study 'tiny' is in order" in done.stdout.decode()


def test_a_workflow_in_another_encoding_is_refused(monkeypatch):
    check_encoding()
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "iso8859-1")
    with pytest.raises(CortexlensError, match=r"the encoding iso8859-1, in .* PYTHONUTF8=1"):
        check_encoding()


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "shift-jis", "gb18030"])
def test_a_table_in_another_encoding_is_one_line(tmp_path, encoding):
    text = "image_id\tname\na\tb\nc\t" + ("日本" if encoding in ("shift-jis", "gb18030") else "é½")
    (tmp_path / "t.tsv").write_bytes(text.encode(encoding))
    with pytest.raises(
        CortexlensError, match=r"t\.tsv, line 3: cannot be read as a table: .*UTF-8"
    ):
        read_tsv(tmp_path / "t.tsv", needed=())


@pytest.mark.parametrize("name", ["{a}", "{subject}", "a{", "b}"])
def test_braces_in_absolute_paths_are_refused_before_snakemake_sees_them(
    tmp_path, monkeypatch, name
):
    config = write_table_study(tmp_path / name, monkeypatch, absolute=True)
    study, faults = examine_study(config)
    assert study is None
    (line,) = faults
    assert "dataset.root: " in line
    assert "between which snakemake looks for wildcards" in line


def test_braces_above_the_working_directory_are_no_matter(tmp_path, monkeypatch):
    config = write_table_study(tmp_path / "{a}", monkeypatch, absolute=False)
    study, faults = examine_study(config)
    assert (faults, study.name) == ([], "tiny")


def test_braces_in_a_files_name_are_refused(tmp_path, monkeypatch):
    config = write_table_study(tmp_path, monkeypatch, absolute=False)
    (tmp_path / "data" / "responses_a.npy").rename(tmp_path / "data" / "r{x}.npy")
    table = config.with_name("subjects.tsv")
    table.write_text(table.read_text().replace("responses_a.npy", "r{x}.npy"))
    (line,) = examine_study(config)[1]
    assert "subject 'a': data/r{x}.npy: contains { and }" in line
    with pytest.raises(CortexlensError, match=r"w\{1\}\.pth: contains \{ and \}"):
        check_braces(Path("w{1}.pth"))


def write_table_study(folder, monkeypatch, *, absolute):
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    row = table_tree(folder / "data")
    config = {
        "study": "tiny",
        "dataset": {"kind": "table", "root": str(folder / "data") if absolute else "data"},
        "subjects": "subjects.tsv",
        "backbones": "backbones.tsv",
        "runs": [{"backbones": "all", "subjects": "all", "readouts": ["ridge"]}],
    }
    write_study(folder, config, [row])
    return Path("config.yaml")


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_folder_that_cannot_be_written_ends_a_command_in_one_line(monkeypatch, capsys, code):
    def refuse():
        raise OSError(code, os.strerror(code), "results/tiny/a.zarr")

    monkeypatch.setattr(cli, "app", refuse)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("cortexlens: results/tiny/a.zarr: cannot be opened or written (")


def test_a_workflow_on_results_that_cannot_be_written_ends_in_one_line(
    tmp_path, monkeypatch, capsys
):
    def execute(**_):
        # as snakemake hands it on
        raise RuntimeError("Failed to create a folder", PermissionError(13, "denied", "results/x"))

    monkeypatch.chdir(tmp_path)
    workflow = SimpleNamespace(execute=execute, is_main_process=True)
    lock.guard(workflow, Path("results/tiny"), lambda _: None)
    common = SimpleNamespace(dryrun_exec=False)
    with pytest.raises(SystemExit) as stopped:
        workflow.execute(executor_plugin=SimpleNamespace(common_settings=common))
    assert stopped.value.code == 2
    assert "cortexlens: results/x: cannot be opened" in capsys.readouterr().err
    lock.release_run(Path("results/tiny"))


def test_other_errors_are_not_taken_for_closed_folders():
    assert closed(RuntimeError("Permission denied")) is None
    assert closed(FileNotFoundError(errno.ENOENT, "no such file", "a")) is None


@pytest.mark.skipif(sys.platform != "linux", reason="caches lie elsewhere")
def test_a_home_that_cannot_be_written_is_one_line(tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/proc/nonexistent")
    with pytest.raises(CortexlensError, match=r"^/proc/nonexistent/\.cache: .* XDG_CACHE_HOME to"):
        safe_yaml.check_caches()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    safe_yaml.check_caches()

"""Configs are plain data: what makes objects, explodes or contradicts itself is refused."""

import subprocess
import sys

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.config.safe_yaml import LARGEST_CONTENT, check_arguments, read_mapping
from cortexlens.errors import CortexlensError
from studies import REPOSITORY

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!python/object/apply:os.system ['touch trace']", "python/object/apply"),
        ("a: !!python/name:os.system", "could not determine a constructor"),
        ("a: 1\nb:\n  c: 1\n  c: 2", "the key 'c' appears twice, line 4"),
        ("a: 1\n'a': 2", "the key 'a' appears twice"),
        ("? [a]\n: 1", "a key is not plain text"),
        ("1: 2", "found the key 1; keys are text"),
        (BOMB, f"more than {LARGEST_CONTENT} values"),
        ("a: &a [*a]", "an alias refers to a value that contains it"),
        ("[" * 5000, "nested too deeply"),
        ("a: 'b" + "b" * 2**20, "larger than 1048576 bytes"),
        ("a: 1\n---\nb: 2", "expected a single document"),
        ("a: \x00", "cannot be read as YAML"),
        ("", "found no keys"),
        ("text", "found no keys"),
        ("__use_yte__: true\n?print('a'): 1", "makes snakemake run expressions"),
    ],
)
def test_what_is_no_plain_table_of_keys_is_refused(tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(CortexlensError, match=message) as raised:
        read_mapping(path)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "trace").exists()


def test_aliases_and_merges_of_plain_data_are_read(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("a: &a {b: 1, c: [x]}\nd:\n  <<: *a\n  b: 2\ne: [*a, *a]\n")
    found = read_mapping(path)
    assert found["d"] == {"b": 2, "c": ["x"]}
    assert found["e"] == [{"b": 1, "c": ["x"]}] * 2


def test_a_missing_file_is_called_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CortexlensError, match="there is no such config file in"):
        read_mapping(tmp_path / "nothing.yaml")
    with pytest.raises(CortexlensError, match="cannot be read: Is a directory"):
        read_mapping(tmp_path)


def test_make_asks_before_snakemake_reads(tmp_path):
    path = tmp_path / "config.yaml"
    command = [sys.executable, "-m", "cortexlens.config.safe_yaml", str(path)]
    path.write_text("study: a\n")
    assert subprocess.run(command, check=False).returncode == 0
    path.write_text('"__use_\\x79te__": true\nstudy: ?open("trace", "w")\n')
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "__use_yte__" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "read"),
    [
        *(("12:30", "750"), ("001", "1"), ("010", "8"), ("1_000", "1000"), ("0x10", "16")),
        ("190:20:30.15", "685230.15"),
    ],
)
def test_what_yaml_reads_as_another_number_is_refused(tmp_path, text, read):
    path = tmp_path / "config.yaml"
    path.write_text(f"seed: 3\nstudy: {text}\n")
    with pytest.raises(CortexlensError) as raised:
        read_mapping(path)
    told = f"line 2 holds {text}, which YAML reads as the number {read}. If a name is meant"
    assert told in str(raised.value)
    path.write_text(f'study: "{text}"\n')
    assert read_mapping(path) == {"study": text}


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_as_people_write_them_are_read(tmp_path_factory, number):
    path = tmp_path_factory.mktemp("numbers") / "config.yaml"
    path.write_text(yaml.safe_dump({"a": number}))
    assert read_mapping(path) == {"a": number}


@pytest.mark.parametrize("name", ["mine", '"mine"', "'mine'", "mine   # of ours"])
def test_make_finds_the_results_of_a_study_however_its_name_is_written(tmp_path, name):
    path = tmp_path / "config.yaml"
    path.write_text(f"study: {name}\n")
    command = ["make", "--silent", "--dry-run", "report", f"CONFIG={path}", f"VENV={tmp_path}"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert "--report results/mine/report.html" in done.stdout, done.stderr


@pytest.mark.parametrize("value", ["010", "1_000", "-07", "+0_1"])
def test_arguments_that_snakemake_reads_as_other_numbers_are_refused(value):
    from snakemake.cli import parse_config

    number = parse_config([f"study={value}"])["study"]
    with pytest.raises(CortexlensError, match=f"as the number {number}. If a number") as told:
        check_arguments(["seed=3", f"study={value}"])
    assert f"study: '{value}'" in str(told.value)


@pytest.mark.parametrize("value", ["10", "-3", "0", "12:30", "1e3", "demo", "", "{root: 010}"])
def test_other_arguments_are_left_to_the_schema(value):
    check_arguments([f"study={value}"])

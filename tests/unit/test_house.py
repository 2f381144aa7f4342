"""What counts the code, and what compares the tables of two runs."""

import sys

import pytest

from studies import REPOSITORY, write_table

sys.path += [str(REPOSITORY / "benchmarks"), str(REPOSITORY / "docs" / "tools")]

import house

import same_tables


@pytest.fixture
def folders(tmp_path):
    """Two results folders with one table, of two rows."""
    rows = [{"layer": "a", "wanted": "1.50"}, {"layer": "b", "wanted": "2.00"}]
    for name in ("old", "new"):
        (tmp_path / name / "tables").mkdir(parents=True)
        write_table(tmp_path / name / "tables" / "sae.tsv", rows)
    return tmp_path / "old", tmp_path / "new"


def test_equal_tables_differ_in_nothing(folders):
    assert list(same_tables.differences(*folders, {})) == []


def test_one_digit_is_a_difference(folders):
    path = folders[1] / "tables" / "sae.tsv"
    path.write_text(path.read_text().replace("2.00", "2.01"))
    assert list(same_tables.differences(*folders, {})) == ["sae.tsv: row 3, wanted: 2.00 → 2.01"]


def test_a_column_may_have_a_new_name_that_is_given(folders):
    path = folders[1] / "tables" / "sae.tsv"
    path.write_text(path.read_text().replace("wanted", "target_l0"))
    (line,) = same_tables.differences(*folders, {})
    assert line == "sae.tsv: columns layer, wanted before, layer, target_l0 after"
    assert list(same_tables.differences(*folders, {"wanted": "target_l0"})) == []


def test_tables_and_rows_that_are_missing_are_named(folders):
    write_table(folders[0] / "tables" / "more.tsv", [{"a": "1"}])
    path = folders[1] / "tables" / "sae.tsv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))
    assert list(same_tables.differences(*folders, {})) == [
        f"more.tsv: only in {folders[0]}",
        "sae.tsv: 2 rows before, 1 after",
    ]


def test_folders_without_a_common_table_are_not_the_same(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["same_tables", str(tmp_path), str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        same_tables.main()
    assert ended.value.code == 1
    assert "no table is in both folders" in capsys.readouterr().out


def test_the_house_is_as_its_rules_have_it():
    counted = house.counts()
    assert counted["modules at the root"] <= 6
    assert counted["layers of imports"] <= 10
    # xarray calls CortexAccessor, which is registered with it and named nowhere else
    assert counted["these names"] == "none"


def test_lines_of_a_function_are_those_of_its_body(tmp_path):
    (tmp_path / "module.py").write_text(
        'def one(a,\n        b):\n    """Doc."""\n    x = 1\n\n    return x\n'
    )
    (function,) = house.functions(tmp_path / "module.py")
    assert house.body_lines(function) == 3

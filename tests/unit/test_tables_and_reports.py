"""Tables and JSON of results: damaged ones are one line, and no cell is a formula."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.analysis.tables import read_table, write_table
from cortexlens.errors import CortexlensError
from cortexlens.storage.json_files import NUMBER, read_json
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.tsv import guarded, unguarded

FORMULAS = ["=cmd|' /C calc'!A0", "@SUM(1)", "+1+cmd", "-2+3+cmd", "\t=1", "'=1", "=1"]


@given(st.text("'=+-@\t\r1.e a"))
def test_quoting_is_taken_back(cell):
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell)[:1] not in ("=", "@", "\t", "\r") or not cell


@pytest.mark.parametrize("cell", ["1", "-1", "+2.5e-3", "V1", "a=b", "", "nan", ".5"])
def test_numbers_and_names_stay_as_they_are(cell):
    assert guarded(cell) == cell


def test_no_cell_of_a_table_is_a_formula_and_all_are_found_again(tmp_path):
    path = tmp_path / "t.tsv"
    names = [name for name in FORMULAS if "\t" not in name]
    table = pd.DataFrame({"roi": names, "=r": range(len(names))})
    write_table(table, path)
    cells = [cell for line in path.read_text().splitlines() for cell in line.split("\t")]
    assert not [cell for cell in cells if cell[:1] in ("=", "@", "+", "-")]
    pd.testing.assert_frame_equal(read_table(path), table)


def test_names_that_are_numbers_stay_as_they_are_written(tmp_path):
    names = ["001", "1000001", "1.0"]
    write_table(
        pd.DataFrame({"subject": names, "roi": names, "r2": [0.1, 0.2, 0.3]}), tmp_path / "t"
    )
    found = read_table(tmp_path / "t")
    assert found["roi"].tolist() == found["subject"].tolist() == names
    assert found["r2"].tolist() == [0.1, 0.2, 0.3]


def test_no_name_of_a_picture_is_a_formula(tmp_path):
    ids = ["=cmd|' /C calc'!A0", "-pic", "pic"]
    sources, captions = [f"{name}.png" for name in ids], ["@a", "b", ""]
    images = ImageSet(ids, sources, ["0" * 64] * 3, captions=captions)
    images.write(tmp_path / "images.tsv")
    lines = (tmp_path / "images.tsv").read_text().splitlines()
    assert [line[0] for line in lines] == ["i", "'", "'", "p"]
    assert ImageSet.read(tmp_path / "images.tsv") == images


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read as a table"),
        ("roi\n", "found the columns roi; r2 is missing"),
        ("roi\tr2\n", "found no rows"),
        ("roi\tr2\nV1\thigh\n", "column r2 holds text"),
        ("roi\tr2\nV1\t1\t2\n3\t4\t5\n", "cannot be read as a table|column r2 holds"),
        ("roi\tr2\nV1\t\0\n", "bytes that are not text"),
        ('roi\tr2\n"V1\t1\n', "cannot be read as a table"),
    ],
)
def test_a_damaged_table_is_one_line(tmp_path, text, message):
    path = tmp_path / "t.tsv"
    path.write_text(text)
    with pytest.raises(CortexlensError, match=message) as raised:
        read_table(path, needed=("roi", "r2"))
    assert str(raised.value).startswith(str(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read as JSON"),
        ("[1]", "found no table of keys"),
        ("[" * 100_000, "cannot be read as JSON"),
        ('{"a": 1}', "layers is missing"),
        ('{"layers": []}', "needed is a list of text each"),
        ('{"layers": "ab"}', "needed is a list of text each"),
        ('{"layers": [1]}', "needed is a list of text each"),
        ('{"layers": ["a"], "best": 3}', "best.step is missing"),
        ('{"layers": ["a"], "best": {"step": true}}', "best.step: found True; needed is a whole"),
        ('{"layers": ["a"], "best": {"step": 1}, "share": "1"}', "share: found '1'; .* a number"),
    ],
)
def test_a_damaged_report_is_one_line(tmp_path, text, message):
    path = tmp_path / "r.json"
    path.write_text(text)
    needed = {"layers": [str], "best.step": int, "share": NUMBER}
    with pytest.raises(CortexlensError, match=message) as raised:
        read_json(path, needed)
    assert str(raised.value).startswith(str(path))
    path.write_text(json.dumps({"layers": ["a"], "best": {"step": 1}, "share": 1}))
    assert read_json(path, needed)["layers"] == ["a"]
    path.unlink()
    with pytest.raises(CortexlensError, match="No such file"):
        read_json(path, needed)

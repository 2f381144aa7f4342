import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.errors import CortexlensError
from cortexlens.study.files import existing, find_files
from cortexlens.study.table.trials import PictureNames, read_trials, shown_in

IDS = ["nsd-1", "nsd-2", "cat"]
SOURCES = ["pictures/a/one.png", "pictures/b/one.png", "all.zip::x/cat.jpg"]


def table(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join("\t".join(row) + "\n" for row in rows))
    return path


def test_hidden_files_beside_others_fit_no_pattern(tmp_path):
    for name in ("run-1.nii", "._run-1.nii", ".old/run-2.nii", "ses/run-3.nii"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = [path.relative_to(tmp_path).as_posix() for path in find_files(tmp_path, "**/*.nii")]
    assert found == ["run-1.nii", "ses/run-3.nii"]
    assert find_files(tmp_path, ".old/*.nii") == [tmp_path / ".old/run-2.nii"]


def test_a_name_with_a_comma_is_refused_and_found_by_a_pattern(tmp_path):
    (tmp_path / "r,1.npy").write_bytes(b"")
    with pytest.raises(CortexlensError, match=r"r,1\.npy: commas separate the files of a cell"):
        find_files(tmp_path, "r,1.npy")
    assert find_files(tmp_path, "r?1.npy") == [tmp_path / "r,1.npy"]
    many = ",".join(f"session-{number}.npy" for number in range(100))
    assert len(find_files(tmp_path, many)) == 100


def test_trials_by_id_with_sessions(tmp_path):
    path = table(
        tmp_path / "trials.tsv",
        ("session", "image_id"),
        ("monday", "cat"),
        ("monday", "nsd-2"),
        ("friday", "cat"),
    )
    trials = read_trials([path], IDS, SOURCES)
    assert trials.image.tolist() == [2, 1, 2]
    assert trials.session.tolist() == [0, 0, 1]


def test_events_of_bids_name_the_stimulus_file_and_the_path_the_session(tmp_path):
    events = [
        table(
            tmp_path / "sub-01" / f"ses-{session}" / "func" / f"sub-01_run-{run}_events.tsv",
            ("onset", "duration", "stim_file"),
            ("0.0", "3", "b/one.png"),
            ("4.0", "3", "n/a"),
            ("8.0", "3", name),
        )
        for session, run, name in (("02", 1, "cat.jpg"), ("02", 2, "a/one.png"), ("10", 1, "cat"))
    ]
    found = find_files(tmp_path, "sub-01/**/*_events.tsv")
    assert found == events
    trials = read_trials(found, IDS, SOURCES)
    assert trials.image.tolist() == [1, 2, 1, 0, 1, 2]
    assert trials.session.tolist() == [0, 0, 0, 0, 1, 1]
    assert shown_in(found, PictureNames(IDS, SOURCES)) == [0, 1, 2]
    assert shown_in(found[1:2], PictureNames(IDS, SOURCES)) == [0, 1]


def test_a_name_that_fits_two_images_is_refused(tmp_path):
    names = PictureNames(IDS, SOURCES)
    assert names.find("one.png") == (0, 1)
    assert [names.find(name) for name in ("a/one.png", "x/cat.jpg", "nsd-2", "dog")] == [
        (0,),
        (2,),
        (1,),
        (),
    ]
    path = table(tmp_path / "t.tsv", ("stim_file",), ("cat.jpg",), ("one.png",))
    with pytest.raises(
        CortexlensError, match=r"trial 2 shows 'one.png', which may be image 'nsd-1'"
    ):
        read_trials([path], IDS, SOURCES)


def test_a_file_that_has_the_id_of_another_image_is_told_by_the_column(tmp_path):
    ids, sources = ["b.png", "x"], ["p/a.png", "p/b.png"]
    path = table(tmp_path / "t.tsv", ("image_id",), ("b.png",))
    assert read_trials([path], ids, sources).image.tolist() == [0]
    path = table(tmp_path / "events.tsv", ("stim_file",), ("b.png",))
    with pytest.raises(CortexlensError, match=r"may be image 'b.png'"):
        read_trials([path], ids, sources)


@pytest.mark.parametrize("written", ["pictures\\a\\one.png", " a/one.png ", "nsd-1 "])
def test_names_as_other_programs_write_them(tmp_path, written):
    path = table(tmp_path / "t.tsv", ("image_id", "rt"), (written, "1"))
    assert read_trials([path], IDS, SOURCES).image.tolist() == [0]


@given(
    names=st.lists(st.text("éüñaåö", min_size=1, max_size=6), min_size=1, max_size=6),
    forms=st.tuples(*[st.sampled_from(["NFC", "NFD"])] * 2),
)
def test_accents_may_be_composed_or_not(names, forms):
    stored, told = (
        [unicodedata.normalize(form, name) for name in dict.fromkeys(names)] for form in forms
    )
    known = PictureNames(
        [f"i{i}" for i in range(len(stored))], [f"p/{name}.png" for name in stored]
    )
    assert [known.find(f"{name}.png", file=True) for name in told] == [
        (i,) for i in range(len(stored))
    ]


@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC")])
def test_files_are_found_whatever_way_their_accents_are_composed(tmp_path, forms):
    stored, told = (unicodedata.normalize(form, "über/café_1.png") for form in forms)
    (tmp_path / stored).parent.mkdir()
    (tmp_path / stored).touch()
    assert existing(tmp_path / told) == tmp_path / stored
    assert find_files(tmp_path, told) == [tmp_path / stored]
    assert find_files(tmp_path, told.replace("1", "*")) == [tmp_path / stored]
    assert existing(tmp_path / "ö.png") == tmp_path / "ö.png"


def test_faults_name_file_and_trial(tmp_path):
    path = table(tmp_path / "t.tsv", ("image_id",), ("cat",), ("dog",))
    with pytest.raises(CortexlensError, match=r"t\.tsv: trial 2 shows 'dog', which is none of the"):
        read_trials([path], IDS, SOURCES)
    path = table(tmp_path / "u.tsv", ("onset",), ("1",))
    with pytest.raises(CortexlensError, match="image_id or stim_file must say"):
        read_trials([path], IDS, SOURCES)
    with pytest.raises(CortexlensError, match=r"no file matches '\*\.nii'"):
        find_files(tmp_path, "t.tsv, *.nii")


def test_files_are_found_in_natural_order(tmp_path):
    for name in ("run-10.npy", "run-2.npy", "run-1.npy"):
        (tmp_path / name).touch()
    found = [path.name for path in find_files(tmp_path, "run-*.npy,absent.npy")]
    assert found == ["run-1.npy", "run-2.npy", "run-10.npy", "absent.npy"]


def as_saved(rows, separator="\t", end="\n", tail=""):
    return "".join(separator.join(row) + end for row in rows) + tail


SAVED = {
    "byte order mark and CRLF": lambda rows: as_saved(rows, end="\r\n").encode("utf-8-sig"),
    "UTF-16": lambda rows: as_saved(rows).encode("utf-16"),
    "CR": lambda rows: as_saved(rows, end="\r").encode(),
    "a tab at the end of each line": lambda rows: as_saved(rows, end="\t\n").encode(),
    "empty lines at the end": lambda rows: as_saved(rows, tail="\n\n").encode(),
    "a line of tabs at the end": lambda rows: as_saved(rows, tail="\t\n").encode(),
    "spaces after cells": lambda rows: as_saved(rows, separator=" \t", end=" \n").encode(),
}


@pytest.mark.parametrize("saved", SAVED)
def test_tables_as_spreadsheets_save_them(tmp_path, saved):
    path = tmp_path / "t.tsv"
    path.write_bytes(SAVED[saved]([("image_id", "session"), ("cat", "b"), ("nsd-1", "a")]))
    trials = read_trials([path], IDS, SOURCES)
    assert (trials.image.tolist(), trials.session.tolist()) == ([2, 0], [0, 1])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"image_id;rt\ncat;1\n",
            "found the columns image_id;rt; a column image_id or",
        ),
        (
            b"image_id\trt\ncat\t\xbd\n",
            r"cannot be read as a table: .* Save the table as text in",
        ),
        (b"image_id\trt\ncat\t1\n\ncat\t1\n", "line 3: found 1 cells, but the header has 2"),
        (b"image_id\timage_id \ncat\tcat\n", "each may appear once"),
    ],
)
def test_a_table_that_is_saved_otherwise_is_refused(tmp_path, content, message):
    (tmp_path / "t.tsv").write_bytes(content)
    with pytest.raises(CortexlensError, match=message) as caught:
        read_trials([tmp_path / "t.tsv"], IDS, SOURCES)
    assert "\n" not in str(caught.value)

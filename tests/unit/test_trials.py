import pytest

from cortexlens.errors import CortexlensError
from cortexlens.study.files import find_files
from cortexlens.study.trials import matching, read_trials, shown_in

IDS = ["nsd-1", "nsd-2", "cat"]
SOURCES = ["pictures/a/one.png", "pictures/b/one.png", "all.zip::x/cat.jpg"]


def table(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join("\t".join(row) + "\n" for row in rows))
    return path


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
    assert set(shown_in(found)) == {"b/one.png", "cat.jpg", "a/one.png", "cat"}


def test_a_name_that_fits_two_images_is_none_of_them():
    places = matching(IDS, SOURCES)
    assert "one.png" not in places
    assert (places["a/one.png"], places["x/cat.jpg"], places["nsd-2"]) == (0, 2, 1)


def test_faults_name_file_and_trial(tmp_path):
    path = table(tmp_path / "t.tsv", ("image_id",), ("cat",), ("dog",))
    with pytest.raises(CortexlensError, match=r"t\.tsv: trial 2 shows 'dog', which is none of the"):
        read_trials([path], IDS, SOURCES)
    path = table(tmp_path / "u.tsv", ("onset",), ("1",))
    with pytest.raises(CortexlensError, match="image_id or stim_file has to say"):
        read_trials([path], IDS, SOURCES)
    with pytest.raises(CortexlensError, match=r"no file fits '\*\.nii'"):
        find_files(tmp_path, "t.tsv, *.nii")


def test_files_are_found_in_natural_order(tmp_path):
    for name in ("run-10.npy", "run-2.npy", "run-1.npy"):
        (tmp_path / name).touch()
    found = [path.name for path in find_files(tmp_path, "run-*.npy,absent.npy")]
    assert found == ["run-1.npy", "run-2.npy", "run-10.npy", "absent.npy"]

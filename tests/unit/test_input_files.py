"""Files that a study is made from count with size and time, and with content where it is read."""

import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.config.study import load_study
from cortexlens.storage.input_files import ADDED, REMOVED, REPLACED, Index, Look, changes
from cortexlens.study.changed_inputs import changed_lines, read_contents
from cortexlens.workflow.params import (
    state_of_images,
    state_of_labelled,
    state_of_network,
    state_of_responses,
)
from studies import BACKBONES, SIMULATED, write_study, write_table
from studies_made import run
from trees import algonauts_tree, replace_secretly, table_tree

RESULTS = "results/tiny"
IMAGES = f"{RESULTS}/subjects/a/images.tsv"
RESPONSES = f"{RESULTS}/subjects/a/responses.zarr"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study of kind table with a folder of pictures, whose first jobs have run."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        row = table_tree(folder / "data", n_images=12, zipped=False)
        table = {"kind": "table", "root": "data"}
        write_study(folder, {**SIMULATED, "dataset": table}, [row])
        shared = "--kind=table --root=data --subject=a"
        run(patch, f"collect-images {shared} --images=images_a --out {IMAGES}")
        call = f"collect-responses {shared} --images={IMAGES} --responses=responses_a.npy"
        run(patch, f"{call} --axes=vertex,image --out {RESPONSES}")
    return folder


@pytest.fixture
def here(made, tmp_path, monkeypatch):
    """A copy, every time as it was, to change."""
    shutil.copytree(made, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def picture(here, name="image3.jpg"):
    return here / "data" / "images_a" / name


CHANGES = {
    "replaced": (lambda here: replace_secretly(picture(here)), f"image3.jpg {REPLACED}"),
    "touched": (lambda here: os.utime(picture(here), ns=(0, 10**18)), f"image3.jpg {REPLACED}"),
    "added": (lambda here: shutil.copy(picture(here), picture(here, "z.jpg")), f"z.jpg {ADDED}"),
    "removed": (lambda here: picture(here).unlink(), f"image3.jpg {REMOVED}"),
    "moved": (
        lambda here: picture(here).rename(picture(here, "image33.jpg")),
        f"image3.jpg {REMOVED}, data/images_a/image33.jpg {ADDED}",
    ),
}
OF_RESPONSES = {
    "replaced": (
        lambda here: replace_secretly(here / "data" / "responses_a.npy"),
        f"responses_a.npy {REPLACED}",
    ),
    "older": (
        # A copy with the time of the original: older than what was made of the other.
        lambda here: os.utime(here / "data" / "responses_a.npy", ns=(0, 10**18)),
        f"responses_a.npy {REPLACED}",
    ),
    "removed": (
        lambda here: (here / "data" / "responses_a.npy").unlink(),
        f"responses_a.npy {REMOVED}",
    ),
}


def states():
    """What snakemake compares: parameters of the rules that read a subject's files."""
    study, wildcards = load_study(Path("config.yaml"), data=False), SimpleNamespace(subject="a")
    return [made(study, Look())(wildcards) for made in (state_of_images, state_of_responses)]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_among_pictures_lists_them_again_and_is_said(here, name):
    change, said = CHANGES[name]
    images, responses = states()
    assert changed_lines(here / RESULTS) == []
    change(here)
    assert states()[0] != images
    assert states()[1] == responses
    (line,) = changed_lines(here / RESULTS)
    assert line.startswith(f"{here / IMAGES}: files that it was made from have changed: data/")
    assert f"{said}. The next run makes it again" in line


@pytest.mark.parametrize("name", OF_RESPONSES)
def test_a_change_of_responses_collects_them_again_and_is_said(here, name):
    change, said = OF_RESPONSES[name]
    images, responses = states()
    change(here)
    assert states()[0] == images
    assert states()[1] != responses
    (line,) = changed_lines(here / RESULTS)
    assert f"responses.zarr: files that it was made from have changed: data/{said}." in line


def test_a_file_of_responses_that_a_pattern_finds_counts(here):
    write_table(here / "subjects.tsv", [row(responses="responses_*.npy")])
    before = states()
    np.save(here / "data" / "responses_b.npy", np.zeros((5, 12)))
    assert states()[1] != before[1]


def test_a_zarr_array_counts_chunk_by_chunk(here):
    chunk = here / "data" / "r.zarr" / "c" / "0"
    chunk.parent.mkdir(parents=True)
    chunk.write_bytes(bytes(20))
    write_table(here / "subjects.tsv", [row(responses="r.zarr")])
    before = states()
    replace_secretly(chunk)
    assert states()[1] != before[1]


def row(**cells):
    return {
        "subject": "a",
        "images": "images_a",
        "responses": "responses_a.npy",
        "axes": "vertex,image",
        **cells,
    }


def test_pictures_that_a_table_lists_count(here):
    names = [f"image{i}.jpg" for i in range(1, 13)]
    rows = [{"image_id": name, "path": f"images_a/{name}"} for name in names]
    write_table(here / "data" / "list.tsv", rows[:6])
    write_table(here / "subjects.tsv", [row(images="list.tsv")])
    before = states()
    replace_secretly(picture(here, "image7.jpg"))
    assert states() == before
    replace_secretly(picture(here))
    assert states()[0] != before[0]


def test_nothing_changes_where_nothing_was_touched(here):
    before = states()
    list((here / "data" / "images_a").iterdir())
    (here / "data" / "images_a" / ".DS_Store").write_bytes(b"a desktop's")
    (here / "data" / "other.txt").write_text("beside")
    assert states() == before
    assert changed_lines(here / RESULTS) == []


def test_labelled_pictures_count(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("land/field/1.png", "land/sea/1.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(bytes(20))
    config = {**SIMULATED, "finetunes": "finetunes.tsv", "finetuning": {"root": "."}}
    write_table(
        tmp_path / "finetunes.tsv", [{"finetune": "l", "kind": "folders", "images": "land"}]
    )
    study = load_study(write_study(tmp_path, config), data=False)
    wildcards = SimpleNamespace(finetune="l", backbone=BACKBONES[0]["backbone"])
    before = state_of_labelled(study, Look())(wildcards)
    replace_secretly(tmp_path / "land" / "sea" / "1.png")
    assert state_of_labelled(study, Look())(wildcards) != before


def test_weights_that_are_replaced_by_older_ones_count(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.safetensors").write_bytes(bytes(20))
    row = {"backbone": "own", "source": "timm", "name": "vit_tiny_patch16_224"}
    rows = [*BACKBONES, {**row, "weights": "own.safetensors"}]
    study = load_study(write_study(tmp_path, backbones=rows), data=False)
    wildcards = SimpleNamespace(backbone="own")
    before = state_of_network(study, Look())(wildcards)
    os.utime(tmp_path / "own.safetensors", ns=(0, 10**18))
    assert state_of_network(study, Look())(wildcards) != before != ""


def test_folders_of_the_challenge_count(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    algonauts_tree(tmp_path / "data")
    dataset = {"kind": "algonauts2023", "root": "data"}
    study = load_study(
        write_study(tmp_path, {**SIMULATED, "dataset": dataset}, [{"subject": "subj01"}])
    )
    wildcards = SimpleNamespace(subject="subj01")

    def seen():
        return [each(study, Look())(wildcards) for each in (state_of_images, state_of_responses)]

    before = seen()
    folder = tmp_path / "data" / "subj01"
    replace_secretly(sorted((folder / "training_split" / "training_images").iterdir())[2])
    between = seen()
    replace_secretly(sorted((folder / "roi_masks").glob("*.npy"))[0])
    assert between[0] != before[0]
    assert between[1] == before[1]
    assert seen()[1] != between[1]


def test_drawn_scenes_are_the_workflows_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = load_study(write_study(tmp_path))
    wildcards = SimpleNamespace(subject="sim01")
    assert state_of_images(study, Look())(wildcards) == ""
    assert state_of_responses(study, Look())(wildcards) == ""


def test_a_folder_is_looked_at_once_a_call(tmp_path, monkeypatch):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "1.png").touch()
    look, looked, scan = Look(), [], os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: looked.append(path) or scan(path))
    first = look.state([tmp_path / "p"])
    assert look.state([tmp_path / "p", tmp_path / "absent"]) != first
    assert look.state([tmp_path / "p"]) == first
    assert len(looked) == 1


def test_links_count_as_what_they_lead_to(tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "there.png").write_bytes(b"first")
    (tmp_path / "p" / "1.png").symlink_to(tmp_path / "there.png")
    (tmp_path / "p" / "nowhere.png").symlink_to(tmp_path / "gone.png")
    before = Look().index([tmp_path / "p"])
    assert Index.read(json.loads(json.dumps(before._asdict()))) == before
    (tmp_path / "there.png").write_bytes(b"others")
    assert changes(before) == {str(tmp_path / "p" / "1.png"): REPLACED}


def test_pictures_in_archives_count_with_their_archive(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"first")
    (tmp_path / "a b").mkdir()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").touch()
    before = Look().index([tmp_path / "a.zip::1.png", tmp_path / "a.zip::2.png", tmp_path / "a"])
    assert len(before.files) == 2
    assert changes(before) == {}
    (tmp_path / "a.zip").write_bytes(b"second")
    assert list(changes(before).values()) == [REPLACED]


def command(*words):
    return CliRunner().invoke(app, [*words, "--config", "config.yaml"], catch_exceptions=False)


def test_check_says_what_the_next_run_makes_again(here):
    assert "have changed" not in command("check").output
    replace_secretly(picture(here))
    done = command("check")
    assert done.exit_code == 0
    assert f"Note: {IMAGES}: files that it was made from have changed: " in done.stdout
    assert f"image3.jpg {REPLACED}. The next run makes it again" in done.stdout


def test_verify_reads_contents_where_size_and_time_are_the_same(here):
    whole = command("verify")
    assert whole.exit_code == 0, whole.output
    assert "Data that they were made from: 13 files, " in whole.stdout
    before = states()
    replace_secretly(picture(here), time=True)
    replace_secretly(here / "data" / "responses_a.npy", time=True)
    assert states() == before
    assert changed_lines(here / RESULTS) == []
    found = command("verify")
    assert found.exit_code == 1
    assert "Changed:" not in found.stdout
    assert f"Made from other data: {IMAGES} (rule collect_images)" in found.stdout
    assert "data/images_a/image3.jpg does not hold what was read from it" in found.stdout
    assert f"Made from other data: {RESPONSES} (rule collect_responses)" in found.stdout
    assert "data/responses_a.npy does not hold what was read from it" in found.stdout
    repaired = command("verify", "--repair")
    assert repaired.exit_code == 1
    assert not (here / IMAGES).exists()
    assert not (here / RESPONSES).exists()


def test_verify_says_what_changed_by_time_and_names_what_is_gone(here):
    os.utime(picture(here, "image5.jpg"), ns=(0, 10**18))
    touched = command("verify")
    assert touched.exit_code == 0
    assert f"Changed: {IMAGES}: files that it was made from have changed: " in touched.stdout
    picture(here).unlink()
    (finding,) = read_contents(here / RESULTS).findings
    assert finding.faults == {"data/images_a/image3.jpg": "no longer exists"}

"""The stage check lists what is wrong with a study, and says so by its exit code."""

import re
import shutil

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.config.ownership import claim
from cortexlens.errors import CortexlensError
from cortexlens.study.pictures.image_set import ImageSet
from studies import BACKBONES, SIMULATED, write_study, write_table
from trees import table_tree


@pytest.fixture
def here(tmp_path, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # where pictures that were decoded are remembered
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    return tmp_path


def check(path):
    return CliRunner().invoke(app, ["check", "--config", str(path)])


@pytest.mark.parametrize(("n_scenes", "parts"), [(12, (8, 2, 2)), (94, (75, 10, 9)), (100, None)])
def test_few_held_out_images_are_warned_of(here, n_scenes, parts):
    dataset = {**SIMULATED["dataset"], "n_scenes": n_scenes}
    rows = [{"subject": "sim01", "scenes": f"0-{n_scenes - 1}"}]
    runs = [{"backbones": ["plain"], "subjects": "all", "readouts": ["ridge"]}]
    result = check(write_study(here, {**SIMULATED, "dataset": dataset, "runs": runs}, rows))
    assert result.exit_code == 0, result.output
    assert ("Warning" in result.stderr) == (parts is not None)
    if parts is not None:
        counts = "train {}, validation {}, test {}".format(*parts)
        assert f"subject 'sim01': found {n_scenes} images ({counts})" in result.stderr


def test_a_study_in_order_is_counted(here):
    result = check(write_study(here))
    assert result.exit_code == 0
    assert "study 'tiny' is in order: 4 fits of 2 backbones to 2 subjects." in result.output


def test_results_of_another_config_of_the_same_name_are_a_fault(here):
    path = write_study(here)
    second = here / "second.yaml"
    second.write_text(path.read_text())
    (here / "results" / "tiny").mkdir(parents=True)
    claim(here / "results" / "tiny", path, SIMULATED["dataset"])
    result = check(second)
    assert isinstance(result.exception, CortexlensError)
    assert (
        "results/tiny: holds the results of config.yaml (dataset simulated), and" in result.output
    )
    assert check(path).exit_code == 0


@pytest.mark.parametrize("n_scenes", [5, 12])
def test_too_few_images_for_every_part_of_the_split_are_told(here, n_scenes):
    rows = [{"subject": "sim01", "scenes": f"0-{n_scenes - 1}"}]
    result = check(write_study(here, subjects=rows))
    few = f"subjects.tsv: subject 'sim01': found {n_scenes} images; at least 6 are needed, 2 each"
    assert (few in result.output) == (n_scenes < 6)
    assert (result.exit_code == 0) == (n_scenes >= 6), result.output


@pytest.mark.parametrize(("kind", "told"), [("drawn-texture", False), ("folders", True)])
def test_data_to_fine_tune_on_are_missed_where_they_are_files(here, kind, told):
    row = {"finetune": "land", "kind": kind, "images": "land"}
    write_table(here / "finetunes.tsv", [row if told else row | {"images": ""}])
    asked = [
        {
            "backbones": ["plain"],
            "finetunes": "all",
            "subjects": ["sim01"],
            "readouts": ["factortopy"],
        }
    ]
    tuned = {"finetunes": "finetunes.tsv", "finetuned": asked}
    result = check(write_study(here, {**SIMULATED, **tuned}))
    assert result.exit_code == 0, result.output
    assert ("finetuning.root is not set" in result.output) == told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"layers": ["blocks.99"]}, "sae.layers: found 'blocks.99', which backbone 'plain' lacks"),
        ({"k": 200, "expansion": 1}, "layer 'blocks.0' of backbone 'plain' gets 128 units"),
        ({"layers": ["../x"]}, "sae.layers[0]: found '../x'"),
    ],
)
def test_what_autoencoders_cannot_learn_is_told(here, change, told):
    result = check(table_study(here, sae={"backbones": ["plain"], "subjects": "all", **change}))
    assert isinstance(result.exception, CortexlensError)
    assert told in result.output


def test_every_fault_has_its_line(here):
    result = check(write_study(here, {**SIMULATED, "seed": -1, "split": [1]}))
    assert isinstance(result.exception, CortexlensError)
    assert "2 faults; nothing was run" in str(result.exception)
    lines = result.output.splitlines()
    assert ["seed: found -1" in lines[0], "split: found [1]" in lines[1]] == [True, True]


def test_nothing_is_written(here):
    before = {*here.iterdir(), write_study(here), here / "subjects.tsv", here / "backbones.tsv"}
    check(here / "config.yaml")
    assert set(here.iterdir()) == before


def table_study(folder, sae=None, **cells):
    """A study of kind table whose row has other cells; its data in ``data``."""
    row = {**table_tree(folder / "data", n_images=30), **cells}
    config = {**SIMULATED, "dataset": {"kind": "table", "root": "data"}, "sae": sae or {}}
    return write_study(folder, config, [{k: v for k, v in row.items() if v}])


def test_what_a_study_has_and_needs_is_shown(here):
    path = table_study(here, rois="rois.tsv")
    (here / "data" / "rois.tsv").write_text("V4\tPIT\n" + "1\t0\n" * 5)
    result = check(path)
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["a", "30", "30", "5", "1"] in lines
    (plain,) = [line for line in lines if line[:1] == ["plain"]]
    assert plain[2:] == ["8", "128", "96"]
    assert "on disk" in result.stdout
    assert "of memory" in result.stdout
    assert not (here / "results").exists()


def with_pictures(folder, *sizes):
    """A study of kind table whose pictures have these sizes in turn, and its config."""
    path = table_study(folder, images="images_a")
    table_tree(folder / "data", n_images=30, zipped=False)
    for number, file in enumerate(sorted((folder / "data" / "images_a").iterdir())):
        with Image.open(file) as picture:
            picture.resize(sizes[number % len(sizes)]).save(file)
    return path


def test_how_pictures_that_are_no_squares_are_shown_is_said(here):
    path = with_pictures(here, (64, 32))
    rows = [{**row, "fit": fit} for row, fit in zip(BACKBONES, ("", "pad"), strict=True)]
    write_table(here / "backbones.tsv", rows)
    said = check(path).stdout
    assert "Note: subject 'a': 30 of 30 images are not square (64 × 32 px)" in said
    assert "shown as: squash for plain; pad for other. The column fit of backbones.tsv" in said
    assert "shapes differ" not in said
    # The study's own default takes the place of empty cells alone.
    path.write_text(path.read_text() + "features: {fit: crop}\n")
    assert "crop for plain; pad for other" in check(path).stdout


def test_places_in_pictures_of_several_shapes_are_said_to_be_of_the_square(here):
    path = with_pictures(here, (64, 32), (32, 64), (32, 32))
    assert "shapes differ" not in check(path).stdout
    path.write_text(path.read_text() + "features: {fit: crop}\n")
    said = check(path).stdout
    assert "20 of 30 images are not square (64 × 32 px and others)" in said
    assert "centres with crop are given in the square that the network sees" in said


def test_of_squares_nothing_is_said(here):
    assert "not square" not in check(table_study(here)).output


def test_regions_that_a_subject_lacks_are_told(here):
    rows = [{**table_tree(here / "data", 20, subject=s), "rois": f"{s}.tsv"} for s in "ab"]
    (here / "data" / "a.tsv").write_text("V4\tPIT\n" + "1\t1\n" * 5)
    (here / "data" / "b.tsv").write_text("V4\tPIT\n" + "1\t0\n" * 5)
    config = {**SIMULATED, "dataset": {"kind": "table", "root": "data"}}
    result = check(write_study(here, config, rows))
    assert "1, without PIT" in result.stdout


def change(name, edit):
    """Give a function that edits an array file of a data folder."""

    def fault(data):
        np.save(data / name, edit(np.load(data / name)))

    return fault


def cut(name):
    """Give a function that cuts a file in half."""

    def fault(data):
        content = (data / name).read_bytes()
        (data / name).write_bytes(content[: len(content) // 2])

    return fault


def write(name, text):
    """Give a function that writes a file."""
    return lambda data: (data / name).write_text(text)


def at(place, value):
    """Give a function that changes one value of an array."""

    def edit(values):
        values[place] = value
        return values

    return edit


RESPONSES = "responses_a.npy"
FAULTS = {
    "no responses": (lambda data: (data / RESPONSES).unlink(), {}, "responses: data/responses_a"),
    "responses cut off": (cut(RESPONSES), {}, "cannot be read as a .npy array"),
    "an image too few": (change(RESPONSES, lambda v: v[:, 1:]), {}, "29 images .* are 30 images"),
    "axes turned": (None, {"axes": "image,vertex"}, "The other axis has that length"),
    "NaN": (
        change(RESPONSES, at((2, 3), np.nan)),
        {},
        "in 1 of 30 trials and 1 of 5 vertices; .* vertex 2",
    ),
    "all zero": (
        change(RESPONSES, lambda v: 0 * v),
        {},
        "each of 5 vertices gives the same response in every trial, the first 0",
    ),
    "text": (change(RESPONSES, lambda v: v.astype(str)), {}, "found <U"),
    "no vertices": (change(RESPONSES, lambda v: v[:0]), {}, "30 trials of 0 vertices"),
    "images cut off": (cut("images_a.zip"), {}, "cannot be read as a zip file"),
    "no images": (None, {"images": "none"}, "images: data/none does not exist"),
    "a picture that is none": (
        lambda data: [(data / "pics").mkdir(), (data / "pics" / "a.png").write_text("?")],
        {"images": "pics"},
        "not a readable image",
    ),
    "ids twice": (
        write("p.tsv", "image_id\tpath\na\tx.png\na\ty.png\n"),
        {"images": "p.tsv"},
        "'a' occurs 2 times",
    ),
    "an image of the table missing": (
        write("p.tsv", "image_id\tpath\na\tx.png\n"),
        {"images": "p.tsv"},
        r"x\.png: the image cannot be read",
    ),
    "a table of images without a column": (
        write("p.tsv", "image_id\na\n"),
        {"images": "p.tsv"},
        "image_id, path are needed",
    ),
    "a trial of no image": (
        write("t.tsv", "image_id\n" + "a-image1\n" * 29 + "cat\n"),
        {"trials": "t.tsv"},
        "trial 30 shows 'cat'",
    ),
    "a trial too few": (
        write("t.tsv", "image_id\n" + "".join(f"a-image{i}\n" for i in range(1, 30))),
        {"trials": "t.tsv"},
        "list 29 trials",
    ),
    "no table of trials": (None, {"trials": "*.events"}, "no file matches"),
    "a region beyond the vertices": (
        write("r.tsv", "V4\n1\n"),
        {"rois": "r.tsv"},
        "1 rows for 5 vertices",
    ),
    "a region that is no region": (
        write("r.tsv", "V4\n" + "2\n" * 5),
        {"rois": "r.tsv"},
        "line 2: column V4 holds 2; allowed",
    ),
    "a place that is no number": (
        write("c.tsv", "x\ty\tz\n" + "1\t2\there\n" * 5),
        {"coordinates": "c.tsv"},
        "line 2: column z holds 'here'",
    ),
    "a place at infinity": (
        write("c.tsv", "x\ty\tz\n" + "1\t2\tinf\n" * 5),
        {"coordinates": "c.tsv"},
        "coordinates of vertex 0 .* finite numbers of mm are needed",
    ),
    "a mesh for an array": (None, {"space": "fsaverage5"}, "nothing says which of its vertices"),
    "an unknown mesh": (None, {"space": "fsaverage7"}, "fsaverage7"),
    "an unknown format": (write("a.csv", "1\n"), {"responses": "a.csv"}, "unknown format"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_of_the_data_has_its_line(here, name):
    fault, cells, message = FAULTS[name]
    path = table_study(here, **cells)
    if fault is not None:
        fault(here / "data")
    result = check(path)
    assert isinstance(result.exception, CortexlensError)
    assert "1 fault; nothing was run" in str(result.exception)
    assert "Traceback" not in result.output
    assert re.search(message, result.stderr), result.stderr


def test_too_few_training_images_are_warned_of_and_fail_nothing(here):
    few = check(write_study(here))
    assert few.exit_code == 0, few.output
    warned = [line for line in few.stderr.splitlines() if "Warning: " in line and "readout" in line]
    # a line a subject, whatever the number of networks
    assert [line.split("'")[1] for line in warned] == ["sim01", "sim02"]
    assert "readout 'factortopy': found 32 training images" in warned[0]
    assert "Use the readout stacked, or add images." in warned[0]


@pytest.mark.parametrize("on_purpose", [{"training_images": 20}, {"half": "a"}, {"shuffled": True}])
def test_fits_of_few_images_on_purpose_and_ridge_are_not_warned_of(here, on_purpose):
    runs = [{"backbones": ["plain"], "subjects": "all", "readouts": ["less", "ridge"]}]
    result = check(write_study(here, {**SIMULATED, "variants": {"less": on_purpose}, "runs": runs}))
    assert result.exit_code == 0, result.output
    assert "readout" not in result.stderr


def test_a_penalty_that_never_fades_is_warned_of(here):
    dataset = {"kind": "simulated", "n_scenes": 900, "repeats": 2, "sessions": 2}
    scenes = [{"subject": "sim01", "scenes": "0-9,10-599"}]
    result = check(
        write_study(
            here,
            {**SIMULATED, "dataset": dataset, "encoder": {"regularization_images": 16_000}},
            scenes,
        )
    )
    assert "Warning" not in result.output
    fixed = {"regularization_images": 16_000, "epochs": 20}
    result = check(write_study(here, {**SIMULATED, "dataset": dataset, "encoder": fixed}, scenes))
    assert "found encoder.regularization_images 16,000" in result.stderr


def faults_in(result):
    """Lines of faults, without those of progress."""
    return [line for line in result.stderr.splitlines() if " | " not in line]


def picture_study(here, suffix="jpg", n_images=30, **config):
    """A study whose pictures lie in a folder, and the folder."""
    path = table_study(here, images="pics", **config)
    folder = here / "data" / "pics"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(n_images):
        pixels = rng.integers(0, 255, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"i{number:02d}.{suffix}")
    return path, folder


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_pictures_cut_short_are_all_named_and_whole_ones_decoded_once(here, suffix, monkeypatch):
    path, folder = picture_study(here, suffix)
    for number in (3, 7):
        cut(f"i{number:02d}.{suffix}")(folder)
    opened = []
    monkeypatch.setattr(ImageSet, "open", lambda self, i: opened.append(i) or real(self, i))
    result = check(path)
    assert result.exit_code != 0
    named = [line for line in faults_in(result) if "not a readable image" in line]
    assert [f"i03.{suffix}" in named[0], f"i07.{suffix}" in named[1]] == [True, True]
    assert len(named) == len(faults_in(result)) == 2
    assert sorted(opened) == list(range(30))
    opened.clear()
    assert len(faults_in(check(path))) == 2
    assert sorted(opened) == [3, 7]
    pixels = np.zeros((40, 40, 3), np.uint8)
    for number in (3, 7):
        Image.fromarray(pixels + number).save(folder / f"i{number:02d}.{suffix}")
    opened.clear()
    assert check(path).exit_code == 0
    assert sorted(opened) == [3, 7]
    opened.clear()
    assert check(path).exit_code == 0
    assert opened == []


real = ImageSet.open


def test_pictures_that_are_none_do_not_hide_each_other_nor_faults_of_places(here):
    path, folder = picture_study(here, rois="r.tsv")
    write("data/r.tsv", "V4\n2\n" + "1\n" * 4)(here)
    (folder / "i05.jpg").write_text("?")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    (folder / "i06.jpg").write_text(pointer)
    (folder / "i07.jpg").unlink()
    (folder / "i07.jpg").symlink_to("../.git/annex/objects/xx/i07.jpg")
    lines = faults_in(check(path))
    assert len(lines) == 4
    assert "i05.jpg: not a readable image" in lines[0]
    assert "i06.jpg: is a pointer to a file that was not fetched" in lines[1]
    assert "git lfs pull" in lines[1]
    assert "i07.jpg: is a link to ../.git/annex/objects/xx/i07.jpg, which is not there" in lines[2]
    assert "r.tsv, line 2: column V4 holds 2" in lines[3]


def test_many_damaged_pictures_are_counted(here):
    path, folder = picture_study(here)
    for file in sorted(folder.iterdir())[:25]:
        cut(file.name)(folder)
    lines = faults_in(check(path))
    assert len(lines) == 21
    assert lines[-1].endswith("5 more")


@pytest.mark.parametrize("where", ["finetunes", "sae"])
def test_damaged_pictures_that_are_no_stimuli_are_found(here, where):
    path, stimuli = picture_study(here)
    folder = here / "data" / "more"
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        for number, file in enumerate(sorted(stimuli.iterdir())[:9]):
            (folder / name / f"{name}{number}.jpg").write_bytes(file.read_bytes())
    cut("b/b7.jpg")(folder)
    config = yaml.safe_load(path.read_text())
    if where == "sae":
        config["sae"] = {"backbones": ["plain"], "subjects": "all", "pictures": str(folder)}
    else:
        write_table(here / "f.tsv", [{"finetune": "f", "kind": "folders", "images": "more"}])
        asked = {"backbones": ["plain"], "finetunes": "all", "subjects": "all"}
        tuned = {"root": "data", "images_per_class": 4, "validation_images": 100}
        config |= {"finetunes": "f.tsv", "finetuning": tuned, "finetuned": [asked]}
    path.write_text(yaml.safe_dump(config))
    lines = faults_in(check(path))
    warned = [line for line in lines if line.startswith("Warning")]
    (line,) = (line for line in lines if line not in warned)
    assert "more/b/b7.jpg: not a readable image" in line
    assert {"finetunes": "f.tsv: finetune 'f'", "sae": "sae.pictures"}[where] in line


def test_faults_of_all_parts_are_named_at_once(here):
    path, folder = picture_study(here, trials="t.tsv")
    cut("i00.jpg")(folder)
    torch.save({"strange": torch.zeros(1)}, here / "w.pt")
    rows = [
        {"backbone": "lost", "source": "zoo", "name": "vit-demo", "weights": "lost.pt"},
        {"backbone": "strange", "source": "zoo", "name": "vit-demo", "weights": "w.pt"},
        {"backbone": "deep", "source": "zoo", "name": "vit-demo", "layers": "blocks.99"},
        {
            "backbone": "dark",
            "source": "zoo",
            "name": "vit-demo",
            "mean": "123.7,116.3,103.5",
            "std": "58.4,57.1,57.4",
        },
    ]
    write_table(here / "backbones.tsv", rows)
    lines = [line for line in faults_in(check(path)) if not line.startswith("Warning")]
    expected = [
        "backbones.tsv: backbone 'lost': weights 'lost.pt': there is no such file",
        "backbones.tsv: backbone 'dark': column mean holds '123.7,116.3,103.5'",
        "subjects.tsv: subject 'a': trials: data/t.tsv does not exist",
        "backbones.tsv: backbone 'strange': w.pt: tensor 'cls_token'",
        "backbones.tsv: backbone 'deep': column layers holds 'blocks.99'",
    ]
    assert len(lines) == len(expected), lines
    for fault in expected:
        assert sum(fault in line for line in lines) == 1, (fault, lines)


def test_copies_of_a_picture_leave_too_few_for_the_split(here):
    path, folder = picture_study(here)
    for file in sorted(folder.iterdir())[1:28]:
        file.write_bytes((folder / "i00.jpg").read_bytes())
    (line,) = (line for line in faults_in(check(path)) if not line.startswith("Warning"))
    assert "found 30 images, which give 28 train, 1 validation, 1 test" in line
    assert "at least 6 are needed" in line


@pytest.mark.parametrize(("submit", "fails"), [(None, True), ("sbatch", False)])
def test_a_gpu_that_is_not_here_is_missed_where_jobs_run_here(here, monkeypatch, submit, fails):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda name: submit if name == submit else None)
    result = check(write_study(here, {**SIMULATED, "device": "cuda"}))
    assert (result.exit_code != 0) == fails
    assert (
        "config.yaml: device is 'cuda', but PyTorch finds no GPU on this machine" in result.stderr
    )
    assert ("This machine has sbatch" in result.stderr) != fails


def test_networks_of_lists_besides_runs_are_loaded(here):
    rows = [*BACKBONES, {**BACKBONES[0], "backbone": "deep", "layers": "blocks.99"}]
    runs = [{"backbones": ["plain"], "subjects": ["sim01"], "readouts": ["ridge"]}]
    more = [{"backbones": ["deep"], "subjects": ["sim02"], "readouts": ["ridge"]}]
    result = check(write_study(here, {**SIMULATED, "runs": runs, "further": more}, backbones=rows))
    assert "backbone 'deep': column layers holds 'blocks.99'" in result.stderr

"""A study is read, completed, and refused in words that name file, row, value and choices."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.config.inputs import backbone_files, data_files, picture_files
from cortexlens.config.study import (
    Run,
    examine_study,
    load_study,
    merged,
)
from cortexlens.errors import CortexlensError
from cortexlens.workflow.params import backbone_settings, stage_options
from studies import BACKBONES, READY_MADE, REPOSITORY, SIMULATED, SUBJECTS, write_study, write_table
from trees import algonauts_tree, nsd_tree, table_tree


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty folder, from which the paths of a config start."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def the_fault(path, **overrides):
    """Give the one line that refuses a study; fail if there are more or none."""
    study, faults = examine_study(path, overrides)
    assert study is None
    assert len(faults) == 1, faults
    assert "\n" not in faults[0]
    with pytest.raises(CortexlensError, match=r"^[^\n]*$"):
        load_study(path, overrides)
    return faults[0]


def test_defaults_are_filled_and_rows_kept_in_order(here):
    study = load_study(write_study(here))
    assert (study.name, study.kind) == ("tiny", "simulated")
    assert study.config["dataset"]["size"] == 96
    assert study.config["split"] == [8, 1, 1]
    rules = ["finetune", "extract_features", "fit_encoder", "fit_ridge", "fit_banded", "recover"]
    rules += ["fit_stacked", "train_sae", "compare_units"]
    assert study.config["threads"] == dict.fromkeys(rules, 1)
    assert list(study.backbones) == ["plain", "other"]
    assert study.subjects["sim02"] == {"subject": "sim02", "scenes": "0-9,40-59"}


def test_a_study_may_say_how_all_its_networks_are_shown_pictures(here):
    """In rows, so that fine-tuning and its networks follow; a row's own cell wins."""
    rows = [{**BACKBONES[0], "fit": "pad"}, BACKBONES[1]]
    path = write_study(here, {**SIMULATED, "features": {"fit": "crop"}}, backbones=rows)
    study = load_study(path)
    assert [row["fit"] for row in study.backbones.values()] == ["pad", "crop"]
    before = {name: options_of(study, name) for name in study.backbones}
    assert "--fit=pad" in before["plain"]
    assert "--fit=crop" in before["other"]
    # What changes is the row's own features: the other's options stay.
    after = load_study(path, {"features": {"fit": "squash"}})
    assert options_of(after, "plain") == before["plain"]
    assert options_of(after, "other") != before["other"]
    assert "fit" not in load_study(write_study(here)).backbones["plain"]
    assert "features.fit: found 'fill'" in the_fault(path, features={"fit": "fill"})


def options_of(study, backbone):
    return stage_options("extract_features", *backbone_settings(study, backbone, Path("results")))


def test_runs_are_crossed_within_an_item_only_and_each_made_once(here):
    runs = [
        {"backbones": ["plain"], "subjects": ["sim02"], "readouts": ["factortopy", "ridge"]},
        {"backbones": "all", "subjects": ["sim02"]},
    ]
    study = load_study(write_study(here, {**SIMULATED, "runs": runs}))
    assert study.runs == (
        Run("factortopy", "plain", "sim02"),
        Run("ridge", "plain", "sim02"),
        Run("stacked", "plain", "sim02"),
        Run("stacked", "other", "sim02"),
    )


def test_numbers_as_yaml_and_the_command_line_write_them(here):
    config = {**SIMULATED, "study": 2026, "seed": "7"}
    study = load_study(write_study(here, config), {"dataset": {"n_scenes": "6e1"}})
    assert (study.name, study.config["seed"]) == ("2026", 7)
    assert study.config["dataset"]["n_scenes"] == 60
    assert study.config["dataset"]["repeats"] == 2


def test_numeric_identifiers_in_lists(here):
    rows = [{"subject": "190923", "scenes": "0-9"}]
    config = {**SIMULATED, "runs": [{"backbones": "all", "subjects": [190923]}]}
    assert load_study(write_study(here, config, rows)).runs[0].subject == "190923"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sed": 1}, ["'sed' is unknown", "did you mean 'seed'?"]),
        (
            {"encoder": {"layer_size": 1.0}},
            ["encoder: 'layer_size' is now called 'aligned_rms'; write that instead"],
        ),
        ({"seed": -1}, ["seed: found -1", "a whole number from 0 to 2147483647"]),
        ({"seed": True}, ["seed: found True", "a whole number"]),
        ({"study": "Demo_1"}, ["study: found 'Demo_1'", "lower-case letters, digits and hyphens"]),
        (
            {"dataset": {"kind": "sheet"}},
            ["dataset.kind: found 'sheet'", "simulated or planted or"],
        ),
        ({"dataset": {"n_scene": 3}}, ["dataset: 'n_scene' is unknown", "'n_scenes'"]),
        ({"dataset": {"repeats": 1.5}}, ["dataset.repeats: found 1.5", "a whole number"]),
        ({"runs": []}, ["runs: found []", "a list of at least 1"]),
        ({"runs": [{"backbones": "all"}]}, ["runs[0]: 'subjects' is missing", "or all"]),
        (
            {"runs": [{"backbones": "plain", "subjects": "all"}]},
            ["runs[0].backbones: found 'plain'", "List of identifiers"],
        ),
        (
            {"runs": [{"backbones": ["plan"], "subjects": "all"}]},
            ["runs[0].backbones: found 'plan'", "backbones.tsv are plain, other"],
        ),
        (
            {"runs": [{"backbones": "all", "subjects": "all", "readouts": ["rigde"]}]},
            ["runs[0].readouts[0]: found 'rigde'", "factortopy or ridge"],
        ),
        ({"split": [8, 2]}, ["split: found [8, 2]", "a list of 3"]),
        ({"split": "8,1,1"}, ["found '8,1,1'; allowed is a list of 3", "as a list: [8, 1, 1]"]),
        ({"split": "8:1:1"}, ["found '8:1:1'", "write it as a list: [8, 1, 1]"]),
        ({"split": [8, 1, 0.5]}, ["split[2]: found 0.5; allowed is a whole number of at least 1"]),
        ({"split": [8, 1, -1]}, ["split[2]: found -1; allowed is a whole number of at least 1"]),
        ({"study": "12:30"}, ["study: found '12:30'", "write '12-30', for example"]),
        (
            {"runs": [{"backbones": "plain, other", "subjects": "all"}]},
            ["allowed is a list or all of at least 1", "as a list: [plain, other]"],
        ),
        ({"features": {"resize": "nearest"}}, ["features.resize: found 'nearest'", "area or ref"]),
        ({"threads": {"fit_encoder": 0}}, ["threads.fit_encoder: found 0", "CPU threads"]),
        ({"subjects": "people.tsv"}, ["people.tsv: cannot be read as a table"]),
    ],
)
def test_config_is_refused(here, change, words):
    fault = the_fault(write_study(here), **change)
    for word in words:
        assert word in fault
    assert "config.yaml: " in fault or "people.tsv: " in fault


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sauce": "zoo"}, ["column 'sauce' is unknown", "did you mean 'source'?"]),
        ({"backbone": "Plain"}, ["line 2 (backbone 'Plain'): backbone: found 'Plain'"]),
        (
            {"backbone": "Rés Net,50"},
            ["backbone: found 'Rés Net,50'", "lower-case letters, digits", "write 'res-net-50'"],
        ),
        ({"mean": "0,0,0", "std": "0,1,1"}, ["column std holds '0,1,1'", "three numbers above 0"]),
        ({"mean": "0,0,0", "std": "-1,1,1"}, ["column std holds '-1,1,1'", "Correct this row"]),
        ({"backbone": "other"}, ["line 3 (backbone 'other')", "has a row already"]),
        ({"name": ""}, ["line 2 (backbone 'plain')", "'name' is missing", "module:factory"]),
        (
            {"source": "keras"},
            [
                "source: found 'keras'",
                "zoo or timm or torchvision or open_clip or diffusers or python",
            ],
        ),
        ({"input_size": "96px"}, ["input_size: found '96px'", "a whole number from 1 to 4096"]),
        ({"input_size": "NaN"}, ["input_size: found 'NaN'"]),
        ({"mean": "0.5,0.5"}, ["mean: found '0.5,0.5'", "Three comma-separated means"]),
        ({"weights": "packaged:nothing"}, ["'plain': weights 'packaged:nothing'", "squeezenet"]),
        ({"weights": "lost.safetensors"}, ["'plain': weights 'lost.safetensors'", "no such file"]),
        ({"weights": "pretrained"}, ["'plain'", "weights holds 'pretrained'", "source zoo"]),
        (
            {"source": "python", "name": "nets:make"},
            ["'plain': column trust is empty", "nets:make would run code of the module nets"],
        ),
        ({"trust": "python"}, ["'plain': column trust holds 'python'", "an empty cell"]),
        ({"trust": "yes"}, ["trust: found 'yes'; allowed is python"]),
        (
            {"source": "python", "name": "nets.zoo:make", "trust": "python"},
            ["'plain': name: found 'nets.zoo:make'", "no module 'nets.zoo'"],
        ),
    ],
)
def test_row_of_backbones_is_refused(here, change, words):
    rows = [{**BACKBONES[0], **change}, BACKBONES[1]]
    config = {**SIMULATED, "runs": [{"backbones": "all", "subjects": "all"}]}
    fault = the_fault(write_study(here, config, backbones=rows))
    for word in ["backbones.tsv", *words]:
        assert word in fault


@pytest.mark.parametrize(
    ("scenes", "words"),
    [
        ("0-60", ["sim01", "'0-60'", "rows 0 to 59"]),
        ("0-9,5-12", ["sim01", "overlap"]),
        ("first ten", ["line 2 (subject 'sim01'): scenes: found 'first ten'"]),
        ("", ["line 2 (subject 'sim01')", "'scenes' is missing"]),
    ],
)
def test_scenes_of_a_subject_are_refused(here, scenes, words):
    rows = [{**SUBJECTS[0], "scenes": scenes}, SUBJECTS[1]]
    fault = the_fault(write_study(here, subjects=rows))
    for word in ["subjects.tsv", *words]:
        assert word in fault


def test_tables_without_rows_or_with_ragged_rows_are_refused(here):
    path = write_study(here)
    Path("backbones.tsv").write_text("backbone\tsource\tname\n")
    assert "backbones.tsv: found no rows" in the_fault(path)
    Path("backbones.tsv").write_text("backbone\tsource\tname\nplain\tzoo\n")
    assert "backbones.tsv, line 2: found 2 cells" in the_fault(path)


def test_config_that_is_no_yaml_is_refused(here):
    Path("config.yaml").write_text("study: [tiny\n")
    assert "config.yaml: cannot be read as YAML" in the_fault(Path("config.yaml"))
    Path("config.yaml").write_text("- study\n")
    assert "config.yaml: found no keys" in the_fault(Path("config.yaml"))
    assert "nothing.yaml: there is no such config file" in the_fault(Path("nothing.yaml"))


def test_all_faults_are_listed_and_the_first_says_how_many_more(here):
    path = write_study(here, {**SIMULATED, "seed": -1, "sed": 1, "split": [1]})
    assert len(examine_study(path)[1]) == 3
    with pytest.raises(CortexlensError, match="2 more: `cortexlens check` lists them"):
        load_study(path)


GRIDS = [
    ({"encoder": {"grid": 3}}, "factortopy", "encoder.grid: found 3; allowed are divisors of feat"),
    ({"variants": {"v": {"grid": 5}}}, "v", "variants.v.grid: found 5; allowed are divisors of"),
    ({"encoder": {"grid": 3}}, "ridge", None),
    ({"encoder": {"grid": 4}}, "factortopy", None),
    ({"encoder": {"grid": 3}, "features": {"grid": 9}}, "factortopy", None),
]


@pytest.mark.parametrize(("sections", "readout", "words"), GRIDS)
def test_grids_of_fits_divide_that_of_the_features(here, sections, readout, words):
    runs = [{"backbones": "all", "subjects": "all", "readouts": [readout]}]
    path = write_study(here, {**SIMULATED, **sections, "runs": runs})
    if words is None:
        assert examine_study(path)[1] == []
    else:
        assert words in the_fault(path)
        assert "which is 8: 1, 2, 4, 8" in the_fault(path)


def test_rows_that_no_run_uses_may_name_absent_files(here):
    rows = [*BACKBONES, {**BACKBONES[0], "backbone": "later", "weights": "later.pt"}]
    config = {**SIMULATED, "runs": [{"backbones": ["plain"], "subjects": "all"}]}
    assert len(load_study(write_study(here, config, backbones=rows)).runs) == 2


def test_planted_studies_name_a_row(here):
    dataset = {"kind": "planted", "n_scenes": 60, "backbone": "plane"}
    fault = the_fault(write_study(here, {**SIMULATED, "dataset": dataset}))
    assert "dataset.backbone: found 'plane'; rows of backbones.tsv are plain, other" in fault


def table_study(here):
    row = {**table_tree(here / "data"), "n_repeats": "3"}
    config = {**SIMULATED, "dataset": {"kind": "table", "root": "data"}}
    return config, row


def test_files_of_a_table_study(here):
    config, row = table_study(here)
    study = load_study(write_study(here, config, [row]))
    files = data_files(study.config["dataset"], study.subjects["a"])
    assert files == {
        "images": Path("data/images_a.zip"),
        "responses": Path("data/responses_a.npy"),
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"responses": "r.npy"}, ["subject 'a': responses: data/r.npy does not exist"]),
        ({"rois": "rois.tsv"}, ["subject 'a': rois: data/rois.tsv does not exist"]),
        ({"axes": "image"}, ["axes: found 'image'", "vertex,image or image,vertex"]),
        ({"n_repeats": "0"}, ["n_repeats: found 0", "of at least 1"]),
    ],
)
def test_row_of_a_table_study_is_refused(here, change, words):
    config, row = table_study(here)
    fault = the_fault(write_study(here, config, [{**row, **change}]))
    for word in ["subjects.tsv", *words]:
        assert word in fault


def test_files_that_were_not_fetched_are_told_from_missing_ones(here):
    config, row = table_study(here)
    path = write_study(here, config, [row])
    responses = here / "data" / "responses_a.npy"
    responses.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n")
    fault = the_fault(path)
    assert "responses: data/responses_a.npy is a pointer to a file that was not fetched" in fault
    assert "git lfs pull" in fault
    responses.unlink()
    responses.symlink_to("../.git/annex/objects/xx")
    fault = the_fault(path)
    assert "data/responses_a.npy is a link to ../.git/annex/objects/xx, which is not the" in fault
    assert "git annex get" in fault


def test_absent_folder_of_data_is_refused(here):
    config, row = table_study(here)
    config["dataset"]["root"] = "elsewhere"
    fault = the_fault(write_study(here, config, [row]))
    assert "dataset.root: found 'elsewhere'; there is no such folder" in fault


def test_algonauts_study_finds_its_folders(here):
    algonauts_tree(here / "data", n_images=3, n_vertices=(8, 8))
    config = {**SIMULATED, "dataset": {"kind": "algonauts2023", "root": "data"}}
    study = load_study(write_study(here, config, [{"subject": "subj01"}]))
    assert all(
        path.exists()
        for path in data_files(study.config["dataset"], study.subjects["subj01"]).values()
    )
    faults = examine_study(write_study(here, config, [{"subject": "subj02"}]))[1]
    assert "subject 'subj02': images: data/subj02/training_split/training_images" in faults[0]


@pytest.mark.parametrize("space", ["fsaverage", "func1pt8mm"])
def test_nsd_study_names_every_file_that_is_missing(here, space):
    nsd_tree(here / "data", length=8, space=space)
    config = {**SIMULATED, "dataset": {"kind": "nsd", "root": "data", "space": space}}
    row = {"subject": "subj02", "sessions": "1-2"}
    path = write_study(here, config, [row])
    study = load_study(path)
    files = data_files(study.config["dataset"], study.subjects["subj02"])
    assert picture_files(study.config["dataset"], study.subjects["subj02"]) == [
        files["images"],
        files["design"],
    ]
    names = ["images", "design", "roi streams" if space != "fsaverage" else "roi streams, rh"]
    names.append("session 2" if space != "fsaverage" else "session 2, lh")
    for name in names:
        files[name].unlink()
    faults = examine_study(path)[1]
    assert len(faults) == len(names)
    for name in names:
        expected = f"subjects.tsv: subject 'subj02': {name}: {files[name]} does not exist"
        assert expected in faults


def test_sessions_that_were_never_released_are_named(here):
    nsd_tree(here / "data", length=8)
    config = {**SIMULATED, "dataset": {"kind": "nsd", "root": "data"}}
    path = write_study(here, config, [{"subject": "subj03", "sessions": "30-33"}])
    assert "subject 'subj03': sessions '30-33': subj03 has the sessions 1 to 32" in the_fault(path)
    path = write_study(here, config, [{"subject": "anna"}])
    assert "subject 'anna': 'anna' is not a subject of the NSD; allowed are subj01" in the_fault(
        path
    )


def test_files_that_a_backbone_is_made_from(here):
    Path("nets.py").write_text("")
    Path("own.pt").write_bytes(b"")
    row = {"backbone": "own", "source": "python", "name": "nets:make", "trust": "python"}
    row["weights"] = "own.pt"
    study = load_study(write_study(here, backbones=[row]))
    assert backbone_files(study.backbones["own"]) == [Path("own.pt"), Path("nets.py")]


@given(st.text(st.sampled_from("aZ9-_. é"), min_size=1).map(str.strip).filter(bool))
def test_identifiers_are_lower_case_letters_digits_and_hyphens(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("study")
    tables = {key: str(folder / f"{key}.tsv") for key in ("subjects", "backbones")}
    path = write_study(folder, {**SIMULATED, **tables})
    write_table(folder / "backbones.tsv", [{**BACKBONES[0], "backbone": name}])
    study, faults = examine_study(path)
    if set(name) <= set("a9-") and name[0] != "-" and len(name) <= 64:
        assert study is not None
        assert list(study.backbones) == [name]
    else:
        assert f"backbone: found {name!r}" in faults[0]


def test_merging_changes_neither_side():
    config, overrides = {"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}, "e": 4}
    assert merged(config, overrides) == {"a": {"b": 9, "c": 2}, "d": 3, "e": 4}
    assert config == {"a": {"b": 1, "c": 2}, "d": 3}
    assert overrides == {"a": {"b": 9}, "e": 4}


@pytest.mark.parametrize("path", READY_MADE, ids=lambda path: path.parent.name)
def test_ready_made_studies_lack_nothing_but_the_data(path, monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    for fault in examine_study(path)[1]:
        assert "dataset.root" in fault

"""What the page of a study is made from: needed, or shown as far as it is there."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from cortexlens.config.study import load_study
from cortexlens.workflow.atlas_inputs import AtlasInputs
from cortexlens.workflow.collected import RESULTS
from studies import REPOSITORY


@pytest.fixture(scope="module")
def study():
    """The demo, whose config asks for something of every target."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        return load_study(Path("config/config.yaml"))


@pytest.fixture
def inputs(study, tmp_path):
    """Function from the targets of a call to the inputs of the page."""

    def called(*targets):
        settings = SimpleNamespace(targets=set(targets))
        workflow = SimpleNamespace(dag_settings=settings, remote_exec=False)
        return AtlasInputs(study, tmp_path, None, workflow)

    return called


def put(folder, path):
    """Write a result with something in it; gives its path."""
    file = folder / path.replace(f"{RESULTS}/", "")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(path)
    return file


def test_the_runs_alone_are_needed(inputs, study):
    needed = inputs().needed(None)
    assert len(needed) == len(set(needed))
    fits = [path for path in needed if "/fits/" in path]
    assert len(fits) == len(study.runs) == sum("/scores/" in path for path in needed)
    for name in ("brain_score", "hierarchy", "roi_models", "paper_comparison"):
        assert f"{RESULTS}/tables/{name}.tsv" in needed
    assert {path for path in needed if path.endswith("images.tsv")} == {
        f"{RESULTS}/subjects/{name}/images.tsv" for name in study.subjects
    }
    assert not any("finetune" in path or "/channels/" in path for path in needed)


def test_a_call_for_everything_needs_what_it_makes(inputs, study):
    needed = inputs("everything").needed(None)
    assert needed[: len(study.runs)] == inputs().needed(None)[: len(study.runs)]
    for run in (*study.finetuned, *study.further):
        assert f"{RESULTS}/fits/{run.readout}/{run.backbone}/{run.subject}/fit.zarr" in needed
    for backbone, subject in study.channelled:
        assert f"{RESULTS}/channels/stacked/{backbone}/{subject}.zarr" in needed
    assert f"{RESULTS}/tables/finetune_changes.tsv" in needed
    assert not any("/dictionaries/" in path for path in needed)


def test_what_is_there_already_is_shown_but_not_needed(inputs, tmp_path):
    everything = inputs("everything").needed(None)
    own = inputs()
    added = [path for path in everything if path not in own.needed(None)]
    assert own.beside(None) == own.state(None) == []
    for path in [*added[::2], *own.needed(None)]:
        put(tmp_path, path)
    there = {f"--beside={path.replace(RESULTS, str(tmp_path))}" for path in added[::2]}
    assert set(own.beside(None)) == there
    assert not inputs("everything").beside(None)


def test_units_come_with_the_dictionaries_that_are_there(inputs, study, tmp_path):
    backbone, subject = study.coded[0]
    unit = put(tmp_path, f"{RESULTS}/units/{backbone}/blocks.1/seed-0/{subject}.zarr")
    put(tmp_path, f"{RESULTS}/units/{backbone}/blocks.1/seed-1/{subject}.zarr")
    other = put(tmp_path, f"{RESULTS}/dictionaries/{backbone}/{subject}.zarr")
    put(tmp_path, f"{RESULTS}/dictionaries/gone/{subject}.zarr")
    assert set(inputs().beside(None)) == {f"--beside={unit}", f"--beside={other}"}


def test_what_was_made_again_changes_the_state(inputs, study, tmp_path):
    backbone, subject = study.coded[0]
    file = put(tmp_path, f"{RESULTS}/dictionaries/{backbone}/{subject}.zarr")
    before = inputs().state(None)
    assert inputs().state(None) == before
    file.write_text("other")
    assert inputs().state(None) != before
    file.unlink()
    shutil.rmtree(file.parent)
    assert inputs().state(None) == []


def test_a_study_of_ridge_alone_has_one_table(study, tmp_path):
    runs = tuple(run._replace(readout="ridge") for run in study.runs)
    workflow = SimpleNamespace(dag_settings=None, remote_exec=False)
    needed = AtlasInputs(replace(study, runs=runs), tmp_path, None, workflow).needed(None)
    assert [Path(path).name for path in needed if "/tables/" in path] == ["brain_score.tsv"]

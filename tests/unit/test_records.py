"""Jobs of a workflow write down what they made, from what and how; others do not."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlens.cli import main
from cortexlens.errors import CortexlensError
from cortexlens.storage import records
from cortexlens.storage.atomic import replacing
from cortexlens.storage.lineage import history_of, workflow_call
from cortexlens.storage.manifest import NAME, entry_of
from studies_made import CALLS, IMAGES, RESPONSES, RESULTS, SCENES, made_study, run


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return made_study(tmp_path_factory)


@pytest.fixture
def study(made, tmp_path, monkeypatch):
    """A copy of a study with three results."""
    shutil.copytree(made, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def found(path):
    record = records.find_record(RESULTS, path.relative_to(RESULTS))
    assert record is not None
    return record


def test_every_result_has_a_record(study):
    record = found(RESPONSES)
    assert [record.size, record.hash] == list(entry_of(RESPONSES / NAME))
    assert record.folder
    assert (record.stage, record.call[1]) == ("collect_responses", "collect-responses")
    assert record.study == {"config": "config.yaml", "overrides": {"seed": 3}}
    assert record.versions["python"] == ".".join(map(str, sys.version_info[:3]))
    images = found(IMAGES)
    assert not images.folder
    assert [images.size, images.hash] == list(entry_of(IMAGES))
    assert record.inputs[str(IMAGES)] == [images.size, images.hash]
    assert record.inputs[str(SCENES)] == list(entry_of(SCENES / NAME))
    assert str(RESPONSES) not in record.inputs
    names = {str(file.relative_to(RESULTS)) for file in records.all_records(RESULTS)}
    assert names == {
        "manifests/scenes.json",
        "manifests/subjects/sim01/images.tsv.json",
        "manifests/subjects/sim01/responses.zarr.json",
    }


def test_a_call_by_hand_leaves_no_record(study, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["cortexlens", *CALLS[0].split()[:-1], "results/tiny/by-hand"])
    with pytest.raises(SystemExit):
        main()
    assert (RESULTS / "by-hand" / NAME).is_file()
    assert records.find_record(RESULTS, (RESULTS / "by-hand").relative_to(RESULTS)) is None


def test_the_history_goes_back_to_the_data(study):
    history = history_of(RESPONSES / "response" / "zarr.json")
    assert [step.stage for step in history.steps] == [
        *("draw_scenes", "collect_images", "collect_responses")
    ]
    assert history.data.keys() <= {str(SCENES / "scenes.tsv")}
    assert workflow_call(history.result) == (
        "snakemake --profile workflow/profiles/default --configfile config.yaml --config seed=3 "
        f"--force -- {RESPONSES}"
    )
    mapping = replace(history.result, study={"config": "a b", "overrides": {"x": {"root": "/d"}}})
    assert "--configfile 'a b' --config 'x={\"root\": \"/d\"}'" in workflow_call(mapping)


def test_results_that_were_moved_keep_their_history(study):
    RESULTS.rename(study / "elsewhere")
    history = history_of(study / "elsewhere" / "subjects" / "sim01" / "images.tsv")
    assert [step.stage for step in history.steps] == ["draw_scenes", "collect_images"]


def test_files_of_the_user_are_the_end_of_a_history(study, monkeypatch):
    (study / "notes.tsv").write_text("x\n")
    inputs = {"images": study / "notes.tsv", "folder": study, "out": RESULTS / "table.tsv"}
    monkeypatch.setenv(
        records.VARIABLE, records.job_environment(str(RESULTS), Path("config.yaml"), {})
    )
    with replacing(RESULTS / "table.tsv") as partial:
        partial.write_text("y\n")
    records.keep_records("summarise_scores", ["cortexlens"], inputs)
    history = history_of(RESULTS / "table.tsv")
    assert history.data["notes.tsv"] == list(entry_of(study / "notes.tsv"))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": 7}'])
def test_a_record_that_cannot_be_read_is_refused(study, text):
    file = records.record_path(RESULTS, SCENES.relative_to(RESULTS))
    file.write_text(text)
    with pytest.raises(CortexlensError, match=r"scenes\.json: (cannot be read|found a record)"):
        history_of(SCENES)


def test_a_job_that_is_made_again_is_recorded_again(study, monkeypatch):
    first = json.loads(records.record_path(RESULTS, SCENES.relative_to(RESULTS)).read_text())
    run(monkeypatch, CALLS[0].replace("--seed=3", "--seed=4"))
    assert found(SCENES).hash != first["hash"]
    assert "--seed=4" in found(SCENES).call


def test_the_commit_is_that_of_the_code(tmp_path, monkeypatch):
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    (tmp_path / "__init__.py").touch()
    monkeypatch.setattr(records, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert records.commit() is None
    subprocess.run([*git, "init", "-q"], check=True)
    assert records.commit() is None
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "a"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    assert records.commit() == head.stdout.strip()
    (tmp_path / "__init__.py").write_text("a = 1\n")
    assert records.commit() == f"{head.stdout.strip()}-dirty"

"""The stage verify finds what was damaged, says how to repair it, and changes nothing itself."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.jobs import handover, lock
from cortexlens.storage.manifest import NAME
from studies_made import CALLS, IMAGES, RESPONSES, RESULTS, SCENES, made_study, run

CHUNK = RESPONSES / "response" / "c" / "0" / "0"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return made_study(tmp_path_factory)


@pytest.fixture
def study(made, tmp_path, monkeypatch):
    """A copy of a study with three results, to damage."""
    shutil.copytree(made, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    yield tmp_path / "here"
    lock.release_run(RESULTS)


def verify(*arguments):
    return CliRunner().invoke(
        app, ["verify", "--config", "config.yaml", *arguments], catch_exceptions=False
    )


def state(folder):
    """Every file's bytes and time, but for what a workflow that ends would remove."""
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted((folder / "results").rglob("*"))
        if handover.FOLDER not in path.parts
    }


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def older(path):
    about = json.loads((path / "zarr.json").read_text())
    about["attributes"]["cortexlens_format"] = 0
    (path / "zarr.json").write_text(json.dumps(about))


DAMAGE = {
    "flipped": (lambda: flip(CHUNK), RESPONSES, "response/c/0/0 does not hold the bytes"),
    "cut": (lambda: os.truncate(CHUNK, 9), RESPONSES, "response/c/0/0 has 9 bytes of"),
    "chunk gone": (CHUNK.unlink, RESPONSES, "response/c/0/0 is missing"),
    "array gone": (
        lambda: shutil.rmtree(RESPONSES / "ncsnr"),
        RESPONSES,
        "ncsnr/zarr.json is missing",
    ),
    "added": (lambda: (RESPONSES / "response/c/7").touch(), RESPONSES, "response/c/7 was added"),
    "store gone": (lambda: shutil.rmtree(RESPONSES), RESPONSES, "    is missing"),
    "older": (lambda: older(RESPONSES), RESPONSES, "of format 0; this cortexlens reads 1"),
    "no manifest": ((RESPONSES / NAME).unlink, RESPONSES, f"{NAME} is missing"),
    "bad manifest": (lambda: os.truncate(RESPONSES / NAME, 40), RESPONSES, f"{NAME} "),
    "table flipped": (lambda: flip(IMAGES), IMAGES, "does not hold the bytes"),
    "table cut": (lambda: os.truncate(IMAGES, 5), IMAGES, "has 5 bytes of"),
    "picture": (lambda: flip(sorted(SCENES.rglob("*.png"))[3]), SCENES, ".png does not hold"),
}


def test_whole_results_are_read_and_left_alone(study):
    before = state(study)
    result = verify()
    assert result.exit_code == 0, result.output
    assert "All are as they were written." in result.output
    assert f"Study tiny, {RESULTS}: " in result.output
    assert state(study) == before


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_and_repaired(study, monkeypatch, damage):
    harm, path, said = DAMAGE[damage]
    whole = {path: content for path, (_, content) in state(study).items()}
    harm()
    before = state(study)
    result = verify()
    assert result.exit_code == 1
    assert (
        f"Damaged: {path} (rule {'draw_scenes' if path == SCENES else 'collect_'}" in result.output
    )
    assert said in result.output
    assert result.output.count("Damaged") == 1
    assert "cortexlens verify --config config.yaml --repair" in result.output
    assert state(study) == before
    assert verify("--repair").exit_code == 1
    lock.release_run(RESULTS)
    if damage != "added":
        assert not path.exists()
        assert f"--configfile config.yaml -- {path}\n" in result.output
        run(monkeypatch, next(call for call in CALLS if call.endswith(str(path))))
    assert verify().exit_code == 0
    again = {path: content for path, (_, content) in state(study).items()}
    own = {path for path in whole if "manifests" not in path.parts}
    assert own == {path for path in again if "manifests" not in path.parts} - {locked(study)}
    assert {path for path in own if again[path] != whole[path]} == set()


def locked(study):
    return study / RESULTS / lock.NAME


def test_all_that_is_damaged_is_named_at_once(study):
    flip(IMAGES)
    for file in (RESPONSES / "ncsnr").rglob("*"):
        if file.is_file():
            file.unlink()
    (RESPONSES / "response" / "zarr.json").unlink()
    result = verify("--lines", "2")
    assert result.exit_code == 1
    assert result.output.count("Damaged") == 2
    assert "and 1 more file" in result.output
    assert f"-- {IMAGES} {RESPONSES}" in result.output


def test_results_of_an_older_version_are_told_and_kept(study):
    (RESULTS / "tables").mkdir()
    (RESULTS / "tables" / "old.tsv").write_text("a\n")
    shutil.copytree(RESPONSES, RESULTS / "old.zarr")
    (RESULTS / "old.zarr" / NAME).unlink()
    result = verify("--repair")
    assert result.exit_code == 0
    assert "2 without a record, which cannot be verified: " in result.output
    assert (RESULTS / "old.zarr").is_dir()


def test_nothing_is_verified_while_a_workflow_runs(study):
    code = (
        "from cortexlens.jobs.lock import acquire; from pathlib import Path; import sys, time;"
        f"acquire(Path('{RESULTS}')); print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(
            CortexlensError, match=f"a workflow is running .* process {process.pid}"
        ):
            verify()
        process.kill()


def test_a_study_without_results_is_refused(study):
    shutil.rmtree(RESULTS)
    with pytest.raises(CortexlensError, match="results/tiny: no results of study 'tiny'"):
        verify()

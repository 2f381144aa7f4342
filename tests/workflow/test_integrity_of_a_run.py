"""Workflows and verify in one folder: nothing runs twice at once, what is damaged is made again."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from programs import Workflow
from studies import REPOSITORY, write_study

RESPONSES = "results/tiny/subjects/sim01/responses.zarr"
HOLD = """
import sys, time
from pathlib import Path
from cortexlens.jobs.lock import acquire
acquire(Path("results/tiny"))
print("held", flush=True)
time.sleep(600)
"""
# six calls of snakemake: about 70 s of one processor
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study whose responses were made."""
    workflow = Workflow(tmp_path_factory.mktemp("made"))
    write_study(workflow.folder)
    done = workflow("--config", "seed=5", "--", RESPONSES)
    assert done.returncode == 0, done.stdout + done.stderr
    return workflow


@pytest.fixture
def study(made, tmp_path, monkeypatch):
    shutil.copytree(made.folder, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    return Workflow(tmp_path / "here")


def test_jobs_keep_records_of_what_they_made(made):
    path = made.folder / "results/tiny/manifests/subjects/sim01/responses.zarr.json"
    record = json.loads(path.read_text())
    assert record["path"] == RESPONSES
    assert record["study"] == {"config": "config.yaml", "overrides": {"seed": 5}}
    assert "--seed=5" in record["call"]


def test_what_is_damaged_is_made_again_with_the_same_bytes(study):
    chunk = study.folder / RESPONSES / "response/c/0/0"
    whole = chunk.read_bytes()
    chunk.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    verify = ["verify", "--config", "config.yaml"]
    assert CliRunner().invoke(app, verify).exit_code == 1
    nothing = study("--config", "seed=5", "--", RESPONSES)
    assert "Nothing to be done" in nothing.stdout + nothing.stderr
    repaired = subprocess.run(
        [sys.executable, "-c", "from cortexlens.cli import main; main()", *verify, "--repair"],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert repaired.returncode == 1, repaired.stderr
    assert not (study.folder / RESPONSES).exists()
    done = study("--config", "seed=5", "--", RESPONSES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert chunk.read_bytes() == whole
    assert CliRunner().invoke(app, verify).exit_code == 0


def test_a_second_workflow_is_refused_until_the_first_is_killed(study):
    shutil.rmtree(study.folder / RESPONSES)
    locks = study.folder / ".snakemake" / "locks"
    locks.mkdir(exist_ok=True)
    (locks / "0.output.lock").write_text(f"{RESPONSES}\n")  # as snakemake leaves it when killed
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
    )
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        refused = study("--config", "seed=5", "--", RESPONSES)
        assert refused.returncode == 2
        (line,) = [each for each in refused.stderr.splitlines() if each.startswith("cortexlens:")]
        assert f"another workflow is running on these results: process {holder.pid} on " in line
        assert "Traceback" not in refused.stderr
        assert not (study.folder / RESPONSES).exists()
        looked = study("--config", "seed=5", "--dry-run", "--", RESPONSES)
        assert looked.returncode == 0, looked.stderr
        holder.send_signal(signal.SIGKILL)
    done = study("--config", "seed=5", "--", RESPONSES)
    assert done.returncode == 0, done.stdout + done.stderr

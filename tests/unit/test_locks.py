"""One workflow at a time on the results of a study, whoever is killed."""

import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from cortexlens.errors import CortexlensError
from cortexlens.jobs import lock

HOLD = """
import sys, time
from pathlib import Path
from cortexlens.jobs.lock import acquire
acquire(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield Path("results/tiny")
    lock.release_run(Path("results/tiny"))


@pytest.fixture
def other(results):
    """Another process that holds the results."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(results)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def ignore(results):
    """What is done at the end of a workflow where nothing is to be done."""


def snakemake(*, main=True, dry=False):
    """What of a workflow of snakemake is asked for."""
    ran = []
    plugin = SimpleNamespace(common_settings=SimpleNamespace(dryrun_exec=dry))
    workflow = SimpleNamespace(is_main_process=main, execute=lambda **told: ran.append(told))
    return workflow, plugin, ran


def test_a_second_process_is_told_who_runs(results, other):
    with pytest.raises(CortexlensError) as told:
        lock.acquire(results)
    assert (
        f"results/tiny: another workflow is running on these results: process {other.pid} on"
        in str(told.value)
    )
    assert ", since 20" in str(told.value)
    assert f"process {other.pid}" in str(lock.owner(results))
    lock.acquire(Path("results/second"))
    lock.release_run(Path("results/second"))


def test_results_are_free_when_who_held_them_was_killed(results, other):
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert lock.owner(results) is None
    lock.acquire(results)
    lock.acquire(results)
    assert f"process {os.getpid()}" in (lock.owner(results) or "")
    lock.release_run(results)
    assert lock.owner(results) is None


def test_a_workflow_that_runs_jobs_is_refused_in_one_line(results, other, capsys):
    workflow, plugin, ran = snakemake()
    lock.guard(workflow, results, ignore)
    with pytest.raises(SystemExit) as ended:
        workflow.execute(executor_plugin=plugin)
    assert ended.value.code == 2
    assert not ran
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("cortexlens: results/tiny: another workflow is running")


@pytest.mark.parametrize("kind", [{"main": False}, {"dry": True}], ids=["job", "dry run"])
def test_jobs_and_dry_runs_are_not_refused(results, other, kind):
    workflow, plugin, ran = snakemake(**kind)
    lock.guard(workflow, results, ignore)
    workflow.execute(executor_plugin=plugin, further=3)
    assert ran == [{"executor_plugin": plugin, "further": 3}]


def test_what_a_killed_workflow_locked_is_freed_and_no_more(results, tmp_path):
    kept = tmp_path / ".snakemake" / "locks"
    kept.mkdir(parents=True)
    (kept / "0.input.lock").write_text("config.tsv\nresults/tiny/scenes\n")
    (kept / "0.output.lock").write_text("results/tiny/tables/brain_score.tsv\n")
    (kept / "1.output.lock").write_text("results/tiny-too/tables/brain_score.tsv\n")
    lock.free_locks(Path(".snakemake"), results)
    assert len(list(kept.iterdir())) == 3
    workflow, plugin, ran = snakemake()
    lock.guard(workflow, results, ignore)
    workflow.execute(executor_plugin=plugin)
    assert ran
    assert [path.name for path in kept.iterdir()] == ["1.output.lock"]


@pytest.mark.parametrize(
    ("fails", "unnoted", "told"),
    [(False, True, True), (True, False, True), (True, True, False)],
    ids=["through", "failed", "broken off"],
)
def test_what_is_held_for_ended_jobs_goes_when_all_are_noted(results, fails, unnoted, told):
    def execute(**settings):
        if fails:
            raise RuntimeError("a job failed")

    workflow, plugin, _ = snakemake()
    workflow.execute = execute
    marks = Path(".snakemake/incomplete")
    marks.mkdir(parents=True)
    if unnoted:
        (marks / "cmVzdWx0cy90aW55").touch()
    ended = []
    lock.guard(workflow, results, ended.append)
    with pytest.raises(RuntimeError) if fails else nullcontext():
        workflow.execute(executor_plugin=plugin)
    assert ended == [results] * told


def test_words_that_were_not_written_whole_are_no_matter(results, other):
    (results / lock.NAME).write_text('{"pid": 3')
    with pytest.raises(CortexlensError, match="a process that did not write down its name"):
        lock.acquire(results)


def test_a_folder_that_cannot_be_written_is_no_matter(tmp_path):
    (tmp_path / "file").touch()
    lock.acquire(tmp_path / "file" / "tiny")
    assert lock.owner(tmp_path / "file" / "tiny") is None

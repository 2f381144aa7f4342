"""Where a study stands, from made-up remains of its jobs."""

from pathlib import Path

import pytest

from cortexlens.jobs.lock import acquire, release_run
from cortexlens.jobs.status import disk_use, last_lines, read_progress
from runs import Remains, failure

START = 1_700_000_000.0
RULES = ("fit", "draw")


@pytest.fixture
def remains(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Remains(tmp_path)


def states(remains):
    """State of each job by its rule and name, and of jobs that wait."""
    found = read_progress(remains.results, Path(".snakemake"), RULES)
    return {(job.rule, job.name): job.state for job in found.jobs}, dict(found.waiting)


def test_a_job_without_a_measurement_runs_while_the_study_is_locked(remains):
    remains.job("fit", "a/one", began=START, took=5)
    remains.job("fit", "a/two", began=START + 10)
    remains.call({"fit": 4, "all": 1}, ["Finished jobid: 1 (Rule: fit)"], began=START)
    assert states(remains) == ({("fit", "a/one"): "done", ("fit", "a/two"): "cut off"}, {"fit": 2})
    remains.lock()
    assert states(remains)[0]["fit", "a/two"] == "running"


def test_snakemakes_lock_does_not_count_once_its_process_is_gone(remains):
    remains.job("fit", "a", began=START)
    remains.lock()
    acquire(remains.results)
    assert states(remains)[0] == {("fit", "a"): "running"}
    release_run(remains.results)
    assert states(remains)[0] == {("fit", "a"): "cut off"}


def test_a_lock_of_another_study_does_not_count(remains):
    remains.job("fit", "a", began=START)
    Remains(remains.home, "tiny-other").lock()
    assert states(remains)[0] == {("fit", "a"): "cut off"}


def test_a_failure_holds_until_the_job_is_started_again(remains):
    log = remains.job("fit", "a", began=START + 10)
    error = failure("fit", log, START + 11)
    remains.call({"fit": 1, "draw": 2}, error, began=START, ended=START + 12)
    assert states(remains) == ({("fit", "a"): "failed"}, {"draw": 2})
    remains.job("fit", "a", began=START + 100)
    assert states(remains)[0] == {("fit", "a"): "cut off"}
    remains.job("fit", "a", began=START + 100, took=3)
    assert states(remains)[0] == {("fit", "a"): "done"}


def test_a_job_that_failed_before_it_wrote_a_log_is_told(remains):
    log = remains.results / "logs" / "fit" / "b.log"
    remains.call({"fit": 1}, failure("fit", log, START + 1), began=START)
    assert states(remains)[0] == {("fit", "b"): "failed"}


@pytest.mark.parametrize("name", ["fit.zarr", "x" * 400], ids=["short", "in folders"])
def test_what_was_made_and_is_gone_waits_again(remains, name):
    output = remains.results / "fits" / name[:200] / name[200:]
    remains.job("fit", "a", began=START, took=1, output=output)
    assert states(remains)[0] == {("fit", "a"): "waiting"}
    output.mkdir(parents=True)
    assert states(remains)[0] == {("fit", "a"): "done"}


def test_dry_runs_and_reports_are_no_calls(remains):
    remains.job("fit", "a", began=START, took=1)
    remains.call({"fit": 1}, ["Finished jobid: 0 (Rule: fit)"], began=START, ended=START + 5)
    remains.call({"draw": 9}, ["This was a dry-run (flag -n)."], began=START + 6)
    report = remains.memory / "log" / "2033-01-01T000000.0.snakemake.log"
    report.write_text("Building DAG of jobs...\nCreating report...\n")
    (report.parent / "stray.snakemake.log").write_text("Job stats:\nfit 7\n")
    assert states(remains) == ({("fit", "a"): "done"}, {})


def test_a_later_call_for_another_study_is_not_taken(remains):
    remains.job("fit", "a", began=START + 1, took=1)
    remains.call({"fit": 3}, ["Finished jobid: 0 (Rule: fit)"], began=START, ended=START + 5)
    remains.call({"draw": 8}, began=START + 900, ended=START + 950)
    assert states(remains)[1] == {"fit": 2}


def test_steps_whose_rule_is_known_later_are_counted_while_it_runs(remains):
    remains.call({"fit": 3, "all": 1}, ["2 of 9 steps (22%) done"], began=START)
    assert read_progress(remains.results, Path(".snakemake"), RULES).unknown == 0
    remains.lock()
    assert read_progress(remains.results, Path(".snakemake"), RULES).unknown == 5


def test_last_lines_hold_no_control_characters(tmp_path):
    log = tmp_path / "a.log"
    log.write_bytes(b"one\n\n\x1b[31mtwo\x07\t2\r\n\xff three\n" + b" \n")
    assert last_lines(log, 2) == [" [31mtwo  2", "\ufffd three"]
    assert last_lines(log, 0) == []
    assert last_lines(tmp_path / "none.log", 5) == []


def test_disk_counts_folders_and_no_links(tmp_path):
    (tmp_path / "results" / "features").mkdir(parents=True)
    (tmp_path / "results" / "features" / "big").write_bytes(b"1" * 200_000)
    (tmp_path / "results" / "small").write_bytes(b"1")
    (tmp_path / "results" / "link").symlink_to(tmp_path / "results" / "features")
    sizes = dict(disk_use(tmp_path / "results"))
    assert next(iter(sizes)) == "features"
    assert sizes["features"] >= 200_000
    assert sizes["link"] < 10_000
    assert dict(disk_use(tmp_path / "none")) == {}

"""A job that had ended when its workflow was killed is not computed again."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import typer

from cortexlens.jobs import handover
from cortexlens.storage import records
from cortexlens.storage.atomic import replacing
from cortexlens.storage.manifest import NAME, mark_complete, on_complete, reset, seal

RESULTS = Path("results/tiny")
STAGE = "draw_scenes"  # whose code the job is taken for
CALL = ("cortexlens", "draw-scenes", "--table", "table.tsv")
STORE, TABLE = RESULTS / "a" / "store", RESULTS / "table.tsv"


class Job:
    """A stage that makes a folder and a file from a table, and counts how often."""

    def __init__(self):
        self.runs = 0

    def __call__(self, table, out, rows):
        self.runs += 1
        for path in (out, rows):
            path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as partial:
            (partial / "deep" / "er").mkdir(parents=True)
            (partial / "deep" / "er" / "0").write_bytes(bytes(range(200)))
            (partial / "zarr.json").write_text("{}")
        with replacing(rows) as partial:
            shutil.copyfile(table, partial)


def contents():
    """Every file of the results but what is held."""
    return {
        path: path.read_bytes()
        for path in RESULTS.rglob("*")
        if path.is_file() and handover.FOLDER not in path.parts
    }


OPTIONS = {"table": Path("table.tsv"), "out": STORE, "rows": TABLE}


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A job that has ended, in a study of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(
        records.VARIABLE, records.job_environment(str(RESULTS), Path("config.yaml"), {})
    )
    Path("table.tsv").write_text("a\n")
    os.utime("table.tsv", (1e9, 1e9))
    job = Job()
    run(job)
    return job


def run(job, *, call=CALL):
    reset()
    handover.run_or_restore(STAGE, job, call, OPTIONS)


def kill_before_the_note():
    """What the next snakemake does first, taking the job for broken: it removes its results."""
    for path in (STORE, TABLE):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def test_results_of_an_ended_job_are_taken_back(job, capsys):
    expected = contents()
    kill_before_the_note()
    shutil.rmtree(RESULTS / records.FOLDER)
    run(job)
    assert job.runs == 1
    assert contents() == expected
    assert "its results are restored" in capsys.readouterr().err
    kill_before_the_note()
    run(job)
    assert job.runs == 1, "a second kill"
    assert contents() == expected


def test_a_result_that_is_whole_needs_no_name_to_be_taken_back(job):
    expected = STORE / "deep" / "er" / "0"
    handover.remove_stashed(RESULTS)
    kill_before_the_note()

    def killed(table, out, rows):
        with replacing(rows) as partial:
            shutil.copyfile(table, partial)
        made = out.with_name(".store.partial") / "store"
        (made / "deep" / "er").mkdir(parents=True)
        (made / "deep" / "er" / "0").write_bytes(bytes(range(200)))
        seal(made)
        mark_complete({out: made})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(killed)
    mark_complete({Path("elsewhere"): TABLE})  # not of this job, which is over
    kill_before_the_note()
    run(job)
    assert job.runs == 1
    assert expected.read_bytes() == bytes(range(200))
    assert not STORE.with_name(".store.partial").exists()


OTHER = """
import sys, time
from pathlib import Path
from cortexlens.jobs import handover
from cortexlens.storage.atomic import replacing

def stage(table, out, rows):
    print("begun", flush=True)
    sys.stdin.readline()
    with replacing(rows) as partial:
        partial.write_text("of the other")
    with replacing(out) as partial:
        partial.mkdir()
        (partial / "zarr.json").write_text("of the other")

handover.run_or_restore({stage!r}, stage, {call!r}, {{}} | dict(
    table=Path("table.tsv"), out=Path({out!r}), rows=Path({rows!r})))
"""


def test_a_job_waits_for_one_that_lives_on_and_takes_its_results(job, capsys):
    """Its workflow was killed, the job was not: on a cluster, or on another machine."""
    handover.remove_stashed(RESULTS)
    kill_before_the_note()
    program = OTHER.format(stage=STAGE, call=CALL, out=str(STORE), rows=str(TABLE))
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "begun\n"
        ends = threading.Timer(1, lambda: (other.stdin.write("\n"), other.stdin.flush()))
        ends.start()
        run(job)
        assert other.wait() == 0
    assert job.runs == 1
    assert f"process {other.pid} on" in capsys.readouterr().err
    assert (STORE / "zarr.json").read_text() == "of the other"
    assert TABLE.read_text() == "of the other"
    record = records.find_record(RESULTS, TABLE.relative_to(RESULTS))
    assert record is not None
    assert record.size == len("of the other")
    assert not list(RESULTS.rglob("*.running"))


def test_what_is_made_elsewhere_is_not_held(job, tmp_path):
    handover.remove_stashed(RESULTS)
    with replacing(tmp_path / "other") as partial:
        partial.touch()
    handover.HandOver(RESULTS, STAGE, CALL).stash_outputs({tmp_path / "other": tmp_path / "other"})
    assert not (RESULTS / handover.FOLDER).exists()


def test_a_job_is_through_once(job):
    """What a stage makes after it has said so would be missing."""
    seen = []
    on_complete(seen.append)
    mark_complete()
    mark_complete()
    assert seen == [{}]


def test_a_study_that_was_moved_takes_back_its_own(job, tmp_path, monkeypatch):
    kill_before_the_note()
    shutil.copytree(tmp_path, tmp_path.with_name("moved"))
    monkeypatch.chdir(tmp_path.with_name("moved"))
    run(job)
    assert job.runs == 1
    assert STORE.is_dir()
    assert TABLE.read_text() == "a\n"
    assert not (tmp_path / TABLE).exists()


def test_holding_takes_no_room(job):
    for path in (TABLE, STORE / "deep" / "er" / "0"):
        assert path.stat().st_nlink == 2
    handover.remove_stashed(RESULTS)
    assert TABLE.stat().st_nlink == 1
    assert not [path for path in RESULTS.rglob(".*") if path.name != NAME]


def newer_input():
    Path("table.tsv").write_text("b\n")


def newer_input_of_the_study():
    os.utime("table.tsv")


def damaged():
    kept = next((RESULTS / handover.FOLDER).glob("*/*/deep/er/0"))
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")


def cut_short():
    next((RESULTS / handover.FOLDER).glob("*/1")).write_bytes(b"")


def missing():
    next((RESULTS / handover.FOLDER).glob("*/*/zarr.json")).unlink()


def half_an_index():
    next((RESULTS / handover.FOLDER).glob("*/index.json")).write_text('{"held": [{}')


def a_name_that_leads_out():
    index = next((RESULTS / handover.FOLDER).glob("*/index.json"))
    index.write_text(index.read_text().replace('"table.tsv"', '"../../table.tsv"'))


def nothing():
    handover.remove_stashed(RESULTS)


@pytest.mark.parametrize(
    "change",
    [
        *(newer_input, newer_input_of_the_study, damaged, cut_short, missing, half_an_index),
        *(a_name_that_leads_out, nothing),
    ],
)
def test_what_is_not_as_it_was_is_computed(job, change):
    kill_before_the_note()
    change()
    run(job)
    assert job.runs == 2
    assert TABLE.read_bytes() == Path("table.tsv").read_bytes()
    assert (STORE / "deep" / "er" / "0").read_bytes() == bytes(range(200))


def test_other_options_or_other_code_are_another_job(job, monkeypatch):
    kill_before_the_note()
    run(job, call=(*CALL, "--seed", "3"))
    assert job.runs == 2
    monkeypatch.setattr(handover, "fingerprint", lambda stage: "other code")
    run(job)
    assert job.runs == 3


def test_an_input_that_was_made_again_counts_by_its_record(job):
    record = records.record_path(RESULTS, Path("scenes"))
    (RESULTS / "scenes").mkdir()
    os.utime(RESULTS / "scenes", (1e9, 1e9))
    given = {**OPTIONS, "scenes": RESULTS / "scenes"}
    kill_before_the_note()
    assert handover.HandOver(RESULTS, STAGE, CALL).restore_outputs(given)
    kill_before_the_note()
    record.write_text("{}")
    assert not handover.HandOver(RESULTS, STAGE, CALL).restore_outputs(given)


def test_a_disk_without_hard_links_holds_nothing(job, monkeypatch):
    def link(*paths):
        raise OSError("not supported")

    handover.remove_stashed(RESULTS)
    monkeypatch.setattr(os, "link", link)
    run(job)
    assert job.runs == 2
    assert TABLE.exists()
    assert not list((RESULTS / handover.FOLDER).iterdir())


def test_by_hand_every_call_computes(job, monkeypatch):
    monkeypatch.delenv(records.VARIABLE)
    run(job)
    assert job.runs == 2


def test_a_job_that_fails_holds_nothing(job):
    handover.remove_stashed(RESULTS)

    def fails(**options):
        job(**options)
        raise typer.Exit(2)

    with pytest.raises(typer.Exit):
        run(fails)
    assert not list((RESULTS / handover.FOLDER).iterdir())

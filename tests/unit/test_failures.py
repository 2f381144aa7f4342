"""A workflow in which jobs failed ends with why they did, and where their logs lie."""

import os

import pytest

from cortexlens.jobs.failures import MOST_JOBS, failure_lines, lines_of_logs
from runs import Remains


def error(rule, log):
    """Lines of snakemake's own log on a job that failed."""
    where = f"    log: {log} (check log file(s) for error details)"
    return ["[Thu Jan  1 00:00:10 1970]", f"Error in rule {rule}:", "    jobid: 3", where]


@pytest.fixture
def remains(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    return Remains(tmp_path)


def told(remains, lines):
    log = remains.call({"extract_features": 2}, lines)
    return list(failure_lines(remains.results, [log], remains.memory))


def test_the_last_line_of_each_failed_job_and_its_log_are_told(remains):
    said = "2026-01-01 | images seen | 3/30\ncortexlens: a.jpg: not a readable image. Replace it.\n"
    bug = "Traceback (most recent call last):\n  File\nValueError: strange\n"
    one = remains.job("extract_features", "px/a", text=said, began=5.0)
    other = remains.job("fit_ridge", "ridge/px/a", text=bug, began=6.0)
    lines = told(remains, [*error("extract_features", one), *error("fit_ridge", other)])
    assert lines == [
        "\n2 jobs failed:",
        "extract_features: a.jpg: not a readable image. Replace it.",
        f"    log: {one}",
        "fit_ridge: its log ends with: ValueError: strange",
        f"    log: {other}",
    ]


def test_a_job_that_succeeded_when_it_was_tried_again_is_none_that_failed(remains):
    log = remains.job("extract_features", "px/a", text="done\n", began=12.0, took=3.0)
    assert told(remains, error("extract_features", log)) == []
    assert told(remains, []) == []


def test_many_failed_jobs_are_counted(remains):
    logs = [
        remains.job("extract_features", f"px/s{number}", text="cortexlens: no\n", began=5.0)
        for number in range(MOST_JOBS + 3)
    ]
    lines = told(remains, [line for log in logs for line in error("extract_features", log)])
    assert lines[0] == f"\n{len(logs)} jobs failed:"
    assert sum("    log: " in line for line in lines) == MOST_JOBS
    assert lines[-1] == f"and 3 more in {remains.results}/logs"


def test_reasons_are_found_where_snakemake_names_no_job(remains):
    bad = remains.job("extract_features", "px/a", text="cortexlens: a.jpg: no.\n", began=5.0)
    remains.job("fit_ridge", "ridge/px/a", text="layers fitted | 4/4\n", began=6.0)
    old = remains.job("score_fit", "ridge/px/a", text="cortexlens: earlier.\n", began=7.0)
    os.utime(old, (10, 10))
    os.utime(bad, (200, 200))
    assert list(lines_of_logs(remains.results, 100)) == [
        "extract_features: a.jpg: no.",
        f"    log: {bad}",
    ]
    assert len(list(lines_of_logs(remains.results, 0))) == 4

"""The stage status counts jobs, shows logs of those that failed, and says so by its exit code."""

import time

import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from runs import Remains, failure
from studies import write_study


@pytest.fixture
def remains(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_study(tmp_path)
    return Remains(tmp_path)


def status():
    return CliRunner().invoke(app, ["status", "--config", "config.yaml"])


def test_a_study_that_was_never_run_has_its_plan_told(remains):
    result = status()
    assert result.exit_code == 0
    assert "nothing was run yet" in result.output
    assert "jobs wait; `cortexlens plan --config config.yaml` lists them." in result.output
    assert {path.name for path in remains.home.iterdir()} == {
        *("config.yaml", "subjects.tsv", "backbones.tsv")
    }


def test_running_and_failed_jobs_are_shown_with_their_logs(remains):
    now = time.time()
    remains.job("draw_scenes", began=now - 60, took=5)
    remains.job("score_fit", "factortopy/plain/sim01", began=now - 20, text="epochs fitted: 3/9\n")
    lines = "".join(f"line {number}\n" for number in range(30))
    log = remains.job("fit_encoder", "factortopy/plain/sim01", began=now - 40, text=lines)
    asked = {"draw_scenes": 1, "fit_encoder": 3, "score_fit": 1, "all": 1}
    told = ["Finished jobid: 3 (Rule: draw_scenes)", *failure("fit_encoder", log, now - 39)]
    remains.call(asked, told, began=now - 61, ended=now - 39)
    remains.lock()
    result = status()
    assert result.exit_code == 1
    assert "running since" in result.output
    table = {line.split()[0]: line.split()[1:] for line in result.output.splitlines() if line}
    assert table["draw_scenes"] == ["1", ".", ".", "."]
    assert table["score_fit"] == [".", "1", ".", "."]
    assert table["fit_encoder"] == [".", ".", "1", "2"]
    assert table["total"] == ["1", "1", "1", "2"]
    assert "Running: score_fit factortopy/plain/sim01; its log results/tiny/logs" in result.output
    assert "epochs fitted: 3/9" in result.output
    assert "Failed: fit_encoder factortopy/plain/sim01, 40 s ago" in result.output
    assert "line 20\n" in result.output
    assert "line 19\n" not in result.output
    assert "Disk: " in result.output


def test_a_killed_run_is_told_from_one_that_goes_on(remains):
    remains.job("draw_scenes", began=time.time() - 3 * 86400)
    result = status()
    assert result.exit_code == 1
    assert "Cut off: draw_scenes, 3 days ago" in result.output
    remains.lock()
    result = status()
    assert result.exit_code == 0
    assert "start it again" in result.output


def test_a_config_that_cannot_be_read_is_refused(remains):
    (remains.home / "config.yaml").write_text("study: Tiny\n")
    with pytest.raises(CortexlensError, match=r"config\.yaml: .*'dataset' is missing"):
        CliRunner().invoke(app, ["status", "--config", "config.yaml"], catch_exceptions=False)

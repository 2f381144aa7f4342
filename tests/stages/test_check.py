"""The stage check lists what is wrong with a study, and says so by its exit code."""

import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from studies import SIMULATED, write_study


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(path):
    return CliRunner().invoke(app, ["check", "--config", str(path)])


def test_a_study_in_order_is_counted(here):
    result = check(write_study(here))
    assert result.exit_code == 0
    assert "study 'tiny' is in order: 4 fits of 2 backbones to 2 subjects." in result.output


def test_every_fault_has_its_line(here):
    result = check(write_study(here, {**SIMULATED, "seed": -1, "split": [1]}))
    assert isinstance(result.exception, CortexlensError)
    assert "2 faults; nothing was run" in str(result.exception)
    lines = result.output.splitlines()
    assert ["seed: found -1" in lines[0], "split: found [1]" in lines[1]] == [True, True]


def test_nothing_is_written(here):
    before = {*here.iterdir(), write_study(here), here / "subjects.tsv", here / "backbones.tsv"}
    check(here / "config.yaml")
    assert set(here.iterdir()) == before

"""The stage provenance prints how a result was made, and how to make it again."""

import json
import shlex
import sys

import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from studies_made import CALLS, IMAGES, RESPONSES, SCENES, make_study, run


@pytest.fixture
def study(tmp_path, monkeypatch):
    make_study(tmp_path, monkeypatch)


def provenance(*arguments):
    return (
        CliRunner().invoke(app, ["provenance", *map(str, arguments)], catch_exceptions=False).output
    )


def test_all_steps_are_told_in_order(study):
    output = provenance(RESPONSES)
    assert f"{RESPONSES}: made by rule collect_responses" in output
    assert "--configfile config.yaml --config seed=3 --force -- " in output
    assert f"python {sys.version.split()[0]}" in output
    places = [output.index(f"\n    cortexlens {call}\n") for call in CALLS]
    assert places == sorted(places)
    assert "1. results/tiny/scenes: draw_scenes, seed 3, manifest " in output
    assert "as now" in output
    assert "was another then" not in output


def test_an_input_that_was_made_again_is_told(study, monkeypatch):
    run(monkeypatch, CALLS[0].replace("--seed=3", "--seed=4"))
    assert f"{SCENES} was another then, " in provenance(RESPONSES)


def test_records_can_be_read_by_programs(study):
    told = json.loads(provenance(IMAGES, "--json"))
    assert [step["path"] for step in told["steps"]] == [str(SCENES), str(IMAGES)]
    assert shlex.split(told["again"])[-1] == str(IMAGES)


def test_what_has_no_record_is_refused(study, tmp_path):
    with pytest.raises(CortexlensError, match=r"gone\.tsv: no such file"):
        provenance("gone.tsv")
    with pytest.raises(CortexlensError, match=r"config\.yaml: found no record of how it was made"):
        provenance("config.yaml")

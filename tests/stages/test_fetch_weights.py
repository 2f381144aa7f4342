"""The stage fetch_weights, and studies that may fetch nothing."""

import json

import pytest
import torch
from typer.testing import CliRunner

from cortexlens.backbones.cache import fetched
from cortexlens.cli import app
from cortexlens.config.study import examine_study
from cortexlens.errors import CortexlensError
from studies import SIMULATED, write_study

URL = "http://127.0.0.1:9/net.pth"
ROW = {"backbone": "far", "source": "timm", "name": "test_vit", "weights": URL}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return str(tmp_path / "cache")


def put_by_hand(cache):
    folder = fetched(ROW, cache).folder
    folder.mkdir(parents=True)
    torch.save({"a": torch.ones(1)}, folder / "net.pth")


def run(cache, *more):
    options = [f"--{name}={value}" for name, value in ROW.items()]
    arguments = ["fetch-weights", *options, "--weights-cache", cache, "--out", "far.json", *more]
    return CliRunner().invoke(app, arguments)


def test_a_file_put_there_by_hand_is_recorded(cache, tmp_path):
    put_by_hand(cache)
    assert run(cache, "--offline").exit_code == 0
    assert list(json.loads((tmp_path / "far.json").read_text())["files"]) == ["net.pth"]


def test_nothing_is_written_where_nothing_could_be_fetched(cache, tmp_path):
    for more in ((), ("--offline",)):
        assert isinstance(run(cache, *more).exception, CortexlensError)
    assert not (tmp_path / "far.json").exists()


def test_offline_refuses_a_study_until_its_weights_are_there(cache, tmp_path):
    config = {**SIMULATED, "offline": True, "weights_cache": cache}
    path = write_study(tmp_path, config, backbones=[ROW])
    study, faults = examine_study(path)
    assert study is None
    assert len(faults) == 1
    assert URL in faults[0]
    assert str(fetched(ROW, cache).folder) in faults[0]
    put_by_hand(cache)
    assert examine_study(path)[1] == []


def test_check_names_unknown_networks_and_missing_weights(cache, tmp_path):
    config = {**SIMULATED, "weights_cache": cache}
    strange = {"backbone": "strange", "source": "timm", "name": "resnet81"}
    result = CliRunner().invoke(
        app, ["check", "--config", str(write_study(tmp_path, config, backbones=[strange]))]
    )
    assert isinstance(result.exception, CortexlensError)
    assert "resnet81" in result.output
    result = CliRunner().invoke(
        app, ["check", "--config", str(write_study(tmp_path, config, backbones=[ROW]))]
    )
    assert result.exit_code == 0, result.output
    assert URL in result.output


def test_a_rows_own_grid_has_to_fit_the_encoders(tmp_path, cache):
    row = {"backbone": "plain", "source": "zoo", "name": "vit-demo", "grid": "9"}
    config = {**SIMULATED, "encoder": {"grid": 4}}
    _, faults = examine_study(write_study(tmp_path, config, backbones=[row]))
    assert len(faults) == 1
    assert "multiples of encoder.grid" in faults[0]

"""The stages of the demo zoo, through the command line."""

import json

import pytest
from typer.testing import CliRunner

from cortexlens.backbones import zoo
from cortexlens.backbones.zoo_card import FIGURES, model_card
from cortexlens.cli import app
from cortexlens.errors import CortexlensError


def _run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zoo") / "scenes"
    assert _run("draw-scenes", "--n-scenes", 144, "--seed", 5, "--out", folder).exit_code == 0
    return folder


def test_weights_and_report_are_written_and_agree(scenes, tmp_path, monkeypatch) -> None:
    settings = zoo.ARCHITECTURES["vit-demo"] | {"embed_dim": 48, "depth": 2, "num_heads": 2}
    monkeypatch.setitem(zoo.ARCHITECTURES, "vit-demo", settings)
    out, report = tmp_path / "demo-masked.safetensors", tmp_path / "demo-masked.json"
    options = ["--task", "masked", "--seed", 2, "--epochs", 1, "--n-held-out", 64]
    done = _run("train-backbone", "--scenes", scenes, *options, "--out", out, "--report", report)
    assert done.exit_code == 0, done.output
    facts = json.loads(report.read_text())
    assert facts == zoo.read_facts(out)
    assert (facts["seed"], facts["n_train"], facts["n_held_out"]) == (2, 80, 64)
    assert facts["provenance"]["settings"]["epochs"] == 1
    assert zoo.load_network(out).num_features == 48
    assert sorted(path.name for path in tmp_path.iterdir()) == [report.name, out.name]


def test_unknown_task_is_refused_before_scenes_are_read(tmp_path) -> None:
    done = _run("train-backbone", "--scenes", tmp_path, "--task", "jigsaw", "--out", tmp_path / "x")
    assert isinstance(done.exception, CortexlensError)
    assert "jigsaw" in str(done.exception)


def test_model_card_states_every_figure(tmp_path) -> None:
    reports = [zoo.WEIGHTS / f"demo-{task}.json" for task in zoo.TASKS]
    done = _run("write-model-card", *reports, "--out", tmp_path / "MODEL_CARD.md")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "MODEL_CARD.md").read_text()
    for path in reports:
        for values in json.loads(path.read_text())["figures"].values():
            assert f"| {values['trained']:.3f} | {values['untrained']:.3f} |" in text


@pytest.mark.parametrize("task", zoo.TASKS)
def test_shipped_network_leads_by_what_the_card_stands_for(task) -> None:
    facts = zoo.read_facts(zoo.WEIGHTS / f"demo-{task}.safetensors")
    assert facts == json.loads((zoo.WEIGHTS / f"demo-{task}.json").read_text())
    for name, values in facts["figures"].items():
        assert values["trained"] - values["untrained"] >= FIGURES[name][1]


def test_shipped_model_card_is_that_of_the_shipped_reports() -> None:
    reports = [json.loads((zoo.WEIGHTS / f"demo-{task}.json").read_text()) for task in zoo.TASKS]
    assert (zoo.WEIGHTS / "MODEL_CARD.md").read_text() == model_card(reports)

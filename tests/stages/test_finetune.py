"""The stage that fine-tunes, through the command line; it is killed, and goes on."""

import json
import math
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from PIL import Image
from safetensors.torch import load_file
from typer.testing import CliRunner

from cortexlens.backbones import zoo
from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.finetuning import train

NETWORK = ["--backbone", "demo", "--source", "zoo", "--name", "vit-demo"]
QUICK = ["--images-per-class", "3", "--validation-images", "12", "--batch-size", "2"]
DRAWN = ["--finetune", "layout", "--kind", "drawn-layout", *QUICK]
LONG = ["--steps", "16", "--validation-interval", "2", "--checkpoints", "3,8"]


def _run(*arguments: object):
    return CliRunner().invoke(app, ["finetune", *NETWORK, *map(str, arguments)])


def _command(out):
    call = "from cortexlens.cli import main; main()"
    return [sys.executable, "-c", call, "finetune", *NETWORK, *DRAWN, *LONG, "--out", str(out)]


@pytest.mark.slow
def test_a_killed_run_goes_on_and_ends_as_one_that_was_not(tmp_path):
    whole, cut = tmp_path / "whole" / "demo", tmp_path / "cut" / "demo"
    subprocess.run(_command(whole), check=True, capture_output=True)
    state = tmp_path / "cut" / ".demo.state" / "state.pt"
    with subprocess.Popen(_command(cut), stderr=subprocess.DEVNULL) as process:
        while not state.exists() and process.poll() is None:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not cut.exists()
    done = subprocess.run(_command(cut), check=True, capture_output=True, text=True)
    assert "resuming after step" in done.stderr
    names = {path.name for path in whole.iterdir()}
    assert names == {path.name for path in cut.iterdir()}
    assert {"best", "last", "step-3", "step-8"} == {
        name.removesuffix(".safetensors") for name in names if name.endswith("safetensors")
    }
    for name in names - {"finetune.json"}:
        assert (cut / name).read_bytes() == (whole / name).read_bytes(), name
    assert not state.parent.exists()


def test_history_and_report_say_what_was_done(tmp_path):
    done = _run(*DRAWN, "--steps", 3, "--validation-interval", 2, "--out", tmp_path / "demo")
    assert done.exit_code == 0, done.output
    history = pd.read_csv(tmp_path / "demo" / "history.tsv", sep="\t")
    assert history["step"].tolist() == [0, 2, 3]
    assert history["training_loss"].notna().tolist() == [False, True, True]
    report = json.loads((tmp_path / "demo" / "finetune.json").read_text())
    assert report["classes"] == ["room", "landscape", "street", "building"]
    assert report["training_images"] == 12
    assert report["validation_images"] == dict.fromkeys(report["classes"], 3)
    assert report["baseline_accuracy"] == report["baseline_balanced_accuracy"] == 0.25
    assert report["accuracy"]["last"]["step"] == 3
    assert report["provenance"]["settings"]["images_per_class"] == 3
    assert set(load_file(tmp_path / "demo" / "last.safetensors")) == set(
        zoo.build("vit-demo").state_dict()
    )


@pytest.mark.parametrize("both", [False, True], ids=["once", "twice"])
def test_a_training_that_diverges_is_tried_once_more_and_told(tmp_path, monkeypatch, both):
    whole = train._step

    def step(tuner, optimiser, learn, number, settings):
        loss, accuracy = whole(tuner, optimiser, learn, number, settings)
        lost = number == 2 and (both or settings.learning_rate == 0.001)
        return math.nan if lost else loss, accuracy

    short = [*DRAWN, "--steps", 2, "--validation-interval", 1]
    slower = _run(*short, "--learning-rate", 0.0001, "--out", tmp_path / "slower")
    assert slower.exit_code == 0, slower.output
    monkeypatch.setattr(train, "_step", step)
    done = _run(*short, "--learning-rate", 0.001, "--out", tmp_path / "demo")
    if both:
        assert isinstance(done.exception, CortexlensError)
        assert "Lower finetuning.learning_rate (0.001)" in str(done.exception)
    else:
        report = json.loads((tmp_path / "demo" / "finetune.json").read_text())
        assert report["diverged"] == "the training diverged in step 2: its loss is nan."
        for name in ("last.safetensors", "history.tsv"):
            assert (tmp_path / "demo" / name).read_bytes() == (
                tmp_path / "slower" / name
            ).read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == (
        {"slower"} if both else {"slower", "demo"}
    )


def test_pictures_of_the_users_are_learnt_from(tmp_path):
    for name, colour in (("Forest", (10, 90, 20)), ("River", (20, 40, 160))):
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(5):
            Image.new("RGB", (20, 20), colour).save(tmp_path / "data" / name / f"{i}.png")
    own = ["--finetune", "land", "--kind", "folders", "--root", tmp_path, "--images", "data"]
    out = ["--steps", 1, "--out", tmp_path / "out"]
    assert _run(*own, *QUICK, *out).exit_code == 0
    report = json.loads((tmp_path / "out" / "finetune.json").read_text())
    assert report["validation_images"] == {"Forest": 2, "River": 2}
    bad = tmp_path / "data" / "River" / "3.png"
    bad.write_bytes(bad.read_bytes()[:60])
    done = _run(*own, *QUICK, *out)
    assert isinstance(done.exception, CortexlensError)
    assert "River/3.png: not a readable image" in str(done.exception)


def test_a_class_with_too_few_pictures_is_refused(tmp_path):
    for name in ("Forest", "River"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (20, 20)).save(tmp_path / name / "1.png")
    own = ["--finetune", "land", "--kind", "folders", "--images", tmp_path]
    done = _run(*own, *QUICK, "--out", tmp_path / "out")
    assert isinstance(done.exception, CortexlensError)
    assert "class 'Forest' has 1 images; 4 are needed" in str(done.exception)

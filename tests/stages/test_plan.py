"""The stage plan tells what a study takes, with neither data nor weights there."""

import csv
import json
import shutil

import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.planning.costs import MEASURED
from studies import READY_MADE, REPOSITORY, SIMULATED, write_study
from trees import table_tree

# docs/networks.md: parameters, layers, channels of each, tokens a picture; of Stable Diffusion,
# whose maps are many, the channels of all blocks and the operations of UNet and VAE encoder.
PAPER = {
    "clip-l": (304e6, 24 * 1024, 257),
    "clip-b16": (86e6, 12 * 768, 197),
    "clip-b32-m": (88e6, 12 * 768, 50),
    "clip-b32-s": (88e6, 12 * 768, 50),
    "imagenet-l": (304e6, 24 * 1024, 197),
    "imagenet-b": (87e6, 12 * 768, 197),
    "sam-h": (637e6, 32 * 1280, 4096),
    "sam-l": (308e6, 24 * 1024, 4096),
    "sam-b": (90e6, 12 * 768, 4096),
    "dinov2-g": (1135e6, 40 * 1536, 257),
    "dinov2-l": (303e6, 24 * 1024, 257),
    "dinov2-b": (86e6, 12 * 768, 257),
    "mae-h": (631e6, 32 * 1280, 257),
    "mae-l": (303e6, 24 * 1024, 197),
    "mae-b": (86e6, 12 * 768, 197),
    "mocov3-b": (86e6, 12 * 768, 197),
    "mocov3-s": (22e6, 12 * 384, 197),
    "sd-1-5": (943e6, 2 * (320 + 640 + 1280 + 1280) + 1280, 1000),
}
LAYERS = [24, 12, 12, 12, 24, 12, 32, 24, 12, 40, 24, 12, 32, 24, 12, 12, 12, 9]
IMAGES = [10_000, 10_000, 9_209]
VERTICES = 37_984


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    return tmp_path


def plan(path, *arguments):
    return CliRunner().invoke(app, ["plan", "--config", str(path), *arguments])


def table(path):
    with path.open() as file:
        return list(csv.DictReader(file, delimiter="\t"))


def column(rows, name, rule=None):
    return sum(float(row[name]) for row in rows if rule in (None, row["rule"]))


@pytest.fixture
def paper(here):
    shutil.copytree(REPOSITORY / "config", here / "config")
    result = plan("config/paper/config.yaml", "--gpus", "0", "--cores", "4", "--out", "plan.tsv")
    assert result.exit_code == 0, result.output
    return result.output, table(here / "plan.tsv")


def test_the_papers_study_is_planned_without_its_data(paper):
    output, rows = paper
    # images and responses 3 each; weights, descriptions 18 each; features, maps 54 each, fits and
    # their scores by two readouts; averages 18; scores, hierarchy, levels, agreement, models,
    # paper, sizes; three sheets; the page and the methods
    assert len(rows) == 2 * 3 + 2 * 18 + 6 * 54 + 18 + 7 + 3 + 2
    assert sum(row["rule"] == "summarise_sizes" for row in rows) == 1
    assert "396 jobs" in output
    assert "FactorTopy fits are counted to their last epoch" in output
    assert "What stacked fits search depends on the responses" in output
    lines = [line.split() for line in output.splitlines()]
    first = ["subj01", "10,000", "30,000", "37,984", "released"]
    assert first in [line[:5] for line in lines]
    assert "Assumed" not in output


def test_features_of_the_papers_study_agree_with_arithmetic(paper):
    _, rows = paper
    expected = sum(IMAGES) * sum(channels for _, channels, _ in PAPER.values()) * 65 * 2 / 1e9
    assert column(rows, "written_gb", "extract_features") == pytest.approx(expected, rel=1e-3)
    assert expected / 1.5 < column(rows, "written_gb") < 1.5 * expected


def test_hours_of_the_papers_study_agree_with_arithmetic(paper):
    _, rows = paper
    rates = json.loads(MEASURED.read_text())["cpu"]["seconds"]
    # A transformer multiplies and adds each parameter once a token.
    shown = sum(2 * parameters * tokens for parameters, _, tokens in PAPER.values())
    shown = shown * sum(IMAGES) * rates["forward_product"] / 3600
    assert shown / 1.5 < column(rows, "hours", "extract_features") < 1.5 * shown
    fitted = 0.0
    for layers, (_, channels, _) in zip(LAYERS, PAPER.values(), strict=True):
        read, aligned = VERTICES * layers * 5 * 128, channels * 65 * 128
        for images in IMAGES:
            learnt, scored, steps = 20 * 0.8 * images, 3 * images, 20 * 0.8 * images / 64
            fitted += 2 * read * (3 * learnt + scored) * rates["read_product"]
            fitted += 2 * aligned * (2 * learnt + scored) * rates["align_product"]
            fitted += channels * 65 * (learnt + scored) * rates["token_value"]
            fitted += steps * VERTICES * 738e3 * rates["selector_product"]
            fitted += steps * read * rates["step_value"]
            fitted += 3 * VERTICES * (learnt + scored) * rates["response_value"]
    fitted /= 3600
    assert fitted / 1.5 < column(rows, "hours", "fit_encoder") < 1.5 * fitted
    assert (fitted + shown) / 1.5 < column(rows, "hours") < 1.5 * (fitted + shown)


def test_memory_holds_the_largest_fit(paper):
    _, rows = paper
    features = max(IMAGES) * 40 * 1536 * 65 * 2 / 1e9
    responses = 30_000 * VERTICES * 4 / 1e9
    fits = [row for row in rows if row["rule"] == "fit_encoder"]
    largest = max(float(row["memory_gb"]) for row in fits)
    assert features + responses < largest < 1.5 * (features + responses)
    # 120 sets: ten blocks of sums, and decompositions of all layers' image-wide sets
    held = 10 * 40_000 * 4 * 120 * 121 / 2 / 1e9
    held += 40 * 4 * 6144 * (8_000 + 6144) / 1e9
    solved = max(float(row["memory_gb"]) for row in rows if row["rule"] == "fit_stacked")
    largest = features + responses + held
    assert largest < solved < 1.3 * largest


@pytest.mark.parametrize("path", READY_MADE, ids=lambda path: path.parent.name)
def test_networks_of_ready_made_studies_are_known_before_they_are_loaded(here, path):
    shutil.copytree(REPOSITORY / "config", here / "config")
    output = plan(path.relative_to(REPOSITORY)).output
    networks = output.partition("network ")[2].partition("\n\n")[0].splitlines()[1:]
    assert networks
    for line in networks:
        assert " listed " in line


def test_a_study_with_data_is_counted(here):
    row = table_tree(here / "data", n_images=30, n_vertices=7)
    config = {**SIMULATED, "dataset": {"kind": "table", "root": "data"}}
    output = plan(write_study(here, config, [row])).output
    assert ["a", "30", "30", "7", "data"] in [line.split()[:5] for line in output.splitlines()]
    assert set(here.iterdir()) == {
        here / name for name in ("data", "config.yaml", "subjects.tsv", "backbones.tsv")
    }


def test_a_network_that_is_not_listed_is_measured(here):
    row = {"backbone": "own", "source": "timm", "name": "vit_tiny_patch16_224", "layers": "0,5"}
    output = plan(write_study(here, backbones=[row])).output
    (line,) = [line.split() for line in output.splitlines() if line.startswith("own ")]
    assert line[:3] == ["own", "2", "192"]
    assert line[4] == "measured"


def test_what_is_assumed_is_said(here):
    config = {**SIMULATED, "dataset": {"kind": "table", "root": "nowhere"}}
    row = {"subject": "a", "images": "i", "responses": "r.npy"}
    result = plan(write_study(here, config, [row]))
    assert result.exit_code == 0, result.output
    assert "Assumed, nothing is known of it: a." in result.output


def test_gpus_take_the_large_jobs(here):
    output = plan(write_study(here), "--gpus", "2", "--out", "plan.tsv").output
    on_gpu = {row["rule"] for row in table(here / "plan.tsv") if row["gpu"] == "1"}
    assert on_gpu == {"extract_features", "fit_encoder"}
    assert "2 GPUs" in output
    assert "Times on a GPU" in output
    assert {row["gpu"] for row in table(here / "plan.tsv")} == {"0", "1"}


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({"seed": -1}, [], "seed: found -1"),
        ({"device": "cuda"}, [], "device is cuda"),
        ({}, ["--rates", "none.json"], "none.json: cannot be read"),
        ({"backbones": "none.tsv"}, [], "none.tsv"),
    ],
)
def test_mistakes_are_one_line(here, change, arguments, message):
    result = plan(write_study(here, {**SIMULATED, **change}), *arguments)
    assert isinstance(result.exception, CortexlensError)
    assert message in str(result.exception)


def test_a_network_that_does_not_exist_is_refused(here):
    row = {"backbone": "own", "source": "timm", "name": "vit_tinny"}
    result = plan(write_study(here, backbones=[row]))
    assert isinstance(result.exception, CortexlensError)
    assert "vit_tiny" in str(result.exception)

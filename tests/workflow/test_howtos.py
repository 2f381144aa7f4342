"""The how-tos, word for word, on trees that are laid out as the real data are."""

import contextlib
import re
import shutil
import sys

import pytest
import torch
import yaml
from PIL import Image

from cortexlens.stages.check import check
from studies import REPOSITORY, SIMULATED, write_study
from trees import algonauts_tree, nsd_tree

QUICK = {"encoder": {"epochs": 1, "dimensions": 8}, "features": {"grid": 4}}


def blocks(page, language):
    """Blocks of code of a how-to."""
    text = (REPOSITORY / "docs" / f"howto_{page}.md").read_text()
    return [
        code for name, code in re.findall(r"(?ms)^```(\S*)\n(.*?)^```", text) if name == language
    ]


def own_study(folder, ready, block):
    """Copy a ready-made study to config/mine, and change what the page says."""
    shutil.copytree(REPOSITORY / "config" / ready, folder / "config" / "mine")
    path = folder / "config" / "mine" / "config.yaml"
    config = yaml.safe_load(path.read_text())
    for key, value in yaml.safe_load(block).items():
        config[key] = {**config.get(key, {}), **value} if isinstance(value, dict) else value
    config["dataset"]["root"] = "data"
    for place in (path, folder / "config.yaml"):
        place.write_text(yaml.safe_dump(config))


def test_algonauts(workflow, capsys):
    own_study(workflow.folder, "algonauts2023", blocks("algonauts", "yaml")[0])
    config = yaml.safe_load((workflow.folder / "config.yaml").read_text())
    config["finetunes"] = "config/mine/finetunes.tsv"
    (workflow.folder / "config.yaml").write_text(yaml.safe_dump(config))
    subjects = [f"subj{number:02d}" for number in range(1, 9)]
    algonauts_tree(workflow.folder / "data", subjects, n_images=3, n_vertices=(8, 8))
    with contextlib.chdir(workflow.folder):
        check(config=workflow.folder / "config.yaml", tables_only=True)
    assert "study 'mine' is in order" in capsys.readouterr().out
    assert workflow.planned("weights") == {"weights": 1, "fetch_weights": 4}
    text = (REPOSITORY / "docs" / "howto_algonauts.md").read_text()
    (fit,) = re.findall(r"results/mine/fits/\S+", text)
    planned = workflow.planned(fit)
    assert planned["fit_stacked"] == planned["extract_features"] == 1
    assert "score_fit" not in planned


def test_the_natural_scenes_dataset(workflow, capsys):
    own_study(workflow.folder, "nsd", blocks("nsd_slurm", "yaml")[0])
    nsd_tree(workflow.folder / "data", "subj01", length=4)
    (workflow.folder / "config/mine/subjects.tsv").write_text("subject\tsessions\nsubj01\t1-2\n")
    with contextlib.chdir(workflow.folder):
        check(config=workflow.folder / "config.yaml", tables_only=True)
    assert "study 'mine' is in order" in capsys.readouterr().out
    assert workflow.planned("weights") == {"weights": 1, "fetch_weights": 4}
    assert workflow.planned("all")["fit_stacked"] == 5


@pytest.mark.slow
def test_a_network_in_memory(tmp_path, monkeypatch, capsys):
    (tmp_path / "config").mkdir()
    write_study(tmp_path, {**SIMULATED, **QUICK})
    (tmp_path / "config.yaml").rename(tmp_path / "config" / "config.yaml")
    monkeypatch.chdir(tmp_path)
    exec(blocks("network", "python")[0], {})
    assert float(capsys.readouterr().out.splitlines()[-1]) < 1
    with Image.open("two-layers.png") as picture:
        assert picture.width > 500


def test_a_function_of_mine(tmp_path, monkeypatch, capsys):
    module = blocks("network", "python")[1]
    (tmp_path / "mynets.py").write_text(module)
    (table,) = (block for block in blocks("network", "") if block.startswith("backbone\t"))
    row = dict(zip(*(line.split("\t") for line in table.splitlines()), strict=True))
    write_study(tmp_path, {**SIMULATED, **QUICK}, backbones=[row])
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    made = {}
    exec(module, made)
    torch.save(made["two_layers"]().state_dict(), "two_layers.pt")
    check(config=tmp_path / "config.yaml")
    assert re.search(r"two-layers +7,008 +2 +16 to 32 +96", capsys.readouterr().out)


@pytest.fixture(autouse=True)
def modules_as_before():
    """Forget modules that a page's code brought."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name == "mynets":
            del sys.modules[name]

"""What a methods text is made from: needed, or described as far as it is there."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from cortexlens.config.study import load_study
from cortexlens.workflow.collected import RESULTS
from cortexlens.workflow.methods_inputs import MethodsInputs
from studies import REPOSITORY


@pytest.fixture(scope="module")
def study():
    """The demo, whose config asks for something of every target."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        return load_study(Path("config/config.yaml"))


@pytest.fixture
def inputs(study, tmp_path):
    """Function from the targets of a call to the inputs of the text."""

    def called(*targets):
        settings = SimpleNamespace(targets=set(targets))
        workflow = SimpleNamespace(dag_settings=settings, remote_exec=False)
        return MethodsInputs(study, tmp_path, None, workflow)

    return called


def put(folder, path, text="{}"):
    """Write a record; gives its path."""
    file = folder / path.replace(f"{RESULTS}/", "")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return str(file)


def test_every_part_names_files(inputs):
    for part in inputs().parts:
        assert inputs().of_part(part)


def test_the_runs_alone_are_needed(inputs, study):
    needed = inputs().needed(None)
    assert len(needed) == len(set(needed))
    for run in study.runs:
        assert f"{RESULTS}/fits/{run.readout}/{run.backbone}/{run.subject}/fit.zarr" in needed
        assert f"{RESULTS}/scores/{run.readout}/{run.backbone}/{run.subject}.zarr" in needed
    for word in ("finetune", "/channels/", "/saes/", "/recovery/", "ridge"):
        assert not any(word in path for path in needed)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("trust", "fits/ridge/demo-contrastive/sim02/fit.zarr"),
        ("finetuning", "finetunes/layout/demo-supervised/finetune.json"),
        ("finetuning", "scores/stacked/demo-supervised-texture/sim01.zarr"),
        ("everything", "fits/stacked/demo-diffusion/sim01/fit.zarr"),
        ("channels", "channels/stacked/demo-untrained/sim01.zarr"),
        ("recovery", "recovery/factortopy/demo-supervised/sim01/base.zarr"),
    ],
)
def test_a_call_needs_what_it_makes(inputs, target, path):
    assert f"{RESULTS}/{path}" in inputs(target).needed(None)
    assert f"{RESULTS}/{path}" not in inputs().needed(None)


def test_trust_asks_for_no_scores_that_nobody_makes(inputs, study):
    added = set(inputs("trust").needed(None)) - set(inputs().needed(None))
    assert len([path for path in added if "/fits/" in path]) == len(study.fits) - len(study.runs)
    assert not any("/scores/" in path for path in added)


def test_what_is_there_is_described_and_not_needed(inputs, tmp_path):
    tuned = put(tmp_path, "finetunes/layout/demo-supervised/finetune.json")
    sae = put(tmp_path, "saes/demo-supervised/blocks.1/seed-0/sae.json")
    put(tmp_path, "saes/demo-masked/blocks.1/seed-0/sae.json")  # not of the config
    put(tmp_path, "fits/factortopy/demo-supervised/sim01/fit.zarr")  # of the runs
    assert inputs().beside(None) == [tuned, sae]
    before = inputs().state(None)
    assert inputs().state(None) == before
    put(tmp_path, "saes/demo-supervised/blocks.1/seed-0/sae.json", "{ }")
    assert inputs().state(None)[1] != before[1]
    assert inputs("finetuning").beside(None) == [sae]
    assert inputs("everything").beside(None) == [sae]

"""Networks that a study derives by fine-tuning: rows and fits of their own, and what is refused."""

import pytest

from cortexlens.config.study import Run, examine_study, load_study
from studies import BACKBONES, SIMULATED, write_study, write_table


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def the_fault(path):
    study, faults = examine_study(path)
    assert study is None
    assert len(faults) == 1, faults
    assert "\n" not in faults[0]
    return faults[0]


FINETUNES = [{"finetune": "texture", "kind": "drawn-texture"}]
TUNED = {
    "finetunes": "finetunes.tsv",
    "finetuned": [
        {
            "backbones": ["plain"],
            "finetunes": "all",
            "subjects": ["sim01"],
            "readouts": ["factortopy"],
        }
    ],
}


def tuned_study(here, rows=FINETUNES, **changes):
    write_table(here / "finetunes.tsv", rows)
    return write_study(here, {**SIMULATED, **TUNED, **changes})


def test_fine_tuned_networks_are_rows_and_fits_of_their_own(here):
    study = load_study(tuned_study(here, finetuning={"checkpoints": [5], "steps": 9}))
    names = ["plain-texture", "plain-texture-step5"]
    assert list(study.derived) == names
    assert study.derived[names[1]] == ("plain", "texture", 5)
    assert list(study.backbones) == ["plain", "other", *names]
    folder = "results/tiny/finetunes/texture/plain"
    assert study.backbones[names[0]] == {
        **study.backbones["plain"],
        "backbone": names[0],
        "tuned": f"{folder}/last.safetensors",
    }
    assert study.backbones[names[1]]["tuned"] == f"{folder}/step-5.safetensors"
    assert study.finetuned == tuple(Run("factortopy", name, "sim01") for name in ("plain", *names))
    # all is the table, not what is made of it
    assert {run.backbone for run in study.runs} == {"plain", "other"}


def test_the_best_weights_can_be_mapped(here):
    study = load_study(tuned_study(here, finetuning={"mapped": "best"}))
    assert study.backbones["plain-texture"]["tuned"].endswith("plain/best.safetensors")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"finetunes": None}, ["finetunes: found nothing", "finetuned lists runs"]),
        ({"finetuning": {"checkpoints": [9], "steps": 5}}, ["checkpoints: found 9", "is 5"]),
        ({"finetuning": {"steps": 0}}, ["finetuning.steps: found 0"]),
        (
            {"finetuned": [{**TUNED["finetuned"][0], "finetunes": ["dots"]}]},
            ["finetuned[0].finetunes: found 'dots'", "are texture"],
        ),
        (
            {"finetuned": [{**TUNED["finetuned"][0], "readouts": ["mine"]}]},
            ["finetuned[0].readouts[0]: found 'mine'"],
        ),
    ],
)
def test_fine_tuning_that_cannot_be_is_refused(here, change, words):
    path = tuned_study(here, **change)
    if change.get("finetunes", "") is None:
        path.write_text(path.read_text().replace("finetunes: null\n", ""))
    fault = the_fault(path)
    for word in words:
        assert word in fault


def test_names_of_fine_tuned_networks_must_be_free(here):
    path = tuned_study(here)
    write_table(here / "backbones.tsv", [*BACKBONES, {**BACKBONES[0], "backbone": "plain-texture"}])
    assert "is called 'plain-texture', as is another network" in the_fault(path)


def test_networks_that_cannot_learn_are_refused(here):
    path = tuned_study(here)
    row = {"backbone": "plain", "source": "control", "name": "pixels"}
    write_table(here / "backbones.tsv", [row, BACKBONES[1]])
    assert "'plain': source control cannot be fine-tuned" in the_fault(path)


def test_pictures_to_fine_tune_on_are_looked_for_where_a_folder_is_named(here):
    rows = [{"finetune": "land", "kind": "folders", "images": "land"}]
    assert load_study(tuned_study(here, rows)).finetuned
    fault = the_fault(tuned_study(here, rows, finetuning={"root": "."}))
    assert fault.startswith("finetunes.tsv: finetune 'land': images: land does not exist")
    del rows[0]["images"]
    assert "'land': images: found an empty cell; a value is needed" in the_fault(
        tuned_study(here, rows)
    )

"""`snakemake finetuning`: what is fine-tuned is mapped again, and nothing else runs for it."""

import contextlib
import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from cortexlens.config.study import load_study
from cortexlens.planning.planner import Planner
from programs import Workflow
from studies import BACKBONES, REPOSITORY, SIMULATED, SUBJECTS, write_study, write_table

TEXTURE = {"finetune": "texture", "kind": "drawn-texture"}
LAYOUT = {"finetune": "layout", "kind": "drawn-layout"}
# What one more fine-tuning of one network takes, for one subject and readout.
NEW = {
    **{"finetune": 1, "describe_backbone": 1, "extract_features": 1},
    **{"fit_encoder": 1, "score_fit": 1, "draw_maps": 1, "draw_changes": 1},
}
# What all of them take together.
ONCE = dict.fromkeys(["summarise_changes", "summarise_drift", "probe_labels", "draw_finetuning"], 1)
ALONG = {**ONCE, "draw_trajectory": 1}
CONFIG = {
    **SIMULATED,
    "runs": [{"backbones": ["plain"], "subjects": ["sim01"], "readouts": ["factortopy"]}],
    "encoder": {"epochs": 1, "dimensions": 4},
    "finetunes": "finetunes.tsv",
    "finetuning": {"steps": 2, "images_per_class": 2, "validation_images": 4},
    "finetuned": [
        {
            "backbones": ["plain"],
            "finetunes": "all",
            "subjects": ["sim01"],
            "readouts": ["factortopy"],
        }
    ],
}


def written(folder, rows=(TEXTURE,), **changes):
    write_table(folder / "finetunes.tsv", rows)
    return write_study(folder, {**CONFIG, **changes}, SUBJECTS[:1], BACKBONES[:1])


def added(workflow):
    """Jobs that fine-tuning adds to the runs."""
    jobs = Counter(workflow.planned("all", "finetuning"))
    jobs.subtract(workflow.planned("all"))
    return {rule: count for rule, count in jobs.items() if count and rule != "finetuning"}


def told(folder):
    """Jobs that `cortexlens plan` says it adds."""
    with contextlib.chdir(folder):
        planner = Planner(load_study(Path("config.yaml")), Path("results"))
        return dict(Counter(job.rule for job in planner.finetuning_jobs()))


def test_fine_tuning_of_the_demo_adds_its_jobs(workflow):
    shutil.copytree(REPOSITORY / "config", workflow.folder / "config")
    shutil.copy(workflow.folder / "config" / "config.yaml", workflow.folder)
    # the demo's main readout is another than that of the study above
    rules = ("fit_stacked" if rule == "fit_encoder" else rule for rule in NEW)
    assert added(workflow) == dict.fromkeys(rules, 2) | ONCE
    assert added(workflow) == told(workflow.folder)


def test_checkpoints_are_mapped_and_networks_outside_of_the_runs_too(workflow):
    changes = {"finetuning": {"steps": 2, "checkpoints": [1]}}
    written(workflow.folder, (TEXTURE, LAYOUT), **changes)
    expected = {rule: 4 * count for rule, count in NEW.items()} | {"finetune": 2} | ALONG
    assert added(workflow) == told(workflow.folder) == expected
    runs = [{"backbones": ["other"], "subjects": ["sim01"], "readouts": ["factortopy"]}]
    written(workflow.folder, (TEXTURE, LAYOUT), **changes, runs=runs)
    write_table(workflow.folder / "backbones.tsv", BACKBONES)
    expected = {rule: 5 * count for rule, count in NEW.items()} | {"finetune": 2} | ALONG
    expected["draw_changes"] = 4
    assert added(workflow) == told(workflow.folder) == expected


def test_what_is_missing_stops_before_anything_runs(workflow):
    rows = [{"finetune": "land", "kind": "folders", "images": "land"}]
    written(workflow.folder, rows)
    done = workflow("--dry-run", "finetuning")
    assert done.returncode != 0
    assert "(finetuning.root is not set)/land" in done.stdout + done.stderr
    assert workflow("--dry-run", "all").returncode == 0
    done = workflow("--dry-run", "finetuning", "--config", "finetuning={root: .}")
    assert done.returncode == 2
    assert "finetune 'land': images: land does not exist" in done.stderr


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    workflow = Workflow(tmp_path_factory.mktemp("finetuning"))
    written(workflow.folder)
    done = workflow("--show-failed-logs", "all", "finetuning")
    assert done.returncode == 0, done.stdout + done.stderr
    return workflow


@pytest.mark.slow
def test_a_simulated_study_runs_to_the_end(finished):
    scores = pd.read_csv(finished.folder / "results/tiny/tables/brain_score.tsv", sep="\t")
    assert {"V1", "FFA"} <= set(scores["roi"])


@pytest.mark.slow
def test_a_further_row_runs_what_is_new_and_nothing_else(finished):
    assert "finetune" not in finished.planned("all", "finetuning")
    written(finished.folder, (TEXTURE, LAYOUT))
    assert {**finished.planned("all", "finetuning"), "finetuning": 0} == {
        **{**NEW, **ONCE},
        **{"finetuning": 0, "build_atlas": 1, "write_methods": 1},
    }
    written(finished.folder)


@pytest.mark.slow
def test_new_weights_run_their_fits_anew(finished):
    weights = finished.folder / "results/tiny/finetunes/texture/plain/last.safetensors"
    before = finished.planned("all", "finetuning")
    assert "describe_backbone" not in before
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    jobs = finished.planned("all", "finetuning")
    assert {rule: jobs.get(rule, 0) for rule in NEW} == {**NEW, "finetune": 0}

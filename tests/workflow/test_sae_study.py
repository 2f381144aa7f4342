"""`snakemake sae`: autoencoders, dictionaries and their maps; another layer runs what is new."""

import contextlib
import shutil
from collections import Counter
from pathlib import Path

import pytest

from cortexlens.config.study import load_study
from cortexlens.planning.planner import Planner
from cortexlens.planning.sae_workloads import OF_SAES
from cortexlens.storage.datasets import open_dataset
from studies import BACKBONES, REPOSITORY, SIMULATED, SUBJECTS, write_study

LAYERS = ["blocks.1", "blocks.5"]
# What one more layer of one network takes, for one subject and seed: its own jobs, and all that
# looks at several layers.
NEW = {
    **{"train_sae": 1, "compare_units": 1, "build_dictionary": 1, "draw_units": 1, "draw_film": 1},
    **{"draw_dictionary": 1, "draw_dictionary_agreement": 1, "draw_dictionary_null": 1},
    **{"summarise_saes": 1, "draw_saes": 1, "summarise_dictionaries": 1},
    **{"summarise_units": 1, "draw_unit_selectivity": 1, "summarise_dictionary_layers": 1},
}


def written(folder, layers):
    sae = {
        **{"backbones": ["plain"], "subjects": ["sim01"], "layers": layers, "tokens": "mean"},
        **{"expansion": 0.5, "k": 4, "epochs": 1, "seeds": 1, "kept": 4, "shuffles": 2},
        **{"shown": 1},
    }
    config = {
        **SIMULATED,
        "runs": [{"backbones": ["plain"], "subjects": ["sim01"], "readouts": ["factortopy"]}],
        "encoder": {"epochs": 1, "dimensions": 4},
        "sae": sae,
    }
    return write_study(folder, config, SUBJECTS[:1], BACKBONES[:1])


def test_the_demo_asks_for_each_layer_seed_and_subject(workflow):
    shutil.copytree(REPOSITORY / "config", workflow.folder / "config")
    shutil.copy(workflow.folder / "config" / "config.yaml", workflow.folder)
    with contextlib.chdir(workflow.folder):
        study = load_study(Path("config.yaml"))
    wanted, pairs = study.config["sae"], len(study.coded)
    jobs = workflow.planned("sae")
    trained = len(wanted["layers"]) * wanted["seeds"]
    assert (jobs["train_sae"], jobs["compare_units"]) == (trained, trained * pairs)
    assert jobs["build_dictionary"] == jobs["draw_film"] == jobs["draw_units"] == pairs == 2
    with contextlib.chdir(workflow.folder):
        told = Counter(job.rule for job in Planner(study, Path("results")).further_jobs()["sae"])
    assert told == {rule: count for rule, count in jobs.items() if rule in OF_SAES}


def test_all_layers_are_known_once_the_network_is_described(workflow):
    written(workflow.folder, "all")
    jobs = workflow.planned("sae")
    assert jobs["describe_backbone"] == 1
    assert "train_sae" not in jobs


@pytest.mark.slow
def test_another_layer_runs_what_is_new_and_nothing_else(workflow):
    written(workflow.folder, LAYERS[:1])
    done = workflow("--show-failed-logs", "sae")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "train_sae" not in workflow.planned("sae")
    results = workflow.folder / "results/tiny"
    dictionary = open_dataset(results / "dictionaries/plain/sim01.zarr", kind="dictionary")
    assert dictionary["layer"].values.tolist() == LAYERS[:1]
    for table in ("sae_quality", "dictionary", "unit_selectivity", "dictionary_hierarchy"):
        assert (results / f"tables/{table}.tsv").stat().st_size
    written(workflow.folder, LAYERS)
    assert {**workflow.planned("sae"), "sae": 0} == {**NEW, "sae": 0}

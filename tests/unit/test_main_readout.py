"""The main readout of a study: who has it, and what is made for it."""

import pytest

from cortexlens.config.readouts import has_learning_curve, has_stability, main_readout
from cortexlens.config.study import load_study
from cortexlens.planning.planner import Planner
from cortexlens.planning.targets import maps_of, maps_of_fit, planted_runs, shared_networks
from studies import SIMULATED, write_study

BOTH = ["factortopy", "stacked"]


def study_of(folder, monkeypatch, readouts=None, **config):
    """A study of two networks and two subjects; without readouts the config names none."""
    monkeypatch.chdir(folder)
    run = {"backbones": "all", "subjects": "all"}
    runs = [run if readouts is None else {**run, "readouts": readouts}]
    return load_study(write_study(folder, {**SIMULATED, "runs": runs, **config}))


@pytest.mark.parametrize(
    ("listed", "main"),
    [
        (["stacked"], "stacked"),
        (BOTH, "stacked"),
        (["factortopy", "ridge"], "factortopy"),
        (["ridge"], "factortopy"),
        ([], "factortopy"),
    ],
)
def test_stacked_is_the_main_readout_where_runs_have_it(listed, main):
    assert main_readout([(each, "net", "who") for each in listed]) == main


def test_runs_without_readouts_are_stacked(tmp_path, monkeypatch):
    study = study_of(tmp_path, monkeypatch)
    assert {run.readout for run in study.runs} == {"stacked"}
    assert study.main_readout == "stacked"
    assert shared_networks(study) == ["plain", "other"]
    assert planted_runs(study)


def test_maps_are_of_the_main_readout_and_tables_of_both(tmp_path, monkeypatch):
    study = study_of(tmp_path, monkeypatch, BOTH)
    assert {run.readout for run in study.mapped} == {"stacked"}
    assert {run.readout for run in study.tabled} == set(BOTH)
    pictures = maps_of(study, study.runs)
    assert len(pictures) == len(set(pictures)) == 4 * 6
    assert "<results>/figures/plain/sim01/size.png" in pictures


def test_only_readouts_that_find_sizes_have_maps_of_them(tmp_path, monkeypatch):
    study = study_of(tmp_path, monkeypatch, ["factortopy"])
    assert "size" not in maps_of_fit(study)
    assert len(maps_of(study, study.runs)) == 4 * 5


def test_the_planner_counts_fits_by_their_kind(tmp_path, monkeypatch):
    study = study_of(
        tmp_path,
        monkeypatch,
        [*BOTH, "few"],
        variants={
            "few": {
                **{"readout": "stacked", "components": 4, "training_images": 10},
            }
        },
    )
    planner = Planner(study, tmp_path)
    jobs = [job.rule for job in planner.jobs()]
    assert jobs.count("fit_stacked") == 8
    assert jobs.count("fit_encoder") == jobs.count("draw_maps") == 4
    whole, few = (
        planner.workload("fit_stacked", "plain", "sim01", name) for name in ("stacked", "few")
    )
    assert few.work["read_product"] < whole.work["read_product"]
    assert few.work["left_out_value"] < whole.work["left_out_value"] / 2
    assert planner.settings("plain", "stacked").components is None
    assert planner.settings("plain", "ridge").components == 300


def test_both_kinds_of_maps_are_compared_between_halves(tmp_path, monkeypatch):
    halves = {f"half-{half}": {"readout": "stacked", "half": half} for half in "ab"}
    config = study_of(tmp_path, monkeypatch, BOTH, variants=halves).config
    assert has_stability(config, [*halves, "factortopy"])
    assert not has_stability(config, list(halves), ["factortopy"])
    assert not has_stability(config, ["half-a", "stacked"])
    assert has_learning_curve(config, ["stacked", "half-a"])
    # a fit of another kind is no point of the curve
    assert not has_learning_curve(config, ["factortopy", "half-a"])

"""Which keys of a config reach which stage: what is not used runs nothing again."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.config.finetuned import Derived
from cortexlens.config.study import load_study
from cortexlens.workflow.params import backbone_settings, finetune_settings, stage_options
from studies import BACKBONES, SIMULATED, write_study

RESULTS = Path("results/tiny")
NETWORKS = ("fetch_weights", "describe_backbone", "extract_features")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        rows = [BACKBONES[0], {"backbone": "other", "source": "zoo", "name": "vit-demo"}]
        study = load_study(write_study(folder, SIMULATED, backbones=rows))
    row = {"finetune": "shapes", "kind": "drawn-layout", "scenes": "8"}
    return replace(study, finetunes={"shapes": row}, derived={"x": Derived("plain", "shapes", 1)})


def options_of(study, stage, backbone):
    return stage_options(stage, *backbone_settings(study, backbone, RESULTS))


@given(seed=st.integers(0, 2**31 - 1), split=st.lists(st.integers(1, 9), min_size=3, max_size=3))
@pytest.mark.parametrize("stage", NETWORKS)
@pytest.mark.parametrize("backbone", ["plain", "other"])
def test_networks_and_features_do_not_depend_on_seed_and_split(study, stage, backbone, seed, split):
    other = replace(study, config={**study.config, "seed": seed, "split": split})
    assert options_of(other, stage, backbone) == options_of(study, stage, backbone)


def test_the_seed_of_a_network_is_its_rows(study):
    assert "--seed=0" in options_of(study, "describe_backbone", "plain")
    assert not [word for word in options_of(study, "describe_backbone", "other") if "seed" in word]


def test_the_seed_of_a_study_is_that_of_a_fine_tuning_not_of_its_network(study):
    other = replace(study, config={**study.config, "seed": 7})
    before, after = (
        set(stage_options("finetune", *finetune_settings(each, "plain", "shapes")))
        for each in (study, other)
    )
    assert before ^ after == {"--training-seed=0", "--training-seed=7"}


def test_what_features_are_made_with_reaches_them_and_what_sets_the_pace_does_not(study):
    features = {**study.config["features"], "grid": 5, "workers": 3, "decoded_gb": 2}
    config = {**study.config, "features": features, "device": "cuda", "weights_cache": "elsewhere"}
    found = options_of(replace(study, config=config), "extract_features", "plain")
    assert {"--grid=5", "--device=cuda", "--weights-cache=elsewhere"} <= set(found)
    assert not [word for word in found if word.startswith(("--workers", "--decoded-gb"))]
    row = {**study.backbones["plain"], "grid": "6"}
    own = replace(study, config=config, backbones={"plain": row})
    assert "--grid=6" in options_of(own, "extract_features", "plain")

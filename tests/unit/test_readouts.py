"""Variants of fits in a config: what they may say, and what follows from it."""

import pytest
import yaml

from cortexlens.config.readouts import fit_settings, has_learning_curve, has_stability, kind_of
from cortexlens.config.study import examine_study, load_study
from cortexlens.planning.planner import Planner
from cortexlens.workflow.params import trust_fits
from studies import SIMULATED, write_study

VARIANTS = {
    "free": {"topology": False},
    "linear": {"readout": "ridge", "layers": "all", "components": 20},
    "bands": {"readout": "banded", "samples": 10},
    "half-a": {"half": "a", "epochs": "40"},
    "half-b": {"half": "b", "epochs": 40},
}
TRUST = [{"backbones": ["plain"], "subjects": ["sim01"], "readouts": list(VARIANTS)}]


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runs = [{"backbones": "all", "subjects": "all", "readouts": ["factortopy", "free"]}]
    config = {**SIMULATED, "runs": runs, "variants": VARIANTS, "trust": TRUST}
    return load_study(write_study(tmp_path, config))


def test_a_variant_is_its_section_but_for_its_own_options(study):
    config = study.config
    assert fit_settings(config, "factortopy") == config["encoder"]
    assert fit_settings(config, "free") == {**config["encoder"], "topology": False}
    assert fit_settings(config, "half-a")["epochs"] == 40
    linear = fit_settings(config, "linear")
    assert linear == {**config["ridge"], "layers": "all", "components": 20}
    assert fit_settings(config, "bands") == {**config["banded"], "samples": 10}
    kinds = [kind_of(config, name) for name in ("free", "linear", "bands")]
    assert kinds == ["factortopy", "ridge", "banded"]


def test_fits_of_trust_are_made_apart_and_counted_once(study):
    assert {run.readout for run in study.runs} == {"factortopy", "free"}
    assert len(study.trust) == 5
    assert len(study.fits) == 8 + 4
    planner = Planner(study, study.source.parent)
    jobs = [job.rule for job in planner.jobs()]
    assert jobs.count("fit_encoder") == 8
    assert sorted(job.rule for job in planner.trust_fits()) == [
        *("fit_banded", "fit_encoder", "fit_encoder", "fit_ridge")
    ]


def test_tables_of_trust_are_of_the_pairs_that_it_names(study):
    found = trust_fits(study)
    assert {(run.backbone, run.subject) for run in found} == {("plain", "sim01")}
    assert {run.readout for run in found} == {"factortopy", *VARIANTS}
    assert [run.readout for run in trust_fits(study, "ridge")] == ["linear"]
    assert len(trust_fits(study, "factortopy", has_stability)) == 4
    assert trust_fits(study, only=lambda config, readouts: False) == []


def test_what_fits_tell_follows_from_their_readouts(study):
    config = study.config
    assert has_stability(config, ["half-a", "half-b"])
    assert not has_stability(config, ["half-a", "free", "linear"])
    assert has_learning_curve(config, ["factortopy", "half-a"])
    assert not has_learning_curve(config, ["half-a", "half-b", "free"])
    several = {**config, "variants": {"seeds": {"members": 3}}}
    assert has_stability(several, ["seeds"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"variants": {"a": {"topolgy": False}}}, ["variants.a: 'topolgy' is unknown; did you"]),
        ({"variants": {"a": {"readout": "rigde"}}}, ["variants.a: readout: found 'rigde'"]),
        ({"variants": {"a": {"readout": "ridge", "epochs": 2}}}, ["'epochs' is unknown"]),
        ({"variants": {"a": {"epochs": 0}}}, ["variants.a: epochs: found 0", "of at least 1"]),
        ({"variants": {"A b": {"epochs": 1}}}, ["found the id 'A b'", "lower-case letters"]),
        ({"variants": {"ridge": {"epochs": 1}}}, ["found the id 'ridge'"]),
        ({"variants": {"a": 3}}, ["variants", "found 3"]),
        ({"variants": [1]}, ["variants: found [1]", "a table of keys"]),
        (
            {"trust": [{"backbones": "all", "subjects": "all", "readouts": ["none"]}]},
            ["trust[0].readouts[0]: found 'none'", "factortopy or ridge"],
        ),
        (
            {"trust": [{"backbones": ["plan"], "subjects": "all"}]},
            ["trust[0].backbones: found 'plan'", "plain, other"],
        ),
    ],
)
def test_what_no_variant_is_is_said(tmp_path, monkeypatch, change, words):
    monkeypatch.chdir(tmp_path)
    path = write_study(tmp_path)
    path.write_text(yaml.safe_dump({**SIMULATED, **change}))
    study, faults = examine_study(path)
    assert study is None
    for word in words:
        assert word in faults[0]

"""Schemas and stages know the same keys, with the same defaults: none is silently unused."""

import inspect
import json
from dataclasses import fields
from importlib import import_module

import pytest
from jsonschema import Draft202012Validator

from cortexlens.backbones.row import LABELS, BackboneRow
from cortexlens.config.readouts import SECTIONS
from cortexlens.config.recovery import VARIED
from cortexlens.config.schema import (
    SCHEMAS,
    backbone_schema,
    config_schema,
    dataset_kinds,
    finetune_schema,
    subject_schema,
)
from cortexlens.encoding.fitters import FITTERS
from cortexlens.encoding.planted_channels import TRUTHS
from cortexlens.encoding.settings import DATA, PASSED_OVER, parse_settings

CONFIG = config_schema()["properties"]
ROW = {field.name for field in fields(BackboneRow)}
COMMON = {"features", "responses", "backbone", "subject", "readout", "seed", "threads", "out"}
FIT = COMMON | {"model", "device"}
EXTRACT = {"images", "out", "threads", "weights_cache", "device", "decoded", "scheduler"}
TUNE = (ROW - {"grid"}) | set(finetune_schema()["properties"])
TUNE |= {"out", "threads", "weights_cache", "device", "training_seed"}
STUDY_STAGES = ("draw_scenes", "collect_images", "collect_responses", "plant_responses")


def parameters(stage):
    function = getattr(import_module(f"cortexlens.stages.{stage}"), stage)
    return inspect.signature(function).parameters


@pytest.mark.parametrize(
    ("section", "stage", "given"),
    [
        ("encoder", "fit_encoder", FIT),
        ("ridge", "fit_ridge", FIT),
        ("banded", "fit_banded", FIT),
        ("analysis", "score_fit", {"fit", "out", "seed"}),
        ("features", "extract_features", (ROW - {"grid", "fit"}) | EXTRACT),
    ],
)
def test_a_section_of_the_config_is_the_options_of_its_stage(section, stage, given):
    schema, options = CONFIG[section]["properties"], parameters(stage)
    assert set(schema) == set(options) - given
    assert {key: part.get("default") for key, part in schema.items()} == {
        key: options[key].default for key in schema
    }


def test_stacked_is_the_options_of_its_stage():
    schema, options = CONFIG["stacked"]["properties"], parameters("fit_stacked")
    assert set(schema) == set(options) - FIT
    for key, part in schema.items():
        default = part.get("default")
        # a list is written with commas
        written = ",".join(map(str, default)) if isinstance(default, list) else default
        assert options[key].default == written, key
        (option,) = options[key].annotation.__metadata__
        assert part.get("maximum") == option.max, key
        if option.min is not None:
            assert part.get("minimum") == option.min, key


def test_finetuning_is_the_options_of_its_stage():
    schema, options = CONFIG["finetuning"]["properties"], parameters("finetune")
    # which of the weights are mapped is no concern of the training
    assert set(schema) - {"mapped"} == set(options) - TUNE
    # a list is written with commas
    assert (schema["checkpoints"]["default"], options["checkpoints"].default) == ([], "")
    for key in set(schema) - {"mapped", "checkpoints"}:
        assert schema[key].get("default") == options[key].default, key


def test_limits_of_the_stages_are_limits_of_the_config():
    for section, stage in (
        ("encoder", "fit_encoder"),
        ("ridge", "fit_ridge"),
        ("banded", "fit_banded"),
        ("analysis", "score_fit"),
    ):
        for key, part in CONFIG[section]["properties"].items():
            (option,) = parameters(stage)[key].annotation.__metadata__
            assert part.get("maximum") == option.max, key
            if option.min is not None:
                assert part.get("minimum") == option.min, key


def test_the_section_of_channels_is_the_options_of_its_stages():
    section = dict(CONFIG["channels"]["properties"])
    shown = section.pop("shown")
    options = parameters("cluster_channels")
    assert str(shown["default"]) == parameters("draw_channel_images")["shown"].default
    assert set(section) - {"backbones", "subjects"} == set(options) - FIT - {"fit"}
    for key in set(section) - {"backbones", "subjects"}:
        assert section[key]["default"] == options[key].default
        (option,) = options[key].annotation.__metadata__
        assert section[key].get("minimum") == option.min
        assert section[key].get("maximum") == option.max


def test_a_recovery_study_varies_options_of_its_stage():
    options, given = parameters("recover"), CONFIG["recovery"]["properties"]
    assert set(VARIED.values()) <= set(options)
    others = {"seeds", "topology", "free_selector_lr_multiplier", "windows"}
    asked = {"backbones", "subjects", "readouts", "crossed", *others}
    assert set(given) - set(VARIED) == asked
    assert {"condition", "varied", "readout", "kind", "options", *others} <= set(options)


def test_truths_are_those_that_can_be_planted():
    planted = config_schema("planted")["properties"]["dataset"]["properties"]["truth"]
    assert CONFIG["recovery"]["properties"]["truths"]["items"]["enum"] == list(TRUTHS)
    assert planted["enum"] == list(TRUTHS)
    assert [planted["default"]] == CONFIG["recovery"]["properties"]["truths"]["default"]


@pytest.mark.parametrize("kind", FITTERS)
def test_every_option_of_a_readout_can_be_given_to_a_recovery(kind):
    for key, part in CONFIG[SECTIONS[kind]]["properties"].items():
        given = part.get("default", part.get("minimum", 1))
        if key not in PASSED_OVER:
            found = parse_settings(kind, json.dumps({key: given}))
            assert {**found.options, **found.data}[key] == given
            assert (key in found.data) == (key in DATA)


@pytest.mark.parametrize("stage", ["describe_backbone", "extract_features"])
def test_every_column_of_backbones_is_an_option(stage):
    assert set(backbone_schema()["properties"]) == ROW | set(LABELS)
    assert set(parameters(stage)) >= ROW
    # or else a change of them would make features anew
    assert not set(parameters(stage)) & set(LABELS)


@pytest.mark.parametrize("kind", dataset_kinds())
def test_every_key_of_a_kind_is_an_option_of_a_stage(kind):
    keys = set(config_schema(kind)["properties"]["dataset"]["properties"])
    keys |= set(subject_schema(kind)["properties"])
    known = {name for stage in STUDY_STAGES for name in parameters(stage)}
    # the network of a planted study is reached through the store of its features
    assert keys - {"backbone"} <= known


def test_threads_are_set_for_stages_that_take_them():
    for stage in CONFIG["threads"]["properties"]:
        assert "threads" in parameters(stage)


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_schemas_are_schemas(path):
    import json

    Draft202012Validator.check_schema(json.loads(path.read_text()))

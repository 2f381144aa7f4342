"""Rules keep to the house's form: one call each, named, logged, measured, explained."""

import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cortexlens import stages
from cortexlens.storage.code_hash import fingerprint
from studies import REPOSITORY

FILES = [REPOSITORY / "Snakefile", *sorted((REPOSITORY / "workflow").rglob("*.smk"))]
# called by the user alone: their results belong to no study
TOOLS = {"check", "import_checkpoint", "plan", "predict", "provenance", "status", "verify"}
# a second call of a stage, with scenes that no subject sees
SECOND_CALLS = {"draw_zoo_scenes": "draw_scenes"}


def texts():
    """Name and text of every rule that runs something."""
    for file in FILES:
        parts = re.split(r"(?m)^(?:rule|checkpoint) (\w+):\n", file.read_text())
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if "    shell:" in text:
                yield pytest.param(name, text, id=name)


@pytest.mark.parametrize(("name", "text"), list(texts()))
def test_a_rule_is_one_call_of_the_stage_of_its_name(name, text):
    assert re.match(r'    """(\n    )?\w.+\.(\n|"""\n)', text), "a docstring first"
    for directive in ("output", "message"):
        assert f"    {directive}:" in text, directive
    stage = SECOND_CALLS.get(name, name)
    assert re.findall(r"cortexlens ([a-z-]+) ", text) == [stage.replace("_", "-")]
    assert set(re.findall(r'(?:options\(|trusting\(\s*STUDY,)\s*"(\w+)"', text)) <= {stage}
    assert re.search(r'> \{log:q\} 2>&1"\n*(\Z|\n[^ ])', text), "all that it says is in its log"


def test_a_rule_repeats_nothing_that_follows_from_its_name():
    for parameter in texts():
        name, text = parameter.values
        if "{ZOO}" not in text:  # what belongs to no study lies elsewhere, and has no sizes
            assert not re.search(
                r"(?m)^    (log|benchmark):| (mem_mb|runtime|disk_mb|code)=", text
            ), name


def test_every_rule_of_a_stage_has_resources_code_log_and_measurement(rules):
    assert set(rules) == {parameter.id for parameter in texts()}
    for name, rule in rules.items():
        assert {"mem_mb", "runtime", "disk_mb"} <= set(rule["resources"]), name
        assert rule["code"] == fingerprint(SECOND_CALLS.get(name, name)), name
        (log,) = rule["log"]
        assert re.fullmatch(rf"results/\w+/logs/{name}(/.+)?\.log", log)
        assert rule["benchmark"] == log.replace("/logs/", "/benchmarks/").replace(".log", ".tsv")
        # or jobs would share a log
        assert set(re.findall(r"\{(\w+)\}", log)) == set(rule["wildcards"]), name


@pytest.mark.parametrize(
    ("name", "log"),
    [
        ("draw_scenes", "draw_scenes"),
        ("finetune", "finetune/{finetune}/{backbone}"),
        ("score_fit", "score_fit/{readout}/{backbone}/{subject}"),
        ("draw_average", "draw_average/{backbone}"),
        ("recover", "recover/{readout}/{backbone}/{subject}/{condition}"),
        ("train_sae", "train_sae/{backbone}/{layer}/seed-{sae_seed}"),
    ],
)
def test_a_log_lies_where_the_output_does(rules, name, log):
    assert rules[name]["log"] == [f"results/tiny/logs/{log}.log"]


def test_what_a_rule_says_itself_is_kept(rules):
    zoo = rules["train_backbone"]
    assert zoo["log"] == ["results/zoo/logs/train_backbone/{task}.log"]
    assert zoo["resources"]["runtime"] == 120
    assert {"mem_mb", "gpu", "workers"} <= set(rules["extract_features"]["resources"])


def test_every_stage_has_a_rule_and_a_test():
    names = {module.name for module in pkgutil.iter_modules(stages.__path__)}
    assert {parameter.id for parameter in texts()} - set(SECOND_CALLS) == names - TOOLS
    tested = {path.stem.removeprefix("test_") for path in (REPOSITORY / "tests/stages").iterdir()}
    assert names <= tested


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_rule_files_hold_no_python_logic(file):
    text = file.read_text()
    assert "lambda" not in text
    if file.name != "common.smk":
        assert not re.search(r"(?m)^\s*(def|for|while|import) ", text)


def test_only_the_workflow_imports_snakemake():
    for path in (REPOSITORY / "src").rglob("*.py"):
        assert not re.search(r"(?m)^\s*(import|from) snakemake", path.read_text()), path


@pytest.mark.parametrize(
    "command",
    [["snakefmt", "--check", *map(str, FILES)], ["lint-imports", "--no-cache"]],
    ids=["layout of rules", "direction of imports"],
)
def test_tools_find_nothing(command):
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr

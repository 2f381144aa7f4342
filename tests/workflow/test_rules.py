"""Rules keep to the house's form: one call each, named, logged, measured, explained."""

import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Workflow
from cortexlens import stages
from cortexlens.storage.code_hash import fingerprint
from studies import REPOSITORY, write_study

FILES = [REPOSITORY / "Snakefile", *sorted((REPOSITORY / "workflow").rglob("*.smk"))]
# called by the user alone: their results belong to no study
TOOLS = {"check", "import_checkpoint", "plan", "predict", "provenance", "status", "verify"}
# Prints what each rule that runs something has.
OPEN = f"""
include: "{REPOSITORY}/Snakefile"

import json, re, sys

def plain(path):
    return re.sub(r"\\{{(\\w+),[^}}]*\\}}", r"{{\\1}}", str(path))

known = {{
    each.name: dict(
        resources={{name: need.raw for name, need in each.resources.items()}},
        code=each.params.code(None),
        log=[plain(path) for path in each.log],
        benchmark=plain(each.benchmark),
        wildcards=sorted(each.wildcard_names),
    )
    for each in workflow.rules
    if not each.norun
}}
print("rules:", json.dumps(known, default=str), file=sys.stderr)
"""
# a second call of a stage, with scenes that no subject sees
SECOND_CALLS = {"draw_zoo_scenes": "draw_scenes"}


def rules():
    """Name and text of every rule that runs something."""
    for file in FILES:
        parts = re.split(r"(?m)^(?:rule|checkpoint) (\w+):\n", file.read_text())
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if "    shell:" in text:
                yield pytest.param(name, text, id=name)


@pytest.mark.parametrize(("name", "text"), list(rules()))
def test_a_rule_is_one_call_of_the_stage_of_its_name(name, text):
    assert re.match(r'    """\n    \w.+\.\n', text), "a docstring first"
    for directive in ("output", "message"):
        assert f"    {directive}:" in text, directive
    stage = SECOND_CALLS.get(name, name)
    assert re.findall(r"cortexlens ([a-z-]+) ", text) == [stage.replace("_", "-")]
    assert re.search(r'> \{log:q\} 2>&1"\n*(\Z|\n[^ ])', text), "all that it says is in its log"


def test_a_rule_repeats_nothing_that_follows_from_its_name():
    for parameter in rules():
        name, text = parameter.values
        if "{ZOO}" not in text:  # what belongs to no study lies elsewhere, and has no sizes
            assert not re.search(
                r"(?m)^    (log|benchmark):| (mem_mb|runtime|disk_mb|code)=", text
            ), name


@pytest.fixture(scope="module")
def completed(tmp_path_factory):
    """Rules as snakemake has them once the Snakefile is read: name → what each has."""
    workflow = Workflow(tmp_path_factory.mktemp("rules"))
    write_study(workflow.folder)
    (workflow.folder / "Snakefile").write_text(OPEN)
    done = workflow("--snakefile", str(workflow.folder / "Snakefile"), "--list-rules")
    return json.loads(re.search(r"(?m)^rules: (.*)$", done.stderr)[1])


def test_every_rule_of_a_stage_has_resources_code_log_and_measurement(completed):
    assert set(completed) == {parameter.id for parameter in rules()}
    for name, rule in completed.items():
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
def test_a_log_lies_where_the_output_does(completed, name, log):
    assert completed[name]["log"] == [f"results/tiny/logs/{log}.log"]


def test_what_a_rule_says_itself_is_kept(completed):
    zoo = completed["train_backbone"]
    assert zoo["log"] == ["results/zoo/logs/train_backbone/{task}.log"]
    assert zoo["resources"]["runtime"] == 120
    assert {"mem_mb", "gpu", "workers"} <= set(completed["extract_features"]["resources"])


def test_every_stage_has_a_rule_and_a_test():
    names = {module.name for module in pkgutil.iter_modules(stages.__path__)}
    assert {parameter.id for parameter in rules()} - set(SECOND_CALLS) == names - TOOLS
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

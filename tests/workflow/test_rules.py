"""Rules keep to the house's form: one call each, named, logged, measured, explained."""

import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cortexlens import stages
from studies import REPOSITORY

FILES = [REPOSITORY / "Snakefile", *sorted((REPOSITORY / "workflow").rglob("*.smk"))]
# called by the user alone: their results belong to no study
TOOLS = {"check", "import_checkpoint", "plan", "predict", "provenance", "status", "verify"}
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
    for directive in ("output", "log", "benchmark", "message", "resources"):
        assert f"    {directive}:" in text, directive
    stage = SECOND_CALLS.get(name, name)
    assert re.findall(r"cortexlens ([a-z-]+) ", text) == [stage.replace("_", "-")]
    assert f'code=fingerprint("{stage}")' in text
    assert re.search(rf'    log:\n +f?".*logs>?/{name}[./]', text)
    assert re.search(rf'    benchmark:\n +f?".*benchmarks>?/{name}[./]', text)
    assert "mem_mb=" in text
    assert "runtime=" in text
    assert "disk_mb=" in text


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
    assert len(text.splitlines()) < {"Snakefile": 80, "common.smk": 200}.get(file.name, 400)


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

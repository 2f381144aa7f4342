"""Whole runs of a study, and what Snakemake knows of the rules."""

import json
import re

import pytest

from programs import Workflow
from studies import REPOSITORY, SIMULATED, write_study

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
        captions={{
            plain(path): path.flags["report"].caption.get_path_or_uri(secret_free=True)
            if "report" in path.flags else None
            for path in each.output
        }},
    )
    for each in workflow.rules
    if not each.norun
}}
print("rules:", json.dumps(known), file=sys.stderr)
"""


@pytest.fixture
def workflow(tmp_path):
    """A folder to write a study into, and the call that runs it."""
    return Workflow(tmp_path)


@pytest.fixture(scope="session")
def rules(tmp_path_factory):
    """Rules as snakemake has them once the Snakefile is read: name → what each has."""
    workflow = Workflow(tmp_path_factory.mktemp("rules"))
    # whose maps are all that there are
    runs = [{"backbones": "all", "subjects": "all", "readouts": ["stacked"]}]
    write_study(workflow.folder, {**SIMULATED, "runs": runs})
    (workflow.folder / "Snakefile").write_text(OPEN)
    done = workflow("--snakefile", str(workflow.folder / "Snakefile"), "--list-rules")
    assert done.returncode == 0, done.stderr
    return json.loads(re.search(r"(?m)^rules: (.*)$", done.stderr)[1])

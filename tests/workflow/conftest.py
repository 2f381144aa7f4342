import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

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


class Workflow:
    """Calls snakemake on a study in a folder of its own, as a user would in the repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, source: Path = REPOSITORY / "src"):
        """Run to the end; gives exit code, standard output and standard error."""
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
        command += ["--directory", str(self.folder), "--cores", "2", "--nocolor"]
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(source),
            # snakemake's cache of sources; the tests write nothing outside their own folder
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }
        return subprocess.run(
            [*command, "--configfile", str(self.folder / "config.yaml"), *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def planned(self, *arguments: str, source: Path = REPOSITORY / "src") -> dict[str, int]:
        """Jobs that a call would run: rule → how many, without the target ``all``."""
        done = self("--quiet", "rules", "--dry-run", *arguments, source=source)
        assert done.returncode == 0, done.stderr
        table = done.stdout.partition("Job stats:")[2].split("\n\n")[0]
        pairs = [line.split() for line in table.splitlines()]
        counts = {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
        return {rule: count for rule, count in counts.items() if rule not in ("all", "total")}


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

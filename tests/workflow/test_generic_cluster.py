"""Jobs handed in by a command of the cluster's own, here one that runs them beside the test."""

from pathlib import Path

import pytest

from cortexlens.jobs.cluster_logs import cluster_logs, job_key
from cortexlens.planning.costs import LEAST_MB, SNAKEMAKE_MB
from studies import REPOSITORY, write_study

PROFILE = REPOSITORY / "workflow" / "profiles" / "generic"
# The first job that is handed in is killed before it begins: of it there is an exit code alone.
SUBMIT = """#!/bin/sh
mkdir -p jobs .snakemake/cluster_logs
number=$(ls jobs | wc -l)
mkdir jobs/$number
echo "$1 $2" > jobs/$number/asked
if [ $number -eq 0 ]; then
  echo 137 > jobs/0/code
else
  (sh "$3" > .snakemake/cluster_logs/$number.log 2>&1; echo $? > jobs/$number/code) > /dev/null &
fi
echo $number
"""
STATUS = """#!/bin/sh
case "$(cat jobs/$1/code 2>/dev/null)" in
  "") echo running ;;
  0) echo success ;;
  *) echo failed ;;
esac
"""


def program(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o700)
    return str(path)


@pytest.mark.slow  # 30 s
def test_jobs_are_handed_in_asked_after_and_tried_again(workflow):
    write_study(workflow.folder)
    submit = program(workflow.folder / "submit", SUBMIT)
    done = workflow(
        *("--profile", str(PROFILE), "--latency-wait", "60"),
        *("--cluster-generic-submit-cmd", f"{submit} {{rule}} {{resources.mem_mb}}"),
        *("--cluster-generic-status-cmd", program(workflow.folder / "ask", STATUS)),
        *("--", "results/tiny/subjects/sim01/images.tsv"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Trying to restart" in done.stderr + done.stdout
    asked = [path.read_text() for path in sorted((workflow.folder / "jobs").glob("*/asked"))]
    # twice as much the second time, and what snakemake takes each time
    drawn = [f"draw_scenes {attempt * LEAST_MB + SNAKEMAKE_MB}\n" for attempt in (1, 2)]
    assert asked == [*drawn, f"collect_images {LEAST_MB + SNAKEMAKE_MB}\n"]
    made = (workflow.folder / "results/tiny/subjects/sim01/images.tsv").read_text()
    assert len(made.splitlines()) == 41
    logs = cluster_logs(workflow.folder / ".snakemake")
    assert logs.keys() == {job_key("draw_scenes", ()), job_key("collect_images", ["sim01"])}

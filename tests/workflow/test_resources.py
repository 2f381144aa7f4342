"""Jobs ask for what their sizes take, more when they are tried again; GPUs are shared out."""

import re

import pytest

from cortexlens.config import load_study
from cortexlens.planning import Planner
from studies import REPOSITORY, SIMULATED, write_study

# Without their messages, a dry run lists what jobs ask for.
OPEN = f"""
include: "{REPOSITORY}/Snakefile"

for rule in workflow.rules:
    rule.message = None
"""


def asked(workflow, *arguments):
    """Resources of every job of a dry run: rule → list of name → value."""
    (workflow.folder / "Snakefile").write_text(OPEN)
    done = workflow("--dry-run", "--snakefile", str(workflow.folder / "Snakefile"), *arguments)
    assert done.returncode == 0, done.stderr
    found = {}
    for rule, text in re.findall(r"(?ms)^(?:local)?rule (\w+):\n(.*?)\n\n", done.stdout):
        (line,) = re.findall(r"resources: (.*)", text)
        found.setdefault(rule, []).append(dict(re.findall(r"(\w+)=([^,\s]+)", line)))
    return found


def test_every_job_asks_for_memory_time_and_disk(workflow):
    write_study(workflow.folder)
    found = asked(workflow)
    del found["all"]
    assert len(found) == 11
    for rule, jobs in found.items():
        for job in jobs:
            for name in ("mem_mb", "runtime", "disk_mb"):
                # snakemake writes minutes as 10m
                assert re.fullmatch(r"[1-9]\d*m?", job[name]), (rule, name, job)


def test_a_larger_study_asks_for_more(workflow):
    write_study(workflow.folder, {**SIMULATED, "encoder": {"epochs": 10_000}})
    small = asked(workflow)["fit_encoder"][0]
    dataset = {"kind": "simulated", "n_scenes": 50_000, "repeats": 2}
    config = {**SIMULATED, "dataset": dataset, "encoder": {"epochs": 10_000}}
    write_study(workflow.folder, config, [{"subject": "sim01", "scenes": "0-49999"}])
    (large, *_) = asked(workflow)["fit_encoder"]
    assert int(large["mem_mb"]) > 5 * int(small["mem_mb"])
    planner = Planner(load_study(workflow.folder / "config.yaml"), workflow.folder, n_gpus=0)
    first, second = (
        planner.resource("fit_encoder", "mem_mb", attempt, "plain", "sim01") for attempt in (1, 2)
    )
    assert (first, second) == (int(large["mem_mb"]), 2 * first)


@pytest.mark.parametrize(
    ("device", "visible", "wanted"),
    [("cpu", "0,1", "0"), ("auto", "", "0"), ("auto", "0,1", "1"), ("cuda", "0,1", "1")],
)
def test_gpu_jobs_are_as_many_as_gpus(workflow, monkeypatch, device, visible, wanted):
    program = workflow.folder / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'GPU 0: H'\necho 'GPU 1: H'\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    write_study(workflow.folder, {**SIMULATED, "device": device})
    found = asked(workflow)
    for rule, jobs in found.items():
        for job in jobs:
            large = rule in ("extract_features", "fit_encoder")
            assert job.get("gpu", "0") == (wanted if large else "0")


def test_no_more_jobs_run_at_once_than_there_are_gpus(workflow, monkeypatch):
    program = workflow.folder / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'GPU 0: H'\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    write_study(workflow.folder)
    shown = workflow("--dry-run")
    assert "gpu=1" in shown.stdout + shown.stderr
    # what is asked for on the command line counts
    shown = workflow("--dry-run", "--resources", "gpu=3")
    assert "gpu=3" in shown.stdout + shown.stderr

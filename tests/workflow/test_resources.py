"""Jobs ask for what their sizes take, more when they are tried again; GPUs are shared out."""

import re
from pathlib import Path

import pytest

from cortexlens.config.study import load_study
from cortexlens.planning.costs import SNAKEMAKE_MB
from cortexlens.planning.planner import Planner
from studies import REPOSITORY, SIMULATED, write_study

# Without their messages, a dry run lists what jobs ask for.
OPEN = f"""
include: "{REPOSITORY}/Snakefile"

for each in workflow.rules:
    each.message = None
limit = workflow.global_resources.get("gpu")
print("limit:", None if limit is None else limit.value, file=sys.stderr)
"""


def asked(workflow, *arguments):
    """Resources of every job of a dry run, rule → list of name → value; and the limit of GPUs."""
    (workflow.folder / "Snakefile").write_text(OPEN)
    own = ("--snakefile", str(workflow.folder / "Snakefile"))
    done = workflow(*own, *arguments, "--dry-run", "all")
    assert done.returncode == 0, done.stderr
    found = {}
    # A dry run ends each job at its resources.
    for rule, line in re.findall(r"(?ms)^(?:local)?rule (\w+):\n.*?resources: (.*?)$", done.stdout):
        found.setdefault(rule, []).append(dict(re.findall(r"(\w+)=([^,\s]+)", line)))
    return found, re.search(r"limit: (\w+)", done.stderr)[1]


def test_every_job_asks_for_memory_time_and_disk(workflow):
    write_study(workflow.folder)
    found, _ = asked(workflow)
    del found["all"]
    assert {"fit_encoder", "score_fit", "draw_maps", "summarise_models"} <= set(found)
    for rule, jobs in found.items():
        for job in jobs:
            for name in ("mem_mb", "runtime", "disk_mb"):
                # snakemake writes minutes as 10m
                assert re.fullmatch(r"[1-9]\d*m?", job[name]), (rule, name, job)


def test_a_larger_study_asks_for_more_and_a_second_attempt_too(workflow, monkeypatch):
    monkeypatch.chdir(workflow.folder)
    write_study(workflow.folder, {**SIMULATED, "encoder": {"epochs": 10_000}})
    small = asked(workflow)[0]["fit_encoder"][0]
    dataset = {"kind": "simulated", "n_scenes": 50_000, "repeats": 2}
    config = {**SIMULATED, "dataset": dataset, "encoder": {"epochs": 10_000}}
    write_study(workflow.folder, config, [{"subject": "sim01", "scenes": "0-49999"}])
    large = asked(workflow)[0]["fit_encoder"][0]
    assert int(large["mem_mb"]) > 5 * int(small["mem_mb"])
    planner = Planner(load_study(Path("config.yaml")), Path("results/tiny"), n_gpus=0)
    first, second = (
        planner.resource("fit_encoder", "mem_mb", attempt, "plain", "sim01") for attempt in (1, 2)
    )
    assert (first, second) == (int(large["mem_mb"]), 2 * first)
    pair = {"backbone": "plain", "subject": "sim01"}
    of_snakemake = [
        planner.resource("fit_encoder", "mem_mb", attempt, remote=True, **pair)
        - planner.resource("fit_encoder", "mem_mb", attempt, **pair)
        for attempt in (1, 2)
    ]
    assert of_snakemake == [SNAKEMAKE_MB] * 2


def test_what_a_call_sets_for_a_rule_wins_and_defaults_lose(workflow):
    write_study(workflow.folder)
    computed, _ = asked(workflow)
    sizes = ("mem", "mem_mb", "mem_mib")  # one need in three units
    told = ("--set-resources", "draw_scenes:mem_mb=777", "--default-resources", "mem_mb=333")
    found, _ = asked(workflow, *told)
    (drawn,), (before,) = found["draw_scenes"], computed["draw_scenes"]
    assert drawn["mem_mb"] == "777"
    assert {**drawn, **{name: before[name] for name in sizes}} == before
    fits = [sorted(job["mem_mb"] for job in each["fit_encoder"]) for each in (found, computed)]
    assert fits[0] == fits[1]


@pytest.fixture
def two_gpus(workflow, monkeypatch):
    """A driver that lists two GPUs."""
    program = workflow.folder / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'GPU 0: H'\necho 'GPU 1: H'\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize(
    ("device", "visible", "arguments", "wanted", "limit"),
    [
        ("cpu", "0,1", (), "0", "None"),
        ("auto", "", (), "0", "None"),
        ("auto", "0,1", (), "1", "2"),
        ("cuda", "1", ("--resources", "gpu=3"), "1", "3"),
    ],
)
def test_no_more_jobs_run_on_gpus_than_there_are(
    workflow, monkeypatch, device, visible, arguments, wanted, limit
):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    write_study(workflow.folder, {**SIMULATED, "device": device})
    found, told = asked(workflow, *arguments)
    assert told == limit
    for rule, jobs in found.items():
        large = rule in ("extract_features", "fit_encoder")
        assert {job.get("gpu", "0") for job in jobs} == {wanted if large else "0"}

"""A study on a real Slurm of three nodes, started for it on this machine, while faults happen."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml

from studies import REPOSITORY, write_table

PARTS = ("slurmctld", "slurmd", "munged", "sbatch")
MISSING = [name for name in PARTS if shutil.which(name) is None]
NETWORKS = ["demo-supervised"]
SUBJECTS = [{"subject": "sim01", "scenes": "0-19,20-69"}]
# Longer than all of it takes on a busy machine: what hangs ends here.
PATIENCE = 1500
pytestmark = [
    pytest.mark.slow,  # 4.5 min on two idle cores, most of it waiting
    pytest.mark.skipif(bool(MISSING), reason=f"no Slurm here: {', '.join(MISSING)}"),
    pytest.mark.skipif(os.getuid() != 0, reason="only root starts a Slurm"),
    pytest.mark.skipif(
        os.path.exists("/etc/slurm/slurm.conf"), reason="a Slurm of this machine's own"
    ),
]


def told(*command):
    """What a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def jobs():
    """Jobs of Slurm's, finished ones too: number, state, comment, partition, nodes."""
    lines = told("squeue", "--states=all", "--noheader", "--format=%i|%T|%k|%P|%N").splitlines()
    return [line.split("|") for line in lines]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slurm")
    subprocess.run([REPOSITORY / "tests/slurm/start.sh", folder], check=True)
    yield
    subprocess.run([REPOSITORY / "tests/slurm/stop.sh", folder], check=True)
    # jobs of the node that was lost live on without one
    study = tmp_path_factory.getbasetemp() / "study"
    subprocess.run(["pkill", "-9", "-f", str(study)], check=False)


def write_demo(folder):
    """The demo with fewer networks and pictures, whose fits end early."""
    config = yaml.safe_load((REPOSITORY / "config/config.yaml").read_text())
    for section in ("variants", "trust", "recovery"):
        del config[section]
    config["dataset"] |= {"n_scenes": 70}
    config["runs"] = [{"backbones": NETWORKS, "subjects": "all", "readouts": ["factortopy"]}]
    config["encoder"] |= {"epochs": 2, "regularization_images": 60}
    config["subjects"] = "subjects.tsv"
    for name in ("backbones", "finetunes"):
        config[name] = str(REPOSITORY / config[name])
    write_table(folder / "subjects.tsv", SUBJECTS)
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


class Study:
    """A call of snakemake that hands its jobs to Slurm, and the faults that it meets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_demo(folder)
        # a login node with a graphics card, so that jobs ask for one; they find none and do without
        program = folder / "bin" / "nvidia-smi"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\necho 'GPU 0: H'\n")
        program.chmod(0o700)
        self.environment = {
            **os.environ,
            "PATH": f"{program.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(REPOSITORY / "src"),
            "OMP_NUM_THREADS": "1",
            "XDG_CACHE_HOME": str(folder / "cache"),
        }
        self.environment.pop("CUDA_VISIBLE_DEVICES", None)
        self("python", "-m", "snakemake_executor_plugin_slurm.cli", "-o", "partitions.yaml")
        # Slurm counts graphics cards by partition only where it keeps accounts
        partitions = yaml.safe_load((folder / "partitions.yaml").read_text())
        partitions["partitions"]["gpu"]["max_gpu"] = 2
        (folder / "partitions.yaml").write_text(yaml.safe_dump(partitions))

    def __call__(self, *arguments: str):
        """Call a program beside Python in the study's folder."""
        done = subprocess.run(
            [Path(sys.executable).parent / arguments[0], *arguments[1:]],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        # 1 of the subcommand status: a job has failed, which is tried again meanwhile
        allowed = (0, 1) if "status" in arguments else (0,)
        assert done.returncode in allowed, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def command(self) -> list[str]:
        """The profile as it is, and what a Slurm without accounting needs besides."""
        profile = REPOSITORY / "workflow/profiles/slurm"
        return [
            *("-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"), "--nocolor"),
            *("--directory", str(self.folder), "--configfile", "config.yaml"),
            *("--profile", str(profile), "--slurm-partition-config", "partitions.yaml"),
            *("--slurm-status-command", "squeue", "--slurm-no-account"),
            *("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "60"),
            # too little for the first attempt, enough for a later one
            *("--set-resources", "draw_scenes:mem_mb=240 * attempt"),
        ]

    def start(self) -> None:
        """Begin, without waiting for the end."""
        with (self.folder / "said.txt").open("a") as said:
            self.process = subprocess.Popen(
                [sys.executable, *self.command],
                cwd=self.folder,
                env=self.environment,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def running(self, rule: str) -> list[str]:
        """Wait for a job of a rule that has begun its work; gives its number and so on."""
        logs = self.folder / "results" / "demo" / "logs" / rule
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            places = [log.relative_to(logs).with_suffix("") for log in logs.rglob("*.log")]
            begun = {f"rule_{rule}_wildcards_{'_'.join(place.parts)}" for place in places}
            for job in jobs():
                if job[1] == "RUNNING" and job[2] in begun:
                    return job
            time.sleep(0.2)
        raise AssertionError(f"no job of {rule} ran:\n{self.said}")

    @property
    def said(self) -> str:
        """What snakemake printed."""
        return (self.folder / "said.txt").read_text()

    def status(self) -> str:
        """What the subcommand status tells."""
        return self("cortexlens", "status", "--config", "config.yaml")


@pytest.fixture(scope="module")
def finished(slurm, tmp_path_factory):
    """The study, although a job was cancelled, a node lost, memory short, snakemake killed."""
    study = Study(tmp_path_factory.mktemp("study"))
    study.start()
    try:
        study.cancelled = study.running("extract_features")[0]
        told("scancel", study.cancelled)
        study.lost, *_, node = study.running("fit_encoder")
        told("scontrol", "update", f"nodename={node}", "state=down", "reason=pulled the plug")
        study.told_while_running = study.status()
        assert "down" in told("sinfo", "--noheader", "--nodes", node, "--format=%t")
        told("scontrol", "update", f"nodename={node}", "state=resume")
        study.orphan = study.running("fit_encoder")[0]
        study.process.kill()
        study.process.wait()
        study.start()
        study.process.wait(PATIENCE)
    finally:
        study.process.terminate()
        study.process.wait()
    return study


def test_the_study_is_completed(finished):
    assert finished.process.returncode == 0, finished.said
    results = finished.folder / "results" / "demo"
    scores = pd.read_csv(results / "tables" / "brain_score.tsv", sep="\t")
    pairs = {tuple(row) for row in scores[["backbone", "subject"]].to_numpy()}
    assert pairs == {(network, row["subject"]) for network in NETWORKS for row in SUBJECTS}
    for path in ("atlas/index.html", "methods.md", "figures/overview.png"):
        assert (results / path).stat().st_size > 1000
    assert "Nothing to be done" in finished("python", *finished.command, "--dry-run")


def test_each_fault_happened_and_cost_one_attempt(finished):
    states = {job[0]: job[1] for job in jobs()}
    assert states[finished.cancelled] == "CANCELLED"
    # Slurm itself begins a job again whose node was lost
    assert re.search(r"Restarts=[1-9]", told("scontrol", "show", "job", finished.lost))
    logs = finished.folder / ".snakemake" / "slurm_logs" / "rule_draw_scenes"
    killed = [path for path in logs.glob("*.log") if "exceeded memory" in path.read_text()]
    assert killed
    assert finished.said.count("Trying to restart job") >= 2


def test_a_job_whose_snakemake_was_killed_is_not_done_twice(finished):
    states = {job[0]: job[1] for job in jobs()}
    assert states[finished.orphan] == "COMPLETED"
    fit = "results/demo/logs/fit_encoder/factortopy/demo-supervised/sim01.log"
    assert "its results are restored" in (finished.folder / fit).read_text()
    assert not (finished.folder / "results" / "demo" / ".ended").exists()


def test_jobs_with_graphics_cards_have_a_partition_of_their_own(finished):
    parts = {}
    for _, _, comment, partition, _ in jobs():
        parts.setdefault(comment.split("_wildcards_")[0], set()).add(partition)
    for rule in ("extract_features", "fit_encoder"):
        assert parts.pop(f"rule_{rule}") == {"gpu"}
    assert set.union(*parts.values()) == {"cpu"}


def test_small_jobs_share_one(finished):
    submitted = set(re.findall(r"slurm_logs/((?:group|rule)_[^/]+)/[^)]*\.log\)", finished.said))
    groups = [name.split("_")[1] for name in submitted if name.startswith("group_")]
    assert sorted(groups) == ["maps", "scores", "sheets", "tables"]
    assert not {"rule_score_fit", "rule_draw_maps", "rule_summarise_scores"} & submitted


def test_status_leads_to_the_logs_of_slurm(finished):
    found = re.search(
        r"on the cluster: (\S+slurm_logs/rule_\w+/\S+\.log)", finished.told_while_running
    )
    assert found, finished.told_while_running
    after = finished.status()
    assert re.search(r"(?m)^total +\d+ +\. +\. +\.$", after), after

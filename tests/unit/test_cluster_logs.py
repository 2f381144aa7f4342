"""Which job a cluster's log speaks of."""

import os

import pytest

from cortexlens.jobs.cluster_logs import cluster_logs, job_key

BANNER = """
SNAKEMAKE
=========
  Date: 2026-11-22 01:22:24
  Command: /v/snakemake/__main__.py --snakefile S --target-jobs {jobs} --allowed-rules x --cores 1
  Host: node7

slurmstepd: error: Detected 1 oom-kill event(s)
"""


def put(folder, name, text="", when=1_700_000_000):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (when, when))
    return path


@pytest.mark.parametrize(
    ("target", "rule", "name"),
    [
        ("fit:readout=factortopy,backbone=a-b,subject=s1", "fit", "factortopy/a-b/s1"),
        ("units:backbone=a,layer=blocks.1,sae_seed=0", "units", "a/blocks.1/seed-0"),
        ('odd:layer="a,b",subject=s', "odd", "a,b/s"),
        ("tables:", "tables", ""),
    ],
)
def test_the_command_in_a_log_names_its_job(tmp_path, target, rule, name):
    log = put(tmp_path, "slurm_logs/rule_x/y/12.log", BANNER.format(jobs=target))
    assert cluster_logs(tmp_path) == {job_key(rule, name.split("/")): log}


def test_jobs_of_a_group_share_a_log(tmp_path):
    jobs = "score:readout=f,backbone=a,subject=s score:readout=f,backbone=b,subject=s"
    log = put(tmp_path, "slurm_logs/group_scores/13.log", BANNER.format(jobs=jobs))
    wanted = [job_key("score", ("f", network, "s")) for network in "ab"]
    assert cluster_logs(tmp_path) == dict.fromkeys(wanted, log)


def test_a_job_that_never_began_is_known_by_the_place_of_its_log(tmp_path):
    error = "slurmstepd: error: execve(): No such file or directory\n"
    fit = put(tmp_path, "slurm_logs/rule_fit/f_a-b_s1/14.log", error)
    draw = put(tmp_path, "slurm_logs/rule_draw/15.log", error)
    put(tmp_path, "slurm_logs/group_scores/16.log", error)
    found = cluster_logs(tmp_path)
    assert found == {job_key("fit", ("f", "a-b", "s1")): fit, job_key("draw", ()): draw}


def test_the_last_try_counts(tmp_path):
    banner = BANNER.format(jobs="fit:subject=s")
    second = put(tmp_path, "cluster_logs/9.log", banner, 1_700_000_500)
    put(tmp_path, "cluster_logs/10.log", banner)
    assert cluster_logs(tmp_path) == {job_key("fit", ["s"]): second}


def test_a_study_on_no_cluster_has_none(tmp_path):
    assert cluster_logs(tmp_path) == {}

"""Every ready-made study is planned whole, on data laid out as its own."""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from cortexlens.config.study import load_study
from cortexlens.planning.planner import Planner
from cortexlens.study.nsd.layout import SESSIONS, Layout
from cortexlens.study.tsv import read_tsv
from studies import READY_MADE, REPOSITORY, SIMULATED, write_study
from trees import algonauts_tree, nsd_tree, table_tree


def lay_out_data(folder: Path, config: dict) -> None:
    """Make small data where a study's config and table look for them."""
    root = folder / config["dataset"].get("root", "")
    columns = read_tsv(folder / config["subjects"], needed=["subject"])
    if config["dataset"]["kind"] == "algonauts2023":
        algonauts_tree(root, columns["subject"], n_images=3, n_vertices=(8, 8))
    if config["dataset"]["kind"] == "nsd":
        chosen = [run["subjects"] for run in config["runs"]]
        subjects = columns["subject"] if chosen == ["all"] else chosen[0]
        nsd_tree(root, subjects[0], length=4)
        for subject in subjects:
            for session in range(1, SESSIONS[subject] + 1):
                for path in Layout(root, subject, (session,)).betas_files(session):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.touch()  # a plan asks only whether they are there
    if config["dataset"]["kind"] == "table":
        for subject, images, responses in zip(
            *(columns[name] for name in ("subject", "images", "responses")), strict=True
        ):
            row = table_tree(root, n_images=3, subject=subject)
            for made, wanted in ((row["images"], images), (row["responses"], responses)):
                (root / wanted).parent.mkdir(exist_ok=True)
                (root / made).rename(root / wanted)


def told_beforehand(folder: Path) -> dict[str, int]:
    """Jobs that `cortexlens plan` counts."""
    with contextlib.chdir(folder):
        study = load_study(Path("config.yaml"))
        return dict(Counter(job.rule for job in Planner(study, Path("results")).jobs()))


@pytest.mark.parametrize("path", READY_MADE, ids=lambda path: path.parent.name)
def test_ready_made_study(workflow, path):
    shutil.copytree(REPOSITORY / "config", workflow.folder / "config")
    config = yaml.safe_load(path.read_text())
    lay_out_data(workflow.folder, config)
    shutil.copy(path, workflow.folder / "config.yaml")
    jobs = workflow.planned()
    n_subjects = len(read_tsv(workflow.folder / config["subjects"], needed=["subject"])["subject"])
    readouts = {readout for run in config["runs"] for readout in run.get("readouts", ["stacked"])}
    drawn = config["dataset"]["kind"] in ("simulated", "planted")
    assert jobs.get("draw_scenes", 0) == drawn
    assert jobs["summarise_scores"] == 1
    fits = {rule: count for rule, count in jobs.items() if rule.startswith("fit_")}
    assert jobs["score_fit"] == sum(fits.values())
    assert jobs["extract_features"] == max(fits.values()) == jobs["draw_maps"]
    planted = config["dataset"]["kind"] == "planted"
    assert 1 <= jobs["plant_responses" if planted else "collect_responses"] <= n_subjects
    assert ("fit_ridge" in jobs) == ("ridge" in readouts)
    assert jobs == told_beforehand(workflow.folder)


def test_a_study_of_two_kinds_of_maps_draws_those_of_the_main_one(workflow):
    halves = {f"half-{half}": {"readout": "stacked", "half": half} for half in "ab"}
    both = {"backbones": "all", "subjects": "all"}
    config = {
        **SIMULATED,
        "runs": [{**both, "readouts": ["factortopy", "stacked", "ridge"]}],
        "variants": halves,
        "trust": [{"backbones": ["plain"], "subjects": ["sim01"], "readouts": list(halves)}],
        "channels": {"backbones": ["plain"], "subjects": ["sim01"]},
    }
    write_study(workflow.folder, config)
    jobs = workflow.planned()
    assert jobs == told_beforehand(workflow.folder)
    assert jobs["fit_stacked"] == jobs["fit_encoder"] == jobs["fit_ridge"] == 4
    assert jobs["draw_maps"] == 4
    more = workflow.planned("trust", "channels")
    assert more["fit_stacked"] == 3
    # channels are looked into in the main readout alone, ablations compare all
    assert more["fit_encoder"] == more["fit_ridge"] == 1
    assert more["draw_stability"] == more["cluster_channels"] == 1


def test_trust_of_the_demo_adds_its_fits(workflow):
    shutil.copytree(REPOSITORY / "config", workflow.folder / "config")
    shutil.copy(workflow.folder / "config" / "config.yaml", workflow.folder)
    with contextlib.chdir(workflow.folder):
        study = load_study(Path("config.yaml"))
    pairs = {(run.backbone, run.subject) for run in study.trust}
    jobs = workflow.planned("trust")
    fits = ("fit_stacked", "fit_encoder", "fit_ridge")
    assert sum(jobs[rule] for rule in fits) == len(study.trust)
    assert jobs["draw_stability"] == len(pairs) == 4
    for rule in ("ablations", "learning_curve"):
        assert jobs[f"summarise_{rule}"] == jobs[f"draw_{rule}"] == 1
    assert "draw_maps" not in jobs


def test_banded_ridge_and_its_variants_are_fitted_and_scored(workflow):
    runs = [{"backbones": ["plain"], "subjects": "all", "readouts": ["banded", "few"]}]
    config = {**SIMULATED, "runs": runs, "variants": {"few": {"readout": "banded", "samples": 5}}}
    write_study(workflow.folder, config)
    jobs = workflow.planned()
    assert jobs["fit_banded"] == jobs["score_fit"] == 4
    assert "fit_encoder" not in jobs
    assert jobs == told_beforehand(workflow.folder)


def test_channels_of_the_demo_need_their_fits_alone(workflow):
    shutil.copytree(REPOSITORY / "config", workflow.folder / "config")
    shutil.copy(workflow.folder / "config" / "config.yaml", workflow.folder)
    with contextlib.chdir(workflow.folder):
        study = load_study(Path("config.yaml"))
        planned = Planner(study, Path("results")).further_jobs()["channels"]
    n_pairs = len(study.channelled)
    jobs = workflow.planned("channels")
    told = Counter(job.rule for job in planned)
    assert told == {rule: count for rule, count in jobs.items() if "_channel" in rule}
    for rule in ("fit_stacked", "cluster_channels", "draw_channels", "draw_channel_images"):
        assert jobs[rule] == n_pairs == 2
    assert jobs["summarise_channels"] == 1
    assert "draw_maps" not in jobs


def test_one_network_of_the_zoo_can_be_trained_again(workflow):
    shutil.copytree(REPOSITORY / "config", workflow.folder / "config")
    shutil.copy(workflow.folder / "config" / "config.yaml", workflow.folder)
    assert workflow.planned("demo_zoo")["train_backbone"] == 5


def test_snakemake_finds_no_fault_but_the_missing_conda_environments(workflow):
    shutil.copytree(REPOSITORY / "config", workflow.folder / "config")
    shutil.copy(workflow.folder / "config" / "config.yaml", workflow.folder)
    done = workflow("--lint")
    faults = {line for line in done.stderr.splitlines() if line.startswith("    * ")}
    assert faults == {"    * Specify a conda environment or container for each rule.:"}


def test_weights_of_the_papers_networks_are_fetched_first_or_listed(workflow):
    shutil.copytree(REPOSITORY / "config", workflow.folder / "config")
    config = {**SIMULATED, "weights_cache": "cache", "backbones": "config/paper/backbones.tsv"}
    path = write_study(workflow.folder, config)
    assert workflow.planned("weights")["fetch_weights"] == 18
    jobs = workflow.planned()
    assert jobs["fetch_weights"] == jobs["describe_backbone"] == 18
    path.write_text(yaml.safe_dump({**config, "offline": True}))
    done = workflow("--dry-run")
    assert done.returncode == 2
    assert "17 more" in done.stderr
    assert "not in the cache" in done.stderr


@pytest.mark.parametrize(
    ("target", "rule"), [("demo", "draw_overview"), ("trust", "draw_ablations")]
)
def test_make_calls_snakemake_as_it_takes_it(tmp_path, target, rule):
    for name in ("Makefile", "Snakefile", "workflow", "config", "envs", "pyproject.toml"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    told = subprocess.run(
        ["make", "--dry-run", target], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    (call,) = (
        line for line in told.stdout.splitlines() if "snakemake " in line and "--report" not in line
    )
    call = call.partition("&& ")[2]  # after a look into the config
    command = [sys.executable, "-m", "snakemake", "--dry-run", *shlex.split(call)[1:]]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"\n{rule} " in done.stdout

"""Profiles say what snakemake knows, of rules that are there."""

import re

import pytest
import yaml
from snakemake.cli import get_argument_parser

from studies import REPOSITORY, write_study

PROFILE_FOLDER = REPOSITORY / "workflow" / "profiles"
PROFILES = sorted(PROFILE_FOLDER.glob("*/config.yaml"))
KNOWN = {
    option.lstrip("-")
    for action in get_argument_parser()._actions
    for option in action.option_strings
}
RULES = {
    name
    for path in REPOSITORY.glob("workflow/rules/*.smk")
    for name in re.findall(r"(?m)^rule (\w+):", path.read_text())
}


def filled_in(text):
    """Give a profile with the lines that are there for a reader to fill in."""
    return re.sub(r"(?m)^# (?=slurm-partition-config|  slurm_account)", "", text)


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.parent.name)
def test_keys_of_profiles_are_options(path):
    for text in (path.read_text(), filled_in(path.read_text())):
        assert set(yaml.safe_load(text)) <= KNOWN


def profile(name):
    return yaml.safe_load(filled_in((PROFILE_FOLDER / name / "config.yaml").read_text()))


def test_the_profile_of_slurm_speaks_of_rules_that_are_there():
    found = profile("slurm")
    assert found["executor"] == "slurm"
    assert set(found["groups"]) <= RULES
    assert set(found["groups"].values()) == set(found["group-components"])
    shown = (REPOSITORY / "docs" / "howto_nsd_slurm.md").read_text()
    (block,) = re.findall(r"```yaml\n(slurm-partition-config:.*?)```", shown, re.DOTALL)
    parts = ("slurm-partition-config", "default-resources")
    assert yaml.safe_load(block) == {part: found[part] for part in parts}


@pytest.mark.parametrize("name", ["slurm", "kubernetes", "generic"])
def test_a_study_is_planned_on_every_cluster(workflow, name):
    write_study(workflow.folder)
    # the folder that pods share
    place = ("--default-storage-prefix", str(workflow.folder)) if name == "kubernetes" else ()
    planned = workflow.planned("--profile", str(PROFILE_FOLDER / name), *place)
    assert planned["fit_encoder"] == planned["score_fit"] == 4
    assert planned["build_atlas"] == 1

"""Profiles say what snakemake knows, of rules that are there."""

import re

import pytest
import yaml
from snakemake.cli import get_argument_parser

from studies import REPOSITORY

PROFILES = sorted(REPOSITORY.glob("workflow/profiles/*/config.yaml"))
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
    """A profile with the lines that are there for a reader to fill in."""
    return re.sub(r"(?m)^# (?=[a-z-]+:$|  )", "", text)


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.parent.name)
def test_keys_of_profiles_are_options(path):
    for text in (path.read_text(), filled_in(path.read_text())):
        assert set(yaml.safe_load(text)) <= KNOWN


def test_the_profile_of_slurm_speaks_of_rules_with_gpus():
    text = (REPOSITORY / "workflow" / "profiles" / "slurm" / "config.yaml").read_text()
    found = yaml.safe_load(filled_in(text))
    assert found["executor"] == "slurm"
    assert {"slurm_account", "slurm_partition"} == set(found["default-resources"])
    assert set(found["set-resources"]) <= RULES
    shown = (REPOSITORY / "docs" / "howto_nsd_slurm.md").read_text()
    (block,) = re.findall(r"```yaml\n(default-resources:.*?)```", shown, re.DOTALL)
    parts = ("default-resources", "set-resources")
    assert yaml.safe_load(block) == {part: found[part] for part in parts}

"""Jobs on a cluster know what the call that they belong to was asked for."""

from types import SimpleNamespace

import pytest

from cortexlens.workflow.collected import TARGETS, targets_of, tell_jobs


def call(*targets, remote=False):
    """What snakemake says of a call; of a job on a cluster, the file that it is to make."""
    settings = SimpleNamespace(targets={"results/demo/atlas"} if remote else set(targets))
    return SimpleNamespace(dag_settings=settings, remote_exec=remote)


@pytest.mark.parametrize("targets", [(), ("sae",), ("everything", "sae")])
def test_a_job_on_a_cluster_has_the_targets_of_its_call(monkeypatch, targets):
    monkeypatch.setenv(TARGETS, "left by another call")
    tell_jobs(call(*targets))
    job = call(remote=True)
    assert targets_of(job) == targets_of(call(*targets)) == set(targets)
    # a job says again what it was told, since it may run as a step of its own
    tell_jobs(job)
    assert targets_of(job) == set(targets)


def test_a_job_that_was_told_nothing_was_asked_for_nothing(monkeypatch):
    monkeypatch.delenv(TARGETS, raising=False)
    assert targets_of(call(remote=True)) == set()


def test_targets_are_not_known_before_the_call_is_read():
    assert targets_of(SimpleNamespace(dag_settings=None, remote_exec=False)) == set()

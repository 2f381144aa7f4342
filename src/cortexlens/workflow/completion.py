"""Complete the workflow's rules with what follows from their names and outputs."""

import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from cortexlens.planning.planner import GPU_RULES, Planner
from cortexlens.storage.code_hash import fingerprint_of_jobs

_NEEDED = ("mem_mb", "runtime", "disk_mb")


def complete_rules(workflow: Any, planner: Planner) -> None:
    """Set resources, code hash, log and benchmark file of every rule that runs a stage.

    They are set as the rule's own keywords would set them; what a rule states itself is not
    changed. As always in Snakemake, resources of a rule override ``--default-resources``, and
    ``--set-resources`` overrides both.

    Parameters
    ----------
    workflow
        Snakemake's workflow object, after all rules were read.
    planner
        Planner of the study, which computes the resources of each job.
    """
    for rule in workflow.rules:
        if rule.norun:  # a target, which only names files
            continue
        _, own = rule.ruleinfo.resources or ((), {})
        overrides = workflow.resource_settings.overwrite_resources.get(rule.name, {})
        for each in (_resources(workflow, planner, rule.name), own, overrides):
            rule.resources.update(each)
        shared: dict[str, Callable[..., str]] = {"code": fingerprint_of_jobs(rule.name)}
        if "{params.folder" in rule.shellcmd:
            shared["folder"] = _folder
        given = rule.params.keys()
        rule.set_params(**{name: each for name, each in shared.items() if name not in given})
        name = "/".join([rule.name, *_distinct(rule.output[0])])
        if not rule.log:
            rule.log_modifier = rule.output_modifier
            rule.set_log(f"<logs>/{name}.log")
        if rule.benchmark is None:
            rule.benchmark_modifier = rule.output_modifier
            rule.benchmark = f"<benchmarks>/{name}.tsv"


def _resources(workflow: Any, planner: Planner, rule: str) -> dict[str, Any]:
    """Memory (MB), time (minutes), disk (MB) and GPUs of a rule's jobs, computed from sizes."""

    def needed(what: str) -> Callable[[Any, int], int]:
        def of_job(wildcards: Any, attempt: int) -> int:
            remote = workflow.non_local_exec
            return planner.resource(rule, what, attempt, remote=remote, **wildcards)

        return of_job

    gpu = {"gpu": int(planner.needs_gpu(rule))} if rule in GPU_RULES else {}
    return {what: needed(what) for what in _NEEDED} | gpu


def _folder(wildcards: Any, output: Any) -> str:
    """Folder of a job's outputs, for stages that take a folder rather than a file."""
    return str(PurePath(output[0]).parent)


def _distinct(path: str) -> list[str]:
    """Parts of an output's path with wildcards, without their constraints and without suffixes."""
    plain = re.sub(r"\{(\w+),[^{}]*\}", r"{\1}", path)
    return [re.sub(r"\.\w+$", "", part) for part in plain.split("/") if "{" in part]

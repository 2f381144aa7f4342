"""`make report` gathers the targets that were made, and brings the methods up to date first."""

import subprocess

import pytest

from studies import REPOSITORY


def calls(folder):
    """What snakemake would be asked for, a line a call."""
    # Called by another make, as the tests are, it would also say which folder it enters.
    command = ["make", "--dry-run", "--no-print-directory", "report"]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return [line.partition("config.yaml")[2].split() for line in told.stdout.splitlines()]


@pytest.mark.parametrize(
    ("made", "targets"),
    [
        ([], []),
        (["tables/brain_score.tsv"], ["--", "all"]),
        (["tables/dictionary.tsv", "tables/recovery_study.tsv"], ["--", "sae", "recovery"]),
        (
            ["tables/brain_score.tsv", "tables/channel_clusters.tsv", "tables/ablations.tsv"],
            ["--", "all", "trust", "channels"],
        ),
    ],
)
def test_the_report_holds_what_was_made(tmp_path, made, targets):
    for name in ("Makefile", "config", "envs", "pyproject.toml"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    for name in made:
        path = tmp_path / "results" / "demo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert calls(tmp_path) == [["--report", "results/demo/report.html", *targets]]
    (tmp_path / "results" / "demo").mkdir(parents=True, exist_ok=True)
    (tmp_path / "results" / "demo" / "methods.md").touch()
    assert calls(tmp_path)[0] == ["--", "write_methods"]

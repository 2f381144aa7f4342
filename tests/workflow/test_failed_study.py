"""The subcommand status reads what a real call of snakemake leaves behind."""

from typer.testing import CliRunner

from cortexlens.cli import app
from studies import write_study

NETWORK = {
    "backbone": "own",
    "source": "python",
    "name": "nets:make",
    "trust": "python",
    "input_size": "32",
    "mean": "0,0,0",
    "std": "1,1,1",
}


def status(*arguments):
    return CliRunner().invoke(app, ["status", "--config", "config.yaml", *arguments])


def row(result, rule):
    """Numbers of a rule: done, running, failed, waiting."""
    (line,) = [line for line in result.output.splitlines() if line.startswith(f"{rule} ")]
    return [0 if cell == "." else int(cell) for cell in line.split()[1:]]


def test_a_failed_job_is_told_with_its_log_until_it_is_mended(workflow, monkeypatch):
    monkeypatch.chdir(workflow.folder)
    nets = workflow.folder / "nets.py"
    nets.write_text("def make():\n    raise ValueError('no such size')\n")
    write_study(workflow.folder, backbones=[NETWORK])
    before = status()
    assert before.exit_code == 0
    assert "nothing was run yet" in before.output
    wanted = "results/tiny/backbones/own.json"
    ended = workflow("--cores", "1", wanted)
    assert ended.returncode == 1
    *_, count, why, log = ended.stderr.splitlines()
    assert (count, log.strip()) == (
        "1 job failed:",
        "log: results/tiny/logs/describe_backbone/own.log",
    )
    assert "backbone 'own': nets:make could not be called (ValueError: no such size)" in why
    failed = status()
    assert failed.exit_code == 1
    assert row(failed, "describe_backbone") == [0, 0, 1, 0]
    assert "its log results/tiny/logs/describe_backbone/own.log:" in failed.output
    assert "ValueError: no such size" in failed.output
    assert "no such size" not in status("--lines", "0").output
    nets.write_text(
        "from torch import nn\n\n\ndef make():\n    return nn.Sequential(nn.Conv2d(3, 4, 3))\n"
    )
    write_study(workflow.folder, backbones=[{**NETWORK, "layers": "0"}])
    mended = workflow("--cores", "1", wanted)
    assert mended.returncode == 0, mended.stderr
    done = status()
    assert done.exit_code == 0, done.output
    assert row(done, "describe_backbone") == [1, 0, 0, 0]
    (workflow.folder / wanted).unlink()
    assert row(status(), "describe_backbone") == [0, 0, 0, 1]

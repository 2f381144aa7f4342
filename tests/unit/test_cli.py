"""The console command: quick to start, one subcommand a stage, errors in one line."""

import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest
from typer.testing import CliRunner

from cortexlens import __version__, cli, stages
from cortexlens.errors import CortexlensError

STAGES = sorted(module.name for module in pkgutil.iter_modules(stages.__path__))
HEAVY = ("torch", "numpy", "pandas", "xarray", "scipy", "matplotlib", "timm", "PIL", "sklearn")


def invoke(*arguments):
    return CliRunner().invoke(cli.app, arguments)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from typer.testing import CliRunner; from cortexlens.cli import app;"
        "result = CliRunner().invoke(app, ['--help']); assert result.exit_code == 0;"
        f"print(*(name for name in {HEAVY} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_help_names_every_stage():
    text = invoke("--help").output
    for stage in STAGES:
        assert stage.replace("_", "-") in text


def test_version():
    assert invoke("--version").output == f"cortexlens {__version__}\n"


@pytest.mark.parametrize("stage", STAGES)
def test_every_option_of_a_stage_is_explained(stage):
    function = getattr(import_module(f"cortexlens.stages.{stage}"), stage)
    assert inspect.getdoc(function)
    for name, parameter in inspect.signature(function).parameters.items():
        (about,) = parameter.annotation.__metadata__
        assert about.help, name
    assert invoke(stage.replace("_", "-"), "--help").exit_code == 0


def refuse():
    """Refuse whatever is asked."""
    raise CortexlensError("x.tsv, line 3:\n  found 'a'; allowed are b, c.")


def break_down():
    """Show a bug."""
    raise ZeroDivisionError


def test_an_error_for_the_person_is_one_line_and_exit_code_2(monkeypatch, capsys):
    monkeypatch.setattr(cli, "app", refuse)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "cortexlens: x.tsv, line 3: found 'a'; allowed are b, c.\n"


def test_a_bug_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(cli, "app", break_down)
    with pytest.raises(ZeroDivisionError):
        cli.main()

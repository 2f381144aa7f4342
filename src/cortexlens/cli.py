"""Console command with one subcommand per stage."""

import os
import pkgutil
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from importlib import import_module
from typing import Any, NoReturn

import typer

import cortexlens.stages
from cortexlens.compute.malloc import keep_freed_memory
from cortexlens.errors import CortexlensError, closed
from cortexlens.storage.atomic import is_full
from cortexlens.storage.manifest import reset
from cortexlens.storage.names import other_encoding

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Paint deep vision networks onto the human brain. One subcommand per workflow stage.",
)


def _version(wanted: bool | None) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"cortexlens {version('cortexlens')}")
        raise typer.Exit


@app.callback()
def _common(
    version: bool | None = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    """Declare the options of the command itself."""


def _recorded(name: str, stage: Callable[..., None]) -> Callable[..., None]:
    """Wrap a stage so that, within a workflow, it records what it made when it ends well."""

    @wraps(stage)
    def run(**options: Any) -> None:
        reset()
        if "CORTEXLENS_STUDY" not in os.environ:
            stage(**options)
            return
        from cortexlens.jobs.handover import run_or_restore

        run_or_restore(name, stage, ["cortexlens", *sys.argv[1:]], options)

    return run


for _name in sorted(module.name for module in pkgutil.iter_modules(cortexlens.stages.__path__)):
    _stage = getattr(import_module(f"cortexlens.stages.{_name}"), _name)
    app.command(_name.replace("_", "-"))(_recorded(_name, _stage))


def _read_names_as_utf8() -> None:
    """Restart Python in UTF-8 mode if file names would be misread in the locale's encoding."""
    if other_encoding() is None or os.environ.get("PYTHONUTF8") == "1":
        return
    environment = {**os.environ, "PYTHONUTF8": "1"}
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)


def main() -> None:
    """Run the command; a :class:`CortexlensError` is printed as one line, with exit code 2."""
    _read_names_as_utf8()
    keep_freed_memory()
    try:
        app()
    except CortexlensError as error:
        _end(str(error))
    except OSError as error:
        if (line := closed(error)) is not None:
            _end(line)
        if not is_full(error):
            raise
        where = error.filename or "a file of this job or of the system"
        _end(
            f"{where}: could not be written, its disk is full or a quota is used up. Free some "
            "space and run the same command again; what was finished is kept."
        )


def _end(message: str) -> NoReturn:
    with suppress(OSError):  # the log may be on the full disk
        typer.echo(f"cortexlens: {message}", err=True)
    sys.exit(2)

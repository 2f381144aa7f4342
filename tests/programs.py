"""The process whose copies run programs that tests call often; see warm/server.py."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from studies import REPOSITORY

WARM = REPOSITORY / "tests" / "warm"


@cache
def server():
    """Start it, once in a worker of pytest."""
    return Server()


class Server:
    """A process that has imported what jobs import.

    Attributes
    ----------
    address
        Socket that it listens at.
    """

    def __init__(self) -> None:
        self.folder = TemporaryDirectory(prefix="cortexlens-")
        self.address = str(Path(self.folder.name) / "server")
        self.process = subprocess.Popen(
            [sys.executable, WARM / "server.py", self.address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            text=True,
        )
        assert self.process.stdout.readline() == "ready\n"

    def end(self) -> None:
        """Stop it, and what it still runs."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()


def end_server() -> None:
    """Stop it if it was started."""
    if server.cache_info().currsize:
        server().end()


class Workflow:
    """Calls snakemake on a study in a folder of its own, as a user would in the repository."""

    def __init__(self, folder: Path, *, cold: bool = False) -> None:
        self.folder, self.cold = folder, cold

    def __call__(self, *arguments: str, source: Path = REPOSITORY / "src"):
        """Run to the end; gives exit code, standard output and standard error.

        Snakemake and its jobs begin in copies of a process that has their imports, unless
        ``cold``: then as processes of their own, as for a user.
        """
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
        command += ["--directory", str(self.folder), "--cores", "2", "--nocolor"]
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(source) if self.cold else f"{WARM}{os.pathsep}{source}",
            # snakemake's cache of sources; the tests write nothing outside their own folder
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }
        if not self.cold:
            environment["CORTEXLENS_TESTS_SERVER"] = server().address
        return subprocess.run(
            [*command, "--configfile", str(self.folder / "config.yaml"), *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def planned(self, *arguments: str, source: Path = REPOSITORY / "src") -> dict[str, int]:
        """Jobs that a call would run: rule → how many, without the target ``all``."""
        done = self("--quiet", "rules", "--dry-run", *arguments, source=source)
        assert done.returncode == 0, done.stderr
        table = done.stdout.partition("Job stats:")[2].split("\n\n")[0]
        pairs = [line.split() for line in table.splitlines()]
        counts = {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
        return {rule: count for rule, count in counts.items() if rule not in ("all", "total")}

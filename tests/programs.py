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

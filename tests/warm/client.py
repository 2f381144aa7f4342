"""A call of a program, handed to a server that runs it; this process waits and ends alike."""

import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def program_of(words: list[str]) -> tuple[str, list[str]] | None:
    """Give the program of Python's own command line and its arguments, if it is one of ours."""
    if len(words) > 1 and Path(words[1]).name == "cortexlens":
        return "cortexlens", words[1:]
    if words[1:3] == ["-m", "snakemake"]:
        return "snakemake", words[2:]
    return None


def run_elsewhere(address: str, program: str, words: list[str]) -> NoReturn:
    """Let the server run the program with this process's files, folder and environment."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        call = {"program": program, "words": words, "folder": os.getcwd(), "set": dict(os.environ)}
        text = json.dumps(call).encode()
        socket.send_fds(connection, [len(text).to_bytes(8, "big")], [0, 1, 2])
        connection.sendall(text)
        with connection.makefile("r") as answers:
            process = int(answers.readline())
            for number in SIGNALS:
                signal.signal(number, lambda number, _: os.kill(process, number))
            code = int(answers.readline() or -signal.SIGKILL)
    if code < 0:  # killed: this process ends by the same signal
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    sys.stdout.flush()
    os._exit(code)

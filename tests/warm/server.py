"""A process that imports what jobs import, once, and makes a copy of itself for every call.

    python tests/warm/server.py SOCKET

Most of a short job's time are its imports. Whole runs of small studies in the tests begin their
jobs here: each call of ``cortexlens`` and of ``snakemake`` runs in a fork of this process, with the
caller's files, folder and environment. Nothing of cortexlens is imported before, so that each run
has the code that its own PYTHONPATH names. Ends when its standard input does.
"""

import atexit
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
import traceback
from importlib import import_module
from typing import Any, NoReturn

IMPORTED = (
    *("numpy", "pandas", "scipy.sparse", "scipy.spatial", "scipy.stats", "scipy.ndimage"),
    *("xarray", "zarr", "dask.array", "torch", "safetensors.torch", "sklearn.cluster"),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"),
    *("PIL.Image", "nibabel", "h5py", "yaml", "jsonschema", "typer", "jaxtyping", "threadpoolctl"),
    *("snakemake.cli", "snakemake.workflow", "snakemake.dag", "snakemake.scheduling.greedy"),
    *("snakemake.report.html_reporter", "snakemake_executor_plugin_slurm"),
)


def received(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """A call, and the caller's standard input, output and error."""
    head, files, _, _ = socket.recv_fds(connection, 8, 3)
    size, text = int.from_bytes(head, "big"), b""
    while len(text) < size:
        text += connection.recv(size - len(text))
    return json.loads(text), files


def run(call: dict[str, Any], files: list[int]) -> NoReturn:
    """Become the program that was called; does not return."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for target, file in enumerate(files):
        os.dup2(file, target)
        os.close(file)
    os.chdir(call["folder"])
    os.environ.clear()
    os.environ.update(call["set"])
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
    added = call["set"].get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [path for path in added if path]
    sys.argv = list(call["words"])
    code = 0
    try:
        if call["program"] == "snakemake":
            sys.path.insert(0, os.getcwd())
            runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
        else:
            import_module("cortexlens.cli").main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def serve(address: str) -> None:
    """Answer calls until standard input ends."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen(64)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, socket.socket] = {}
    print("ready", flush=True)
    while True:
        readable, _, _ = select.select([0, woken, listening, *running.values()], [], [])
        if 0 in readable and not os.read(0, 1):
            break
        if woken in readable:
            os.read(woken, 4096)
        if listening in readable:
            connection, _ = listening.accept()
            call, files = received(connection)
            process = os.fork()
            if process == 0:
                signal.set_wakeup_fd(-1)
                for each in (listening, connection, *running.values()):
                    each.close()
                os.close(woken)
                os.close(wake)
                run(call, files)
            for file in files:
                os.close(file)
            connection.sendall(f"{process}\n".encode())
            running[process] = connection
        for process, connection in list(running.items()):
            if connection in readable:  # the caller was killed
                os.kill(process, signal.SIGKILL)
        while running:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                break
            connection = running.pop(process)
            with connection:
                try:
                    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
                except OSError:  # the caller is gone
                    continue
    for process in running:
        os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    for name in IMPORTED:
        import_module(name)
    serve(sys.argv[1])

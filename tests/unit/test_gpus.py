"""GPUs are counted without PyTorch, and claimed by one process each."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch

from cortexlens.compute import gpus
from cortexlens.compute.devices import choose_device

NAMES = ["GPU-aa", "GPU-bb", "GPU-cc"]
CLAIM = (
    "import sys; from cortexlens.compute.gpus import claim_gpu;"
    "print(claim_gpu(sys.argv[1:]), flush=True); sys.stdin.read()"
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Locks of a test's own, none held; given back at its end."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(gpus.tempfile, "tempdir", None)
    monkeypatch.setattr(gpus, "_HELD", {})
    yield tmp_path
    for descriptor in gpus._HELD.values():
        os.close(descriptor)


@pytest.fixture
def other():
    """Starts processes that claim a GPU and keep it; gives the process and what it got."""
    started = []

    def start(names=NAMES):
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [sys.executable, "-c", CLAIM, *names], stdin=pipe, stdout=pipe, text=True
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_processes_get_one_each_until_none_is_left(other):
    assert [other()[1] for _ in range(4)] == ["0", "1", "2", "None"]
    assert gpus.claim_gpu(NAMES) is None


def test_a_killed_process_gives_its_gpu_back(other):
    process, got = other()
    assert (got, gpus.claim_gpu(NAMES[:1])) == ("0", None)
    process.kill()
    process.communicate()
    assert gpus.claim_gpu(NAMES) == 0


def test_gpus_are_known_by_name_whatever_their_index(other):
    other(NAMES)
    assert gpus.claim_gpu(["GPU-bb", "GPU-aa"]) == 0
    assert other(["GPU-bb", "GPU-cc"])[1] == "1"


def test_a_process_keeps_its_gpu():
    assert [gpus.claim_gpu(NAMES), gpus.claim_gpu(NAMES)] == [0, 0]


def test_a_link_in_place_of_the_folder_or_of_a_lock_is_not_followed(own_folder):
    elsewhere = own_folder / "elsewhere"
    elsewhere.mkdir()
    folder = own_folder / f"cortexlens-gpus-{os.getuid()}"
    folder.symlink_to(elsewhere)
    assert gpus.claim_gpu(NAMES) is None
    assert not list(elsewhere.iterdir())
    folder.unlink()
    folder.mkdir(mode=0o700)
    (folder / "GPU-aa").symlink_to(own_folder / "victim")
    assert gpus.claim_gpu(NAMES) == 1
    assert not (own_folder / "victim").exists()


def test_a_folder_that_others_may_write_to_is_not_used(own_folder):
    folder = own_folder / f"cortexlens-gpus-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    assert gpus.claim_gpu(NAMES) is None


def test_a_name_makes_no_path(own_folder):
    assert gpus.claim_gpu(["../../GPU/0"]) == 0
    (lock,) = (own_folder / f"cortexlens-gpus-{os.getuid()}").iterdir()
    assert lock.name == "------GPU-0"


@pytest.fixture
def two_gpus(monkeypatch):
    """A machine with two GPUs, the second with more memory free."""
    chosen = []
    for name, value in {
        "is_available": lambda: True,
        "device_count": lambda: 2,
        "get_device_properties": lambda index: SimpleNamespace(uuid=NAMES[index]),
        "mem_get_info": lambda index: (10 * index, 100),
        "set_device": chosen.append,
    }.items():
        monkeypatch.setattr(torch.cuda, name, value)
    return chosen


def test_a_job_takes_the_first_free_gpu(two_gpus, other):
    other()
    assert choose_device("auto") == torch.device("cuda", 1)
    assert two_gpus == [1]
    assert choose_device("cpu") == torch.device("cpu")


def test_where_all_are_taken_the_emptiest_is_shared_and_said(two_gpus, other, capsys):
    other()
    other()
    assert choose_device("cuda") == torch.device("cuda", 1)
    assert "All 2 GPUs are in use: this job shares GPU 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("named", "there", "count"),
    [
        (None, 4, 4),
        ("0,1", 4, 2),
        ("3,7", 1, 1),
        ("", 4, 0),
        ("-1", 4, 0),
        ("0,-1,1", 4, 1),
        ("GPU-aa,GPU-bb", 4, 2),
    ],
)
def test_gpus_are_counted_as_cuda_sees_them(monkeypatch, named, there, count):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if named is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    monkeypatch.setattr(gpus, "_gpus_of_machine", lambda: there)
    assert gpus.visible_gpus() == count


def test_the_driver_is_asked(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text(
        "#!/bin/sh\necho 'GPU 0: H (UUID: GPU-aa)'\necho 'GPU 1: H (UUID: GPU-bb)'\n"
    )
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert gpus.visible_gpus() == 2
    program.write_text("#!/bin/sh\necho 'no driver' >&2\nexit 9\n")
    assert gpus.visible_gpus() == 0

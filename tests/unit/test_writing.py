"""What is written appears whole, two writers are kept apart, and a full disk is one line."""

import errno
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from safetensors.torch import save_file

from cortexlens import cli
from cortexlens.analysis.tables import write_table
from cortexlens.compute.checkpoints import read_state, write_state
from cortexlens.errors import CortexlensError
from cortexlens.features.store import FeatureWriter, Plan, open_features
from cortexlens.figures.drawing.style import save_pair
from cortexlens.progress import say
from cortexlens.storage.atomic import (
    acquire,
    partial_folder,
    replacing,
    scratch_folder,
    telling_if_full,
)
from cortexlens.storage.datasets import open_dataset, write_dataset
from cortexlens.storage.manifest import NAME as MANIFEST

HOLDER = """
import sys, time
from pathlib import Path
from cortexlens.storage.atomic import replacing
with replacing(Path(sys.argv[1])) as partial:
    partial.write_text("first")
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process in the middle of writing a file."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "x.txt")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_what_a_killed_process_left_is_replaced_and_gone(tmp_path, holder):
    holder.kill()
    holder.wait()
    assert (tmp_path / ".x.txt.partial" / "x.txt").read_text() == "first"
    with replacing(tmp_path / "x.txt") as partial:
        assert not partial.exists()
        partial.write_text("second")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x.txt", "second")]


def test_a_second_writer_waits_and_says_for_whom(tmp_path, holder, monkeypatch, capsys):
    path = tmp_path / "x.txt"
    # The first one ends while the second waits.
    monkeypatch.setattr(time, "sleep", lambda seconds: holder.communicate())
    with replacing(path) as partial:
        assert path.read_text() == "first"
        partial.write_text("second")
    assert path.read_text() == "second"
    assert list(tmp_path.iterdir()) == [path]
    assert f"process {holder.pid} on " in capsys.readouterr().err


def test_a_folder_replaces_a_folder_and_a_failure_leaves_what_was_there(tmp_path):
    path = tmp_path / "x"
    for name in ("old", "new"):
        with replacing(path) as folder:
            folder.mkdir()
            (folder / name).touch()
    with suppress(RuntimeError), replacing(path) as folder:
        folder.mkdir()
        raise RuntimeError
    assert {file.name for file in path.iterdir()} == {"new", MANIFEST}
    assert list(tmp_path.iterdir()) == [path]


def test_a_scratch_folder_is_empty_and_goes(tmp_path):
    left = tmp_path / ".r.zarr.scratch" / "left"
    left.mkdir(parents=True)
    with scratch_folder(tmp_path / "r.zarr") as folder:
        assert not left.exists()
        (folder / "now").write_text("")
    assert not list(tmp_path.iterdir())


def test_a_folder_may_be_taken_again_by_its_own_process(tmp_path):
    first, second = acquire(tmp_path / "f"), acquire(tmp_path / "f")
    assert first is not second


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        RuntimeError("I/O error: No space left on device (os error 28)"),
    ],
)
def test_errors_of_a_full_disk_are_one_line(tmp_path, error):
    with (
        pytest.raises(CortexlensError, match=r"x\.tsv: could not be written.*Free some space"),
        telling_if_full(tmp_path / "x.tsv"),
    ):
        raise error


@pytest.mark.parametrize("error", [OSError(errno.EACCES, "no"), RuntimeError("x"), KeyError("x")])
def test_other_errors_stay_what_they_are(tmp_path, error):
    with pytest.raises(type(error)) as caught, telling_if_full(tmp_path / "x.tsv"):
        raise error
    assert caught.value is error


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 16 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(disk)], check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("a small disk can be mounted by root alone")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


NOISE = np.random.default_rng(0).bytes(3 << 20)
BALLAST = bytes(15 << 20)


def store(path):
    values = np.frombuffer(NOISE, np.uint8)
    write_dataset(xr.Dataset({"a": ("x", values)}), path, kind="fit", provenance={})


def tensors(path):
    with replacing(path) as partial:
        save_file({"a": torch.frombuffer(bytearray(NOISE), dtype=torch.uint8)}, partial)


def picture(path):
    from matplotlib.figure import Figure

    figure = Figure((6, 6))
    figure.figimage(np.frombuffer(NOISE, np.uint8)[: 1000 * 1000 * 3].reshape(1000, 1000, 3))
    save_pair(figure, path.parent, path.stem, title="t", source="s")


def table(path):
    write_table(pd.DataFrame({"a": np.arange(400_000)}), path)


def state(path):
    write_state(path, "k", {"a": torch.frombuffer(bytearray(NOISE), dtype=torch.uint8)})


# In one process, what zarr was writing beside the part that failed may come after its end.
@pytest.mark.filterwarnings("ignore:Object at .* is not recognized")
@pytest.mark.parametrize("write", [store, tensors, picture, table, state], ids=lambda f: f.__name__)
def test_every_writer_tells_a_full_disk_leaves_nothing_and_writes_once_there_is_room(
    small_disk, write
):
    path = small_disk / ("x.png" if write is picture else "x")
    ballast = small_disk / "ballast"
    ballast.write_bytes(BALLAST)
    with pytest.raises(CortexlensError, match="its disk is full") as caught:
        write(path)
    assert str(path.parent) in str(caught.value)
    assert list(small_disk.iterdir()) == [ballast]
    ballast.unlink()
    write(path)
    assert path.exists()


def test_a_state_from_before_stays_when_the_disk_is_full(small_disk):
    path = small_disk / "state"
    write_state(path, "k", {"a": 1})
    (small_disk / "ballast").write_bytes(BALLAST)
    with pytest.raises(CortexlensError, match="its disk is full"):
        state(path)
    assert read_state(path, "k") == {"a": 1}


def test_blocks_of_features_stay_when_the_disk_is_full(small_disk):
    plan = Plan(n_images=130, grid=1, channels=(4096,), key="k", code="c")
    values = np.random.default_rng(0).normal(size=(130, 2, 4096)).astype(np.float16)
    path, ballast = small_disk / "s.zarr", small_disk / "ballast"
    ballast.write_bytes(BALLAST[: 29 << 19])

    def write(writer):
        for block in writer.missing:
            images = plan.blocks[block]
            writer.write(block, [values[images.start : images.stop]], [0])
        writer.finish({"layer_names": ["one"], "provenance": {}})

    with pytest.raises(CortexlensError, match="its disk is full"):
        write(FeatureWriter(path, plan))
    # there is room for the line that says so
    with (small_disk / "log").open("w") as log:
        log.write("x" * 5000)
    ballast.unlink()
    again = FeatureWriter(path, plan)
    assert again.missing == [1, 2]
    write(again)
    np.testing.assert_array_equal(open_features(path).read(0), values)
    assert not partial_folder(path).exists()


def test_a_store_is_whole_whenever_it_can_be_opened(tmp_path):
    """Another one takes its place in one step, as far as a reader of the attributes sees."""
    path = tmp_path / "x.zarr"
    store(path)
    read = open_dataset(path, kind="fit")
    store(path)
    assert read.attrs == open_dataset(path, kind="fit").attrs


def test_a_full_disk_that_nobody_expected_is_one_line_too(monkeypatch, capsys):
    def full():
        raise OSError(errno.ENOSPC, "No space left on device", "/results/x")

    monkeypatch.setattr(cli, "app", full)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("cortexlens: /results/x: could not be written, its disk is full")
    assert said.count("\n") == 1


def test_a_log_that_finds_no_room_does_not_end_the_job(monkeypatch):
    with Path("/dev/full").open("w") as log:
        monkeypatch.setattr(sys, "stderr", log)
        say("a line")
        monkeypatch.undo()
        with suppress(OSError):
            log.close()

"""Results that can only be read are opened, drawn and verified, as of a snapshot of a disk."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cortexlens.storage.datasets import write_dataset
from fits import synthetic_fit
from studies import write_study

# Opens, draws and verifies a study whose results nothing can be written to.
READING = """
import sys
from pathlib import Path

import cortexlens as cl
from cortexlens.cli import main

try:
    Path("results/tiny/new").touch()
except OSError as error:
    print("read-only:", error.errno)
study = cl.open_study("config.yaml")
fit = study.fit("plain", "sim01")
fit.cortex.plot("layer").savefig("figures/plot.png")
print("vertices:", fit.sizes["vertex"])
store = "results/tiny/fits/factortopy/plain/sim01/fit.zarr"
for words in (["draw-maps", "--fit", store, "--out", "figures/maps"],
              ["verify", "--config", "config.yaml"]):
    sys.argv = ["cortexlens", *words]
    try:
        main()
    except SystemExit as ended:
        print(words[0], ended.code or 0)
"""
MOUNT = "mount --bind results results && mount -o remount,bind,ro results && exec"


def can_mount() -> bool:
    """Whether folders can be made read-only here without touching the machine's own mounts."""
    if shutil.which("unshare") is None:
        return False
    words = ["unshare", "--mount", "--map-root-user", "true"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="needs mounts of its own, as root or in a namespace")
def test_read_only_results_are_opened_drawn_and_verified(tmp_path):
    write_study(tmp_path)
    fit = synthetic_fit(n_vertices=200, subject="sim01")
    path = tmp_path / "results/tiny/fits/factortopy/plain/sim01/fit.zarr"
    write_dataset(fit, path, kind="fit", provenance={})
    (tmp_path / "figures").mkdir()
    (tmp_path / "reading.py").write_text(READING)
    before = sorted((each, each.stat().st_mtime_ns) for each in path.rglob("*"))
    done = subprocess.run(
        [
            "unshare",
            "--mount",
            "--map-root-user",
            "sh",
            "-c",
            f"{MOUNT} {sys.executable} reading.py",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert "read-only: 30" in said
    assert "vertices: 200" in said
    assert "draw-maps 0" in said
    assert "verify 0" in said
    assert Path(tmp_path / "figures/plot.png").stat().st_size > 1000
    assert (tmp_path / "figures/maps/layer.png").is_file()
    assert sorted((each, each.stat().st_mtime_ns) for each in path.rglob("*")) == before

"""Peak memory of preparing one NSD subject at full size: 37,984 vertices, 30,000 trials.

    python benchmarks/nsd_memory.py [--sessions 40] [--space fsaverage] [--folder /tmp/nsd]

Writes a tree of the released layout with random responses: on the whole of fsaverage (1 GB), or in
the volume of subject 1 (15,724 voxels, .nii.gz). There is one session, to which the others are
links. Runs `cortexlens collect-responses` on it in a process of its own and prints that process's
peak resident memory. Exits 1 if it is 8 GiB or more. Needs about 11 GB of disk, all of which is
given back.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import nibabel
import numpy as np
from scipy.io import savemat

N_VERTICES, TRIALS, SESSIONS, IMAGES, PICTURES = 163_842, 750, 40, 10_000, 73_000
MASKED = {"lh": 18_992, "rh": 18_992}
VOLUME, VOXELS = (81, 104, 83), 15_724
LIMIT = 8  # GiB


def write_design(root: Path, rng: np.random.Generator) -> None:
    """Every image thrice, in an order at random; small pictures, for they are not looked at."""
    path = root / "nsddata" / "experiments" / "nsd" / "nsd_expdesign.mat"
    path.parent.mkdir(parents=True)
    order = 1 + rng.permutation(np.repeat(np.arange(IMAGES), 3))
    pictures = np.stack([1 + rng.permutation(PICTURES)[:IMAGES] for _ in range(8)])
    savemat(path, {"masterordering": order[None].astype(float), "subjectim": pictures})
    path = root / "nsddata_stimuli" / "stimuli" / "nsd" / "nsd_stimuli.hdf5"
    path.parent.mkdir(parents=True)
    with h5py.File(path, "w") as file:
        file["imgBrick"] = rng.integers(0, 256, (PICTURES, 2, 2, 3), dtype=np.uint8)


def write_volume(root: Path, rng: np.random.Generator) -> None:
    """The same in the volume of subject 1; few different values, so that it is written quickly."""
    folder = root / "nsddata_betas/ppdata/subj01/func1pt8mm/betas_fithrf_GLMdenoise_RR"
    labels = root / "nsddata" / "ppdata" / "subj01" / "func1pt8mm" / "roi"
    for made in (folder, labels):
        made.mkdir(parents=True)
    mask = np.zeros(np.prod(VOLUME), np.int16)
    mask[rng.choice(mask.size, VOXELS, replace=False)] = 1
    nibabel.Nifti1Image(mask.reshape(VOLUME), np.eye(4)).to_filename(labels / "nsdgeneral.nii.gz")
    nibabel.openers.Opener.default_compresslevel = 1
    trial = rng.integers(-3, 4, VOLUME).astype(np.int16)
    betas = np.stack([np.roll(trial, shift, 0) for shift in range(TRIALS)], axis=3)
    first = folder / "betas_session01.nii.gz"
    nibabel.Nifti1Image(betas, np.eye(4)).to_filename(first)
    for session in range(2, SESSIONS + 1):
        (folder / f"betas_session{session:02d}.nii.gz").symlink_to(first.name)


def write_surface(root: Path, rng: np.random.Generator) -> None:
    """One session of random numbers and links to it; a mask of as many vertices as nsdgeneral."""
    folder = root / "nsddata_betas/ppdata/subj01/fsaverage/betas_fithrf_GLMdenoise_RR"
    labels = root / "nsddata" / "freesurfer" / "fsaverage" / "label"
    for made in (folder, labels):
        made.mkdir(parents=True)
    for side, count in MASKED.items():
        mask = np.zeros((N_VERTICES, 1, 1), np.int32)
        mask[np.sort(rng.choice(N_VERTICES, count, replace=False))] = 1
        nibabel.MGHImage(mask, np.eye(4)).to_filename(labels / f"{side}.nsdgeneral.mgz")
        betas = rng.standard_normal((TRIALS, N_VERTICES), dtype=np.float32)
        first = folder / f"{side}.betas_session01.mgh"
        nibabel.MGHImage(betas.T[:, None, None], np.eye(4)).to_filename(first)
        for session in range(2, SESSIONS + 1):
            (folder / f"{side}.betas_session{session:02d}.mgh").symlink_to(first.name)


def call(*arguments: str) -> float:
    """Run a stage; gives its peak in GiB, by the kernel's count of its own memory alone (Linux)."""
    told = "print(*(s for s in open('/proc/self/status') if 'VmHWM' in s))"
    code = (
        f"import atexit; from cortexlens.cli import main; atexit.register(lambda: {told}); main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    return int(done.stdout.split("VmHWM:")[1].split()[0]) / 2**20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--space", choices=["fsaverage", "func1pt8mm"], default="fsaverage")
    parser.add_argument("--folder", default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        root, images, out = Path(folder) / "nsd", f"{folder}/images.tsv", f"{folder}/r.zarr"
        rng = np.random.default_rng(0)
        write_design(root, rng)
        (write_surface if options.space == "fsaverage" else write_volume)(root, rng)
        common = ["--kind", "nsd", "--subject", "subj01", "--root", str(root)]
        common += ["--sessions", f"1-{options.sessions}"]
        start = time.monotonic()
        call("collect-images", *common, "--out", images)
        listed = time.monotonic()
        own = ["--space", options.space, "--rois", "nsdgeneral", "--images", images, "--out", out]
        peak = call("collect-responses", *common, *own)
        done = time.monotonic()
    n_vertices = sum(MASKED.values()) if options.space == "fsaverage" else VOXELS
    print(
        f"{options.space}, {options.sessions} sessions, {options.sessions * TRIALS} trials × "
        f"{n_vertices} vertices: images listed in {listed - start:.0f} s, responses in "
        f"{done - listed:.0f} s, peak {peak:.2f} GiB"
    )
    return int(peak >= LIMIT)


if __name__ == "__main__":
    sys.exit(main())

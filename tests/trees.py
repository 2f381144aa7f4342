"""Small data sets in the exact layouts of the real ones, with pictures that look like pictures.

Responses are the brightness of each picture at a place of the vertex's own, plus noise, so a
network's features predict them.
"""

import os
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import h5py
import nibabel
import numpy as np
from PIL import Image
from scipy.io import savemat
from scipy.ndimage import gaussian_filter

FSAVERAGE_VERTICES = 163_842
ROI_CLASSES = {
    "prf-visualrois": ("V1v", "V1d", "V2v", "V2d", "V3v", "V3d", "hV4"),
    "floc-bodies": ("EBA", "FBA-1", "FBA-2", "mTL-bodies"),
    "floc-faces": ("OFA", "FFA-1", "FFA-2", "mTL-faces", "aTL-faces"),
    "floc-places": ("OPA", "PPA", "RSC"),
    "floc-words": ("OWFA", "VWFA-1", "VWFA-2", "mfs-words", "mTL-words"),
    "streams": (
        "early",
        "midventral",
        "midlateral",
        "midparietal",
        "ventral",
        "lateral",
        "parietal",
    ),
}


def coloured_noise(rng: np.random.Generator, size: int = 48) -> np.ndarray:
    """Smooth colours at two scales: (size, size, 3) uint8."""
    fields = [
        gaussian_filter(rng.standard_normal((size, size, 3)), (width, width, 0), mode="wrap")
        for width in (size / 6, size / 20)
    ]
    picture = sum(field / field.std() for field in fields)
    return np.clip(128 + 45 * picture, 0, 255).astype(np.uint8)


def brightness_responses(
    rng: np.random.Generator, pictures: Sequence[np.ndarray], n_vertices: int
) -> np.ndarray:
    """Brightness at a place of each vertex's own, z-scored, plus noise: (image, vertex) float32."""
    grey = np.stack([gaussian_filter(picture.mean(axis=2), 3) for picture in pictures])
    rows, columns = rng.integers(0, grey.shape[1], (2, n_vertices))
    signal = grey[:, rows, columns]
    signal = (signal - signal.mean(axis=0)) / signal.std(axis=0)
    return (0.8 * signal + 0.6 * rng.standard_normal(signal.shape)).astype(np.float32)


def algonauts_tree(
    root: Path,
    subjects: Sequence[str] = ("subj01",),
    n_images: int = 12,
    n_vertices: tuple[int, int] = (40, 44),
    *,
    size: int = 48,
    without: Sequence[str] = (),
) -> None:
    """Write subjects' folders of the Algonauts 2023 challenge.

    ``n_vertices`` are those of the left and right hemisphere; classes of regions named in
    ``without`` are left out, as for some real subjects.
    """
    for number, subject in enumerate(subjects):
        rng = np.random.default_rng(number)
        folder = root / subject
        pictures = [coloured_noise(rng, size) for _ in range(n_images)]
        nsd = np.sort(rng.choice(73_000, n_images + 3, replace=False))
        for split, ids in (("training", nsd[:n_images]), ("test", nsd[n_images:])):
            images = folder / f"{split}_split" / f"{split}_images"
            images.mkdir(parents=True)
            for index, name in enumerate(ids, 1):
                picture = pictures[index - 1] if split == "training" else coloured_noise(rng, size)
                short = {"training": "train", "test": "test"}[split]
                Image.fromarray(picture).save(images / f"{short}-{index:04d}_nsd-{name:05d}.png")
        fmri = folder / "training_split" / "training_fmri"
        fmri.mkdir()
        (folder / "roi_masks").mkdir()
        for side, count in zip(("lh", "rh"), n_vertices, strict=True):
            np.save(fmri / f"{side}_training_fmri.npy", brightness_responses(rng, pictures, count))
            _write_masks(folder / "roi_masks", side, count, rng, without)
        for name, regions in ROI_CLASSES.items():
            if name not in without:
                table = {0: "Unknown", **dict(enumerate(regions, 1))}
                np.save(folder / "roi_masks" / f"mapping_{name}.npy", np.array(table, dtype=object))


def _write_masks(
    folder: Path, side: str, count: int, rng: np.random.Generator, without: Sequence[str]
) -> None:
    places = np.sort(rng.choice(FSAVERAGE_VERTICES, count, replace=False))
    mask = np.zeros(FSAVERAGE_VERTICES)
    mask[places] = 1
    np.save(folder / f"{side}.all-vertices_fsaverage_space.npy", mask)
    for name, regions in ROI_CLASSES.items():
        if name not in without:
            # every label is there, 0 (no region) too
            labels = rng.permutation(np.arange(count) % (len(regions) + 1)).astype(np.int32)
            on_mesh = np.zeros(FSAVERAGE_VERTICES, np.int32)
            on_mesh[places] = labels
            np.save(folder / f"{side}.{name}_challenge_space.npy", labels)
            np.save(folder / f"{side}.{name}_fsaverage_space.npy", on_mesh)


def table_tree(
    root: Path,
    n_images: int = 12,
    n_vertices: int = 5,
    *,
    axes: str = "vertex,image",
    subject: str = "a",
    zipped: bool = True,
    size: int = 48,
) -> dict[str, str]:
    """Write a study of kind ``table``; returns its row of subjects.tsv.

    Names are ``image1.jpg``, ``image2.jpg``, … without leading zeros, in response order; a zip
    file holds them in a folder, with a folder entry and what a Mac adds.
    """
    rng = np.random.default_rng(sum(subject.encode()))
    root.mkdir(parents=True, exist_ok=True)
    pictures = [coloured_noise(rng, size) for _ in range(n_images)]
    files = {f"image{i}.jpg": jpeg(picture) for i, picture in enumerate(pictures, 1)}
    if zipped:
        images = root / f"images_{subject}.zip"
        with zipfile.ZipFile(images, "w") as archive:
            archive.writestr(f"images_{subject}/", b"")
            archive.writestr(f"__MACOSX/images_{subject}/._image1.jpg", b"no picture")
            archive.writestr(f"images_{subject}/.DS_Store", b"no picture")
            for name in sorted(files):  # image1, image10, image11, image2: not natural order
                archive.writestr(f"images_{subject}/{name}", files[name])
    else:
        images = root / f"images_{subject}"
        images.mkdir()
        for name, data in files.items():
            (images / name).write_bytes(data)
    spikes = 5 + 2 * brightness_responses(rng, pictures, n_vertices).astype(np.float64)
    np.save(root / f"responses_{subject}.npy", spikes.T if axes == "vertex,image" else spikes)
    return {
        "subject": subject,
        "images": images.name,
        "responses": f"responses_{subject}.npy",
        "axes": axes,
    }


def bids_tree(root: Path, n_images: int = 20) -> None:
    """Write single-trial betas of one subject in a BIDS tree: two sessions, two runs each.

    Every image is shown once a session; voxels of a box respond, two parcels of it have names.
    """
    rng = np.random.default_rng(8)
    pictures = {f"p{i}": coloured_noise(rng) for i in range(1, n_images + 1)}
    (root / "stimuli").mkdir(parents=True)
    for name, picture in pictures.items():
        Image.fromarray(picture).save(root / "stimuli" / f"{name}.png")
    rows = [f"{name}\tstimuli/{name}.png" for name in pictures]
    (root / "stimuli.tsv").write_text("\n".join(["image_id\tpath", *rows]) + "\n")
    shape, affine = (5, 6, 4), np.diag([-2.0, 2, 2, 1])
    box = np.zeros(shape, np.uint8)
    box[1:4, 1:5, 1:3] = 1
    signal = brightness_responses(rng, list(pictures.values()), int(box.sum()))
    derived = root / "derivatives" / "glm" / "sub-01"
    for session in ("01", "02"):
        for run, shown in enumerate(np.split(rng.permutation(n_images), 2), 1):
            stem = f"sub-01_ses-{session}_task-look_run-{run}"
            func = root / "sub-01" / f"ses-{session}" / "func"
            betas = derived / f"ses-{session}" / "func"
            for folder in (func, betas):
                folder.mkdir(parents=True, exist_ok=True)
            events = [f"{t}\t1\tp{image + 1}.png" for t, image in enumerate(shown)]
            events.insert(2, "2.5\t1\tn/a")
            lines = ["onset\tduration\tstim_file", *events]
            (func / f"{stem}_events.tsv").write_text("\n".join(lines) + "\n")
            volume = np.full((*shape, len(shown)), np.nan, np.float32)
            noise = 0.3 * rng.standard_normal((len(shown), signal.shape[1]))
            volume[box == 1] = (signal[shown] + noise).T.astype(np.float32)
            nibabel.save(nibabel.Nifti1Image(volume, affine), betas / f"{stem}_betas.nii.gz")
    (derived / "anat").mkdir()
    labels = box.astype(np.int16)
    labels[2:] *= 4
    for name, volume in (("mask", box), ("dseg", labels)):
        path = derived / "anat" / f"sub-01_{name}.nii.gz"
        nibabel.save(nibabel.Nifti1Image(volume, affine), path)
    (derived / "anat" / "sub-01_dseg.tsv").write_text("index\tname\n1\tV1\n4\thV4\n")


def jpeg(picture: np.ndarray) -> bytes:
    """A picture's bytes as a JPEG file."""
    buffer = BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


NSD_SHAPE = (9, 7, 5)
NSD_AFFINE = np.array([[1.8, 0, 0, -7], [0, 1.8, 0, -5], [0, 0, 1.8, -3], [0, 0, 0, 1]])
NSD_BETAS = "betas_fithrf_GLMdenoise_RR"


def nsd_tree(
    root: Path,
    subject: str = "subj02",
    sessions: Sequence[int] = (1, 2),
    *,
    length: int = 20,
    space: str = "fsaverage",
    suffix: str = "nii.gz",
    n_vertices: tuple[int, int] = (30, 34),
) -> np.ndarray:
    """Write the part of the Natural Scenes Dataset that a subject's sessions need.

    Layout, types, orders of bytes and axes, and numbers from 1 are those released; ``length``
    trials a session in place of 750. Two sessions show ``length // 2`` images thrice,
    ``length // 4`` once. Returns the responses as they were meant, percent signal change:
    (session, trial, place) with the places on both hemispheres, or (session, trial, x, y, z).
    """
    rng = np.random.default_rng(int(subject[-1]))
    order, pictures = _nsd_design(root, rng, length)
    trials = np.concatenate([np.arange(length) + (session - 1) * length for session in sessions])
    shown = pictures[int(subject[-1]) - 1, order[trials] - 1] - 1
    brick = rng.integers(0, 256, (int(pictures.max()), 48, 48, 3), dtype=np.uint8)
    for number in np.unique(shown):
        brick[number] = coloured_noise(rng)
    path = root / "nsddata_stimuli" / "stimuli" / "nsd" / "nsd_stimuli.hdf5"
    path.parent.mkdir(parents=True)
    with h5py.File(path, "w") as file:
        file["imgBrick"] = brick
    shape = (2, FSAVERAGE_VERTICES) if space == "fsaverage" else NSD_SHAPE
    values = np.zeros((len(trials), *shape), np.float32)
    inside = _nsd_labels(root, rng, subject, space, n_vertices)
    signal = brightness_responses(rng, brick[np.unique(shown)], int(inside.sum()))
    noise = rng.standard_normal((len(trials), signal.shape[1]))
    values[:, inside] = 2 * signal[np.searchsorted(np.unique(shown), shown)] + noise
    if space != "fsaverage":
        values = np.rint(values * 300).astype(np.float32) / 300
    values = values.reshape(len(sessions), length, *shape)
    for session, betas in zip(sessions, values, strict=True):
        write_nsd_session(root, subject, session, betas, space=space, suffix=suffix)
    return values


def write_nsd_session(
    root: Path, subject: str, session: int, betas: np.ndarray, *, space: str, suffix: str = "nii.gz"
) -> None:
    """Write one session's responses, percent signal change, in the released form."""
    folder = root / "nsddata_betas" / "ppdata" / subject / space / NSD_BETAS
    folder.mkdir(parents=True, exist_ok=True)
    if space == "fsaverage":
        for side, values in zip(("lh", "rh"), np.moveaxis(betas, 1, 0), strict=True):
            image = nibabel.MGHImage(values.T[:, None, None].astype(np.float32), np.eye(4))
            image.to_filename(folder / f"{side}.betas_session{session:02d}.mgh")
        return
    whole = np.rint(betas * 300).astype(np.int16)
    path = folder / f"betas_session{session:02d}.{suffix}"
    if suffix == "nii.gz":
        nibabel.Nifti1Image(np.moveaxis(whole, 0, -1), NSD_AFFINE).to_filename(path)
    else:
        with h5py.File(path, "w") as file:
            file["betas"] = whole.transpose(0, 3, 2, 1)


def _nsd_design(root: Path, rng: np.random.Generator, length: int) -> tuple[np.ndarray, np.ndarray]:
    """The design of 40 sessions, from 1: order of the trials, pictures of each subject."""
    thrice, once = length // 2, length // 4
    twice = (2 * length - 3 * thrice - once) // 2
    pool = np.repeat(np.arange(thrice + twice + once), [3] * thrice + [2] * twice + [1] * once)
    pool = np.concatenate([pool, pool[: 2 * length - pool.size]])
    n_images = thrice + twice + once
    order = np.concatenate([1 + pair * n_images + rng.permutation(pool) for pair in range(20)])
    pictures = np.stack([1 + rng.permutation(20 * n_images) for _ in range(8)])
    path = root / "nsddata" / "experiments" / "nsd" / "nsd_expdesign.mat"
    path.parent.mkdir(parents=True)
    savemat(path, {"masterordering": order[None].astype(float), "subjectim": pictures})
    return order, pictures


def _nsd_labels(
    root: Path, rng: np.random.Generator, subject: str, space: str, n_vertices: tuple[int, int]
) -> np.ndarray:
    """Write labels and their names; returns which places are in nsdgeneral."""
    names = root / "nsddata" / "freesurfer" / subject / "label"
    names.mkdir(parents=True)
    for roi, regions in ROI_CLASSES.items():
        lines = [f"{label} {name}" for label, name in enumerate(("Unknown", *regions))]
        (names / f"{roi}.mgz.ctab").write_text("\n".join(lines) + "\n")
    if space == "fsaverage":
        inside = np.zeros((2, FSAVERAGE_VERTICES), bool)
        for mask, count in zip(inside, n_vertices, strict=True):
            mask[rng.choice(FSAVERAGE_VERTICES, count, replace=False)] = True
        folder, rois = root / "nsddata" / "freesurfer" / "fsaverage" / "label", ("streams",)
    else:
        inside = np.zeros(NSD_SHAPE, bool)
        inside[1:8, 2:6, 1:4] = True
        inside[4] = False
        folder, rois = root / "nsddata" / "ppdata" / subject / space / "roi", tuple(ROI_CLASSES)
    folder.mkdir(parents=True)
    for roi in ("nsdgeneral", *rois):
        labels = np.where(inside, 1, 0)
        if roi != "nsdgeneral":
            regions = ROI_CLASSES[roi]
            labels[inside] = rng.permutation(np.arange(inside.sum()) % (len(regions) + 1))
        if space == "fsaverage":
            for side, values in zip(("lh", "rh"), labels, strict=True):
                image = nibabel.MGHImage(values[:, None, None].astype(np.int32), np.eye(4))
                image.to_filename(folder / f"{side}.{roi}.mgz")
            continue
        labels[0] = labels[8] = -1
        nibabel.Nifti1Image(labels.astype(np.int16), NSD_AFFINE).to_filename(
            folder / f"{roi}.nii.gz"
        )
        for side, part in (("lh", slice(0, 4)), ("rh", slice(5, 9))):
            own = np.full_like(labels, -1)
            own[part] = labels[part]
            nibabel.Nifti1Image(own.astype(np.int16), NSD_AFFINE).to_filename(
                folder / f"{side}.{roi}.nii.gz"
            )
    return inside


def replace_secretly(path: Path, *, time: bool = False) -> None:
    """Put other bytes of the same number into a file; its folder, or it too, keeps its time."""
    folder, own = path.parent.stat(), path.stat()
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.unlink()
    path.write_bytes(content)
    assert path.stat().st_size == own.st_size
    if time:
        os.utime(path, ns=(own.st_atime_ns, own.st_mtime_ns))
    os.utime(path.parent, ns=(folder.st_atime_ns, folder.st_mtime_ns))
    assert path.parent.stat().st_mtime_ns == folder.st_mtime_ns

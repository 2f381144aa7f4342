"""Paths of the files of the Natural Scenes Dataset in its released form. No file is opened here.

Source: Allen et al. 2022, *A massive 7T fMRI dataset to bridge cognitive neuroscience and
artificial intelligence*, and the data manual of the dataset.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from cortexlens.errors import CortexlensError

Space = Literal["fsaverage", "func1pt8mm"]
Format = Literal["auto", "nii.gz", "hdf5"]
BETAS = "betas_fithrf_GLMdenoise_RR"
ROIS = (
    "nsdgeneral",
    "prf-visualrois",
    "floc-bodies",
    "floc-faces",
    "floc-places",
    "floc-words",
    "streams",
)
MASK = "nsdgeneral"
WHOLE = "all"  # in place of a mask: every vertex, or every cortical voxel
# Regions that were released on fsaverage; the others exist only on each subject's own surface.
ON_FSAVERAGE = frozenset({"nsdgeneral", "streams"})
SIDES = ("lh", "rh")
SESSIONS = {
    "subj01": 40,
    "subj02": 40,
    "subj03": 32,
    "subj04": 30,
    "subj05": 40,
    "subj06": 32,
    "subj07": 40,
    "subj08": 30,
}
PLANNED_SESSIONS = 40  # of the experiment's design; some subjects completed fewer


@dataclass(frozen=True)
class Layout:
    """The part of the dataset that one subject of a study is made from.

    Parameters
    ----------
    root
        Folder that holds ``nsddata``, ``nsddata_betas`` and ``nsddata_stimuli``.
    folder
        Folder of the subject, ``subj01`` to ``subj08``.
    sessions
        Sessions to read, from 1, ascending.
    space, betas, format
        Version of the responses: space, preparation of betas, and file format (of volumes only).
    mask
        Region that the vertices are limited to, or ``all``.
    rois
        Names of the files of regions.
    surface, surface_space
        Surface files of the left and the right hemisphere in the volume's millimetres, and the mesh
        that their vertices belong to.
    """

    root: Path
    folder: str
    sessions: tuple[int, ...]
    space: str = "fsaverage"
    betas: str = BETAS
    format: str = "auto"
    mask: str = MASK
    rois: tuple[str, ...] = ROIS
    surface: tuple[Path, ...] = ()
    surface_space: str = "fsaverage"

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> "Layout":
        """Make a layout from the section ``dataset`` and a row of ``subjects.tsv``.

        Parameters
        ----------
        options
            ``root``, ``subject``, and any of ``folder``, ``sessions``, ``space``, ``betas``,
            ``format``, ``mask``, ``rois``, ``surface`` and ``surface_space``; values of None are
            ignored.

        Raises
        ------
        CortexlensError
            If the subject, a session, the space or the format does not exist.
        """
        rois = options.get("rois")
        given = {key: value for key, value in options.items() if value not in (None, "")}
        folder = str(given.get("folder", given["subject"]))
        if folder not in SESSIONS:
            raise CortexlensError(
                f"{folder!r} is not a subject of the NSD; allowed are {', '.join(SESSIONS)}. "
                "Rename the subject, or set the column folder of subjects.tsv."
            )
        names = rois.split(",") if isinstance(rois, str) else ROIS if rois is None else rois
        layout = cls(
            root=Path(str(given["root"])),
            folder=folder,
            sessions=parse_sessions(str(given.get("sessions", "")), folder),
            space=given.get("space", "fsaverage"),
            betas=given.get("betas", BETAS),
            format=given.get("format", "auto"),
            mask=given.get("mask", MASK),
            rois=tuple(dict.fromkeys(name.strip() for name in names if name.strip())),
            surface=_surfaces(given),
            surface_space=given.get("surface_space", "fsaverage"),
        )
        if layout.surface and layout.on_surface:
            raise CortexlensError(
                f"{folder}: column surface is for space func1pt8mm; with space fsaverage the "
                "responses are already on a surface. Clear the column, or change dataset.space."
            )
        for key, value, allowed in (
            ("space", layout.space, get_args(Space)),
            ("format", layout.format, get_args(Format)),
        ):
            if value not in allowed:
                raise CortexlensError(f"{key} {value!r}: allowed are {', '.join(allowed)}.")
        return layout

    @property
    def on_surface(self) -> bool:
        """Whether responses are on fsaverage rather than in a volume."""
        return self.space == "fsaverage"

    @property
    def stimuli(self) -> Path:
        """HDF5 file of all images."""
        return self.root / "nsddata_stimuli" / "stimuli" / "nsd" / "nsd_stimuli.hdf5"

    @property
    def design(self) -> Path:
        """File of the experimental design: which image each trial shows."""
        return self.root / "nsddata" / "experiments" / "nsd" / "nsd_expdesign.mat"

    @property
    def own_labels(self) -> Path:
        """Folder of the labels on the subject's own surface, and of the files that name labels."""
        return self.root / "nsddata" / "freesurfer" / self.folder / "label"

    @property
    def fsaverage_labels(self) -> Path:
        """Folder of the labels on fsaverage."""
        return self.root / "nsddata" / "freesurfer" / "fsaverage" / "label"

    @property
    def volume_labels(self) -> Path:
        """Folder of the labels in the subject's volume."""
        return self.root / "nsddata" / "ppdata" / self.folder / self.space / "roi"

    def betas_files(self, session: int) -> tuple[Path, ...]:
        """Files of one session's responses: left and right hemisphere, or one volume."""
        folder = self.root / "nsddata_betas" / "ppdata" / self.folder / self.space / self.betas
        if self.on_surface:
            return tuple(folder / f"{side}.betas_session{session:02d}.mgh" for side in SIDES)
        choices = [self.format] if self.format != "auto" else ["nii.gz", "hdf5"]
        files = [folder / f"betas_session{session:02d}.{suffix}" for suffix in choices]
        return (next((path for path in files if path.exists()), files[0]),)

    def label_files(self, name: str) -> dict[str, Path]:
        """Files of a region's labels: one per hemisphere, or one (``""``) in a volume."""
        if self.on_surface:
            return {side: self.fsaverage_labels / f"{side}.{name}.mgz" for side in SIDES}
        return {"": self.volume_labels / f"{name}.nii.gz"}

    def missing_on_fsaverage(self, name: str) -> bool:
        """Whether a region has no file on fsaverage because it was never released there."""
        files = self.label_files(name).values()
        return (
            self.on_surface
            and name not in ON_FSAVERAGE
            and not any(path.exists() for path in files)
        )

    def files(self) -> dict[str, Path]:
        """List the files that the subject is made from: description → file, existing or not.

        The stimuli come first, then the design, the responses and the regions.
        """
        found = {"images": self.stimuli, "design": self.design}
        for session in self.sessions:
            for side, path in zip(SIDES, self.betas_files(session), strict=False):
                name = f"session {session}"
                found[f"{name}, {side}" if self.on_surface else name] = path
        mask = MASK if self.mask == WHOLE else self.mask
        needs_mask = not (self.on_surface and self.mask == WHOLE)
        for name in dict.fromkeys([*([mask] if needs_mask else []), *self.rois]):
            if not self.missing_on_fsaverage(name) or (name == mask and needs_mask):
                for side, path in self.label_files(name).items():
                    found[f"roi {name}, {side}" if side else f"roi {name}"] = path
        found |= {f"surface {number}": path for number, path in enumerate(self.surface, 1)}
        return found


def _surfaces(given: Mapping[str, Any]) -> tuple[Path, ...]:
    """Files that the column ``surface`` names, relative to the root."""
    names = [name.strip() for name in str(given.get("surface", "")).split(",")]
    return tuple(Path(str(given["root"])) / name for name in names if name)


def parse_sessions(ranges: str, folder: str) -> tuple[int, ...]:
    """Parse a list of sessions such as ``1-10,12``.

    Parameters
    ----------
    ranges
        Sessions from 1, both ends included; empty: all that were released.
    folder
        Folder of the subject.

    Returns
    -------
    tuple
        The sessions, ascending.

    Raises
    ------
    CortexlensError
        If a part is malformed, a session occurs twice, or it was not released.
    """
    n_sessions = SESSIONS[folder]
    if not ranges.strip():
        return tuple(range(1, n_sessions + 1))
    chosen: list[int] = []
    for part in ranges.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,4})(?:\s*-\s*([0-9]{1,4}))?\s*", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= n_sessions:
            raise CortexlensError(
                f"sessions {part.strip()!r}: {folder} has the sessions 1 to {n_sessions}; allowed "
                "are ranges of them, such as 1-10 or 1-10,12."
            )
        chosen.extend(range(first, last + 1))
    if len(set(chosen)) < len(chosen):
        raise CortexlensError(f"sessions {ranges!r} overlap; name each session once.")
    return tuple(sorted(chosen))

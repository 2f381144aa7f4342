"""Subjects of small trees in the layout of the NSD, and what is read of them."""

from pathlib import Path

import numpy as np
import xarray as xr
from scipy.io import loadmat

from cortexlens.study.nsd.layout import Layout
from cortexlens.study.nsd.subject import nsd_images, nsd_responses
from trees import nsd_tree

LENGTH = 8  # trials a session


def layout_of(root: Path, **options: str) -> Layout:
    """Two sessions of subject 2."""
    return Layout.from_options({"root": root, "subject": "subj02", "sessions": "1-2", **options})


def surface_study(root: Path) -> tuple[Layout, np.ndarray]:
    """A tree on fsaverage: its layout and the responses that were meant."""
    return layout_of(root), nsd_tree(root, length=LENGTH)


def volume_study(root: Path, suffix: str) -> tuple[Layout, np.ndarray]:
    """The same in a volume."""
    values = nsd_tree(root, length=LENGTH, space="func1pt8mm", suffix=suffix)
    return layout_of(root, space="func1pt8mm"), values


def collect(layout: Layout) -> xr.Dataset:
    """Responses in memory."""
    scratch = layout.root / f"scratch{len(list(layout.root.glob('scratch*')))}"
    scratch.mkdir()
    return nsd_responses(layout, nsd_images(layout).ids, scratch).load()


def design_of(root: Path) -> tuple[Path, dict[str, np.ndarray]]:
    """File and fields of the experiment's design."""
    path = root / "nsddata" / "experiments" / "nsd" / "nsd_expdesign.mat"
    return path, {key: value for key, value in loadmat(path).items() if not key.startswith("_")}

"""A finished study from a script or a notebook: its fits, scores and tables."""

from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

import cortexlens.api.accessor  # noqa: F401  (registers dataset.cortex)
from cortexlens.analysis.tables import read_table
from cortexlens.config import study as studies
from cortexlens.config.study import Run, Study
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import open_dataset


def open_fit(path: str | Path) -> xr.Dataset:
    """Open a fit; ``fit.cortex`` draws and tabulates it.

    Parameters
    ----------
    path
        ``fit.zarr``, or the folder that holds it.

    Returns
    -------
    xr.Dataset
        Of kind ``fit``; variables: docs/architecture.md. Arrays are read when they are used.

    Raises
    ------
    CortexlensError
        If there is no fit, or the store is of another kind.
    """
    path = Path(path)
    inside = path / "fit.zarr"
    return open_dataset(inside if inside.exists() else path, kind="fit")


def open_study(config_file: str | Path, results: str | Path = "results") -> "StudyResults":
    """Find the results of a study.

    Parameters
    ----------
    config_file
        Its config file. Paths in it start from the working directory, as for the workflow.
    results
        Folder of all results.

    Raises
    ------
    CortexlensError
        If the config or its tables cannot be used. The data themselves need not be there.
    """
    study = studies.load_study(Path(config_file), data=False)
    return StudyResults(study, Path(results) / study.name)


class StudyResults:
    """Results of a study, opened when they are asked for.

    Parameters
    ----------
    study
        Its config and tables.
    folder
        Where its results lie.
    """

    def __init__(self, study: Study, folder: Path) -> None:
        self.study, self.folder = study, folder

    def __repr__(self) -> str:
        done = self.fits()["finished"]
        return (
            f"study {self.study.name!r} in {self.folder}: {int(done.sum())} of {len(done)} fits "
            f"finished, {len(self.tables())} tables"
        )

    def fits(self) -> pd.DataFrame:
        """Fits that the config lists: readout, backbone, subject, whether finished, and path."""
        rows = [
            {**run._asdict(), "finished": path.exists(), "path": str(path)}
            for run in self.study.all_fits
            for path in [self._fit(run)]
        ]
        return pd.DataFrame(rows)

    def fit(self, backbone: str, subject: str, readout: str | None = None) -> xr.Dataset:
        """Open a fit, as :func:`open_fit` does.

        Parameters
        ----------
        backbone, subject
            Identifiers of the tables.
        readout
            A kind of fit, or the id of a variant; None: the study's main readout.

        Raises
        ------
        CortexlensError
            If the config lists no such fit, or it is not finished.
        """
        return open_fit(self._fit(self._listed(backbone, subject, readout)))

    def scores(self, backbone: str, subject: str, readout: str | None = None) -> xr.Dataset:
        """Open the scores of a fit: intervals, chances and regions; arguments as of :meth:`fit`."""
        run = self._listed(backbone, subject, readout)
        path = self.folder / "scores" / run.readout / run.backbone / f"{run.subject}.zarr"
        return open_dataset(path, kind="scores")

    def dictionary(self, backbone: str, subject: str) -> xr.Dataset:
        """Open a dictionary: the autoencoder unit that each vertex resembles most.

        Raises
        ------
        CortexlensError
            If it is not finished.
        """
        return open_dataset(
            self.folder / "dictionaries" / backbone / f"{subject}.zarr", kind="dictionary"
        )

    def tables(self) -> list[str]:
        """Names of the tables that are there."""
        return sorted(path.stem for path in (self.folder / "tables").glob("*.tsv"))

    def table(self, name: str) -> pd.DataFrame:
        """Read a table, e.g. ``brain_score``; docs/user_guide.md says what columns mean.

        Raises
        ------
        CortexlensError
            If there is none of that name.
        """
        if name not in self.tables():
            raise CortexlensError(
                f"{self.folder / 'tables'}: found no table {name!r}; there are "
                f"{', '.join(self.tables()) or 'none yet'}."
            )
        return read_table(self.folder / "tables" / f"{name}.tsv", empty=True)

    def _fit(self, run: Run) -> Path:
        place: tuple[Any, ...] = (run.readout, run.backbone, run.subject)
        return self.folder.joinpath("fits", *place) / "fit.zarr"

    def _listed(self, backbone: str, subject: str, readout: str | None) -> Run:
        """Give a fit that the config lists; say what there is where it lists none."""
        run = Run(readout or self.study.main_readout, backbone, subject)
        known = self.study.all_fits
        if run in known:
            return run
        for key in ("backbone", "subject", "readout"):
            names = dict.fromkeys(getattr(each, key) for each in known)
            if getattr(run, key) not in names:
                raise CortexlensError(
                    f"{self.study.source}: {key}: found {getattr(run, key)!r}; fits of the config "
                    f"are of {', '.join(names)}."
                )
        raise CortexlensError(
            f"{self.study.source}: no fit {run.readout} of {run.backbone} to {run.subject} is "
            "listed; fits() has those that are."
        )

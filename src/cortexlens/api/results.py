"""Open the results of a study from a script or a notebook: fits, scores and tables."""

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
    """Open a fit, whose accessor ``fit.cortex`` draws and tabulates it.

    Parameters
    ----------
    path
        ``fit.zarr``, or the folder that contains it.

    Returns
    -------
    xr.Dataset
        Dataset of kind ``fit``; docs/architecture.md describes its variables. Arrays are loaded
        when they are used.

    Raises
    ------
    CortexlensError
        If there is no finished store at ``path``, or it is not a fit.
    """
    path = Path(path)
    inside = path / "fit.zarr"
    return open_dataset(inside if inside.exists() else path, kind="fit")


def open_study(config_file: str | Path, results: str | Path = "results") -> "StudyResults":
    """Open the results of a study by its config file.

    Parameters
    ----------
    config_file
        Config file of the study. Paths in it are relative to the working directory, as for the
        workflow.
    results
        Folder that contains the results of all studies.

    Returns
    -------
    StudyResults

    Raises
    ------
    CortexlensError
        If the config or its tables are invalid. The study's data need not be present.
    """
    study = studies.load_study(Path(config_file), data=False)
    return StudyResults(study, Path(results) / study.name)


class StudyResults:
    """Results of a study, each opened on demand; made by :func:`open_study`.

    Parameters
    ----------
    study
        Config and tables of the study.
    folder
        Folder of the study's results.
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
        """Tabulate the fits that the config lists.

        Returns
        -------
        pd.DataFrame
            One row per fit, with columns ``readout``, ``backbone``, ``subject``, ``finished`` and
            ``path``.
        """
        rows = [
            {**run._asdict(), "finished": path.exists(), "path": str(path)}
            for run in self.study.all_fits
            for path in [self._fit(run)]
        ]
        return pd.DataFrame(rows)

    def fit(self, backbone: str, subject: str, readout: str | None = None) -> xr.Dataset:
        """Open a fit of the study, as :func:`open_fit` does.

        Parameters
        ----------
        backbone, subject
            Identifiers in the study's tables of backbones and subjects.
        readout
            Kind of readout, or the id of a variant of it; None takes the study's main readout.

        Raises
        ------
        CortexlensError
            If the config does not list this fit, or it is not finished.
        """
        return open_fit(self._fit(self._listed(backbone, subject, readout)))

    def scores(self, backbone: str, subject: str, readout: str | None = None) -> xr.Dataset:
        """Open the scores of a fit: confidence intervals, p values and scores by region.

        Parameters
        ----------
        backbone, subject, readout
            Identifiers of the fit, as for :meth:`fit`.

        Raises
        ------
        CortexlensError
            If the config does not list this fit, or its scores are not finished.
        """
        run = self._listed(backbone, subject, readout)
        path = self.folder / "scores" / run.readout / run.backbone / f"{run.subject}.zarr"
        return open_dataset(path, kind="scores")

    def dictionary(self, backbone: str, subject: str) -> xr.Dataset:
        """Open a dictionary: the autoencoder unit whose activity each vertex resembles most.

        Parameters
        ----------
        backbone, subject
            Identifiers in the study's tables of backbones and subjects.

        Raises
        ------
        CortexlensError
            If the dictionary is not finished.
        """
        return open_dataset(
            self.folder / "dictionaries" / backbone / f"{subject}.zarr", kind="dictionary"
        )

    def tables(self) -> list[str]:
        """Return the sorted names of the study's finished tables."""
        return sorted(path.stem for path in (self.folder / "tables").glob("*.tsv"))

    def table(self, name: str) -> pd.DataFrame:
        """Read a table of the study; docs/user_guide.md describes the columns.

        Parameters
        ----------
        name
            Name of the table without suffix, e.g. ``brain_score``.

        Raises
        ------
        CortexlensError
            If there is no table of that name.
        """
        if name not in self.tables():
            raise CortexlensError(
                f"{self.folder / 'tables'}: found no table {name!r}; available are "
                f"{', '.join(self.tables()) or 'none yet'}."
            )
        return read_table(self.folder / "tables" / f"{name}.tsv", empty=True)

    def _fit(self, run: Run) -> Path:
        place: tuple[Any, ...] = (run.readout, run.backbone, run.subject)
        return self.folder.joinpath("fits", *place) / "fit.zarr"

    def _listed(self, backbone: str, subject: str, readout: str | None) -> Run:
        """Return a run if the config lists it; otherwise raise an error that names the choices."""
        run = Run(readout or self.study.main_readout, backbone, subject)
        known = self.study.all_fits
        if run in known:
            return run
        for key in ("backbone", "subject", "readout"):
            names = dict.fromkeys(getattr(each, key) for each in known)
            if getattr(run, key) not in names:
                raise CortexlensError(
                    f"{self.study.source}: {key}: found {getattr(run, key)!r}; the config lists "
                    f"fits of {', '.join(names)}."
                )
        raise CortexlensError(
            f"{self.study.source}: the config lists no fit {run.readout} of {run.backbone} to "
            f"{run.subject}. Call fits() to see those that it lists."
        )

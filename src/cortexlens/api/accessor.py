"""The xarray accessor ``dataset.cortex``: figures and tables of an opened result."""

from typing import Final

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from cortexlens.errors import CortexlensError

PICTURES: Final = ("layer", "space", "scale", "r2", "layer_weights", "size")


@xr.register_dataset_accessor("cortex")  # type: ignore[no-untyped-call]
class CortexAccessor:
    """Plot and tabulate a fit: ``fit.cortex.plot("layer")``, ``fit.cortex.regions()``.

    Parameters
    ----------
    dataset
        Dataset of kind ``fit``, or of kind ``scores``, which supports :meth:`regions` alone.
    """

    def __init__(self, dataset: xr.Dataset) -> None:
        self._dataset = dataset

    def plot(self, what: str = "layer", *, whole: bool = False) -> Figure:
        """Draw a map of the vertices of a fit, as in the report.

        The map is a flattened cortex if the fit refers to a mesh or to a surface through its
        volume, slices if it refers to a volume without a surface, and otherwise distributions over
        vertices.

        Parameters
        ----------
        what
            Quantity to draw: ``layer``, ``space`` (receptive-field centres), ``scale`` (local to
            global), ``r2`` (test R², with the noise ceiling), ``layer_weights`` (one small map per
            layer) or ``size`` (receptive-field size in image widths, for stacked fits only).
        whole
            Show whole hemispheres rather than only the part that contains the vertices.

        Returns
        -------
        Figure
            A notebook displays it when it is the last value of a cell;
            ``figure.savefig("a.png")`` saves it.

        Raises
        ------
        CortexlensError
            If ``what`` is unknown, the dataset is not a fit, or the fit lacks this quantity.
        """
        from cortexlens.figures.maps.cortex import map_figures
        from cortexlens.figures.maps.distributions import distribution_figures
        from cortexlens.figures.maps.fits import read_fit
        from cortexlens.figures.maps.volume import slice_figures
        from cortexlens.figures.maps.weights import weights_figure

        if what not in PICTURES:
            raise CortexlensError(
                f"plot: found {what!r}; allowed are {', '.join(map(repr, PICTURES))}."
            )
        drawn = read_fit(self._dataset, self._name)
        if what == "size" and drawn.size is None:
            raise CortexlensError(
                f"{self._name}: found no variable receptive_field_size in a fit of readout "
                f"{drawn.readout}; only stacked fits have receptive-field sizes. Choose another "
                "quantity to plot."
            )
        if what == "layer_weights":
            return weights_figure(drawn, whole=whole)
        if drawn.cortex is not None:
            return map_figures(drawn, whole=whole, only=[what])[what]
        draw = distribution_figures if drawn.volume is None else slice_figures
        return draw(drawn, only=[what])[what]

    def regions(self) -> pd.DataFrame:
        """Summarise a fit or its scores by region of interest.

        Returns
        -------
        pd.DataFrame
            One row per region and hemisphere; region ``all`` covers all vertices. For a fit: means
            of score, noise ceiling, confidence, scale and hierarchy level, and the strongest
            layer. For scores: the columns of ``brain_score.tsv``.

        Raises
        ------
        CortexlensError
            If the dataset is neither a fit nor scores.
        """
        if self._dataset.attrs.get("cortexlens_kind") == "scores":
            from cortexlens.analysis.scores.brain_score import score_table

            return score_table([self._dataset])
        if "layer_selector" not in self._dataset:
            raise CortexlensError(
                f"{self._name}: found no variable layer_selector; regions() needs a dataset of "
                "kind fit or scores. Open one with open_fit() or StudyResults.scores()."
            )
        from cortexlens.analysis.scores.region_table import region_table

        return region_table(self._dataset)

    @property
    def _name(self) -> str:
        """Name of the dataset in error messages."""
        known = [str(self._dataset.attrs.get(key, "?")) for key in ("backbone", "subject")]
        return f"{known[0]} in {known[1]}"

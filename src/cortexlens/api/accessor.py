"""The accessor ``dataset.cortex``: pictures and tables of a result that was opened."""

from typing import Final

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from cortexlens.errors import CortexlensError

PICTURES: Final = ("layer", "space", "scale", "r2", "layer_weights", "size")


@xr.register_dataset_accessor("cortex")  # type: ignore[no-untyped-call]
class CortexAccessor:
    """Look at a fit: ``fit.cortex.plot("layer")``, ``fit.cortex.regions()``.

    Parameters
    ----------
    dataset
        Store of kind ``fit``, or of kind ``scores`` for its table.
    """

    def __init__(self, dataset: xr.Dataset) -> None:
        self._dataset = dataset

    def plot(self, what: str = "layer", *, whole: bool = False) -> Figure:
        """Draw the vertices of a fit where they lie.

        On the flat cortex where the fit names vertices of a mesh or a surface through its volume,
        on slices of a volume without one, else as distributions; as in the report.

        Parameters
        ----------
        what
            ``layer``, ``space`` (receptive-field centres), ``scale`` (local to global), ``r2``
            (test score, with its ceiling), ``layer_weights`` (a small map a layer) or ``size``
            (of receptive fields, image widths; of stacked fits alone).
        whole
            Show the hemispheres whole rather than the part that holds the vertices.

        Returns
        -------
        Figure
            Shown in a notebook when it is a cell's last value; ``figure.savefig("a.png")`` keeps
            it.

        Raises
        ------
        CortexlensError
            If there is no such picture, or the dataset is no fit that has it.
        """
        from cortexlens.figures.maps.cortex import map_figures
        from cortexlens.figures.maps.distributions import distribution_figures
        from cortexlens.figures.maps.fits import read_fit
        from cortexlens.figures.maps.volume import slice_figures
        from cortexlens.figures.maps.weights import weights_figure

        if what not in PICTURES:
            raise CortexlensError(
                f"found {what!r}; pictures of a fit are {', '.join(map(repr, PICTURES))}."
            )
        drawn = read_fit(self._dataset, self._name)
        if what == "size" and drawn.size is None:
            raise CortexlensError(
                f"{self._name}: found no variable receptive_field_size in a fit of readout "
                f"{drawn.readout}; sizes are mapped of stacked fits. Choose another picture."
            )
        if what == "layer_weights":
            return weights_figure(drawn, whole=whole)
        if drawn.cortex is not None:
            return map_figures(drawn, whole=whole, only=[what])[what]
        draw = distribution_figures if drawn.volume is None else slice_figures
        return draw(drawn, only=[what])[what]

    def regions(self) -> pd.DataFrame:
        """Tabulate regions: a row for each and its hemispheres, ``all`` for every vertex.

        Returns
        -------
        pd.DataFrame
            Of a fit, means of score, ceiling, confidence, scale and level, and the strongest
            layer; of scores, the columns of ``brain_score.tsv``.

        Raises
        ------
        CortexlensError
            If the dataset is neither.
        """
        if self._dataset.attrs.get("cortexlens_kind") == "scores":
            from cortexlens.analysis.scores.brain_score import score_table

            return score_table([self._dataset])
        if "layer_selector" not in self._dataset:
            raise CortexlensError(
                f"{self._name}: found no variable layer_selector; regions are tabulated of fits "
                "and of scores."
            )
        from cortexlens.analysis.scores.region_table import region_table

        return region_table(self._dataset)

    @property
    def _name(self) -> str:
        """How errors call the dataset."""
        known = [str(self._dataset.attrs.get(key, "?")) for key in ("backbone", "subject")]
        return f"{known[0]} in {known[1]}"

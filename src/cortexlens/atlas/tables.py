"""Tables of a study, shortened to what readers compare."""

from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from cortexlens.analysis.tables import read_table
from cortexlens.errors import CortexlensError


class Shown(NamedTuple):
    """Display settings of a table.

    Attributes
    ----------
    title, caption
        Texts above it.
    columns
        Columns to show, in this order → labels; empty: all except ends of intervals, unrenamed.
    """

    title: str
    caption: str
    columns: dict[str, str]


_WHO: Final = {"subject": "subject", "backbone": "network"}
_FILE: Final = "The whole table is tables/{name}.tsv."
TABLES: Final = {
    "brain_score": Shown(
        "Brain score",
        "Mean R² on test images by region, both hemispheres together; low and high are the ends of "
        "its interval over test images. The published value is the paper's mean over its subjects.",
        {
            **_WHO,
            "readout": "readout",
            "roi": "region",
            "n_vertices": "vertices",
            "r2_mean": "R²",
            "r2_mean_low": "low",
            "r2_mean_high": "high",
            "published": "published R²",
            "r2_over_ceiling_median": "median R²/ceiling",
            "pearson_mean": "mean r",
            "share_significant": "share with q < 0.05",
        },
    ),
    "hierarchy": Shown(
        "Hierarchy",
        "How layers follow the visual hierarchy: the line from early regions (b0) to late ones "
        "(b1), 0 the network's first layer and 1 its last. A slope of 1 is a perfect alignment.",
        {
            **_WHO,
            "readout": "readout",
            "slope": "slope",
            "slope_low": "low",
            "slope_high": "high",
            "published": "published slope",
            "b0": "b0",
            "b1": "b1",
            "spearman": "rank correlation",
            "n": "vertices",
        },
    ),
    "finetune_changes": Shown(
        "Fine-tuning",
        "What fine-tuning changed by region, both hemispheres together: mean R² before, after, and "
        "the change with its interval; the share of R² that is lost; the change of the expected "
        "layer, 0 the first and 1 the last.",
        {
            **_WHO,
            "base": "made from",
            "finetune": "fine-tuned on",
            "step": "step",
            "readout": "readout",
            "roi": "region",
            "r2_before": "R² before",
            "r2_after": "R² after",
            "r2_change": "change",
            "r2_change_low": "low",
            "r2_change_high": "high",
            "share_lost": "share lost",
            "level_change": "change of layer",
        },
    ),
    "roi_models": Shown(
        "Best network by region",
        "Row max: mean over vertices of the best network's R². Other rows: how far a network stays "
        "behind it, the root of the mean squared difference.",
        {},
    ),
    "paper_comparison": Shown(
        "Own and published numbers",
        "Means over subjects beside those of Brain Decodes Deep Nets. Empty where the study has "
        "none of its networks.",
        {
            "backbone": "network",
            "network": "published as",
            "size": "size",
            "readout": "readout",
            "quantity": "quantity",
            "roi": "region",
            "own": "own",
            "own_low": "low",
            "own_high": "high",
            "published": "published",
            "difference": "difference",
        },
    ),
    "dictionary": Shown(
        "Dictionaries",
        "Mean similarity of vertices and their best unit by region, both hemispheres together: on "
        "training images, which chose it, and on held-out ones, beside exchanged images.",
        {
            **_WHO,
            "metric": "metric",
            "roi": "region",
            "n_vertices": "vertices",
            "training_mean": "on training images",
            "held_out_mean": "held out",
            "held_out_mean_low": "low",
            "held_out_mean_high": "high",
            "null_held_out_mean": "held out, exchanged",
            "share_significant": "share with q < 0.05",
        },
    ),
}
# Column → what its cells link to.
_LINKS: Final = {"network": ("backbone", "model"), "subject": ("subject",), "roi": ("roi",)}
_ENDS: Final = ("_low", "_high")


def table_entries(paths: list[Path]) -> list[dict[str, Any]]:
    """Read tables of a study as the page shows them, in the order of :data:`TABLES`.

    Only rows of both hemispheres together are shown. Scores and hierarchies of networks of the
    paper are shown with the published ones if the comparison is among the tables.

    Parameters
    ----------
    paths
        Tables, named as in :data:`TABLES`.

    Raises
    ------
    CortexlensError
        If a table has another name, or cannot be read.
    """
    unknown = [path for path in paths if path.stem not in TABLES]
    if unknown:
        raise CortexlensError(
            f"{unknown[0]}: the page shows no table of this name; allowed are {', '.join(TABLES)}."
        )
    found = {path.stem: read_table(path, empty=True) for path in paths}
    published = found.get("paper_comparison")
    if published is not None:
        for name, quantity, roi in (("brain_score", "r2", "all"), ("hierarchy", "slope", "")):
            if name in found:
                found[name] = _beside(found[name], published, quantity, roi)
    return [_entry(name, shown, found[name]) for name, shown in TABLES.items() if name in found]


def _beside(table: pd.DataFrame, published: pd.DataFrame, quantity: str, roi: str) -> pd.DataFrame:
    """Add the published number of a network next to its own, for one region if it is given."""
    known = published[published["quantity"] == quantity].set_index("backbone")["published"]
    column = table["backbone"].map(known.to_dict()).astype(float)
    if roi:
        column = column.where(table["roi"] == roi)
    return table.assign(published=column) if column.notna().any() else table


def _entry(name: str, shown: Shown, table: pd.DataFrame) -> dict[str, Any]:
    if "hemisphere" in table:
        table = table[table["hemisphere"] == "both"]
    labels = shown.columns or {
        column: column for column in map(str, table) if not column.endswith(_ENDS)
    }
    kept = [column for column in labels if column in table]
    links = {
        target: next((kept.index(column) for column in columns if column in kept), None)
        for target, columns in _LINKS.items()
    }
    return {
        "id": name,
        "title": shown.title,
        "caption": f"{shown.caption} {_FILE.format(name=name)}",
        "columns": [
            {
                "name": column,
                "label": labels[column],
                "numeric": bool(pd.api.types.is_numeric_dtype(table[column])),
            }
            for column in kept
        ],
        "rows": [[_cell(value) for value in row] for row in table[kept].to_numpy(object).tolist()],
        "links": {target: index for target, index in links.items() if index is not None},
    }


def _cell(value: object) -> object:
    """Convert a cell to JSON; numbers that are not finite become null."""
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value

"""How hierarchy and score change with network size within a family."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy import stats

from cortexlens.analysis.hierarchy.slope import MEAN
from cortexlens.shapes import LAYER

QUANTITIES: Final = ("slope", "r2")
_ENDS: Final = tuple(f"{name}{end}" for name in QUANTITIES for end in ("", "_low", "_high"))
COLUMNS: Final = ("family", "subject", "backbone", "size", *_ENDS)
TREND_COLUMNS: Final = (
    *("family", "subject", "quantity", "n"),
    *("per_doubling", "low", "high", "spearman"),
)
# Columns of hierarchy.tsv and brain_score.tsv that are used.
NEEDED: Final = (
    ("subject", "backbone", "readout"),
    ("subject", "backbone", "readout", "roi", "hemisphere", "r2_mean"),
)
_COLUMN_OF: Final = {f"r2_mean{end}": f"r2{end}" for end in ("", "_low", "_high")}
# Number of sizes that an interval or a rank correlation needs; two sizes always fit a line.
_LEAST_SIZES: Final = 3
# Subject and network → numbers by column.
Numbers = dict[tuple[str, str], dict[str, float]]


class Sized(NamedTuple):
    """Family and size of a network.

    Attributes
    ----------
    family
        Name of the family.
    size
        Size in millions of parameters.
    """

    family: str
    size: float


class Trend(NamedTuple):
    """Least-squares line on the binary logarithm of size.

    Attributes
    ----------
    per_doubling
        Change per doubling of size.
    low, high
        Ends of its Student's t confidence interval; NaN for fewer than three sizes, or if nothing
        varies.
    spearman
        Rank correlation with size; NaN in the same cases.
    """

    per_doubling: float
    low: float
    high: float
    spearman: float


def sized_networks(
    rows: Mapping[str, Mapping[str, str]], parameters: Mapping[str, int]
) -> dict[str, Sized]:
    """Family and size of networks: the size in the table if given, else the number of parameters.

    Parameters
    ----------
    rows
        Id → cells of ``backbones.tsv``.
    parameters
        Id → number of parameters, for the networks to include.

    Returns
    -------
    dict
        Id → family and size, only for families of which several sizes are included.
    """
    found = {}
    for backbone, count in parameters.items():
        row = rows.get(backbone, {})
        if row.get("family"):
            found[backbone] = Sized(row["family"], float(row.get("size") or count / 1e6))
    sizes = {
        family: {one.size for one in found.values() if one.family == family}
        for family, _ in found.values()
    }
    return {backbone: one for backbone, one in found.items() if len(sizes[one.family]) > 1}


def size_table(
    networks: Mapping[str, Sized],
    hierarchy: pd.DataFrame,
    scores: pd.DataFrame,
    readout: str = "factortopy",
) -> pd.DataFrame:
    """``hierarchy_size.tsv``: one row per network and subject, by family and size.

    Parameters
    ----------
    networks
        From :func:`sized_networks`.
    hierarchy, scores
        ``hierarchy.tsv`` and ``brain_score.tsv``; of the scores, those over all vertices.
    readout
        Readout whose rows of both tables are used.

    Returns
    -------
    pd.DataFrame
        Columns :data:`COLUMNS`; NaN if a table has no value. Rows of subject ``mean`` are of
        networks that were fitted to every subject of their family, if there are several.
    """
    whole = scores[(scores["roi"] == "all") & (scores["hemisphere"] == "both")]
    whole = whole[whole["readout"] == readout].rename(columns=_COLUMN_OF)
    lines = _numbers(hierarchy[hierarchy["readout"] == readout], networks)
    r2 = _numbers(whole, networks)
    pairs = {pair for pair in [*lines, *r2] if pair[0] != MEAN}
    rows = {pair: {**lines.get(pair, {}), **r2.get(pair, {})} for pair in pairs}
    for backbone, mean in _mean_r2(r2, pairs, networks):
        rows[MEAN, backbone] = {**lines.get((MEAN, backbone), {}), **mean}
    ordered = sorted(
        rows,
        key=lambda pair: (networks[pair[1]].family, pair[0] == MEAN, pair[0], networks[pair[1]]),
    )
    return pd.DataFrame(
        [
            {
                **networks[name]._asdict(),
                "subject": subject,
                "backbone": name,
                **rows[subject, name],
            }
            for subject, name in ordered
        ],
        columns=list(COLUMNS),
    )


def _numbers(table: pd.DataFrame, networks: Mapping[str, Sized]) -> Numbers:
    shown = table[table["backbone"].isin(list(networks))]
    if "axis" in shown:
        # The levels of time steps cannot be compared with those of layers.
        shown = shown[shown["axis"] == LAYER]
    return {
        (str(row["subject"]), str(row["backbone"])): {
            name: float(row[name]) for name in _ENDS if name in row
        }
        for row in shown.to_dict("records")
    }


def _mean_r2(
    r2: Numbers, pairs: Collection[tuple[str, str]], networks: Mapping[str, Sized]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Mean R² of networks that were fitted to every subject of their family.

    Its interval is the mean of the subjects' intervals, as if their errors were identical, because
    they may have seen the same test images.
    """
    for backbone, one in networks.items():
        own = {subject for subject, name in pairs if name == backbone}
        every = {subject for subject, name in pairs if networks[name].family == one.family}
        if len(own) > 1 and own == every:
            known = pd.DataFrame([r2[subject, backbone] for subject in sorted(own)])
            yield backbone, {str(name): float(mean) for name, mean in known.mean().items()}


def size_trends(table: pd.DataFrame, confidence_level: float) -> pd.DataFrame:
    """``hierarchy_size_trend.tsv``: trends of slope and R² with size within families.

    Parameters
    ----------
    table
        From :func:`size_table`.
    confidence_level
        Confidence level of the intervals.

    Returns
    -------
    pd.DataFrame
        Columns :data:`TREND_COLUMNS`; ``n`` is the number of networks. No row if fewer than two
        sizes are known.
    """
    rows = []
    for (family, subject), own in table.groupby(["family", "subject"], sort=False):
        for quantity in QUANTITIES:
            known = own.dropna(subset=[quantity])
            if known["size"].nunique() > 1:
                size, value = known[["size", quantity]].to_numpy(float).T
                found = trend(size, value, confidence_level)
                rows.append((family, subject, quantity, len(known), *found))
    return pd.DataFrame(rows, columns=list(TREND_COLUMNS))


def trend(
    size: Float[np.ndarray, " network"],
    value: Float[np.ndarray, " network"],
    confidence_level: float,
) -> Trend:
    """Fit a line to values against the binary logarithm of size.

    Residuals are assumed independent and normal between networks. The interval therefore refers to
    the population of such networks; the error of each value is part of the residual.

    Parameters
    ----------
    size
        Sizes above 0, at least two different ones.
    value
        Value of each network.
    confidence_level
        Confidence level of the interval.
    """
    line = stats.linregress(np.log2(size), value)
    if np.unique(size).size < _LEAST_SIZES or np.ptp(value) == 0:
        return Trend(float(line.slope), *[float("nan")] * 3)
    reach = float(stats.t.ppf((1 + confidence_level) / 2, len(size) - 2) * line.stderr)
    rank = float(stats.spearmanr(size, value).statistic)
    return Trend(float(line.slope), line.slope - reach, line.slope + reach, rank)

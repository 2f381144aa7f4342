"""Comparison of a study with "Brain Decodes Deep Nets" (arXiv 2312.01280, Tables 1 and 2)."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from cortexlens.analysis.scores.max_model import MAX, MEAN

PUBLISHED = Path(__file__).with_name("published")
COLUMNS = (
    *("backbone", "network", "size", "readout", "quantity", "roi"),
    *("own", "own_low", "own_high", "published", "difference"),
)
HIERARCHY = ("slope", "b0", "b1")
# Columns of brain_score.tsv, hierarchy.tsv and roi_models.tsv that are compared.
NEEDED = (
    ("backbone", "readout", "roi", "hemisphere", "r2_mean"),
    ("backbone", "subject", "readout", *HIERARCHY),
    ("subject", "readout", "model", "value"),
)
# The method of the paper, which is compared if the study has fits of it.
PUBLISHED_READOUT = "factortopy"
# Table 1 gives no sizes; CLIP's is that of the largest model.
_TABLE_1_SIZES = {"CLIP": ("L/14",)}


def published_networks(rows: Mapping[str, Mapping[str, object]]) -> dict[str, tuple[str, str]]:
    """Find the published networks among a study's.

    A row is a published network if it has pretrained weights and its ``source`` and ``name`` are
    those of the paper's network in that library, or if its ``weights`` are the address of the
    published file. Ids, layers and input sizes are ignored. Stable Diffusion is not compared,
    because it is not known which of its blocks the paper counts as layers.

    Parameters
    ----------
    rows
        Id → columns of ``backbones.tsv``.

    Returns
    -------
    dict
        Id → network and size, as in Table 2.
    """
    known = {}
    columns = _read("networks")[["source", "network", "size"]].to_numpy(str)
    for place, network, size in columns.tolist():
        source, name = place.split(" ", 1)
        if source != "diffusers":
            known[source, name] = (network, size)
    found = {}
    for backbone, row in rows.items():
        weights = str(row.get("weights", ""))
        key = ("url", weights.removeprefix("https://"))
        if weights == "pretrained":
            key = (str(row["source"]), str(row["name"]))
        if key in known:
            found[backbone] = known[key]
    return found


def comparison_table(
    networks: Mapping[str, tuple[str, str]],
    scores: pd.DataFrame,
    hierarchy: pd.DataFrame,
    models: pd.DataFrame,
    readout: str = PUBLISHED_READOUT,
) -> pd.DataFrame:
    """``paper_comparison.tsv``: one row for each number that both the study and the paper have.

    Parameters
    ----------
    networks
        From :func:`published_networks`.
    scores, hierarchy, models
        ``brain_score.tsv``, ``hierarchy.tsv`` and ``roi_models.tsv``; means over subjects are
        compared.
    readout
        Readout to compare if there are no rows of FactorTopy, the method of the paper.

    Returns
    -------
    pd.DataFrame
        Empty if no network is published. Intervals are included where there are any.
    """
    if (scores["readout"] == PUBLISHED_READOUT).any():
        readout = PUBLISHED_READOUT
    scores, hierarchy, models = (
        each[each["readout"] == readout] for each in (scores, hierarchy, models)
    )
    rows = [*_second_table(networks, scores, hierarchy), *_first_table(networks, models)]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).assign(readout=readout)
    table["difference"] = table["own"] - table["published"]
    return table.dropna(subset=["own", "published"])


def _second_table(
    networks: Mapping[str, tuple[str, str]], scores: pd.DataFrame, hierarchy: pd.DataFrame
) -> Iterator[dict[str, object]]:
    whole = scores[(scores["roi"] == "all") & (scores["hemisphere"] == "both")]
    r2 = whole.groupby("backbone")["r2_mean"].mean()
    lines = hierarchy[hierarchy["subject"] != MEAN].groupby("backbone")[list(HIERARCHY)].mean()
    published = _read("table2")
    for backbone, (network, size) in networks.items():
        printed = _printed(published, network, size)
        for quantity in ("r2", *HIERARCHY):
            of_all = r2 if quantity == "r2" else lines[quantity]
            yield {
                **_about(backbone, network, size, quantity, "all"),
                "own": of_all.get(backbone, float("nan")),
                "published": printed[quantity],
            }


def _printed(published: pd.DataFrame, network: str, size: str) -> pd.Series:
    """Row of Table 2; the two networks CLIP B/32 are distinguished by their data, M and S."""
    base, _, data = size.partition(" ")
    same = published[(published["model"] == network) & (published["size"] == base)]
    chosen = same[same["data"].str.contains(f"-{data} ")] if data else same
    row: pd.Series = chosen.iloc[0]
    return row


def _first_table(
    networks: Mapping[str, tuple[str, str]], models: pd.DataFrame
) -> Iterator[dict[str, object]]:
    own = models[models["subject"] == MEAN].set_index("model")
    published = _read("table1").set_index("model").drop(columns="dataset")
    compared = {
        backbone: each
        for backbone, each in networks.items()
        if each[0] in published.index and each[1] in _TABLE_1_SIZES.get(each[0], (each[1],))
    }
    if compared:
        compared = {MAX: (MAX, ""), **compared}
    for backbone, (network, size) in compared.items():
        for roi in map(str, published.columns):
            if backbone in own.index and roi in own:
                line = own.loc[backbone]
                yield {
                    **_about(backbone, network, size, str(line["value"]), roi),
                    "own": line[roi],
                    "own_low": line[f"{roi}_low"],
                    "own_high": line[f"{roi}_high"],
                    "published": published.loc[network, roi],
                }


def _about(backbone: str, network: str, size: str, quantity: str, roi: str) -> dict[str, object]:
    return {
        "backbone": backbone,
        "network": network,
        "size": size,
        "quantity": quantity,
        "roi": roi,
    }


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(PUBLISHED / f"{name}.tsv", sep="\t", keep_default_na=False)

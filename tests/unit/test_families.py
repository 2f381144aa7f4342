"""Sizes within families: who is compared, with which numbers, and the trend."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from cortexlens.analysis.scores.families import (
    COLUMNS,
    TREND_COLUMNS,
    Sized,
    size_table,
    size_trends,
    sized_networks,
    trend,
)
from cortexlens.config.study import load_study
from cortexlens.figures.scores.families import size_figure
from cortexlens.planning.targets import sized_networks as planned_networks
from studies import SIMULATED, write_study

WHOLE = {"readout": "factortopy", "roi": "all", "hemisphere": "both"}
NETWORKS = {"s": Sized("vit", 20), "l": Sized("vit", 300), "m": Sized("vit", 80)}


def tables(pairs):
    """Slope and R² that tell subject and network."""
    lines, scores = [], []
    for subject, name in pairs:
        value = (subject == "b") + NETWORKS[name].size / 1000
        lines.append(
            {"subject": subject, "backbone": name, "readout": "factortopy", "slope": value}
        )
        lines[-1] |= {"slope_low": value - 1, "slope_high": value + 1}
        numbers = {"r2_mean": value / 2, "r2_mean_low": 0, "r2_mean_high": 1 + (subject == "b")}
        scores.append({"subject": subject, "backbone": name, **WHOLE, **numbers})
    return pd.DataFrame(lines), pd.DataFrame(scores)


def test_size_is_the_tables_else_the_parameters():
    rows = {"a": {"family": "f", "size": "80"}, "b": {"family": "f"}, "c": {"family": "g"}}
    rows |= {"d": {"family": "h"}, "e": {"family": "h"}, "f": {"size": "3"}}
    counted = dict.fromkeys(rows, 22_000_000)
    assert sized_networks(rows, counted) == {"a": Sized("f", 80), "b": Sized("f", 22)}


def test_rows_stand_by_subject_and_size_and_the_mean_comes_last():
    pairs = [(subject, name) for subject in "ab" for name in NETWORKS]
    lines, scores = tables(pairs)
    mean = [
        {"subject": "mean", "backbone": name, "readout": "factortopy", "slope": 7.0}
        for name in NETWORKS
    ]
    other = scores.assign(roi="V1", r2_mean=9.0)
    table = size_table(NETWORKS, pd.concat([pd.DataFrame(mean), lines]), pd.concat([other, scores]))
    assert tuple(table.columns) == COLUMNS
    assert list(table["subject"]) == ["a"] * 3 + ["b"] * 3 + ["mean"] * 3
    assert list(table["backbone"]) == ["s", "m", "l"] * 3
    np.testing.assert_allclose(table["r2"], [0.01, 0.04, 0.15, 0.51, 0.54, 0.65, 0.26, 0.29, 0.4])
    assert list(table["slope"][6:]) == [7, 7, 7]
    assert list(table["r2_high"][6:]) == [1.5] * 3


def test_a_mean_is_of_networks_that_saw_every_subject():
    lines, scores = tables([("a", "s"), ("b", "s"), ("a", "m"), ("b", "m"), ("a", "l")])
    table = size_table(NETWORKS, lines, scores)
    assert list(table[table["subject"] == "mean"]["backbone"]) == ["s", "m"]
    one = size_table(NETWORKS, *(part[part["subject"] == "a"] for part in (lines, scores)))
    assert set(one["subject"]) == {"a"}


def test_without_a_hierarchy_scores_are_compared():
    lines, scores = tables([("a", "s"), ("a", "l")])
    table = size_table(NETWORKS, lines[:0], scores)
    assert table["slope"].isna().all()
    trends = size_trends(table, 0.95)
    assert tuple(trends.columns) == TREND_COLUMNS
    (row,) = trends.to_dict("records")
    assert (row["quantity"], row["n"]) == ("r2", 2)
    assert row["per_doubling"] == pytest.approx(0.14 / np.log2(15))
    assert np.isnan([row["low"], row["high"], row["spearman"]]).all()
    assert size_trends(table[:0], 0.95).empty


def test_the_trend_agrees_with_the_equations_and_with_another_fit():
    generator = np.random.default_rng(4)
    size, value = generator.uniform(10, 1000, 6), generator.normal(size=6)
    found = trend(size, value, 0.9)
    x = np.log2(size)
    b = ((x - x.mean()) * (value - value.mean())).sum() / ((x - x.mean()) ** 2).sum()
    rest = value - value.mean() - b * (x - x.mean())
    error = np.sqrt((rest**2).sum() / 4 / ((x - x.mean()) ** 2).sum())
    # 2.131847: Student's t of 4 degrees of freedom at 0.95, of any printed table
    expected = [b, b - 2.131847 * error, b + 2.131847 * error]
    np.testing.assert_allclose(found[:3], expected, rtol=1e-5)
    line, covariance = curve_fit(lambda at, slope, start: start + slope * at, x, value)
    assert found.per_doubling == pytest.approx(line[0], rel=1e-5)
    assert (found.high - found.low) / 2 == pytest.approx(2.131847 * covariance[0, 0] ** 0.5, 1e-4)
    ranks = np.argsort(np.argsort(size)), np.argsort(np.argsort(value))
    assert found.spearman == pytest.approx(np.corrcoef(*ranks)[0, 1])


def test_what_does_not_change_has_a_flat_line_alone():
    found = trend(np.array([1.0, 2.0, 4.0]), np.ones(3), 0.95)
    assert found.per_doubling == 0
    assert np.isnan(found[1:]).all()


@given(
    st.lists(st.integers(1, 5000), min_size=3, max_size=8, unique=True),
    st.floats(0.5, 50),
    st.integers(0, 999),
)
def test_units_of_size_play_no_part(sizes, unit, seed):
    size, value = np.array(sizes, float), np.random.default_rng(seed).normal(size=len(sizes))
    found, other = trend(size, value, 0.95), trend(unit * size, value, 0.95)
    np.testing.assert_allclose(found, other, rtol=1e-5, atol=1e-6)


def test_intervals_hold_planted_trends_as_often_as_they_say():
    generator = np.random.default_rng(0)
    size = 2.0 ** np.arange(5)
    held = []
    for _ in range(400):
        found = trend(size, 0.3 * np.arange(5) + generator.normal(size=5), 0.9)
        held.append(found.low < 0.3 < found.high)
    # 0.9 within three standard errors of 400 draws
    assert 0.855 < np.mean(held) < 0.945


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([{"family": "f"}, {"family": "f"}], ["plain", "other"]),
        ([{"family": "f", "size": "1"}, {"family": "f", "size": "2.5"}], ["plain", "other"]),
        ([{"family": "f", "size": "1"}, {"family": "f", "size": "1.0"}], []),
        ([{"family": "f"}, {"family": "g"}], []),
        ([{}, {"family": "g"}], []),
    ],
)
def test_what_is_made_follows_from_the_table(tmp_path, monkeypatch, cells, expected):
    monkeypatch.chdir(tmp_path)
    rows = [
        {"backbone": name, "source": "zoo", "name": "vit-demo", "family": "", "size": "", **each}
        for name, each in zip(("plain", "other"), cells, strict=True)
    ]
    runs = [{"backbones": "all", "subjects": "all", "readouts": ["factortopy"]}]
    study = load_study(write_study(tmp_path, {**SIMULATED, "runs": runs}, backbones=rows))
    assert planned_networks(study) == expected
    runs[0]["readouts"] = ["ridge"]
    study = load_study(write_study(tmp_path, {**SIMULATED, "runs": runs}, backbones=rows))
    assert planned_networks(study) == []


def test_panels_are_of_what_there_is():
    pairs = [(subject, name) for subject in "ab" for name in NETWORKS]
    lines, scores = tables(pairs)
    whole = size_figure(size_table(NETWORKS, lines, scores))
    # two subjects and their mean, whose slope is not in this table of lines
    assert len(whole.axes) == 6
    assert len(size_figure(size_table(NETWORKS, lines[:0], scores)).axes) == 3
    assert not size_figure(size_table({}, lines, scores)).axes

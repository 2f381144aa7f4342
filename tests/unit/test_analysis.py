import numpy as np
import pandas as pd
import pytest

from cortexlens.analysis.hierarchy import COLUMNS as HIERARCHY_COLUMNS
from cortexlens.analysis.hierarchy import hierarchy_table
from cortexlens.analysis.scores import COLUMNS, bootstrap_mean, regions, score_rows, score_table
from cortexlens.analysis.tables import write_table
from fits import synthetic_fit


@pytest.fixture(scope="module")
def fit():
    return synthetic_fit(None, 400, 5, seed=1)


def rows_of(fit):
    return {row["roi"]: row for row in score_rows(fit)}


def literal_row(fit, members):
    """Numbers of a region, vertex by vertex; ratios only where the ceiling is above 0.05."""
    r2 = [float(fit["r2_test"][i]) for i in members]
    ceiling = [float(fit["noise_ceiling"][i]) for i in members]
    ratios = [a / b for a, b in zip(r2, ceiling, strict=True) if b > 0.05]
    return {
        "n_vertices": len(members),
        "r2_mean": sum(r2) / len(r2),
        "r2_median": np.median(r2),
        "pearson_mean": np.mean([float(fit["pearson_test"][i]) for i in members]),
        "ceiling_mean": sum(ceiling) / len(ceiling),
        "r2_over_ceiling_median": np.median(ratios) if ratios else np.nan,
        "r2_validation_mean": np.mean([float(fit["r2_validation"][i]) for i in members]),
    }


def test_rows_are_all_vertices_and_each_region(fit):
    found = rows_of(fit)
    assert list(found) == ["all", "V1", "V2", "V3", "hV4", "PPA"]
    for index, (name, row) in enumerate(found.items()):
        assert tuple(row) == COLUMNS
        assert (row["subject"], row["backbone"], row["readout"]) == (
            "sim01",
            "vit-demo",
            "factortopy",
        )
        mask = np.ones(400, bool) if name == "all" else fit["roi_mask"].values[:, index - 1]
        for key, value in literal_row(fit, np.flatnonzero(mask)).items():
            assert row[key] == pytest.approx(value, rel=1e-5, nan_ok=True), (name, key)
        assert row["r2_mean_low"] < row["r2_mean"] < row["r2_mean_high"]


def test_empty_regions_have_no_row(fit):
    mask = fit["roi_mask"].copy()
    mask[:, 2] = False
    assert "V3" not in dict(regions(fit.assign(roi_mask=mask)))
    assert list(dict(regions(fit.drop_vars("roi_mask")))) == ["all"]
    assert list(dict(regions(synthetic_fit(None, 20, 3, rois=False)))) == ["all"]


def test_vertices_without_a_score_are_left_out(fit):
    kept = rows_of(fit.isel(vertex=slice(100, None)))
    changed = fit.copy(deep=True)
    for name in ("r2_test", "pearson_test", "r2_validation"):
        changed[name][:100] = np.nan
    found = rows_of(changed)
    for name in kept:
        assert found[name] == pytest.approx(kept[name], nan_ok=True)
    assert found["all"]["n_vertices"] == 300


def test_unknown_ceilings_leave_scores_alone(fit):
    unknown = fit.assign(noise_ceiling=fit["noise_ceiling"] * np.nan)
    for name, row in rows_of(unknown).items():
        expected = rows_of(fit)[name] | {"ceiling_mean": np.nan, "r2_over_ceiling_median": np.nan}
        assert row == pytest.approx(expected, nan_ok=True)


def test_without_any_score_everything_is_nan(fit):
    row = rows_of(fit.assign(r2_test=fit["r2_test"] * np.nan))["all"]
    assert row["n_vertices"] == 0
    assert all(np.isnan(row[name]) for name in COLUMNS[5:])


def test_the_interval_is_that_of_the_mean():
    rng = np.random.default_rng(0)
    values = rng.standard_normal(400) * 2 + 5
    low, high = bootstrap_mean(values, np.random.default_rng(1))
    error = values.std(ddof=1) / 20
    assert (low, high) == pytest.approx(
        (values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.15 * error
    )


def test_intervals_hold_the_truth_as_often_as_they_say():
    hits = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        low, high = bootstrap_mean(rng.standard_normal(60), rng)
        hits += low <= 0 <= high
    assert 0.89 <= hits / 200 <= 0.985


def test_intervals_of_few_vertices():
    rng = np.random.default_rng(0)
    assert bootstrap_mean(np.array([0.3]), rng) == pytest.approx((0.3, 0.3))
    assert np.isnan(bootstrap_mean(np.array([]), rng)).all()


@pytest.fixture(scope="module")
def fits():
    names = [("sim02", "b"), ("sim01", "b"), ("sim01", "a"), ("sim02", "a")]
    made = [
        synthetic_fit(None, 60, 4, subject=subject, backbone=backbone, seed=seed)
        for seed, (subject, backbone) in enumerate(names)
    ]
    made.append(made[2].assign_attrs(readout="ridge"))
    return made


def test_the_table_does_not_depend_on_the_order_of_fits(fits):
    table = score_table(fits)
    pd.testing.assert_frame_equal(
        table.reset_index(drop=True), score_table(fits[::-1]).reset_index(drop=True)
    )
    assert tuple(table.columns) == COLUMNS
    keys = list(
        dict.fromkeys(zip(table["subject"], table["backbone"], table["readout"], strict=True))
    )
    assert keys == [
        ("sim01", "a", "factortopy"),
        ("sim01", "a", "ridge"),
        ("sim01", "b", "factortopy"),
        ("sim02", "a", "factortopy"),
        ("sim02", "b", "factortopy"),
    ]
    assert table["roi"].tolist()[:3] == ["all", "V1", "V2"]


def test_the_hierarchy_has_a_row_a_fit(fits):
    found = hierarchy_table(fits[:4])
    assert found[["subject", "backbone"]].to_numpy().tolist() == [
        ["sim01", "a"],
        ["sim01", "b"],
        ["sim02", "a"],
        ["sim02", "b"],
        ["mean", "a"],
        ["mean", "b"],
    ]
    np.testing.assert_allclose(found["b1"], found["b0"] + found["slope"])
    # rings farther from the pole read later layers
    assert (found["slope"] > 0.2).all()
    first = fits[2]["roi_mask"].values[:, :3].sum()
    assert found["n"].iloc[0] == first


def test_fits_without_a_hierarchy_have_no_row():
    plain = synthetic_fit(None, 20, 3, rois=False)
    found = hierarchy_table([plain, plain])
    assert len(found) == 0
    assert tuple(found.columns) == HIERARCHY_COLUMNS


def test_tables_are_written_with_six_digits(tmp_path):
    table = pd.DataFrame({"name": ["a", "b"], "value": [1 / 3, np.nan], "n": [12345678, 2]})
    path = tmp_path / "deep" / "t.tsv"
    write_table(table, path)
    assert path.read_text() == "name\tvalue\tn\na\t0.333333\t12345678\nb\tnan\t2\n"
    assert [child.name for child in path.parent.iterdir()] == ["t.tsv"]

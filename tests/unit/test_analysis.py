import numpy as np
import pandas as pd
import pytest

from cortexlens.analysis.hierarchy.slope import COLUMNS as HIERARCHY_COLUMNS
from cortexlens.analysis.hierarchy.slope import hierarchy_table
from cortexlens.analysis.scores.brain_score import COLUMNS, score_rows, score_table
from cortexlens.analysis.scores.fit_scores import regions, score_fit
from cortexlens.analysis.tables import write_table
from fits import scored_fit, synthetic_fit

QUICK = {"confidence_level": 0.9, "bootstraps": 100, "permutations": 99, "seed": 0}


@pytest.fixture(scope="module")
def fit():
    made = scored_fit(space=None, n_vertices=400, n_layers=5, seed=1)
    sides = np.random.default_rng(0).integers(0, 2, 400).astype(np.int8)
    return made.assign(hemisphere=("vertex", sides))


def rows_of(fit):
    rows = score_rows(score_fit(fit, "made up", **QUICK))
    return {(row["roi"], row["hemisphere"]): row for row in rows}


def literal_row(fit, members):
    """Numbers of a region, vertex by vertex; ratios only where the ceiling is above 0.05."""
    r2 = [float(fit["r2_test"][i]) for i in members]
    r = [float(fit["pearson_test"][i]) for i in members]
    ceiling = [float(fit["noise_ceiling"][i]) for i in members]
    ratios = [a / b for a, b in zip(r2, ceiling, strict=True) if b >= 0.05]
    of_r = [a / b**0.5 for a, b in zip(r, ceiling, strict=True) if b >= 0.05]
    return {
        "n_vertices": len(members),
        "r2_mean": sum(r2) / len(r2),
        "r2_median": np.median(r2),
        "pearson_mean": np.mean(r),
        "ceiling_mean": sum(ceiling) / len(ceiling),
        "r2_over_ceiling_median": np.median(ratios) if ratios else np.nan,
        "pearson_over_ceiling_median": np.median(of_r) if of_r else np.nan,
        "r2_validation_mean": np.mean([float(fit["r2_validation"][i]) for i in members]),
    }


def test_rows_are_regions_whole_and_by_hemisphere(fit):
    found = rows_of(fit)
    names = ["all", "V1", "V2", "V3", "hV4", "PPA"]
    sides = ["both", "left", "right"]
    assert list(found) == [(name, side) for name in names for side in sides]
    masks = dict(zip(names, [np.ones(400, bool), *fit["roi_mask"].values.T], strict=True))
    for (name, side), row in found.items():
        assert tuple(row) == COLUMNS
        mask = masks[name]
        if side != "both":
            mask = mask & (fit["hemisphere"].values == sides.index(side) - 1)
        for key, value in literal_row(fit, np.flatnonzero(mask)).items():
            assert row[key] == pytest.approx(value, rel=1e-4, nan_ok=True), (name, key)
        assert row["r2_mean_low"] < row["r2_mean_high"]
        assert row["share_significant"] > 0.9
        assert row["p_family"] == pytest.approx(0.01)


def test_empty_regions_have_no_row(fit):
    mask = fit["roi_mask"].copy()
    mask[:, 2] = False
    assert "V3" not in dict(regions(fit.assign(roi_mask=mask)))
    assert list(dict(regions(fit.drop_vars("roi_mask")))) == ["all"]
    assert list(dict(regions(synthetic_fit(None, 20, 3, rois=False)))) == ["all"]


def test_vertices_without_a_score_are_left_out(fit):
    kept = rows_of(fit.isel(vertex=slice(100, None)))
    changed = fit.copy(deep=True)
    changed["observed_test"][:, :100] = 1
    found = rows_of(changed)
    for name in kept:
        numbers = COLUMNS[COLUMNS.index("n_vertices") :]
        expected = [kept[name][key] for key in numbers]
        assert [found[name][key] for key in numbers] == pytest.approx(
            expected, nan_ok=True, rel=1e-4
        )
    assert found["all", "both"]["n_vertices"] == 300


def test_unknown_ceilings_leave_scores_alone(fit):
    unknown = fit.assign(noise_ceiling=fit["noise_ceiling"] * np.nan)
    ratios = ("ceiling_mean", "r2_over_ceiling_median", "pearson_over_ceiling_median")
    known = rows_of(fit)
    for place, row in rows_of(unknown).items():
        for name in COLUMNS[COLUMNS.index("n_vertices") :]:
            expected = np.nan if name in ratios else known[place][name]
            assert row[name] == pytest.approx(expected, nan_ok=True)


def test_without_any_score_everything_is_nan(fit):
    row = rows_of(fit.assign(observed_test=0 * fit["observed_test"]))["all", "both"]
    assert row["n_vertices"] == 0
    assert all(np.isnan(row[name]) for name in COLUMNS[6:])


@pytest.fixture(scope="module")
def fits():
    names = [("sim02", "b"), ("sim01", "b"), ("sim01", "a"), ("sim02", "a")]
    made = [
        scored_fit(
            space=None, n_vertices=60, n_layers=4, subject=subject, backbone=backbone, seed=seed
        )
        for seed, (subject, backbone) in enumerate(names)
    ]
    made.append(made[2].assign_attrs(readout="ridge"))
    return made


def test_the_table_does_not_depend_on_the_order_of_fits(fits):
    scores = [score_fit(fit, "made up", **QUICK) for fit in fits]
    table = score_table(scores)
    pd.testing.assert_frame_equal(
        table.reset_index(drop=True), score_table(scores[::-1]).reset_index(drop=True)
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

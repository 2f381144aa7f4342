import numpy as np
import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import open_dataset, write_dataset
from cortexlens.storage.provenance import input_hash
from fits import scored_fit

QUICK = ["--bootstraps", "100", "--permutations", "99", "--confidence-level", "0.9"]
PER_VERTEX = (
    *("r2", "pearson", "noise_ceiling", "r2_over_ceiling", "pearson_over_ceiling"),
    *("r2_validation", "r2_low", "r2_high", "p", "q"),
)


def score(fit, out, *options):
    command = ["score-fit", "--fit", str(fit), "--out", str(out), *QUICK, *options]
    result = CliRunner().invoke(app, command)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return open_dataset(out, kind="scores").load()


@pytest.fixture(scope="module")
def fits(tmp_path_factory):
    """Two networks of one subject, trial by trial, with two vertices without any variance."""
    folder = tmp_path_factory.mktemp("fits")
    for seed, name in enumerate(("near", "far")):
        fit = scored_fit(repeats=True, n_vertices=90, n_layers=3, seed=seed, backbone=name)
        fit["observed_test"][:, :2] = 3
        fit["scatter_test"][:, :2] = 0
        write_dataset(fit, folder / f"{name}.zarr", kind="fit", provenance={})
    return folder


@pytest.fixture(scope="module")
def scored(fits, tmp_path_factory):
    return score(fits / "near.zarr", tmp_path_factory.mktemp("scores") / "s.zarr", "--seed", "1")


def test_the_store_has_what_the_architecture_says(scored, fits):
    assert {str(name): scored[name].dims for name in scored.data_vars} == {
        **dict.fromkeys(PER_VERTEX, ("vertex",)),
        "p_family": ("vertex", "region"),
        "region_mask": ("vertex", "region"),
        "region_r2_draw": ("draw", "region"),
        **dict.fromkeys(("roi", "side"), ("region",)),
        **dict.fromkeys(("region_r2", "region_r2_low", "region_r2_high"), ("region",)),
    }
    assert scored.sizes["draw"] == 100
    assert scored["roi"].values.tolist()[:4] == ["all", "all", "all", "V1"]
    assert scored["side"].values.tolist()[:4] == ["both", "left", "right", "both"]
    about = {
        key: scored.attrs[key] for key in ("backbone", "subject", "readout", "confidence_level")
    }
    assert about == {
        "backbone": "near",
        "subject": "sim01",
        "readout": "factortopy",
        "confidence_level": 0.9,
    }
    record = scored.attrs["provenance"]
    assert record["inputs"] == {"fit": input_hash(fits / "near.zarr")}
    assert record["settings"] == {"confidence_level": 0.9, "bootstraps": 100, "permutations": 99}


def test_scores_are_those_of_the_fit(scored, fits):
    fit = open_dataset(fits / "near.zarr", kind="fit").load()
    for ours, theirs in (("r2", "r2_test"), ("pearson", "pearson_test")):
        np.testing.assert_allclose(scored[ours][2:], fit[theirs][2:], atol=1e-6)
        assert np.isnan(scored[ours][:2]).all()
    ceiling = fit["noise_ceiling"].values
    low = ceiling < 0.05
    assert low.any()
    assert np.isnan(scored["r2_over_ceiling"].values[low]).all()
    ratio = scored["pearson_over_ceiling"].values[2:][~low[2:]]
    np.testing.assert_allclose(ratio, (fit["pearson_test"] / ceiling**0.5)[2:][~low[2:]], rtol=1e-5)


def test_vertices_without_variance_have_no_interval_and_no_p(scored):
    for name in ("r2_low", "r2_high", "p", "q", "p_family"):
        assert np.isnan(scored[name][:2]).all()
    for name in ("r2_low", "r2_high", "p", "q"):
        assert np.isfinite(scored[name][2:]).all()
    outside = ~scored["region_mask"].values
    assert np.isnan(scored["p_family"].values[outside]).all()


def test_a_region_is_the_mean_of_its_vertices_in_every_draw(scored):
    mask = scored["region_mask"].values[:, 0].copy()
    mask[:2] = False
    assert float(scored["region_r2"][0]) == pytest.approx(float(scored["r2"][mask].mean()))
    width = scored["region_r2_draw"].std("draw")
    confidence_level = scored["region_r2_high"] - scored["region_r2_low"]
    np.testing.assert_allclose(confidence_level / width, 2 * 1.645, rtol=0.35)


def test_networks_of_a_subject_share_draws_and_the_same_seed_the_numbers(fits, scored, tmp_path):
    again = score(fits / "near.zarr", tmp_path / "a.zarr", "--seed", "1")
    assert again.attrs["content_hash"] == scored.attrs["content_hash"]
    far = score(fits / "far.zarr", tmp_path / "b.zarr", "--seed", "1")
    other = score(fits / "far.zarr", tmp_path / "c.zarr", "--seed", "2")
    near = scored["region_r2_draw"].values[:, 0]
    paired = np.corrcoef(near, far["region_r2_draw"].values[:, 0])[0, 1]
    unpaired = np.corrcoef(near, other["region_r2_draw"].values[:, 0])[0, 1]
    # responses are shared, so resamples that suit one network suit the other
    assert paired > 0.5 > abs(unpaired)


def test_a_fit_without_predictions_is_refused(tmp_path):
    fit = scored_fit(n_vertices=30, n_layers=3).drop_vars("prediction_test")
    write_dataset(fit, tmp_path / "old.zarr", kind="fit", provenance={})
    with pytest.raises(CortexlensError, match=r"old.zarr: found no prediction_test; .* Fit again"):
        score(tmp_path / "old.zarr", tmp_path / "s.zarr")
    assert not (tmp_path / "s.zarr").exists()

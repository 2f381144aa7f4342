"""Numbers at their limits: each readout, its scores, tables and hierarchy; some seconds in all."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from cortexlens.analysis.hierarchy.slope import hierarchy
from cortexlens.analysis.scores.brain_score import score_table
from cortexlens.analysis.scores.fit_scores import score_fit
from cortexlens.encoding.banded import fit_banded
from cortexlens.encoding.data import load_fit_data
from cortexlens.encoding.ensemble import selector_variables
from cortexlens.encoding.fit import FitOptions, fit_member
from cortexlens.encoding.predictions import mean_prediction
from cortexlens.encoding.results import FitIdentity, fit_dataset
from cortexlens.encoding.ridge import fit_ridge, fit_ridge_jointly
from cortexlens.errors import CortexlensError
from cortexlens.features.store import open_features
from cortexlens.sae.similarity import TrainTestSplit, compare, exchanged
from cortexlens.storage.datasets import open_dataset
from encoders import planted_data, write_subject

QUICK = FitOptions(dimensions=4, batch_size=16, epochs=2, learning_rate=0.01, precision="float32")
LARGEST = 65504  # of float16
RIDGES = {
    "fit_ridge": fit_ridge,
    "fit_ridge_jointly": fit_ridge_jointly,
    "fit_banded": partial(fit_banded, samples=5),
}


@pytest.fixture(scope="module")
def plain():
    return planted_data(8, n_images=60)[0]


def with_response(data, change):
    response = data.response.copy()
    change(response)
    return replace(data, response=response)


def with_layer(data, change):
    layers = [layer.clone() for layer in data.layers]
    change(layers[0])
    return replace(data, layers=layers)


def at_the_ends(layer):
    layer[:] = LARGEST
    layer[::2] = -LARGEST


# Name → what becomes of the data, and of the options of a fit.
CASES = {
    "a constant vertex": (lambda data: with_response(data, lambda r: r[:, :1].fill(0)), {}),
    "a dead channel": (lambda data: with_layer(data, lambda v: v[..., 0].fill_(0)), {}),
    "a layer of zeros": (lambda data: with_layer(data, lambda v: v.fill_(0)), {}),
    "a held layer of zeros": (
        lambda data: with_layer(data, lambda v: v.fill_(0)),
        {"aligned_rms": 1.0},
    ),
    "float16 at its ends": (lambda data: with_layer(data, at_the_ends), {}),
    "one vertex": (lambda data: replace(data, response=data.response[:, :1]), {}),
    "one image a batch": (lambda data: data, {"batch_size": 1, "epochs": 1}),
    "one layer": (lambda data: replace(data, layers=data.layers[:1]), {}),
}


def mapped(data, folder, **options):
    """A fit of some data, as the stage puts it together."""
    fitted = fit_member(data, None, replace(QUICK, **options), 0)
    _, responses = write_subject(folder, data, rois=("V1", "EBA"))
    names = [f"blocks.{number}" for number in range(len(data.layers))]
    return fit_dataset(
        FitIdentity("net", "s1", "factortopy", names),
        selector_variables([fitted]),
        mean_prediction([fitted.model], data),
        data,
        open_dataset(responses, kind="responses"),
    )


@pytest.mark.parametrize("case", CASES)
def test_a_fit_its_scores_and_its_hierarchy_are_numbers(plain, tmp_path, case):
    change, options = CASES[case]
    data = change(plain)
    fit = mapped(data, tmp_path, **options)
    n_constant = int((np.ptp(data.response, axis=0) == 0).sum())
    np.testing.assert_allclose(fit["layer_selector"].sum("layer"), 1, rtol=1e-5)
    for name in ("space_selector", "scale_selector", "confidence", "prediction_test"):
        assert np.isfinite(fit[name].values).all(), name
    assert ((fit["confidence"] == 1) == (len(data.layers) == 1)).all()
    scores = score_fit(fit, "fit", confidence_level=0.95, bootstraps=99, permutations=99, seed=0)
    for name in ("r2", "pearson", "p", "q"):
        assert int(np.isnan(scores[name].values).sum()) == n_constant, name
    table = score_table([scores]).set_index("roi")
    assert table.loc["all", "n_vertices"] == data.response.shape[1] - n_constant
    assert np.isfinite(table.loc["all", "r2_mean"])
    line = hierarchy(fit, bootstraps=9)
    assert (line is None) == (data.response.shape[1] == 1)
    if line is not None:
        assert np.isfinite(line.found[:3]).all()


def test_responses_that_never_vary_have_no_score_and_the_last_weights(plain, tmp_path):
    fit = mapped(with_response(plain, lambda r: r.fill(0)), tmp_path)
    assert np.isfinite(fit["layer_selector"].values).all()
    assert np.isnan(fit["r2_test"].values).all()
    scores = score_fit(fit, "fit", confidence_level=0.95, bootstraps=99, permutations=99, seed=0)
    row = score_table([scores]).set_index("roi").loc["all"]
    assert row["n_vertices"] == 0
    assert np.isnan(row["r2_mean"])


@pytest.mark.parametrize("ridge", RIDGES)
@pytest.mark.parametrize("case", [case for case in CASES if case != "one image a batch"])
def test_ridge_predicts_numbers(plain, case, ridge):
    data = CASES[case][0](plain)
    found = RIDGES[ridge](data, components=5, penalties=np.array([1.0, 10.0]), seed=0)
    assert found.predicted.shape == (60, data.response.shape[1])
    assert np.isfinite(found.predicted).all()
    constant = np.ptp(data.response, axis=0) == 0
    np.testing.assert_allclose(found.predicted[:, constant], 0, atol=1e-6)


def test_ridge_of_one_vertex_is_that_of_the_vertex_among_others(plain):
    """The two solve the same system, however many right-hand sides there are."""
    penalties = np.array([1.0, 10.0])
    one, all_six = (
        fit_ridge(data, components=5, penalties=penalties, seed=0)
        for data in (replace(plain, response=plain.response[:, :1]), plain)
    )
    np.testing.assert_allclose(one.predicted, all_six.predicted[:, :1], rtol=1e-4, atol=1e-5)


def test_a_region_without_a_ceiling_keeps_its_raw_scores(plain, tmp_path):
    fit = mapped(plain, tmp_path)
    ceiling = np.where(fit["roi_mask"].values[:, 0], 0, 0.5).astype(np.float32)
    scores = score_fit(
        fit.assign(noise_ceiling=("vertex", ceiling)),
        *("fit",),
        **{"confidence_level": 0.95, "bootstraps": 99, "permutations": 99, "seed": 0},
    )
    table = score_table([scores]).set_index("roi")
    assert table.loc["V1", "ceiling_mean"] == 0
    assert np.isfinite(table.loc["V1", "r2_mean"])
    assert np.isnan(table.loc["V1", "r2_over_ceiling_median"])
    assert np.isfinite(table.loc["EBA", "r2_over_ceiling_median"])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_responses_that_are_no_numbers_are_refused_before_a_fit(plain, tmp_path, value):
    data = with_response(plain, lambda r: r.__setitem__((17, 2), value))
    features, responses = write_subject(tmp_path, data)
    with pytest.raises(CortexlensError, match=r"1 of 6 vertices .*the first is vertex 2 \(from 0"):
        load_fit_data(
            open_features(features),
            open_dataset(responses, kind="responses"),
            single_trials=False,
        )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_features_that_are_no_numbers_are_refused(plain, value):
    train = int(np.flatnonzero(plain.split == 0)[0])
    data = with_layer(plain, lambda v: v.__setitem__((train, 1, 2), value))
    told = "layer 0 .*not finite. Extract the features again"
    with pytest.raises(CortexlensError, match=told):
        fit_member(data, None, QUICK, 0)
    for ridge in RIDGES.values():
        with pytest.raises(CortexlensError, match=told):
            ridge(data, components=5, penalties=np.array([1.0]), seed=0)


def test_similarity_of_what_says_nothing_is_none():
    """No unit active, and no vertex that varies; one vertex, one unit."""
    rng, split = np.random.default_rng(0), np.repeat([0, 2], [40, 20])
    parts = TrainTestSplit(*(np.flatnonzero(split == part) for part in (0, 2)))
    orders = exchanged(split, 2, 0)
    code = rng.random((60, 1)).astype(np.float16)
    varied = (code + rng.standard_normal((60, 1)) / 10).astype(np.float32)
    found = compare(code, varied, parts, orders, kept=1)
    assert (found.vertex_unit == 0).all()
    assert (found.vertex_held_out > 0.5).all()
    for codes, response in ((code * 0, varied), (code, varied * 0)):
        found = compare(codes, response, parts, orders, kept=1)
        assert (found.vertex_unit == -1).all()
        assert (found.unit_vertex == -1).all()
        assert np.isnan(found.vertex_similarity).all()
        assert np.isnan(found.null_maximum).all()


def test_the_clipped_ends_of_float16_are_read_back_as_they_are(plain):
    """Sums of clipped values are taken in single precision: none becomes infinite."""
    data = with_layer(plain, at_the_ends)
    assert torch.isfinite(data.layers[0].float().square().sum())
    fitted = fit_member(data, None, QUICK, 0)
    for align in fitted.model.alignments()[0]:
        assert torch.isfinite(align.scale).all()
        assert (align.scale > 1e4).all()

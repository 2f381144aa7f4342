import numpy as np
import pytest
from sklearn.metrics import r2_score

from cortexlens.analysis.scores import max_model
from cortexlens.analysis.scores.max_model import (
    joined_regions,
    mean_models,
    model_table,
    subject_models,
)
from cortexlens.analysis.statistics.bootstrap import image_draws
from cortexlens.errors import CortexlensError
from fits import scored_fit

SIZE = {"space": None, "n_vertices": 120, "n_layers": 3}


@pytest.fixture(scope="module")
def fits():
    return [
        scored_fit(subject=subject, backbone=name, seed=seed, images=7, weak=1 + seed, **SIZE)
        for subject in ("s1", "s2")
        for seed, name in enumerate(("a", "b", "c"))
    ]


def literal(fits, images):
    """Max and root mean square differences over all vertices, of some test images."""
    r2 = np.array(
        [
            r2_score(
                fit["observed_test"].values[images].astype(float),
                fit["prediction_test"].values[images].astype(float),
                multioutput="raw_values",
            )
            for fit in fits
        ]
    )
    best = r2.max(axis=0)
    return [best.mean(), *np.sqrt(np.mean((best - r2) ** 2, axis=1))]


def test_models_are_compared_as_by_hand_on_every_resample(fits, monkeypatch):
    monkeypatch.setattr(max_model, "_HELD", 1)  # several blocks
    found = subject_models(fits[:3], bootstraps=100, seed=2)
    assert found.names == ["max", "a", "b", "c"]
    np.testing.assert_allclose(found.estimate[:, 0], literal(fits[:3], np.arange(40)), atol=1e-5)
    draws = image_draws(fits[0]["test_image"].values, 100, 2).astype(int)
    for draw in (0, 57):
        images = np.repeat(np.arange(40), draws[draw])
        np.testing.assert_allclose(found.draws[draw, :, 0], literal(fits[:3], images), atol=1e-4)


def test_v2_and_v3_stand_together_beside_the_single_ones(fits):
    masks = joined_regions(fits[0])
    assert list(masks) == ["all", "V1", "V2", "V3", "V2V3", "hV4", "PPA"]
    np.testing.assert_array_equal(masks["V2V3"], masks["V2"] | masks["V3"])
    assert "V2V3" not in joined_regions(fits[0].isel(roi=[0, 1]))


def test_the_table_has_the_form_of_the_papers(fits):
    table = model_table(fits, confidence_level=0.9, bootstraps=100, seed=0)
    rows = table[["subject", "model", "value"]].to_numpy().tolist()
    assert rows[:4] == [
        ["s1", "max", "r2_mean"],
        *(["s1", name, "rms_difference"] for name in ("a", "b", "c")),
    ]
    assert [row[0] for row in rows] == ["s1"] * 4 + ["s2"] * 4 + ["mean"] * 4
    by = table.set_index(["subject", "model"])
    for name in ("max", "a", "b", "c"):
        both = (by.loc[("s1", name), "V1"] + by.loc[("s2", name), "V1"]) / 2
        assert by.loc[("mean", name), "V1"] == pytest.approx(both)
    for roi in ("all", "V2V3", "PPA"):
        assert (table[f"{roi}_low"] <= table[roi] + 1e-9).all()
        assert (table[roi] <= table[f"{roi}_high"] + 1e-9).all()
    # the network with the least noise stays behind least
    assert by.loc[("s1", "a"), "all"] < by.loc[("s1", "c"), "all"]


def test_one_network_is_its_own_maximum(fits):
    found = subject_models(fits[:1], bootstraps=100, seed=0)
    assert found.estimate[1].tolist() == [0.0] * 7
    assert found.estimate[0, 0] == pytest.approx(float(fits[0]["r2_test"].mean()), abs=1e-5)


def test_the_mean_is_over_what_all_subjects_have(fits):
    one = subject_models(fits[:3], bootstraps=100, seed=0)
    other = subject_models([fits[4].isel(roi=[0, 3])], bootstraps=100, seed=0)
    found = mean_models([one, other])
    assert (found.names, found.rois) == (["max", "b"], ["all", "V1", "hV4"])


def test_fits_to_other_images_are_refused(fits):
    other = fits[1].assign_coords(test_image=fits[1]["test_image"] + 1)
    with pytest.raises(CortexlensError, match=r"fit of b to s1: .* same responses"):
        subject_models([fits[0], other], bootstraps=100, seed=0)
    with pytest.raises(CortexlensError, match=r"found 20 vertices"):
        subject_models([fits[0], fits[1].isel(vertex=slice(20))], bootstraps=100, seed=0)

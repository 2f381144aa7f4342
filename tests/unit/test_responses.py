import hashlib

import numpy as np
import pytest
import xarray as xr

from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import open_dataset, write_dataset
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.responses import finish_responses
from cortexlens.study.split import split_by_image

N_IMAGES, N_VERTICES = 5, 4


@pytest.fixture
def images():
    names = [f"scene-{i:05d}" for i in range(N_IMAGES)]
    return ImageSet(names, names, [hashlib.sha256(name.encode()).hexdigest() for name in names])


@pytest.fixture
def given():
    """Two trials an image, on a cortex with two regions."""
    rng = np.random.default_rng(0)
    return xr.Dataset(
        {
            "response": (("trial", "vertex"), rng.standard_normal((10, N_VERTICES))),
            "trial_image": ("trial", np.arange(10) % N_IMAGES),
            "hemisphere": ("vertex", np.array([0, 0, 1, 1], np.int8)),
            "vertex_index": ("vertex", np.array([3, 5, 3, 5])),
            "coordinates": (("vertex", "axis"), rng.standard_normal((4, 3), np.float32)),
            "roi_mask": (("vertex", "roi"), np.eye(4, 2, dtype=bool)),
            "planted_level": ("vertex", np.arange(4)),
        },
        coords={"roi": ["V1", "EBA"]},
        attrs={"space": "fsaverage5"},
    )


def finish(given, images):
    return finish_responses(given, images, split_by_image(images.sha256, 0), source="here.npy")


def test_the_store_has_what_the_architecture_says(given, images, tmp_path):
    write_dataset(finish(given, images), tmp_path / "r.zarr", kind="responses", provenance={})
    stored = open_dataset(tmp_path / "r.zarr", kind="responses").load()
    found = {name: (stored[name].dims, stored[name].dtype) for name in stored.data_vars}
    assert found == {
        "response": (("trial", "vertex"), np.float32),
        "trial_image": (("trial",), np.int64),
        "session": (("trial",), np.int64),
        "image_id": (("image",), np.dtypes.StringDType()),
        "split": (("image",), np.int8),
        "ncsnr": (("vertex",), np.float32),
        "coordinates": (("vertex", "axis"), np.float32),
        "hemisphere": (("vertex",), np.int8),
        "vertex_index": (("vertex",), np.int64),
        "roi_mask": (("vertex", "roi"), np.bool_),
        "planted_level": (("vertex",), np.int64),
    }
    np.testing.assert_array_equal(stored["response"], given["response"].astype(np.float32))
    assert stored["image_id"].values.tolist() == images.ids
    assert stored["roi"].values.tolist() == ["V1", "EBA"]
    assert stored.attrs["space"] == "fsaverage5"
    assert (stored["session"] == 0).all()
    assert np.isnan(stored["ncsnr"]).all()
    assert stored["split"].attrs["description"] == "0 train, 1 validation, 2 test"


def test_a_study_without_cortex_has_no_regions(given, images):
    plain = finish(given[["response", "trial_image"]].drop_attrs(), images)
    assert plain["roi_mask"].shape == (N_VERTICES, 0)
    assert not {"coordinates", "hemisphere", "vertex_index"} & set(plain.variables)


def test_what_the_kind_knows_is_kept(given, images):
    known = given.assign(
        session=("trial", np.arange(10) // 5), ncsnr=("vertex", np.arange(4, dtype=np.float32))
    )
    known["response"].attrs["units"] = "spikes"
    found = finish(known, images)
    assert found["session"].values.tolist() == [0] * 5 + [1] * 5
    assert found["ncsnr"].values.tolist() == [0, 1, 2, 3]
    assert found["response"].attrs["units"] == "spikes"


def test_constant_vertices_are_kept_and_counted(given, images, capsys, monkeypatch):
    monkeypatch.setattr("cortexlens.study.responses.BLOCK_VALUES", 3 * N_VERTICES)
    given["response"][:, 1] = 0
    given["response"][:, 3] = 7
    assert finish(given, images).sizes["vertex"] == N_VERTICES
    err = capsys.readouterr().err
    assert "here.npy: 2 of 4 vertices give the same response in every trial, the " in err
    assert "first is vertex 1" in err


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_responses_must_be_finite(given, images, bad, monkeypatch):
    monkeypatch.setattr("cortexlens.study.responses.BLOCK_VALUES", 3 * N_VERTICES)
    given["response"][7, 2] = bad
    given["response"][8, 3] = bad
    with pytest.raises(CortexlensError, match=r"here.npy: 2 of 4 vertices .* first is vertex 2 "):
        finish(given, images)


@pytest.mark.parametrize("image", [-1, N_IMAGES])
def test_trials_must_show_an_image_that_is_there(given, images, image):
    given["trial_image"][6] = image
    with pytest.raises(CortexlensError, match=rf"trial 6 shows image {image}; .* 0 to 4"):
        finish(given, images)


def test_every_image_needs_a_trial(given, images):
    with pytest.raises(CortexlensError, match=r"2 of 5 images have no .* is scene-00003"):
        finish(given.isel(trial=slice(0, 3)), images)


@pytest.mark.parametrize("selection", [{"vertex": []}, {"trial": []}])
def test_at_least_one_vertex_and_trial(given, images, selection):
    with pytest.raises(CortexlensError, match="at least one is needed"):
        finish(given.isel(selection), images)


def test_vertices_regions_and_places_are_checked(given, images):
    twice = given.assign(vertex_index=("vertex", np.array([3, 5, 5, 5])))
    with pytest.raises(CortexlensError, match=r"vertex \(hemisphere, index\) \(1, 5\) occurs 2"):
        finish(twice, images)
    with pytest.raises(CortexlensError, match="region V1 occurs 2 times"):
        finish(given.assign_coords(roi=["V1", "V1"]), images)
    given["coordinates"][2, 1] = np.nan
    with pytest.raises(CortexlensError, match=r"1 vertices have coordinates .* is vertex 2 "):
        finish(given, images)

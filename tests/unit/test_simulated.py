import numpy as np
import pandas as pd
import pytest
import xarray as xr

from cortexlens.cortex.regions import visual_cortex
from cortexlens.errors import CortexlensError
from cortexlens.study.ceiling import noise_ceiling
from cortexlens.study.simulation.gabor import (
    FREQUENCIES,
    GRID,
    N_ORIENTATIONS,
    cell_centres,
    gabor_amplitudes,
)
from cortexlens.study.simulation.image_maps import FAMILIES, image_maps
from cortexlens.study.simulation.scenes import draw_scene
from cortexlens.study.simulation.subject import planted_ceilings, simulate_responses, trial_order
from cortexlens.study.simulation.tuning import SHARES, noiseless_responses

SIZE = 64
N_SCENES = 240


def truth_of(scenes):
    """The truth of scenes, in the form in which scenes.tsv is read."""
    return pd.DataFrame(
        {
            "background": [scene.background for scene in scenes],
            "layout": [vars(scene.layout) for scene in scenes],
            "objects": [[vars(thing) for thing in scene.objects] for scene in scenes],
        }
    )


def bare(n_images):
    """The truth of pictures that show nothing but a texture."""
    nothing = {"openness": None, "horizon": None, "vanishing": None}
    columns = {"background": "noise", "layout": nothing, "objects": []}
    return pd.DataFrame({name: [value] * n_images for name, value in columns.items()})


def grating(x, y, turn, frequency=7.5, size=96, spread=0.15):
    """A patch of bars on grey, which changes along the angle ``turn``."""
    line = (2 * np.arange(size) + 1) / size - 1
    u, v = np.meshgrid(line - x, line - y)
    wave = np.sin(np.pi * frequency * (u * np.cos(turn) + v * np.sin(turn)))
    return (0.5 + 0.4 * wave * np.exp(-(u**2 + v**2) / (2 * spread**2))).astype(np.float32)


@pytest.fixture(scope="module")
def scenes():
    return [draw_scene(2, index, SIZE) for index in range(N_SCENES)]


@pytest.fixture(scope="module")
def images(scenes):
    return np.stack([scene.pixels for scene in scenes])


@pytest.fixture(scope="module")
def subject(scenes, images):
    return simulate_responses(images, truth_of(scenes), subject_seed=1)


@pytest.fixture(scope="module")
def noiseless(scenes, images):
    cortex = visual_cortex()
    signal = noiseless_responses(images, truth_of(scenes), cortex, np.random.default_rng(0))
    return cortex.assign(signal=(("image", "vertex"), signal))


def region_mean(cortex, region, images):
    there = (cortex["planted_category"] == region).values
    return float(cortex["signal"].values[np.ix_(images, there)].mean())


def labelled(scenes, *labels):
    return np.array([scene.label in labels for scene in scenes])


def test_the_dataset_keeps_the_contract(subject):
    dims = {name: variable.dims for name, variable in subject.data_vars.items()}
    assert dims == {
        "response": ("trial", "vertex"),
        "trial_image": ("trial",),
        "session": ("trial",),
        "ncsnr": ("vertex",),
        "coordinates": ("vertex", "axis"),
        "hemisphere": ("vertex",),
        "vertex_index": ("vertex",),
        "roi_mask": ("vertex", "roi"),
        "planted_space": ("vertex", "image_axis"),
        "planted_size": ("vertex",),
        "planted_level": ("vertex",),
        "planted_category": ("vertex",),
        "planted_ncsnr": ("vertex",),
    }
    kinds = {name: subject[name].dtype for name in ("response", "trial_image", "ncsnr")}
    assert kinds == {"response": np.float32, "trial_image": np.int64, "ncsnr": np.float32}
    assert subject.attrs["space"] == "fsaverage5"
    assert subject["response"].attrs["units"]


def test_responses_are_standardised_within_each_session(subject):
    for session in range(6):
        trials = subject["response"].values[subject["session"].values == session]
        np.testing.assert_allclose(trials.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(trials.std(axis=0, ddof=1), 1, atol=1e-4)


def test_every_image_is_shown_as_often_and_sessions_are_even():
    image, session = trial_order(np.random.default_rng(0), 25, 3, 4)
    np.testing.assert_array_equal(np.bincount(image), 3)
    assert (np.diff(session) >= 0).all()
    assert set(np.bincount(session)) == {18, 19}
    assert not np.array_equal(image, np.sort(image))


def test_the_same_seed_gives_the_same_numbers(scenes, images):
    few, truth = images[:20], truth_of(scenes[:20])
    one = simulate_responses(few, truth, subject_seed=7, repeats=2, sessions=2)
    again = simulate_responses(few, truth, subject_seed=7, repeats=2, sessions=2)
    other = simulate_responses(few, truth, subject_seed=8, repeats=2, sessions=2)
    xr.testing.assert_identical(one, again)
    assert not np.array_equal(one["trial_image"], other["trial_image"])
    assert one.sizes["vertex"] != other.sizes["vertex"]


def test_ceilings_spread_and_are_found_again(subject):
    found = noise_ceiling(subject["ncsnr"].values, np.full(N_SCENES, 3))
    planted = noise_ceiling(subject["planted_ncsnr"].values, np.full(N_SCENES, 3))
    assert planted.min() < 0.01
    assert 0.68 < planted.max() < 0.73
    assert 0.3 < planted.mean() < 0.42
    assert np.corrcoef(found, planted)[0, 1] > 0.9
    assert abs(found.mean() - planted.mean()) < 0.03


def test_ceilings_are_alike_among_neighbours():
    places = np.stack([np.arange(2000.0), np.zeros(2000), np.zeros(2000)], axis=1)
    ceiling = planted_ceilings(np.random.default_rng(0), places)
    assert np.corrcoef(ceiling[1:], ceiling[:-1])[0, 1] > 0.3
    assert np.corrcoef(ceiling[500:], ceiling[:-500])[0, 1] < 0.2


def test_faces_drive_ffa_bodies_eba_and_places_ppa(scenes, noiseless):
    faces, bodies = labelled(scenes, "face"), labelled(scenes, "body")
    places = labelled(scenes, "room", "street", "building")
    assert region_mean(noiseless, "FFA", faces) > region_mean(noiseless, "EBA", faces) + 0.5
    assert region_mean(noiseless, "EBA", bodies) > region_mean(noiseless, "FFA", bodies) + 0.5
    for region in ("PPA", "OPA"):
        plain = np.array([scene.background == "noise" for scene in scenes])
        assert region_mean(noiseless, region, places) > region_mean(noiseless, region, plain) + 0.8


def test_early_areas_care_little_for_categories(scenes, noiseless):
    faces = labelled(scenes, "face")
    for region in ("V1", "V2", "V3"):
        assert abs(region_mean(noiseless, region, faces)) < 0.3


def test_category_is_not_all_that_drives_a_late_area(scenes, noiseless):
    """Among scenes that show no face or body, FFA still varies with the picture."""
    without = [all(t.category not in ("face", "body") for t in scene.objects) for scene in scenes]
    there = (noiseless["planted_category"] == "FFA").values
    assert noiseless["signal"].values[np.ix_(without, there)].std(axis=0).min() > 0.08


def test_a_face_drives_the_opposite_hemisphere_most(scenes, noiseless):
    index = [i for i, s in enumerate(scenes) if [t.category for t in s.objects] == ["face"]]
    x = np.array([scenes[i].objects[0].x for i in index])
    there = noiseless.isel(image=index)
    ffa = (there["planted_category"] == "FFA").values
    by_side = [
        there["signal"].values[:, ffa & (there["hemisphere"] == side).values].mean(axis=1)
        for side in (0, 1)
    ]
    assert np.corrcoef(x, by_side[0] - by_side[1])[0, 1] > 0.6


def test_a_grating_drives_the_vertices_whose_field_it_is_in():
    places = [(x, y) for x in (-0.5, 0.5) for y in (-0.5, 0.5)]
    pictures = [grating(x, y, turn) for x, y in places for turn in (0, np.pi / 3, 2 * np.pi / 3)]
    images = np.repeat(np.stack(pictures)[..., None], 3, axis=3)
    cortex = visual_cortex()
    signal = noiseless_responses(images, bare(12), cortex, np.random.default_rng(0))
    by_place = signal.reshape(4, 3, -1).mean(axis=1)
    field = cortex["planted_space"].values
    early = cortex["planted_category"].isin(["V1", "V2"]).values
    for index, place in enumerate(places):
        inside = early & (np.linalg.norm(field - place, axis=1) < 0.2)
        assert inside.sum() > 5
        assert (by_place[:, inside].argmax(axis=0) == index).all()
        assert by_place[index, inside].min() > 1
        assert np.delete(by_place, index, axis=0)[:, inside].mean() < -0.3


def test_vertices_of_v1_prefer_different_orientations():
    turns = np.arange(6) * np.pi / 6
    images = np.repeat(np.stack([grating(0.3, 0, turn) for turn in turns])[..., None], 3, axis=3)
    cortex = visual_cortex()
    signal = noiseless_responses(images, bare(6), cortex, np.random.default_rng(0))
    near = np.linalg.norm(cortex["planted_space"].values - (0.3, 0), axis=1) < 0.25
    first = near & (cortex["planted_category"] == "V1").values
    assert len(set(signal[:, first].argmax(axis=0))) >= 4


@pytest.mark.parametrize("size", [64, 96])
def test_amplitudes_are_those_of_the_whole_transform(size):
    """The small inverse transforms agree with filtering the whole picture and then sampling."""
    pictures = np.random.default_rng(0).random((1, size, size), dtype=np.float32)
    margin, step = size // 8, size // GRID
    padded = np.pad(pictures[0] - pictures[0].mean(), margin, "symmetric")
    n = len(padded)
    line = np.fft.fftfreq(n, 1 / n)
    fx, fy = np.meshgrid(line, line)
    amplitudes = gabor_amplitudes(pictures)[0]
    for channel in (0, 8, 13):
        frequency = FREQUENCIES[channel // N_ORIENTATIONS] * n / size
        turn = (channel % N_ORIENTATIONS) * np.pi / N_ORIENTATIONS
        away = (fx - frequency * np.cos(turn)) ** 2 + (fy - frequency * np.sin(turn)) ** 2
        gain = np.exp(-away / (2 * (frequency / 3) ** 2))
        gain[0, 0] = 0
        between = np.exp(2j * np.pi * (fx + fy) * (step - 1) / 2 / n)
        whole = np.abs(np.fft.ifft2(np.fft.fft2(padded) * gain * between))
        sampled = whole[margin : margin + size : step, margin : margin + size : step]
        wanted = pytest.approx(sampled.ravel(), rel=0.02, abs=0.02 * sampled.max())
        assert amplitudes[channel] == wanted


def test_a_grating_is_found_at_its_place_orientation_and_frequency():
    amplitudes = gabor_amplitudes(grating(-0.4, 0.6, np.pi / 3, frequency=12.5)[None])[0]
    channel, cell = np.unravel_index(amplitudes.argmax(), amplitudes.shape)
    assert (channel // N_ORIENTATIONS, channel % N_ORIENTATIONS) == (2, 2)
    np.testing.assert_allclose(cell_centres()[cell], (-0.4, 0.6), atol=0.07)


def test_maps_are_complete_and_never_negative(images):
    maps = image_maps(images[:4])
    assert tuple(maps) == FAMILIES
    for values in maps.values():
        assert values.shape[::2] == (4, GRID * GRID)
        assert (values >= 0).all()
    as_floats = image_maps(images[:4].astype(np.float32) / 255)
    np.testing.assert_allclose(as_floats["colour"], maps["colour"], atol=1e-6)


def test_shares_of_every_region_sum_to_one():
    for shares in SHARES.values():
        assert sum(shares.values()) == pytest.approx(1)


def test_pictures_that_do_not_fit_are_refused(scenes, images):
    truth = truth_of(scenes[:3])
    with pytest.raises(CortexlensError, match="64 × 60 pixels"):
        simulate_responses(images[:3, :60], truth, subject_seed=0)
    with pytest.raises(CortexlensError, match="multiple of 32"):
        simulate_responses(images[:3, :60, :60], truth, subject_seed=0)
    with pytest.raises(CortexlensError, match="3 images, but the truth of 2"):
        simulate_responses(images[:3], truth[:2], subject_seed=0)

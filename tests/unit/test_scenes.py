import numpy as np
import pytest

from cortexlens.errors import CortexlensError
from cortexlens.study.simulation.backgrounds import natural_noise
from cortexlens.study.simulation.scenes import (
    CATEGORIES,
    LABELS,
    _add_objects,
    draw_scene,
    read_scenes,
    scene_row,
)

SCENES = [draw_scene(5, index) for index in range(150)]
OBJECTS = [thing for scene in SCENES for thing in scene.objects]


def test_a_scene_depends_on_seed_and_index_only():
    again = draw_scene(5, 17)
    np.testing.assert_array_equal(again.pixels, SCENES[17].pixels)
    assert scene_row(again, 17) == scene_row(SCENES[17], 17)
    assert not np.array_equal(draw_scene(6, 17).pixels, again.pixels)


def test_every_scene_is_its_own():
    assert len({scene.pixels.tobytes() for scene in SCENES}) == len(SCENES)


def test_every_label_occurs():
    assert {scene.label for scene in SCENES} == set(LABELS)
    assert {thing.category for thing in OBJECTS} == set(CATEGORIES)
    assert {len(scene.objects) for scene in SCENES} == {0, 1, 2, 3}


def test_objects_take_any_place_and_size():
    places = np.array([(thing.x, thing.y) for thing in OBJECTS])
    sizes = np.array([max(thing.width, thing.height) for thing in OBJECTS])
    assert np.abs(places).max() < 1.1
    assert (places.std(axis=0) > 0.3).all()
    assert sizes.min() < 0.55 < 1.1 < sizes.max()


def test_an_object_is_where_its_truth_says():
    checked = 0
    for seed in range(40):
        canvas = np.full((96, 96, 3), 0.4, np.float32)
        objects = _add_objects(np.random.default_rng(seed), canvas)
        if len(objects) != 1:
            continue
        rows, columns = np.nonzero(np.abs(canvas - 0.4).max(axis=2) > 0.05)
        thing = objects[0]
        for centre, extent, found in (
            (thing.x, thing.width, columns),
            (thing.y, thing.height, rows),
        ):
            edges = (np.array([centre - extent / 2, centre + extent / 2]) + 1) * 48
            wanted = np.clip(edges, 0, 96)
            np.testing.assert_allclose([found.min(), found.max() + 1], wanted, atol=4)
        checked += 1
    assert checked > 10


def test_labels_name_what_covers_most():
    for scene in SCENES:
        largest = max((thing.visible for thing in scene.objects), default=0.0)
        if scene.label in CATEGORIES:
            assert any(t.category == scene.label and t.visible == largest for t in scene.objects)
        else:
            assert scene.label == scene.background
            assert largest < 0.03


def test_captions_name_the_objects():
    for scene in SCENES:
        for thing in scene.objects:
            assert thing.kind in scene.caption


def test_other_sizes_show_the_same_kind_of_scene():
    small = draw_scene(5, 17, size=48)
    assert small.pixels.shape == (48, 48, 3)
    assert small.background == SCENES[17].background


@pytest.mark.parametrize("exponent", [0.8, 1.4])
def test_noise_has_the_spectrum_of_natural_pictures(exponent):
    fields = natural_noise(np.random.default_rng(0), 128, exponent, 1.0, 0.0)
    spectrum = np.abs(np.fft.fft2(fields)).mean(axis=0)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(128, 1 / 128), np.fft.fftfreq(128, 1 / 128)))
    inside = (frequency > 2) & (frequency < 60)
    slope = np.polyfit(np.log(frequency[inside]), np.log(spectrum[inside]), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.05)


def test_a_folder_without_scenes_is_named(tmp_path):
    with pytest.raises(CortexlensError, match=r"scenes\.tsv: not found"):
        read_scenes(tmp_path)
    (tmp_path / "scenes.tsv").write_text("image_id\tfile\nscene-00000\t0000.png\n")
    with pytest.raises(CortexlensError, match="columns label, caption"):
        read_scenes(tmp_path)

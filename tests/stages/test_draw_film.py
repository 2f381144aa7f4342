"""The stage draw_film: strips wherever vertices lie, of images that are asked for."""

import re

import pytest

from cortexlens.errors import CortexlensError
from dictionaries import FITS, picture_of, run, written_film


def draw(folder, paths, *options, units=None):
    given = [f"--{name}={paths[name]}" for name in ("dictionary", "responses", "images")]
    run("draw-film", *(units or paths["units"]), *given, "--out", folder / "out", *options)
    pixels, title = picture_of(folder / "out" / "film.png")
    assert title == "film of vit-demo, subject sim01"
    return pixels, (folder / "out" / "film.svg").read_text()


@pytest.mark.parametrize("place", FITS)
def test_films_are_drawn_wherever_vertices_lie(place, tmp_path):
    paths, _ = written_film(tmp_path, FITS[place]())
    pixels, drawing = draw(tmp_path, paths, "--shown", "2")
    assert pixels.shape[1] > pixels.shape[0]
    assert drawing.count("test image<") == 2
    assert len(re.findall(r">r = ", drawing)) == 2 * 3
    for name in ("blocks.0", "blocks.2", "blocks.5", "measured"):
        assert f">{name}<" in drawing


def test_images_of_ones_own_choice_say_whether_they_were_held_out(tmp_path):
    paths, ids = written_film(tmp_path, FITS["nowhere"]())
    _, drawing = draw(tmp_path, paths, "--shown", f"{ids[0]},{ids[-1]}")
    assert ">train image<" in drawing
    assert ">test image<" in drawing


def test_units_of_all_layers_are_needed(tmp_path):
    paths, _ = written_film(tmp_path, FITS["nowhere"]())
    with pytest.raises(CortexlensError, match=r"needs those of blocks\.0, blocks\.5"):
        draw(tmp_path, paths, units=paths["units"][1:2])

"""The stage draw_dictionary: on the cortex, through a volume, on slices, and without a place."""

import subprocess
import sys

import numpy as np
import pytest

from cortexlens.figures.dictionaries.maps import best_layer_rgba, over_ceiling
from cortexlens.figures.maps.fits import read_fit
from cortexlens.sae.levels import as_fit
from dictionaries import FITS, NETWORK, dictionary_at, picture_of, run, written

NAMES = ("dictionary_layer", "dictionary_similarity")


@pytest.mark.parametrize("place", FITS)
def test_dictionaries_are_drawn_wherever_vertices_lie(place, tmp_path):
    paths = written(tmp_path, dictionary_at(FITS[place]()))
    out = tmp_path / "out"
    run(
        *("draw-dictionary", "--dictionary", paths["dictionary"]),
        *("--description", paths["description"], "--out", out),
    )
    files = {f"{name}.{suffix}" for name in NAMES for suffix in ("png", "svg")}
    assert {path.name for path in out.iterdir()} == files
    for name in NAMES:
        pixels, title = picture_of(out / f"{name}.png")
        assert min(pixels.shape[:2]) > 400
        assert title == f"{name} of vit-demo, subject sim01"
        assert "mean held-out correlation 0." in (out / f"{name}.svg").read_text()


def test_brightness_is_likeness_and_chance_is_pale():
    dictionary = dictionary_at(FITS["cortex"]())
    held_out = dictionary["held_out"].values.copy()
    held_out[1, :3] = [0.0, 0.4, 0.9]
    best = dictionary["best_layer"].values.copy()
    best[:, :3] = 1
    best[:, 3] = -1
    over = ("metric", "vertex")
    changed = dictionary.assign(held_out=(over, held_out), best_layer=(over, best))
    drawn = read_fit(as_fit(changed, NETWORK), "made up")
    rgba = best_layer_rgba(drawn, np.arange(200) != 1)
    assert rgba[0, :3].sum() < rgba[1, :3].sum() < rgba[2, :3].sum()
    assert rgba[1, 3] < 0.5 < rgba[0, 3]
    assert np.isnan(rgba[3, :3]).all()


def test_a_correlation_is_set_against_what_the_noise_allows_and_a_cosine_is_not():
    dictionary = dictionary_at(FITS["cortex"]())
    ceiling = dictionary["noise_ceiling"].values.copy()
    ceiling[:2] = 0.25, 0.01
    dictionary = dictionary.assign(noise_ceiling=("vertex", ceiling))
    drawn = read_fit(as_fit(dictionary, NETWORK), "made up")
    ratio = over_ceiling(drawn)
    assert ratio[0] == pytest.approx(drawn.r2[0] / 0.5)
    assert np.isnan(ratio[1])
    cosine = read_fit(as_fit(dictionary.assign_attrs(metric="cosine"), NETWORK), "made up")
    assert not cosine.has_ceiling
    assert cosine.score == "held-out cosine"


def test_drawing_dictionaries_imports_no_torch(tmp_path):
    paths = {
        name: str(path)
        for name, path in written(tmp_path, dictionary_at(FITS["nowhere"]())).items()
    }
    code = (
        "import sys; from pathlib import Path; "
        "from cortexlens.stages.draw_dictionary import draw_dictionary; "
        f"draw_dictionary(*map(Path, {[*paths.values(), str(tmp_path / 'out')]!r})); "
        "print(sorted({'torch', 'matplotlib.pyplot'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

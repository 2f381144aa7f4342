"""The stage draw_dictionary_null: both metrics, also where nothing is known."""

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from cortexlens.storage.datasets import open_dataset, write_dataset
from planted_units import run


def made_up(known=True):
    rng = np.random.default_rng(0)
    of, null = ("metric", "vertex"), ("metric", "shuffle", "vertex")
    values = {
        "similarity": (of, rng.uniform(0.1, 0.6, (2, 80))),
        "held_out": (of, rng.uniform(-0.1, 0.5, (2, 80))),
        "null_maximum": (null, rng.uniform(0.05, 0.2, (2, 3, 80))),
        "null_held_out": (null, rng.uniform(-0.1, 0.1, (2, 3, 80))),
    }
    values["held_out"][1][0, 3] = np.nan
    if not known:
        values = {name: (dims, np.full_like(each, np.nan)) for name, (dims, each) in values.items()}
    attributes = {"backbone": "a-network-with-a-very-long-name-" * 3, "subject": "sim01"}
    return xr.Dataset(values, {"metric": ["cosine", "pearson"]}, attributes)


@pytest.mark.parametrize("known", [True, False])
def test_it_is_drawn_as_dots_and_as_lines(known, tmp_path):
    write_dataset(made_up(known), tmp_path / "d.zarr", kind="dictionary", provenance={})
    out = tmp_path / "figures"
    run("draw-dictionary-null", "--dictionary", tmp_path / "d.zarr", "--out", out)
    assert {each.name for each in out.iterdir()} == {"dictionary_null.png", "dictionary_null.svg"}
    source = open_dataset(tmp_path / "d.zarr", kind="dictionary").attrs["content_hash"]
    with Image.open(out / "dictionary_null.png") as picture:
        assert min(picture.size) > 400
        assert picture.text["Source"] == source
    text = (out / "dictionary_null.svg").read_text()
    assert text.count("images permuted") == 2

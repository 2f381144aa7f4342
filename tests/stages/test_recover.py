import json

import numpy as np
import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import open_dataset
from encoders import planted_data, write_subject


def run(*command):
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    """The command for a tiny subject whose vertices have places."""
    data, _ = planted_data(n_images=240, n_vertices=60, repeats=2)
    features, responses = write_subject(tmp_path_factory.mktemp("subject"), data, coordinates=True)
    command = ["recover", "--features", features, "--responses", responses]
    return [*command, "--backbone", "tiny", "--subject", "s1"]


QUICK = {
    **{"dimensions": 8, "epochs": 12, "learning_rate": 0.03, "regularization_images": 200},
    "batch_size": 32,
}


def recovered(command, out, *options, of_fit=QUICK):
    run(*command, "--out", out, "--options", json.dumps(of_fit), *options)
    return open_dataset(out, kind="recovery").load()


def test_what_is_planted_stands_beside_what_is_found(command, tmp_path):
    options = ["--condition", "ceiling-0.9", "--varied", "ceiling", "--ceiling", 0.9]
    found = recovered(command, tmp_path / "r.zarr", *options, "--seeds", 2)
    assert dict(found.sizes) == {
        **{"seed": 2, "vertex": 60, "layer": 2, "image_axis": 2, "other_layer": 2},
        "roi": 0,
    }
    assert found.attrs["condition"] == "ceiling-0.9"
    assert found.attrs["topology"] == 1
    assert (found.attrs["readout"], found.attrs["truth"]) == ("factortopy", "isotropic")
    assert found.attrs["windows"] == 0
    np.testing.assert_allclose(found["noise_ceiling"], 0.9, rtol=1e-5)
    # another seed plants something else
    assert abs(found["planted_space"][0] - found["planted_space"][1]).mean() > 0.1


def test_what_is_planted_is_found_where_the_ceiling_is_high_and_lost_where_it_is_low(tmp_path):
    data, _ = planted_data(n_images=600, n_vertices=60, repeats=2)
    features, responses = write_subject(tmp_path, data, coordinates=True)
    command = ["recover", "--features", features, "--responses", responses, "--seeds", 2]
    command += ["--backbone", "tiny", "--subject", "s1"]
    of_fit = {**QUICK, "dimensions": 16, "epochs": 30, "patience": 8, "learning_rate": 0.02}
    of_fit["precision"] = "float32"  # so few vertices: the same on every processor
    errors, shares = [], []
    for ceiling in (0.9, 0.05):
        out = tmp_path / f"{ceiling}.zarr"
        found = recovered(command, out, "--ceiling", ceiling, of_fit=of_fit)
        off = found["space_selector"] - found["planted_space"]
        errors.append(float(np.sqrt((off**2).sum("image_axis")).mean()))
        right = found["layer_selector"].argmax("layer") == found["planted_layer"].argmax("layer")
        shares.append(float(right.mean()))
    # two points at random in a square of side 2 are 1.04 apart; corners and borders are farther
    assert errors[0] < 0.75
    assert errors[1] > 1.0
    # one of two layers: 60 vertices of two seeds are right at 0.5 +- 0.046 by chance
    assert shares[0] > 0.5 + 2 * 0.046


def test_a_condition_shows_less(command, tmp_path):
    options = ["--vertices", 20, "--training-images", 40, "--layer-mixing", 0.5, "--no-topology"]
    found = recovered(command, tmp_path / "r.zarr", *options)
    assert found.sizes["vertex"] == 20
    assert len(np.unique(found["vertex_row"])) == 20
    assert found.attrs["training_images"] == 40
    assert found.attrs["layer_mixing"] == 0.5
    assert found.attrs["topology"] == 0
    # the planted responses have the ceilings of the subject where none is given
    assert np.unique(found["noise_ceiling"]).size > 5


def test_the_same_seed_finds_the_same(command, tmp_path):
    options = ["--ceiling", 0.5, "--vertices", 10]
    first, second, other = (
        recovered(command, tmp_path / f"{number}.zarr", *options, "--seed", seed)
        for number, seed in enumerate((0, 0, 1))
    )
    assert first.equals(second)
    assert not first["planted_scale"].equals(other["planted_scale"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--ceiling", 0], "--ceiling: found 0; it must be above 0 and below 1"),
        (["--ceiling", 1.5], "--ceiling: found 1.5; it must be above 0"),
        (["--layer-mixing", 1], "--layer-mixing: found 1; it must be at least 0 and below 1"),
        (["--ceiling", 0.5, "--training-images", 500], r"training_images: found 500; .* has 168"),
        (["--kind", "lasso"], "readout: found 'lasso'; allowed are stacked, factortopy"),
        (["--truth", "dense"], "truth: found 'dense'; allowed are isotropic, sparse"),
        (["--options", '{"depth": 3}'], "--options: 'depth' is unknown; known keys: single_trials"),
    ],
)
def test_what_cannot_be_is_refused(command, tmp_path, options, message):
    with pytest.raises(CortexlensError, match=message):
        run(*command, "--out", tmp_path / "r.zarr", *options)
    assert not list(tmp_path.iterdir())


def test_without_places_no_selector_is_smooth(tmp_path):
    data, _ = planted_data(n_images=60, n_vertices=4)
    features, responses = write_subject(tmp_path, data)
    command = ["recover", "--features", features, "--responses", responses]
    command += ["--backbone", "tiny", "--subject", "s1", "--ceiling", 0.5]
    with pytest.raises(CortexlensError, match=r"no coordinates.*recovery.topology to \[false\]"):
        run(*command, "--out", tmp_path / "r.zarr")
    once = {"epochs": 1}
    free = recovered(command, tmp_path / "r.zarr", "--no-topology", of_fit=once)
    assert free.sizes["vertex"] == 4
    # other readouts have no such choice
    ridge = recovered(command, tmp_path / "s.zarr", "--kind", "ridge", of_fit={})
    assert ridge.sizes["vertex"] == 4


def test_the_record_says_how_long_a_fit_trained(command, tmp_path):
    options = ["--ceiling", 0.5, "--vertices", 4, "--training-images", 40]
    given = recovered(command, tmp_path / "given.zarr", *options, of_fit={"epochs": 1})
    record = given.attrs["provenance"]["settings"]["options"]
    # 40 images in one batch: 1,000 epochs by default, and patience of 0.4 of them
    trained = {"epochs": 1, "patience": 400, "regularization_images": 10}
    assert {name: record[name] for name in trained} == trained


def test_readouts_are_fitted_to_the_same_planting(command, tmp_path):
    options = ["--ceiling", 0.8, "--truth", "sparse", "--windows", "--vertices", 20, "--seeds", 2]
    fits = {
        "joint": recovered(
            *(command, tmp_path / "joint.zarr", *options, "--kind", "ridge"),
            *("--readout", "joint", "--training-images", 100),
            of_fit={"layers": "all", "components": 8},
        ),
        "factortopy": recovered(command, tmp_path / "f.zarr", *options),
        "stacked": recovered(
            *(command, tmp_path / "stacked.zarr", *options, "--kind", "stacked"),
            of_fit={"lattice": 1, "sizes": [0, 1], "bandwidths": [0], "blocks": 10, "draws": 20},
        ),
        "banded": recovered(
            *(command, tmp_path / "banded.zarr", *options, "--kind", "banded"),
            of_fit={"components": 6, "samples": 10, "penalties": 5},
        ),
    }
    joint = fits["joint"]
    for name in (*filter(lambda name: str(name).startswith("planted_"), joint), "vertex_row"):
        for other in ("factortopy", "stacked", "banded"):
            assert joint[name].equals(fits[other][name]), (name, other)
    found = {"receptive_field_size", "layer_probability", "expected_level_low", "confidence"}
    assert found < set(fits["stacked"].variables)
    assert not found & set(fits["banded"].variables)
    assert joint["planted_size"].dims == ("seed", "vertex")
    assert "space_selector" not in joint
    assert joint.attrs["readout"] == "joint"
    assert "topology" not in joint.attrs
    record = joint.attrs["provenance"]["settings"]
    assert (record["kind"], record["truth"], record["options"]["layers"]) == (
        *("ridge", "sparse", "all"),
    )

import hashlib

import numpy as np
import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.features.store import FeatureWriter, Plan, ids_hash
from cortexlens.storage.datasets import open_dataset
from cortexlens.study.pictures.image_set import ImageSet


def run(*command):
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)


def write_features(path, image_ids, channels=(4, 6, 5)):
    """Noise as features of a network with three layers, on a grid of 2 by 2."""
    rng = np.random.default_rng(0)
    plan = Plan(n_images=len(image_ids), grid=2, channels=channels, key="0" * 64, code="")
    writer = FeatureWriter(path, plan)
    layers = [rng.standard_normal((len(image_ids), 5, n)).astype(np.float16) for n in channels]
    writer.write(0, layers, [0, 0, 0])
    writer.finish({"layer_names": ["a", "b", "c"], "image_ids_hash": ids_hash(image_ids)})


def test_planted_responses_follow_the_features_of_the_images(tmp_path):
    ids = [f"i{i}" for i in range(30)]
    digests = [hashlib.sha256(name.encode()).hexdigest() for name in ids]
    ImageSet(ids, ids, digests).write(tmp_path / "images.tsv")
    command = ["plant-responses", "--images", tmp_path / "images.tsv"]
    command += ["--subject", "sim01", "--repeats", 2, "--sessions", 2]
    write_features(tmp_path / "f.zarr", ids)
    run(*command, "--features", tmp_path / "f.zarr", "--out", tmp_path / "r.zarr")
    stored = open_dataset(tmp_path / "r.zarr", kind="responses").load()
    np.testing.assert_allclose(stored["planted_layer"].sum("layer"), 1, rtol=1e-5)
    assert stored.sizes["layer"] == 3
    # repeats of an image agree with each other and not with another image
    trials = np.argsort(stored["trial_image"].values, kind="stable").reshape(30, 2)
    response = stored["response"].values
    clear = stored["planted_ncsnr"].values > 0.7
    first, second = (response[trials[:, i]][:, clear].ravel() for i in range(2))
    other = np.roll(response[trials[:, 1]][:, clear], 1, axis=0).ravel()
    assert np.corrcoef(first, second)[0, 1] > 0.25
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.1
    write_features(tmp_path / "g.zarr", ids[::-1])
    with pytest.raises(CortexlensError, match=r"g.zarr: found features of 30 images, which differ"):
        run(*command, "--features", tmp_path / "g.zarr", "--out", tmp_path / "s.zarr")

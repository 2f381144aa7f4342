import pandas as pd
import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from tuned import written_features


def summarise(features, out):
    command = ["summarise-drift", *features, "--derived", "net-land=net/land", "--out", out]
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    return pd.read_csv(out, sep="\t")


def test_every_layer_has_its_drift(tmp_path):
    table = summarise(written_features(tmp_path, None), tmp_path / "drift.tsv")
    assert table["tokens"].tolist() == ["global", "local"] * 2
    assert table["layer_name"].tolist() == ["a", "a", "b", "b"]
    assert table["depth"].tolist() == [0, 0, 1, 1]
    # Noise of half the spread leaves a correlation of 1 / 1.25 in each channel.
    assert table["cka"].between(0.5, 0.95).all()
    assert ((table["cka_low"] < table["cka"]) & (table["cka"] < table["cka_high"])).all()


def test_the_same_network_has_not_drifted(tmp_path):
    table = summarise(written_features(tmp_path, None, drift=0.0), tmp_path / "drift.tsv")
    assert (table["cka_low"] > 0.9999).all()


def test_features_of_other_images_are_refused(tmp_path):
    one = written_features(tmp_path, None)[1]
    other = written_features(tmp_path / "more", None, n_images=70)[0]
    with pytest.raises(CortexlensError, match="found 70 and 60 images"):
        summarise([one, other], tmp_path / "drift.tsv")

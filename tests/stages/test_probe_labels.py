import pandas as pd
import pytest
from typer.testing import CliRunner

from cortexlens.analysis.finetuning.forgetting import COLUMNS
from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.study.pictures.image_set import ImageSet
from tuned import written_features

LABELS = ["cat", "dog", "house"] * 20


def summarise(features, folder):
    command = ["probe-labels", *features, "--derived", "net-land=net/land"]
    command += ["--subjects", folder / "subjects", "--out", folder / "forgetting.tsv"]
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    return pd.read_csv(folder / "forgetting.tsv", sep="\t")


def test_what_was_forgotten_is_told(tmp_path):
    row = summarise(written_features(tmp_path, LABELS, drift=20.0), tmp_path).iloc[0]
    assert row["accuracy_before"] > 0.9
    assert row["accuracy_after"] < 0.8
    assert row["accuracy_change_high"] < 0
    assert (row["n_classes"], row["n_test"]) == (3, 12)
    assert row["accuracy_commonest"] == pytest.approx(1 / 3)


def test_pictures_without_labels_give_no_rows(tmp_path):
    table = summarise(written_features(tmp_path, None), tmp_path)
    assert table.empty
    assert tuple(table.columns) == COLUMNS


def test_features_of_other_images_are_refused(tmp_path):
    features = written_features(tmp_path, LABELS)
    seen = ImageSet(["a", "b"], ["a", "b"], ["0" * 64, "1" * 64])
    seen.write(tmp_path / "subjects" / "s1" / "images.tsv")
    with pytest.raises(CortexlensError, match="which are not the 2 that s1 saw"):
        summarise(features, tmp_path)

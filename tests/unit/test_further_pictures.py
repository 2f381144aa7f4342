"""Pictures that autoencoders learn on besides those that subjects saw."""

import numpy as np
import pytest

from cortexlens.config.inputs import further_faults
from cortexlens.errors import CortexlensError
from cortexlens.sae.tokens import choose_pictures
from cortexlens.shapes import FURTHER_PICTURES


def test_a_folder_that_is_not_there_and_a_subject_of_its_name_are_refused(tmp_path):
    config = {"subjects": "subjects.tsv", "sae": {"pictures": str(tmp_path)}}
    assert not list(further_faults(config, {"s1": {}}))
    assert not list(further_faults({**config, "sae": {}}, {FURTHER_PICTURES: {}}))
    config["sae"]["pictures"] = str(tmp_path / "none")
    missing, named = further_faults(config, {FURTHER_PICTURES: {}})
    assert "which does not exist" in missing
    assert "has the name under which sae.pictures are stored" in named


def test_test_pictures_of_any_subject_are_held_out_wherever_they_lie():
    hashes = [["a", "b", "c", "a"], ["b", "d", "e"], ["c", "f", "d"]]
    splits = [np.array([0, 0, 2, 0]), np.array([1, 0, 2]), None]
    parts = choose_pictures(hashes, splits)
    assert parts.train.tolist() == [[0, 0], [1, 1], [2, 1]]
    assert parts.test.tolist() == [[0, 2], [1, 2]]


def test_without_test_pictures_nothing_can_be_measured():
    with pytest.raises(CortexlensError, match="found 2 images that are training"):
        choose_pictures([["a", "b"]], [None])

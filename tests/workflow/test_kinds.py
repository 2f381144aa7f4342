"""Whole runs on a tiny study of each kind; simulated ones are those of other files."""

import os

import nibabel
import numpy as np
import pandas as pd
import pytest
import yaml
from nibabel.gifti import GiftiDataArray, GiftiImage
from PIL import Image

from cortexlens.cortex.meshes import fsaverage5_surface
from cortexlens.storage.datasets import open_dataset
from studies import BACKBONES, MAPS, QUICK, REPOSITORY, SIMULATED, write_study, write_table
from trees import bids_tree, nsd_tree, replace_secretly, table_tree

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("space", ["fsaverage", "func1pt8mm"])
def test_the_nsd_runs_to_the_end(workflow, space):
    nsd_tree(workflow.folder / "data", space=space)
    config = {**SIMULATED, **QUICK, "study": "nsd"}
    config["dataset"] = {"kind": "nsd", "root": "data", "space": space}
    config["runs"] = [{"backbones": ["plain"], "subjects": "all", "readouts": ["factortopy"]}]
    write_study(workflow.folder, config, [{"subject": "subj02", "sessions": "1-2"}])
    assert workflow.planned()["collect_responses"] == 1
    # pages, reports and sheets are those of the recordings below, or of the Algonauts' subjects
    few = ["tables/brain_score.tsv", "figures/plain/subj02/layer.png"]
    done = workflow("--show-failed-logs", "--", *(f"results/nsd/{name}" for name in few))
    assert done.returncode == 0, done.stdout + done.stderr
    results = workflow.folder / "results" / "nsd"
    assert {path.name for path in (results / "figures/plain/subj02").iterdir()} == MAPS
    fit = open_dataset(results / "fits/factortopy/plain/subj02/fit.zarr", kind="fit").load()
    assert np.isfinite(fit["noise_ceiling"]).all()
    assert fit.attrs["space"] == space
    if space == "func1pt8mm":  # enough to put maps back into the volume
        volume = np.zeros(fit.attrs["volume_shape"])
        volume[tuple(fit["voxel"].values.T)] = 1
        assert volume.sum() == fit.sizes["vertex"]
        assert np.shape(fit.attrs["volume_affine"]) == (4, 4)
    scores = pd.read_csv(results / "tables" / "brain_score.tsv", sep="\t")
    assert {"nsdgeneral", "midventral"} <= set(scores["roi"])
    assert ("V1" in set(scores["roi"])) == (space == "func1pt8mm")


def test_recordings_run_to_pictures_with_a_surface_without_and_without_places(workflow):
    root = workflow.folder / "data"
    row = table_tree(root, n_images=40, n_vertices=27)
    del row["axes"]
    # 9 mm voxels at the back of the left and the right hemisphere.
    affine = np.diag([9.0, 9, 9, 1])
    affine[:3, 3] = [-14, -104, -10]
    values = np.load(root / row["responses"]).reshape(3, 3, 3, 40)
    nibabel.save(nibabel.Nifti1Image(values.astype(np.float32), affine), root / "a.nii.gz")
    for side, name in enumerate(("lh", "rh")):
        array = GiftiDataArray(fsaverage5_surface("white", side)[0])
        nibabel.save(GiftiImage(darrays=[array]), root / f"{name}.gii")
    row["responses"] = "a.nii.gz"
    placeless = table_tree(root, n_images=40, subject="c", zipped=False)
    rows = [row, {**row, "subject": "b", "space": "fsaverage5", "surface": "lh.gii,rh.gii"}]
    config = {**SIMULATED, **QUICK, "study": "volumes"}
    config["dataset"] = {"kind": "table", "root": "data"}
    config["runs"] = [{"backbones": ["plain"], "subjects": "all", "readouts": ["factortopy"]}]
    write_study(workflow.folder, config, [*rows, placeless])
    done = workflow("--show-failed-logs")
    assert done.returncode == 0, done.stdout + done.stderr
    results = workflow.folder / "results" / "volumes"
    sizes = {}
    for subject in ("a", "b", "c"):
        maps = results / "figures" / "plain" / subject
        assert {path.name for path in maps.iterdir()} == MAPS
        with Image.open(maps / "layer.png") as picture:
            sizes[subject] = picture.size
    assert sizes["a"] != sizes["b"]
    # Voxels are scored once each, however many vertices show them.
    scores = pd.read_csv(results / "tables" / "brain_score.tsv", sep="\t")
    whole = scores[scores["hemisphere"] == "both"]
    assert whole["n_vertices"].tolist() == [27, 27, 5]
    assert workflow.planned() == {}
    # Neither the time of a folder nor that of an older copy tells of other files.
    replace_secretly(root / "images_c" / "image3.jpg")
    os.utime(root / "a.nii.gz", ns=(0, 10**18))
    again = workflow.planned()
    assert (again["collect_images"], again["extract_features"]) == (1, 1)
    assert again["collect_responses"] == 3
    assert scores.loc[scores["subject"] != "c", "n_vertices"].sum() == 4 * 27
    assert (results / "figures" / "overview.png").stat().st_size > 10_000


def test_the_worked_example_of_own_recordings_runs(workflow):
    """docs/own_recordings.md, word for word, on a tree of its layout."""
    text = (REPOSITORY / "docs" / "own_recordings.md").read_text()
    write_table(workflow.folder / "backbones.tsv", BACKBONES[:1])
    for name in ("subjects.tsv", "config.yaml"):
        block = text.partition(f"```{name}\n")[2].partition("```")[0]
        (workflow.folder / name).write_text(block)
    config = workflow.folder / "config.yaml"
    config.write_text(config.read_text() + yaml.safe_dump(QUICK))
    bids_tree(workflow.folder / "data")
    done = workflow("--show-failed-logs")
    assert done.returncode == 0, done.stdout + done.stderr
    results = workflow.folder / "results" / "mine"
    responses = open_dataset(results / "subjects" / "sub-01" / "responses.zarr", kind="responses")
    assert responses.sizes["trial"] == 40
    assert responses["session"].values.tolist() == [0] * 20 + [1] * 20
    assert responses.sizes["vertex"] == 24
    assert responses["roi"].values.tolist() == ["V1", "hV4"]
    # signal 0.8, noise 0.6 shared by both sessions, 0.3 each its own
    assert 2 < np.median(responses["ncsnr"]) < 5
    scores = pd.read_csv(results / "tables" / "brain_score.tsv", sep="\t")
    assert set(scores["roi"]) == {"all", "V1", "hV4"}
    assert scores["ceiling_mean"].between(0.8, 1).all()

import nibabel
import numpy as np
import pytest
import zarr
from nibabel.gifti import GiftiDataArray, GiftiImage
from PIL import Image
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.cortex.meshes import fsaverage5_surface
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import content_hash, open_dataset
from cortexlens.study.nsd.layout import Layout
from cortexlens.study.nsd.subject import nsd_responses
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.responses import subject_seed
from cortexlens.study.simulation.scenes import read_scenes
from cortexlens.study.simulation.subject import simulate_responses
from cortexlens.study.split import split_by_image
from trees import algonauts_tree, nsd_tree, table_tree


def run(*command):
    result = CliRunner().invoke(app, list(map(str, command)))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output


def collect(tmp_path, kind, subject, *, images=(), responses=(), seed=0):
    """Run both stages on data in ``tmp_path / "data"`` and open what they wrote."""
    root = ["--kind", kind, "--subject", subject, "--root", tmp_path / "data"]
    table, store = tmp_path / "images.tsv", tmp_path / f"{seed}.zarr"
    run("collect-images", *root, *images, "--out", table)
    run("collect-responses", *root, "--images", table, "--seed", seed, *responses, "--out", store)
    return open_dataset(store, kind="responses").load()


def test_responses_of_a_table(tmp_path):
    row = table_tree(tmp_path / "data", n_images=20)
    (tmp_path / "data" / "r.tsv").write_text("V4\n1\n0\n1\n0\n0\n")
    (tmp_path / "data" / "c.tsv").write_text("x\ty\tz\n" + "1\t2\t3.5\n" * 5)
    options = ["--responses", row["responses"], "--axes", row["axes"], "--n-repeats", 14]
    options += ["--units", "spikes", "--rois", "r.tsv", "--coordinates", "c.tsv"]
    stored = collect(tmp_path, "table", "a", images=["--images", row["images"]], responses=options)
    raw = np.load(tmp_path / "data" / row["responses"]).T
    back = stored["response"] * stored["response_std"] + stored["response_mean"]
    np.testing.assert_allclose(back, raw, rtol=1e-5)
    assert dict(stored.sizes) == {"trial": 20, "vertex": 5, "image": 20, "roi": 1, "axis": 3}
    assert stored["roi_mask"].sel(roi="V4").values.tolist() == [True, False, True, False, False]
    assert stored["coordinates"].values[4].tolist() == [1, 2, 3.5]
    assert stored.attrs["n_repeats"] == 14
    assert stored.attrs["subject"] == "a"


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_responses_of_a_zarr_array(tmp_path, zarr_format):
    row = table_tree(tmp_path / "data", n_images=20)
    raw = np.load(tmp_path / "data" / row["responses"])
    path = tmp_path / "data" / "r.zarr"
    written = zarr.create_array(path, data=raw, chunks=(5, 7), zarr_format=zarr_format)
    options = ["--responses", "r.zarr", "--axes", row["axes"]]
    made = {"images": ["--images", row["images"]], "responses": options}
    stored = collect(tmp_path, "table", "a", **made)
    back = stored["response"] * stored["response_std"] + stored["response_mean"]
    np.testing.assert_allclose(back, raw.T, rtol=1e-5)
    # of what it was made is known by content: another value, another hash
    known = stored.attrs["provenance"]["inputs"]
    assert collect(tmp_path, "table", "a", **made).attrs["provenance"]["inputs"] == known
    written[2, 3] += 1
    changed = collect(tmp_path, "table", "a", **made).attrs["provenance"]["inputs"]
    assert {name for name in known if known[name] != changed[name]} == {"responses"}


def test_responses_of_a_volume_with_a_surface_through_it(tmp_path):
    row = table_tree(tmp_path / "data", n_images=20)
    # 8 mm voxels that hold the whole of fsaverage5.
    affine = np.diag([8.0, 8, 8, 1])
    affine[:3, 3] = -120
    data = np.random.default_rng(0).standard_normal((30, 30, 30, 20)).astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(data, affine), tmp_path / "data" / "a.nii.gz")
    places = [fsaverage5_surface("pial", side)[0] for side in (0, 1)]
    for name, points in zip(("lh", "rh"), places, strict=True):
        array = GiftiDataArray(points, intent="NIFTI_INTENT_POINTSET")
        nibabel.save(GiftiImage(darrays=[array]), tmp_path / "data" / f"{name}.pial.gii")
    options = ["--responses", "a.nii.gz", "--space", "fsaverage5"]
    options += ["--surface", "lh.pial.gii,rh.pial.gii"]
    stored = collect(tmp_path, "table", "a", images=["--images", row["images"]], responses=options)
    assert stored.sizes["surface"] == 2 * 10_242
    shown = stored["voxel"].values[stored["surface_voxel"].values]
    inside = np.rint((np.concatenate(places) - affine[:3, 3]) / 8)
    np.testing.assert_array_equal(shown, inside)
    assert stored.attrs["surface_space"] == "fsaverage5"
    assert {"surface 1", "surface 2"} <= set(stored.attrs["provenance"]["inputs"])


def test_responses_of_algonauts(tmp_path):
    algonauts_tree(tmp_path / "data", ["subj01", "subj02"], 10)
    stored = collect(tmp_path, "algonauts2023", "subj02")
    fmri = tmp_path / "data" / "subj02" / "training_split" / "training_fmri"
    both = [np.load(fmri / f"{side}_training_fmri.npy") for side in ("lh", "rh")]
    np.testing.assert_array_equal(stored["response"], np.concatenate(both, axis=1))
    assert stored.attrs["space"] == "fsaverage"
    assert stored["roi_mask"].sel(roi="EBA").values.sum() > 0
    images = ImageSet.read(tmp_path / "images.tsv")
    assert stored["image_id"].values.tolist() == images.ids


@pytest.mark.parametrize("space", ["fsaverage", "func1pt8mm"])
def test_responses_of_the_nsd(tmp_path, space):
    nsd_tree(tmp_path / "data", length=12, space=space)
    sessions = ["--sessions", "1-2"]
    stored = collect(
        tmp_path, "nsd", "subj02", images=sessions, responses=[*sessions, "--space", space]
    )
    layout = Layout.from_options(
        {"root": tmp_path / "data", "subject": "subj02", "sessions": "1-2", "space": space}
    )
    images = ImageSet.read(tmp_path / "images.tsv")
    (tmp_path / "scratch").mkdir()
    given = nsd_responses(layout, images.ids, tmp_path / "scratch").load()
    for name in given.variables:
        np.testing.assert_array_equal(stored[name], given[name])
    assert stored.attrs["space"] == space
    assert stored["image_id"].values.tolist() == images.ids
    assert {"design", "images"} < set(stored.attrs["provenance"]["inputs"])
    opened = open_dataset(tmp_path / "0.zarr", kind="responses")
    assert opened["response"].encoding["chunks"][0] == 12  # a session a chunk
    assert (
        content_hash(opened.chunk(trial=12)) == content_hash(stored) == stored.attrs["content_hash"]
    )
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"data", "scratch", "images.tsv", "0.zarr"}


@pytest.fixture
def scenes(tmp_path):
    folder = tmp_path / "scenes"
    run("draw-scenes", "--n-scenes", 16, "--size", 64, "--seed", 5, "--out", folder)
    return folder


def simulate(scenes, subject):
    """Simulate a subject who saw scenes 8 to 15 and then 0 to 3, and open what was written."""
    table, store = scenes.parent / "images.tsv", scenes.parent / f"{subject}.zarr"
    drawn = ["--kind", "simulated", "--scenes-dir", scenes]
    run("collect-images", *drawn, "--scenes", "8-15,0-3", "--out", table)
    options = ["--images", table, "--subject", subject, "--repeats", 2, "--sessions", 3]
    run("collect-responses", *drawn, *options, "--out", store)
    return open_dataset(store, kind="responses").load()


def test_a_simulated_subject_sees_each_scene_with_its_own_truth(scenes):
    stored = simulate(scenes, "sim01")
    assert stored["image_id"].values.tolist() == [
        f"scene-{i:05d}" for i in [*range(8, 16), *range(4)]
    ]
    assert np.bincount(stored["trial_image"]).tolist() == [2] * 12
    assert np.bincount(stored["session"]).tolist() == [8] * 3
    truth = read_scenes(scenes).iloc[[*range(8, 16), *range(4)]].reset_index(drop=True)
    pixels = np.stack([np.asarray(Image.open(scenes / name)) for name in truth["file"]])
    expected = simulate_responses(
        pixels, truth, subject_seed=subject_seed(0, "sim01"), repeats=2, sessions=3
    )
    np.testing.assert_array_equal(stored["response"], expected["response"])
    np.testing.assert_array_equal(stored["planted_space"], expected["planted_space"])
    assert stored.attrs["space"] == "fsaverage5"


def test_simulated_subjects_differ(scenes):
    first, second = (simulate(scenes, name) for name in ("sim01", "sim02"))
    assert (first["trial_image"].values != second["trial_image"].values).any()
    assert subject_seed(0, "sim01") != subject_seed(1, "sim01")


def test_images_that_were_never_drawn_are_named(scenes):
    simulate(scenes, "sim01")
    table = scenes / "scenes.tsv"
    table.write_text("\n".join(table.read_text().split("\n")[:9]) + "\n")
    with pytest.raises(CortexlensError, match=r"scenes.tsv: image 'scene-00008' of .*images.tsv"):
        run(
            *("collect-responses", "--kind", "simulated", "--scenes-dir", scenes),
            *("--images", scenes.parent / "images.tsv", "--subject", "sim01"),
            *("--out", scenes.parent / "r.zarr"),
        )


def test_the_split_is_the_seeds_and_recorded(tmp_path):
    row = table_tree(tmp_path / "data", n_images=40)
    splits = []
    for seed in (0, 1):
        stored = collect(
            tmp_path,
            "table",
            "a",
            seed=seed,
            images=["--images", row["images"]],
            responses=["--responses", row["responses"], "--split", "2,1,1"],
        )
        sha256 = ImageSet.read(tmp_path / "images.tsv").sha256
        np.testing.assert_array_equal(stored["split"], split_by_image(sha256, seed, (2, 1, 1)))
        assert np.bincount(stored["split"]).tolist() == [20, 10, 10]
        assert stored.attrs["provenance"]["seed"] == seed
        assert stored.attrs["provenance"]["settings"]["split"] == "2,1,1"
        splits.append(stored["split"].values)
    assert (splits[0] != splits[1]).any()


def test_provenance_names_every_input_by_its_hash(tmp_path):
    algonauts_tree(tmp_path / "data", n_images=6)
    inputs = collect(tmp_path, "algonauts2023", "subj01").attrs["provenance"]["inputs"]
    assert {"images", "lh_training_fmri.npy", "rh.streams_challenge_space.npy"} < set(inputs)
    assert len(inputs) == 1 + 2 + 2 + 6 + 12
    assert all(len(digest) == 64 for digest in inputs.values())


def test_image_and_response_counts_must_match(tmp_path):
    row = table_tree(tmp_path / "data", n_images=20)
    path = tmp_path / "data" / row["responses"]
    np.save(path, np.load(path)[:, :19])
    message = r"found responses to 19 images with axes vertex,image, but there are 20 images"
    with pytest.raises(CortexlensError, match=message):
        collect(
            tmp_path,
            "table",
            "a",
            images=["--images", row["images"]],
            responses=["--responses", row["responses"]],
        )
    assert not (tmp_path / "0.zarr").exists()


def test_too_few_images_for_a_split(tmp_path):
    row = table_tree(tmp_path / "data", n_images=2)
    with pytest.raises(CortexlensError, match=r"Found 2 distinct images .* at least 3"):
        collect(
            tmp_path,
            "table",
            "a",
            images=["--images", row["images"]],
            responses=["--responses", row["responses"]],
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--kind", "sheet"], "--kind sheet is unknown; allowed are simulated"),
        (["--kind", "nsd"], "--kind nsd needs the option --root"),
        (["--kind", "nsd", "--root", "."], "'a' is not a subject of the NSD; allowed are subj01"),
        (
            ["--kind", "simulated", "--scenes-dir", ".", "--sessions", "0"],
            "--sessions is '0'; with --kind simulated it must be a whole number of at least 1",
        ),
        (["--kind", "table"], "--kind table needs the option --responses"),
        (["--kind", "table", "--responses", "r.npy"], "--kind table needs the option --root"),
        (["--kind", "algonauts2023"], "--kind algonauts2023 needs the option --root"),
        (["--kind", "simulated"], "--kind simulated needs the option --scenes-dir"),
        (["--kind", "table", "--split", "8"], "split '8': allowed are three positive"),
    ],
)
def test_what_a_kind_needs_is_said(tmp_path, options, message):
    images = tmp_path / "images.tsv"
    names = ["a", "b", "c"]
    ImageSet(names, names, [letter * 64 for letter in names]).write(images)
    with pytest.raises(CortexlensError, match=message):
        run(
            "collect-responses",
            *options,
            *("--images", images, "--subject", "a", "--out", tmp_path / "r.zarr"),
        )

"""Missing responses: never an ordinary number, refused or left out as the row says."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from nibabel.gifti import GiftiDataArray, GiftiImage

from cortexlens.errors import CortexlensError
from cortexlens.study.ceiling import zscore_within_session
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.table.missing import check_rule, find_missing, kept
from cortexlens.study.table.recordings import read_recording
from cortexlens.study.table.subject import table_responses
from cortexlens.study.table.subject_files import TableFiles

N_TRIALS, N_VERTICES = 12, 5
TRAIN = np.arange(N_TRIALS) < 8
FILLINGS = [np.nan, np.inf, -np.inf, 0.0, 7.5]
PICTURES = ImageSet(
    [f"a-{number}" for number in range(N_TRIALS)],
    [f"pictures/{number}.png" for number in range(N_TRIALS)],
    ["0" * 64] * N_TRIALS,
)


def responses():
    return np.random.default_rng(0).standard_normal((N_TRIALS, N_VERTICES)) + 20


def two_runs(folder, raw):
    """The responses in two files of six trials each."""
    for run, part in enumerate(np.split(raw, 2)):
        np.save(folder / f"run-{run}.npy", part)
    return TableFiles([folder / "run-0.npy", folder / "run-1.npy"])


def collected(files, **options):
    return table_responses(files, PICTURES, TRAIN, axes="image,vertex", **options)


@pytest.mark.parametrize("scale", ["training", "session"])
@pytest.mark.parametrize("filling", FILLINGS)
def test_a_vertex_that_a_run_does_not_reach(tmp_path, filling, scale):
    raw = responses()
    raw[6:, 3] = filling
    files = two_runs(tmp_path, raw)
    with pytest.raises(
        CortexlensError,
        match=r"run-1\.npy: responses are missing .* 6 of 12 trials and 1 of 5 vertices; the "
        r"first is trial 6, vertex 3 \(from 0, in this file trial 0\)\. .* column missing",
    ):
        collected(files, scale=scale)
    found = collected(files, scale=scale, missing="drop-vertex")
    assert found["response"].shape == (12, 4)
    expected = np.delete(raw, 3, axis=1)
    back = np.corrcoef(found["response"].values.T, expected.T)[:4, 4:]
    np.testing.assert_allclose(np.diag(back), 1, atol=1e-6)
    with pytest.raises(CortexlensError, match=r"6 images have no response, the first is a-6"):
        collected(files, scale=scale, missing="drop-trial")


def test_trials_that_miss_a_response_are_left_out_where_others_show_the_image(tmp_path):
    raw = np.concatenate([responses(), responses()[::-1]])
    raw[[3, 17], [1, 4]] = np.nan
    np.save(tmp_path / "a.npy", raw)
    shown = [*range(12), *range(11, -1, -1)]
    lines = "".join(f"a-{image}\n" for image in shown)
    (tmp_path / "t.tsv").write_text(f"image_id\n{lines}")
    files = TableFiles([tmp_path / "a.npy"], trials=[tmp_path / "t.tsv"])
    found = collected(files, missing="drop-trial")
    there = np.delete(np.arange(24), [3, 17])
    assert found["trial_image"].values.tolist() == [shown[trial] for trial in there]
    back = found["response"].values * found["response_std"].values + found["response_mean"].values
    np.testing.assert_allclose(back, raw[there], rtol=1e-5)


def test_runs_of_one_value_can_be_data(tmp_path):
    raw = np.rint(responses())
    raw[:6, 2] = 0  # a neuron that was silent in the first session
    found = collected(two_runs(tmp_path, raw), missing="keep-constant")
    back = found["response"].values * found["response_std"].values + found["response_mean"].values
    np.testing.assert_allclose(back, raw, atol=1e-4)
    raw[0, 2] = np.nan
    with pytest.raises(CortexlensError, match="1 of 12 trials and 1 of 5 vertices"):
        collected(two_runs(tmp_path, raw), missing="keep-constant")


def test_a_session_of_a_table_is_a_run_too(tmp_path):
    raw = responses()
    raw[8:, 0] = 0
    np.save(tmp_path / "a.npy", raw)
    lines = "".join(f"a-{trial}\t{trial // 4}\n" for trial in range(12))
    (tmp_path / "t.tsv").write_text(f"image_id\tsession\n{lines}")
    files = TableFiles([tmp_path / "a.npy"], trials=[tmp_path / "t.tsv"])
    with pytest.raises(CortexlensError, match=r"4 of 12 trials .* first is trial 8, vertex 0"):
        collected(files)
    lines = "".join(f"a-{trial}\t{trial // 11}\n" for trial in range(12))
    (tmp_path / "t.tsv").write_text(f"image_id\tsession\n{lines}")
    np.save(tmp_path / "a.npy", responses())
    with pytest.raises(CortexlensError, match=r"session 1 \(from 0\) has 1 trial; at least 2"):
        collected(files, scale="session")


def test_places_and_regions_follow_the_vertices(tmp_path):
    raw = responses()
    raw[6:, 1] = 0
    np.save(tmp_path / "xyz.npy", np.arange(15.0).reshape(5, 3))
    (tmp_path / "r.tsv").write_text("V1\tV2\n0\t0\n1\t0\n0\t1\n0\t0\n0\t1\n")
    runs = two_runs(tmp_path, raw).responses
    files = TableFiles(runs, coordinates=tmp_path / "xyz.npy", rois=[tmp_path / "r.tsv"])
    found = collected(files, missing="drop-vertex")
    assert found["coordinates"].values[:, 0].tolist() == [0, 6, 9, 12]
    assert found["roi"].values.tolist() == ["V2"]  # V1 has no vertex left
    assert found["roi_mask"].values[:, 0].tolist() == [False, True, False, True]


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.integers(3, 6), min_size=2, max_size=4),
    filling=st.sampled_from(FILLINGS),
    data=st.data(),
)
def test_any_run_in_any_vertex_is_found(lengths, filling, data):
    run = np.repeat(np.arange(len(lengths)), lengths)
    raw = np.random.default_rng(1).standard_normal((len(run), 4)).astype(np.float32)
    silent, vertex = data.draw(st.sampled_from(range(len(lengths)))), data.draw(st.integers(0, 3))
    raw[run == silent, vertex] = filling
    wanted = np.zeros(raw.shape, bool)
    wanted[run == silent, vertex] = True
    once = np.zeros_like(run)
    np.testing.assert_array_equal(find_missing(raw, run, once), wanted)
    np.testing.assert_array_equal(find_missing(raw, once, run), wanted)
    trials, vertices = kept(wanted, "drop-vertex", [Path("a.npy")] * len(run))
    assert trials.all()
    assert np.flatnonzero(~vertices).tolist() == [vertex]
    trials, vertices = kept(wanted, "drop-trial", [Path("a.npy")] * len(run))
    assert vertices.all()
    np.testing.assert_array_equal(trials, run != silent)


def test_what_never_varies_is_not_missing():
    raw = responses()
    raw[:, 2] = 0
    run = np.repeat([0, 1], 6)
    assert not find_missing(raw, run, run).any()
    with pytest.raises(CortexlensError, match="missing is 'zero'; allowed are drop-vertex, drop"):
        check_rule("zero")


def test_a_z_score_leaves_missing_responses_missing():
    raw = responses()
    raw[2, 1] = np.nan
    found = zscore_within_session(raw, np.repeat([0, 1], 6))
    assert np.isnan(found[:6, 1]).all()
    assert np.isfinite(np.delete(found, 1, axis=1)).all()
    np.testing.assert_allclose(found[6:, 1].mean(), 0, atol=1e-6)


@pytest.mark.parametrize("filling", FILLINGS)
def test_voxels_without_coverage_in_a_run(tmp_path, filling):
    affine = np.diag([2.0, 2, 2, 1])
    values = np.random.default_rng(2).standard_normal((3, 2, 2, N_TRIALS)).astype(np.float32)
    values[1, 0, 1, 6:] = filling
    paths = [tmp_path / "run-1.nii", tmp_path / "run-2.nii"]
    for path, part in zip(paths, np.split(values, 2, axis=3), strict=True):
        nibabel.save(nibabel.Nifti1Image(part, affine), path)
    found = read_recording(paths, None)
    assert [1, 0, 1] not in found.places["voxel"].tolist()
    there = tuple(found.places["voxel"].T)
    assert len(there[0]) == 11
    np.testing.assert_array_equal(found.values, values[there].T)
    nibabel.save(nibabel.Nifti1Image(np.ones((3, 2, 2), "u1"), affine), tmp_path / "mask.nii")
    files = TableFiles(paths, mask=[tmp_path / "mask.nii"])
    with pytest.raises(CortexlensError, match=r"run-2\.nii: .*first is trial 6, vertex 5 "):
        collected(files)
    assert collected(files, missing="drop-vertex")["voxel"].values.tolist() == [
        voxel for voxel in np.argwhere(np.ones((3, 2, 2))).tolist() if voxel != [1, 0, 1]
    ]


@pytest.mark.parametrize("options", [{"zarr_format": 2}, {}, {"shards": (N_TRIALS, 6)}])
def test_a_chunk_that_is_lost_is_not_filled(tmp_path, options):
    path = tmp_path / "a.zarr"
    raw = np.random.default_rng(3).standard_normal((N_TRIALS, 8)) + 50
    array = zarr.create_array(path, shape=raw.shape, chunks=(N_TRIALS, 2), dtype="f8", **options)
    array[:] = raw
    np.testing.assert_array_equal(read_recording([path], "image,vertex").values, raw)
    files = [file for file in path.rglob("*") if file.is_file()]
    chunks = sorted(file for file in files if "json" not in file.name and ".z" not in file.name)
    chunks[1].unlink()
    with pytest.raises(CortexlensError, match=r"a\.zarr: 1 of \d (chunks|shards) are missing"):
        read_recording([path], "image,vertex")


def test_the_right_hemispheres_vertices_are_dropped_too(tmp_path):
    rng = np.random.default_rng(4)
    for side in ("lh", "rh"):
        values = rng.standard_normal((N_TRIALS, 20)).astype(np.float32)
        if side == "rh":
            values[4, 7] = np.nan
        arrays = [GiftiDataArray(row) for row in values]
        nibabel.save(GiftiImage(darrays=arrays), tmp_path / f"{side}.func.gii")
    files = TableFiles([tmp_path / "lh.func.gii"], [tmp_path / "rh.func.gii"])
    with pytest.raises(CortexlensError, match=r"rh\.func\.gii: .* trial 4, vertex 27 \(from 0\)"):
        collected(files)
    found = collected(files, missing="drop-vertex")
    assert found["hemisphere"].values.tolist() == [0] * 20 + [1] * 19

import numpy as np
import pytest

from cortexlens.errors import CortexlensError
from cortexlens.study.table import table_images, table_responses
from trees import table_tree

TRAIN = np.arange(12) < 8


@pytest.fixture
def tree(tmp_path):
    table_tree(tmp_path)
    return tmp_path


@pytest.mark.parametrize("axes", ["vertex,image", "image,vertex"])
def test_the_array_is_read_by_its_axes(tmp_path, axes):
    row = table_tree(tmp_path, axes=axes)
    path = tmp_path / row["responses"]
    raw = np.load(path)
    raw[(3, 7) if axes == "vertex,image" else (7, 3)] = 1000
    np.save(path, raw)
    given = table_responses(path, axes, TRAIN)
    assert given["response"].dims == ("trial", "vertex")
    assert np.unravel_index(given["response"].to_numpy().argmax(), (12, 5)) == (7, 3)
    assert given["trial_image"].values.tolist() == list(range(12))


def test_scaled_by_training_images_with_a_way_back(tree):
    path = tree / "responses_a.npy"
    raw = np.load(path).T
    given = table_responses(path, "vertex,image", TRAIN, units="spikes", n_repeats=7)
    response = given["response"].to_numpy()
    np.testing.assert_allclose(response[TRAIN].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(response[TRAIN].std(axis=0), 1, atol=1e-6)
    assert abs(response[~TRAIN].std() - 1) > 0.01
    back = response * given["response_std"].values + given["response_mean"].values
    np.testing.assert_allclose(back, raw, rtol=1e-5)
    assert given["response_mean"].attrs["units"] == "spikes"
    assert given.attrs["n_repeats"] == 7


@pytest.mark.parametrize("dtype", [np.float16, np.float32, ">f8", np.int32, np.uint8])
def test_numbers_of_any_type_give_the_same(tree, dtype):
    path = tree / "responses_a.npy"
    whole = np.rint(np.load(path)).clip(0, 200)
    np.save(path, whole)
    expected = table_responses(path, "vertex,image", TRAIN)["response"]
    np.save(path, np.asfortranarray(whole.astype(dtype)))
    found = table_responses(path, "vertex,image", TRAIN)["response"]
    np.testing.assert_array_equal(found, expected)


def test_a_constant_vertex_leads_back_too(tree, monkeypatch):
    monkeypatch.setattr("cortexlens.study.table.BLOCK_VERTICES", 2)
    path = tree / "responses_a.npy"
    raw = np.load(path)
    raw[1] = 0.1
    raw[2, TRAIN] = 0.1  # varies, but not while training
    np.save(path, raw)
    given = table_responses(path, "vertex,image", TRAIN)
    assert given["response_std"].values[1:3].tolist() == [1, 1]
    np.testing.assert_allclose(given["response"][:, 1], 0, atol=1e-12)
    back = given["response"] * given["response_std"] + given["response_mean"]
    np.testing.assert_allclose(back, raw.T, rtol=1e-5)


def test_places_and_regions(tree):
    rng = np.random.default_rng(0)
    places = rng.standard_normal((5, 3)).astype(np.float32)
    rows = ["\t".join([f"n{i}", *map(str, place[::-1])]) for i, place in enumerate(places)]
    (tree / "c.tsv").write_text("\n".join(["name\tz\ty\tx", *rows]) + "\n")
    (tree / "r.tsv").write_text("V4\tPIT\r\n1\t0\r\n0\t0\r\n1\t1\r\n0\t0\r\n0\t1\r\n")
    given = table_responses(
        tree / "responses_a.npy",
        "vertex,image",
        TRAIN,
        coordinates=tree / "c.tsv",
        rois=tree / "r.tsv",
    )
    np.testing.assert_array_equal(given["coordinates"], places)
    assert given["roi"].values.tolist() == ["V4", "PIT"]
    assert given["roi_mask"].sel(roi="PIT").values.tolist() == [False, False, True, False, True]
    assert given["roi_mask"].sel(roi="V4").values.tolist() == [True, False, True, False, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x\ty\n1\t2\n", r"c.tsv: found the columns x, y; .* x, y, z are needed"),
        ("x\ty\tz\n1\t2\t3\n", r"c.tsv: found 1 rows for 5 vertices"),
        ("x\ty\tz\n" + "1\t2\t3\n" * 3 + "1\t2\tfar\n", r"c.tsv, line 5: column z holds 'far'"),
        ("x\ty\tz\n1\t2\n", r"c.tsv, line 2: found 2 cells, the header has 3"),
    ],
)
def test_tables_of_places_have_their_one_line(tree, text, message):
    (tree / "c.tsv").write_text(text)
    path = tree / "responses_a.npy"
    with pytest.raises(CortexlensError, match=message):
        table_responses(path, "vertex,image", TRAIN, coordinates=tree / "c.tsv")


def test_regions_are_noughts_and_ones(tree):
    (tree / "r.tsv").write_text("V4\n1\n0\n2\n0\n0\n")
    path = tree / "responses_a.npy"
    with pytest.raises(CortexlensError, match=r"r.tsv, line 4: column V4 holds 2; allowed are 0"):
        table_responses(path, "vertex,image", TRAIN, rois=tree / "r.tsv")


def test_counts_must_match_and_both_are_named(tree):
    path = tree / "responses_a.npy"
    with pytest.raises(CortexlensError, match=r"responses to 12 images .* there are 11 images\.$"):
        table_responses(path, "vertex,image", TRAIN[:11])
    with pytest.raises(CortexlensError, match=r"responses to 5 images .* see the column axes\.$"):
        table_responses(path, "image,vertex", TRAIN)
    with pytest.raises(CortexlensError, match=r"axes 'image' are unknown; allowed are vertex,ima"):
        table_responses(path, "image", TRAIN)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 12), complex), r"found complex128 of shape \(2, 12\)"),
        (np.zeros((2, 12), bool), r"needed are floating point or whole numbers with 2 axes"),
        (np.zeros((2, 12, 3)), r"of shape \(2, 12, 3\); needed are .* 2 axes"),
        (np.array(["a"] * 12), r"found <U1"),
        (np.array([{}], dtype=object), r"cannot be read as a .npy array: .*Python objects"),
    ],
)
def test_arrays_of_another_kind_are_refused(tree, array, message):
    np.save(tree / "x.npy", array)
    with pytest.raises(CortexlensError, match=message):
        table_responses(tree / "x.npy", "vertex,image", TRAIN)


@pytest.mark.parametrize("data", [b"", b"\x93NUMPY", b"PK\x03\x04", b"hello", None])
def test_damaged_arrays_are_named(tree, data):
    path = tree / "x.npy"
    if data is None:
        np.savez(tree / "archive.npz", np.zeros(3))
        (tree / "archive.npz").rename(path)
    else:
        path.write_bytes(data)
    with pytest.raises(CortexlensError, match=r"x.npy: cannot be read as a .npy array"):
        table_responses(path, "vertex,image", TRAIN)
    whole = (tree / "responses_a.npy").read_bytes()
    path.write_bytes(whole[:-8])
    with pytest.raises(CortexlensError, match=r"x.npy: cannot be read as a .npy array"):
        table_responses(path, "vertex,image", TRAIN)


def test_missing_images_are_named(tree):
    assert len(table_images(tree / "images_a.zip")) == 12
    with pytest.raises(CortexlensError, match=r"none: there is no such folder or zip .* dataset"):
        table_images(tree / "none")

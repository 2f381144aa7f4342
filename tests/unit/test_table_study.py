import nibabel
import numpy as np
import pytest
from nibabel.gifti import GiftiDataArray, GiftiImage

from cortexlens.cortex.meshes import encoder_coordinates
from cortexlens.errors import CortexlensError
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.split import given_split
from cortexlens.study.table.subject import table_images, table_responses
from cortexlens.study.table.subject_files import TableFiles
from trees import table_tree

TRAIN = np.arange(12) < 8


def listed(n_images):
    """Images of which only the names count."""
    names = [f"a-{number}" for number in range(n_images)]
    return ImageSet(names, [f"pictures/{name}.png" for name in names], ["0" * 64] * n_images)


def read(path, axes, train, *, coordinates=None, rois=None, **options):
    """Responses of one array and its tables."""
    files = TableFiles([path], coordinates=coordinates, rois=[rois] if rois else [])
    return table_responses(files, listed(len(train)), train, axes=axes, **options)


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
    given = read(path, axes, TRAIN)
    assert given["response"].dims == ("trial", "vertex")
    assert np.unravel_index(given["response"].to_numpy().argmax(), (12, 5)) == (7, 3)
    assert given["trial_image"].values.tolist() == list(range(12))


def test_scaled_by_training_images_with_a_way_back(tree):
    path = tree / "responses_a.npy"
    raw = np.load(path).T
    given = read(path, "vertex,image", TRAIN, units="spikes", n_repeats=7)
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
    expected = read(path, "vertex,image", TRAIN)["response"]
    np.save(path, np.asfortranarray(whole.astype(dtype)))
    found = read(path, "vertex,image", TRAIN)["response"]
    np.testing.assert_array_equal(found, expected)


def test_a_constant_vertex_leads_back_too(tree, monkeypatch):
    monkeypatch.setattr("cortexlens.study.table.subject.BLOCK_VERTICES", 2)
    path = tree / "responses_a.npy"
    raw = np.load(path)
    raw[1] = 0.1
    raw[2, TRAIN] = 0.1  # varies, but not while training
    np.save(path, raw)
    given = read(path, "vertex,image", TRAIN)
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
    given = read(
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
        ("x\ty\tz\n1\t2\n", r"c.tsv, line 2: found 2 cells, but the header has 3"),
    ],
)
def test_tables_of_places_have_their_one_line(tree, text, message):
    (tree / "c.tsv").write_text(text)
    path = tree / "responses_a.npy"
    with pytest.raises(CortexlensError, match=message):
        read(path, "vertex,image", TRAIN, coordinates=tree / "c.tsv")


def test_regions_are_noughts_and_ones(tree):
    (tree / "r.tsv").write_text("V4\n1\n0\n2\n0\n0\n")
    path = tree / "responses_a.npy"
    with pytest.raises(CortexlensError, match=r"r.tsv, line 4: column V4 holds 2; allowed are 0"):
        read(path, "vertex,image", TRAIN, rois=tree / "r.tsv")


def test_counts_must_match_and_both_are_named(tree):
    path = tree / "responses_a.npy"
    with pytest.raises(CortexlensError, match=r"responses to 12 images .* there are 11 images\.$"):
        read(path, "vertex,image", TRAIN[:11])
    with pytest.raises(CortexlensError, match=r"responses to 5 images .* check the column axes\.$"):
        read(path, "image,vertex", TRAIN)
    with pytest.raises(CortexlensError, match=r"axes 'image' are unknown; allowed are vertex,ima"):
        read(path, "image", TRAIN)


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
        read(tree / "x.npy", "vertex,image", TRAIN)


@pytest.mark.parametrize("data", [b"", b"\x93NUMPY", b"PK\x03\x04", b"hello", None])
def test_damaged_arrays_are_named(tree, data):
    path = tree / "x.npy"
    if data is None:
        np.savez(tree / "archive.npz", np.zeros(3))
        (tree / "archive.npz").rename(path)
    else:
        path.write_bytes(data)
    with pytest.raises(CortexlensError, match=r"x.npy: cannot be read as a .npy array"):
        read(path, "vertex,image", TRAIN)
    whole = (tree / "responses_a.npy").read_bytes()
    path.write_bytes(whole[:-8])
    with pytest.raises(CortexlensError, match=r"x.npy: cannot be read as a .npy array"):
        read(path, "vertex,image", TRAIN)


def test_the_file_that_is_unlike_the_others_is_named(tree):
    rng = np.random.default_rng(0)
    paths = [tree / f"run-{number}.npy" for number in range(3)]
    for path, count in zip(paths, (4, 3, 4), strict=True):
        np.save(path, rng.standard_normal((count, 5)))
    files = TableFiles(paths)
    with pytest.raises(CortexlensError, match=r"Most of the 3 files hold 4, but \S+run-1\.npy 3\."):
        table_responses(files, listed(12), TRAIN, axes="image,vertex")
    tables = [tree / f"run-{number}.tsv" for number in range(3)]
    for number, table in enumerate(tables):
        names = [f"a-{image}" for image in range(4 * number, 4 * number + 4)]
        table.write_text("image_id\n" + "".join(f"{name}\n" for name in names))
    files = TableFiles(paths, trials=tables)
    with pytest.raises(CortexlensError, match=r"run-1\.tsv: found 4 trials for the 3 responses"):
        table_responses(files, listed(12), TRAIN, axes="image,vertex")


def test_missing_images_are_named(tree):
    assert len(table_images(tree / "images_a.zip")) == 12
    with pytest.raises(
        CortexlensError, match=r"none: there is no such folder, zip file or table .* dataset"
    ):
        table_images(tree / "none")


def picture_table(root, rows, columns=("image_id", "path")):
    """Pictures of a table tree's zip file as files, and a table that lists them."""
    row = table_tree(root, n_images=12, zipped=False)
    lines = ["\t".join(columns), *("\t".join(cells) for cells in rows)]
    (root / "pictures.tsv").write_text("\n".join(lines) + "\n")
    return row["images"]


def test_a_table_lists_images_in_its_own_order_with_its_own_split(tmp_path):
    rows = [
        ("second", "images_a/image2.jpg", "test"),
        ("first", "images_a/image1.jpg", "train"),
        ("third", "images_a/image10.jpg", "validation"),
    ]
    picture_table(tmp_path, rows, ("image_id", "path", "split"))
    found = table_images(tmp_path / "pictures.tsv")
    assert found.ids == ["second", "first", "third"]
    assert found.sources[2] == str(tmp_path / "images_a/image10.jpg")
    assert found.splits == ["test", "train", "validation"]
    found.write(tmp_path / "images.tsv")
    assert ImageSet.read(tmp_path / "images.tsv") == found
    assert given_split(found.splits, found.sha256).tolist() == [2, 0, 1]


def test_only_images_that_trials_show_are_listed(tmp_path):
    rows = [(f"i{n}", f"images_a/image{n}.jpg") for n in (3, 1, 2)]
    picture_table(tmp_path, [*rows, ("gone", "images_a/none.jpg")])
    (tmp_path / "t.tsv").write_text("image_id\ni2\ni3\ni2\n")
    assert table_images(tmp_path / "pictures.tsv", [tmp_path / "t.tsv"]).ids == ["i3", "i2"]
    (tmp_path / "t.tsv").write_text("stim_file\nimage11.jpg\n")
    found = table_images(tmp_path / "images_a", [tmp_path / "t.tsv"])
    assert [source.rpartition("/")[2] for source in found.sources] == ["image11.jpg"]
    with pytest.raises(CortexlensError, match="none of its images is shown"):
        table_images(tmp_path / "pictures.tsv", [tmp_path / "t.tsv"])


def test_faults_of_a_table_of_images(tmp_path):
    picture_table(tmp_path, [("a", "images_a/none.jpg")])
    with pytest.raises(CortexlensError, match=r"none\.jpg.*cannot be read"):
        table_images(tmp_path / "pictures.tsv")
    (tmp_path / "pictures.tsv").write_text("image_id\tpath\tcolour\n")
    with pytest.raises(CortexlensError, match="unknown column 'colour'; allowed are image_id, pa"):
        table_images(tmp_path / "pictures.tsv")


@pytest.mark.parametrize(
    ("names", "hashes", "message"),
    [
        (["train", "test"], "ab", "no image for validation; each of train, validation, test"),
        (["train", "dev", "test"], "abc", "holds 'dev' in row 2; allowed are train"),
        (["train", "validation", "test"], "aba", "image in row 3 is for test, but the same"),
    ],
)
def test_faults_of_a_given_split(names, hashes, message):
    with pytest.raises(CortexlensError, match=message):
        given_split(names, list(hashes))


def test_repeats_of_many_numbers_give_a_ceiling(tmp_path):
    """Presentations that are missing are NaN; the ratio of signal to noise comes from the rest."""
    rng = np.random.default_rng(3)
    n_images, noise = 400, np.array([0.5, 1.0, 2.0])
    signal = rng.standard_normal((3, n_images, 1))
    raw = 7 + 2 * (signal + noise[:, None, None] * rng.standard_normal((3, n_images, 6)))
    missing = rng.random((n_images, 6)) < 0.3
    missing[:, 0] = False
    raw[:, missing] = np.nan
    np.save(tmp_path / "raw.npy", raw)
    given = read(tmp_path / "raw.npy", "vertex,image,repeat", np.arange(n_images) < 300)
    there = ~np.isnan(raw[0])
    assert given.sizes["trial"] == there.sum()
    assert given["trial_image"].values.tolist() == np.nonzero(there)[0].tolist()
    np.testing.assert_allclose(given["ncsnr"].values, 1 / noise, rtol=0.15)
    # the one-way analysis of variance, by hand
    total = raw[1][there].var(ddof=1)
    within = sum(((x := row[~np.isnan(row)]) - x.mean()) @ (x - x.mean()) for row in raw[1])
    v2 = within / (there.sum() - n_images) / total
    np.testing.assert_allclose(given["ncsnr"].values[1], np.sqrt((1 - v2) / v2), rtol=1e-5)
    raw[1, 5, 0] = np.nan
    np.save(tmp_path / "raw.npy", raw)
    with pytest.raises(CortexlensError, match=r"repeat 0 of image 5 .* NaN in some vertices"):
        read(tmp_path / "raw.npy", "vertex,image,repeat", np.arange(n_images) < 300)


def test_trials_in_sessions_are_scaled_within_them(tmp_path):
    rng = np.random.default_rng(4)
    raw = rng.standard_normal((24, 3)) * np.repeat([1, 5], 12)[:, None] + 3
    raw[17, 2] = 100
    np.save(tmp_path / "a.npy", raw)
    shown = [*range(12), *range(11, -1, -1)]
    lines = [f"a-{image}\t{'ab'[row // 12]}" for row, image in enumerate(shown)]
    (tmp_path / "t.tsv").write_text("\n".join(["image_id\tsession", *lines]) + "\n")
    files = TableFiles([tmp_path / "a.npy"], trials=[tmp_path / "t.tsv"])
    given = table_responses(files, listed(12), TRAIN, axes="image,vertex", scale="session")
    assert given["session"].values.tolist() == [0] * 12 + [1] * 12
    assert given["trial_image"].values.tolist() == shown
    for session in (given["response"][:12], given["response"][12:]):
        np.testing.assert_allclose(session.mean("trial"), 0, atol=1e-6)
        np.testing.assert_allclose(session.std("trial", ddof=1), 1, rtol=1e-5)
    assert given["response"].values[:, 2].argmax() == 17
    assert np.isfinite(given["ncsnr"]).all()
    whole = table_responses(files, listed(12), TRAIN, axes="image,vertex")
    training = TRAIN[shown]
    np.testing.assert_allclose(whole["response"][training].std("trial"), 1, rtol=1e-5)
    np.save(tmp_path / "a.npy", raw[:20])
    with pytest.raises(CortexlensError, match="list 24 trials, but the shape of the responses is"):
        table_responses(files, listed(12), TRAIN, axes="image,vertex")


def hemispheres(root, n_vertices=10_242):
    """GIFTI responses of both hemispheres of fsaverage5 to 12 images; one value is planted."""
    rng = np.random.default_rng(5)
    paths = []
    for name in ("lh", "rh"):
        values = rng.standard_normal((12, n_vertices)).astype(np.float32)
        values[10, 77] = 50 if name == "rh" else 0
        arrays = [GiftiDataArray(row) for row in values]
        nibabel.save(GiftiImage(darrays=arrays), root / f"{name}.func.gii")
        paths.append(root / f"{name}.func.gii")
    return paths


def test_both_hemispheres_of_a_known_mesh(tmp_path):
    left, right = hemispheres(tmp_path)
    masks = []
    for side, chosen in (("lh", [3, 5]), ("rh", [77, 9000])):
        mask = np.zeros(10_242, np.float32)
        mask[chosen] = 1
        nibabel.save(GiftiImage(darrays=[GiftiDataArray(mask)]), tmp_path / f"{side}.mask.gii")
        masks.append(tmp_path / f"{side}.mask.gii")
    files = TableFiles([left], [right], mask=masks)
    given = table_responses(files, listed(12), TRAIN, space="fsaverage5")
    assert given.attrs["space"] == "fsaverage5"
    assert given["hemisphere"].values.tolist() == [0, 0, 1, 1]
    assert given["vertex_index"].values.tolist() == [3, 5, 77, 9000]
    assert np.unravel_index(given["response"].to_numpy().argmax(), (12, 4)) == (10, 2)
    place = encoder_coordinates("fsaverage5", np.array([1], np.int8), np.array([77]))
    np.testing.assert_array_equal(given["coordinates"].values[2], place[0])
    with pytest.raises(CortexlensError, match=r"with 163842 vertices .* has 10242"):
        table_responses(files, listed(12), TRAIN, space="fsaverage")


def test_a_mesh_of_ones_own_gives_the_coordinates(tmp_path):
    left, right = hemispheres(tmp_path, n_vertices=80)
    rng = np.random.default_rng(6)
    points = {side: rng.uniform(-10, 10, (80, 3)).astype(np.float32) for side in ("lh", "rh")}
    for side, places in points.items():
        array = GiftiDataArray(places, intent="NIFTI_INTENT_POINTSET")
        nibabel.save(GiftiImage(darrays=[array]), tmp_path / f"{side}.surf.gii")
    mesh = [tmp_path / "lh.surf.gii", tmp_path / "rh.surf.gii"]
    given = table_responses(TableFiles([left], [right], mesh=mesh), listed(12), TRAIN)
    assert "vertex_index" not in given
    assert "space" not in given.attrs
    np.testing.assert_array_equal(given["coordinates"].values[:80], points["lh"])
    shifted = given["coordinates"].values[80:] - points["rh"]
    assert np.ptp(shifted[:, 0]) < 1e-4
    assert not shifted[:, 1:].any()
    assert given["coordinates"].values[80:, 0].min() > points["lh"][:, 0].max()
    with pytest.raises(CortexlensError, match="give the surface of the right hemisphere"):
        table_responses(TableFiles([left], [right], mesh=mesh[:1]), listed(12), TRAIN)


def test_vertices_of_an_array_can_be_named_on_a_mesh(tree):
    rows = ["hemisphere\tvertex_index", "0\t9", "0\t2", "1\t3", "1\t0", "1\t8"]
    (tree / "v.tsv").write_text("\n".join(rows) + "\n")
    given = read(
        tree / "responses_a.npy",
        "vertex,image",
        TRAIN,
        coordinates=tree / "v.tsv",
        space="fsaverage5",
    )
    assert given["vertex_index"].values.tolist() == [9, 2, 3, 0, 8]
    assert given["coordinates"].values[2:, 0].min() > 150
    with pytest.raises(CortexlensError, match="nothing says which of its vertices"):
        read(tree / "responses_a.npy", "vertex,image", TRAIN, space="fsaverage5")

import io
import os
import re
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cortexlens.errors import CortexlensError
from cortexlens.study.files import natural_key
from cortexlens.study.pictures.image_set import ImageSet, parse_ranges
from trees import coloured_noise, jpeg, table_tree


@pytest.fixture
def noise():
    return coloured_noise(np.random.default_rng(0))


@pytest.fixture
def folder(tmp_path, noise):
    """Ten pictures, image1.png to image10.png, each marked in its corner by its number."""
    path = tmp_path / "images_a"
    path.mkdir()
    for i in range(1, 11):
        picture = noise.copy()
        picture[0, 0] = i
        Image.fromarray(picture).save(path / f"image{i}.png")
    return path


def corner(images, i):
    return np.asarray(images.open(i))[0, 0].tolist()


def test_a_folder_is_read_in_natural_order(folder):
    (folder / ".hidden.png").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("not a picture either")
    images = ImageSet.from_folder(folder)
    assert images.ids == [f"a-image{i}" for i in range(1, 11)]
    assert [corner(images, i) for i in range(10)] == [[i, i, i] for i in range(1, 11)]


def test_a_zip_with_folders_equals_the_folder_it_was_made_from(tmp_path):
    row = table_tree(tmp_path / "zipped", zipped=True)
    table_tree(tmp_path / "plain", zipped=False)
    from_zip = ImageSet.from_zip(tmp_path / "zipped" / row["images"])
    from_folder = ImageSet.from_folder(tmp_path / "plain" / "images_a")
    assert from_zip.ids == from_folder.ids == [f"a-image{i}" for i in range(1, 13)]
    assert from_zip.sha256 == from_folder.sha256
    assert from_zip.digest == from_folder.digest
    assert from_zip.sources[1].endswith("images_a.zip::images_a/image2.jpg")
    for i in (0, 11):
        np.testing.assert_array_equal(from_zip.open(i), from_folder.open(i))


def test_the_digest_is_of_ids_contents_and_order(folder):
    images = ImageSet.from_folder(folder)
    names, sources = images.ids, images.sources
    turned = ImageSet.from_sources(names[::-1], sources[::-1])
    renamed = ImageSet.from_sources([f"x{name}" for name in names], sources)
    other = ImageSet.from_sources(names, sources[::-1])
    assert len({images.digest, turned.digest, renamed.digest, other.digest}) == 4


def test_the_table_comes_back_as_written(folder, tmp_path):
    plain = ImageSet.from_folder(folder)
    named = ImageSet(
        plain.ids, plain.sources, plain.sha256, ["face"] * 10, ['a "face", left'] + [""] * 9
    )
    for images in (plain, named):
        images.write(tmp_path / "images.tsv")
        assert ImageSet.read(tmp_path / "images.tsv") == images
    header = (tmp_path / "images.tsv").read_text().splitlines()[0]
    assert header == "image_id\tsource\tsha256\tlabel\tcaption"


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r"), min_size=1)


@given(st.lists(cells, min_size=1, unique=True), st.data())
def test_any_names_round_trip_or_are_refused(tmp_path_factory, ids, data):
    path = tmp_path_factory.mktemp("table") / "images.tsv"
    captions = data.draw(st.lists(cells, min_size=len(ids), max_size=len(ids)))
    images = ImageSet(ids, [f"f/{name}" for name in ids], ["0" * 64] * len(ids), None, captions)
    images.write(path)
    assert ImageSet.read(path) == images


@given(st.lists(st.integers(0, 10**30), min_size=1, unique=True))
def test_numbers_in_names_sort_as_numbers(numbers):
    names = sorted((f"image{number}.png" for number in numbers), key=natural_key)
    assert names == [f"image{number}.png" for number in sorted(numbers)]


def test_natural_order_goes_folder_by_folder():
    names = ["b/1", "a2/10", "a10/1", "a2/9", "a2-x/1", "007", "7a", "08"]
    expected = ["007", "7a", "08", "a2/9", "a2/10", "a2-x/1", "a10/1", "b/1"]
    assert sorted(names, key=natural_key) == expected


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "LA", "1", "YCbCr"])
def test_every_mode_becomes_the_same_rgb(tmp_path, noise, mode):
    path = tmp_path / ("image.jpg" if mode in ("CMYK", "YCbCr") else "image.png")
    Image.fromarray(noise).convert(mode).save(path, **({"quality": 95} if "C" in mode else {}))
    picture = ImageSet.from_folder(tmp_path).open(0)
    assert (picture.mode, picture.size) == ("RGB", (48, 48))
    grey = mode in ("L", "LA", "1")
    expected = np.asarray(Image.fromarray(noise).convert("L").convert("RGB")) if grey else noise
    tolerance = {"P": 25, "1": 130}.get(mode, 4)
    assert np.abs(np.asarray(picture).astype(int) - expected.astype(int)).mean() < tolerance


def test_transparent_pixels_show_mid_grey(tmp_path, noise):
    alpha = np.full((48, 48, 1), 255, np.uint8)
    alpha[:10] = 0
    alpha[10:20] = 128
    Image.fromarray(np.concatenate([noise, alpha], axis=2), "RGBA").save(tmp_path / "image.png")
    pixels = np.asarray(ImageSet.from_folder(tmp_path).open(0)).astype(float)
    assert (pixels[:10] == 128).all()
    np.testing.assert_allclose(pixels[10:20], (noise[10:20] / 2) + 64, atol=1.5)
    np.testing.assert_array_equal(pixels[20:], noise[20:])


def test_sixteen_bit_greys_are_scaled_not_clipped(tmp_path):
    ramp = np.linspace(0, 65535, 48 * 48).reshape(48, 48).astype(np.uint16)
    Image.fromarray(ramp).save(tmp_path / "image.png")
    pixels = np.asarray(ImageSet.from_folder(tmp_path).open(0))
    np.testing.assert_allclose(pixels[..., 1], ramp / 257, atol=0.51)


def test_a_picture_stored_on_its_side_is_set_upright(tmp_path, noise):
    upright = Image.fromarray(noise[:30])
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to see it
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "image.png", exif=exif)
    np.testing.assert_array_equal(ImageSet.from_folder(tmp_path).open(0), noise[:30])


def test_the_first_frame_of_a_moving_picture_counts(tmp_path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((250, 0, 0), (0, 250, 0))]
    frames[0].save(tmp_path / "image.gif", save_all=True, append_images=frames[1:])
    assert corner(ImageSet.from_folder(tmp_path), 0) == [250, 0, 0]


def test_threads_and_forks_read_a_zip_without_mixing_it_up(tmp_path):
    row = table_tree(tmp_path, n_images=12, size=120)
    images = ImageSet.from_zip(tmp_path / row["images"])
    expected = [np.asarray(images.open(i)) for i in range(12)]
    order = np.random.default_rng(1).integers(0, 12, 400).tolist()
    barrier = threading.Barrier(4)
    with ThreadPoolExecutor(4, initializer=barrier.wait) as pool:
        for i, found in zip(order, pool.map(images.open, order), strict=True):
            np.testing.assert_array_equal(found, expected[i])


def test_a_fork_does_not_move_its_parents_place_in_the_zip(tmp_path):
    row = table_tree(tmp_path, n_images=3)
    images = ImageSet.from_zip(tmp_path / row["images"])
    expected = np.asarray(images.open(2))
    child = os.fork()
    if child == 0:
        same = np.array_equal(images.open(2), expected)
        os._exit(0 if same else 1)
    for _ in range(100):
        np.testing.assert_array_equal(images.open(2), expected)
    assert os.waitpid(child, 0)[1] == 0


def test_a_file_that_changed_since_it_was_listed_is_refused(folder, noise):
    images = ImageSet.from_folder(folder)
    Image.fromarray(noise[::-1]).save(folder / "image3.png")
    assert corner(images, 1) == [2, 2, 2]
    with pytest.raises(CortexlensError, match=r"image3.png: the file has changed"):
        images.open(2)
    (folder / "image3.png").unlink()
    with pytest.raises(CortexlensError, match=r"image3.png: the image cannot be read"):
        images.open(2)


def test_a_damaged_picture_is_named(folder):
    data = (folder / "image4.png").read_bytes()
    (folder / "image4.png").write_bytes(data[: len(data) // 2])
    images = ImageSet.from_folder(folder)  # the header is whole
    with pytest.raises(CortexlensError, match=r"image4.png: not a readable image"):
        images.open(3)
    (folder / "image4.png").write_bytes(b"GIF? no")
    with pytest.raises(CortexlensError, match=r"image4.png: not a readable image"):
        ImageSet.from_folder(folder)


def test_pictures_too_large_to_be_stimuli_are_refused(tmp_path, monkeypatch):
    Image.new("L", (200, 200)).save(tmp_path / "image.png")
    for limit in (39_999, 10_000):  # Pillow warns at the limit and raises at twice that
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with pytest.raises(CortexlensError, match=r"image.png: has more than \d+ pixels"):
            ImageSet.from_folder(tmp_path)


def test_values_without_a_range_are_refused(tmp_path):
    Image.fromarray(np.ones((4, 4), np.float32)).save(tmp_path / "image.tif")
    images = ImageSet.from_folder(tmp_path)
    with pytest.raises(CortexlensError, match=r"image.tif: holds 32-bit values"):
        images.open(0)


def test_ids_must_be_unique(folder, noise):
    (folder / "image1.jpg").write_bytes(jpeg(noise))
    with pytest.raises(CortexlensError, match=r"'a-image1' occurs 2 times .*image1.jpg"):
        ImageSet.from_folder(folder)


def test_names_that_a_table_cannot_hold_are_refused(folder, noise):
    for name in ("a\tb.png", "a\nb.png", os.fsdecode(b"a\xff.png")):
        Image.fromarray(noise).save(folder / name)
        with pytest.raises(CortexlensError, match=r"a name holds a tab, a line break or bytes"):
            ImageSet.from_folder(folder)
        (folder / name).unlink()


def test_equal_pictures_may_have_two_ids(folder):
    (folder / "image1.png").write_bytes((folder / "image2.png").read_bytes())
    images = ImageSet.from_folder(folder)
    assert images.sha256[0] == images.sha256[1] != images.sha256[2]


def hostile_zip(path, write):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        write(archive)
    return path


def test_hostile_zips_have_their_one_line(tmp_path, noise):
    def no_pictures(archive):
        archive.writestr("folder.png/", b"")
        archive.writestr("readme.txt", b"hello")

    def twice(archive):
        archive.writestr("a/image1.png", jpeg(noise))
        archive.writestr("a/image1.jpg", jpeg(noise))

    def absolute(archive):
        archive.writestr("/etc/image1.png", jpeg(noise))
        archive.writestr("../image2.png", jpeg(noise))

    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04 but no more")
    with pytest.raises(CortexlensError, match=r"x.zip: cannot be read as a zip file"):
        ImageSet.from_zip(path)
    with pytest.raises(CortexlensError, match=r"found no images among 1 files; allowed are .bmp"):
        ImageSet.from_zip(hostile_zip(path, no_pictures))
    with pytest.raises(CortexlensError, match=r"'x-image1' occurs 2 times"):
        ImageSet.from_zip(hostile_zip(path, twice))
    assert ImageSet.from_zip(hostile_zip(path, absolute)).ids == ["x-image1"]
    with pytest.raises(CortexlensError, match=r"none.zip: cannot be read"):
        ImageSet.from_zip(tmp_path / "none.zip")
    with pytest.raises(CortexlensError, match=r"is neither a folder of images nor a .zip"):
        ImageSet.from_zip(tmp_path / "images.rar")


def test_a_zip_member_that_blows_up_is_not_unpacked(tmp_path, monkeypatch):
    path = hostile_zip(tmp_path / "x.zip", lambda archive: archive.writestr("a.png", bytes(5000)))
    monkeypatch.setattr("cortexlens.study.pictures.files.LARGEST_FILE", 4999)
    with pytest.raises(CortexlensError, match=r"x.zip::a.png: larger than"):
        ImageSet.from_zip(path)


def test_an_encrypted_or_damaged_member_is_named(tmp_path, noise):
    path = hostile_zip(tmp_path / "x.zip", lambda archive: archive.writestr("a.png", jpeg(noise)))
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(CortexlensError, match=r"x.zip::a.png: the image cannot be read"):
        ImageSet.from_zip(path)
    data[60] ^= 0xFF
    for marker, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # flag: encrypted
        data[data.index(marker) + offset] |= 1
    path.write_bytes(data)
    with pytest.raises(CortexlensError, match=r"RuntimeError: File 'a.png' is encrypted"):
        ImageSet.from_zip(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"found the columns ; each"),
        ("image_id\tsource\n", r"found the columns image_id, source; each may appear once"),
        ("image_id\tsource\tsha256\tsource\n", r"each may appear once"),
        ("image_id\tsource\tsha256\n", r"Found no images"),
        ("image_id\tsource\tsha256\na\tb\n", r"line 2: found 2 cells, but the header has 3"),
        ("image_id\tsource\tsha256\na\tb\tc\n", r"image 'a': 'c' is not a SHA-256"),
        ("image_id\tsource\tsha256\n\tb\t" + "0" * 64 + "\n", r"b: this image has an empty id"),
        ("image_id\tsource\tsha256\n" + ("a\tb\t" + "0" * 64 + "\n") * 2, r"occurs 2 times"),
    ],
)
def test_damaged_tables_have_their_one_line(tmp_path, text, message):
    (tmp_path / "images.tsv").write_text(text)
    with pytest.raises(CortexlensError, match=message):
        ImageSet.read(tmp_path / "images.tsv")


def test_a_missing_table_or_folder_is_named(tmp_path):
    with pytest.raises(CortexlensError, match=r"images.tsv: cannot be read as a table"):
        ImageSet.read(tmp_path / "images.tsv")
    with pytest.raises(CortexlensError, match=r"there is no such folder of images"):
        ImageSet.from_folder(tmp_path / "images")


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=4))
def test_ranges_are_inclusive_and_do_not_overlap(tmp_path_factory, ends):
    pairs = [sorted(pair) for pair in ends]
    text = ", ".join(f"{a}-{b}" if a < b else str(a) for a, b in pairs)
    rows = [row for a, b in pairs for row in range(a, b + 1)]
    table = tmp_path_factory.getbasetemp() / "scenes.tsv"
    if len(set(rows)) == len(rows):
        assert parse_ranges(text, 31, table) == rows
    else:
        with pytest.raises(CortexlensError, match="overlap"):
            parse_ranges(text, 31, table)


@pytest.mark.parametrize("text", ["", "1-", "3-1", "0-10", "10", "-1", "1.5", "1,,2", "a"])
def test_malformed_ranges_are_named(tmp_path, text):
    part = re.escape(repr(next((p for p in text.split(",") if p in ("", text)), text)))
    with pytest.raises(CortexlensError, match=rf"{part} is not a range of .* rows 0 to 9"):
        parse_ranges(text, 10, tmp_path / "scenes.tsv")


def test_scenes_bring_labels_and_captions(tmp_path, noise):
    for i in range(4):
        buffer = io.BytesIO()
        Image.fromarray(np.roll(noise, i, axis=0)).save(buffer, "PNG")
        (tmp_path / f"{i:04d}.png").write_bytes(buffer.getvalue())
    rows = [f'scene-{i:05d}\t{i:04d}.png\tface\t"the word ""go"", {i}"\tmore' for i in range(4)]
    header = "image_id\tfile\tlabel\tcaption\tobjects"
    (tmp_path / "scenes.tsv").write_text("\n".join([header, *rows]) + "\n")
    images = ImageSet.from_scenes(tmp_path, "2-3,0")
    assert images.ids == ["scene-00002", "scene-00003", "scene-00000"]
    assert images.labels == ["face"] * 3
    assert images.captions == ['the word "go", 2', 'the word "go", 3', 'the word "go", 0']
    np.testing.assert_array_equal(images.open(1), np.roll(noise, 3, axis=0))
    with pytest.raises(CortexlensError, match=r"'4' is not a range of its rows; .* rows 0 to 3"):
        ImageSet.from_scenes(tmp_path, "4")
    (tmp_path / "scenes.tsv").write_text("image_id\tfile\n")
    with pytest.raises(CortexlensError, match=r"cannot be read as a table of scenes"):
        ImageSet.from_scenes(tmp_path, "0")

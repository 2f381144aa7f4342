"""Labelled pictures: folders, tables as the ISIC challenges have them, and what is refused."""

import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cortexlens.errors import CortexlensError
from cortexlens.finetuning.examples import open_source, part_classes
from cortexlens.study.pictures.labelled import Labelled, _class_names, list_classes
from cortexlens.study.simulation.drawn_classes import SIZE, TASKS, draw_class


def picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (10, 200, 30)).save(path)
    return path


@pytest.fixture
def folders(tmp_path):
    for name in ("Forest", "River"):
        for i in (10, 2, 1):
            picture(tmp_path / "data" / name / f"{name}_{i}.jpg")
    return tmp_path / "data"


def isic(folder, table, names="abc"):
    for name in names:
        picture(folder / "pictures" / "training" / f"ISIC_{name}.jpg")
    (folder / "labels.csv").write_text(table)
    return Labelled(folder / "pictures", (folder / "labels.csv",))


def stems(found):
    return {name: [source.rpartition("/")[2][:-4] for source in own] for name, own in found.items()}


def test_folders_are_classes_in_a_folder_and_in_a_zip_file(folders):
    expected = {name: [f"{name}_{i}" for i in (1, 2, 10)] for name in ("Forest", "River")}
    assert stems(list_classes(Labelled(folders), 3)) == expected
    with zipfile.ZipFile(folders.parent / "data.zip", "w") as archive:
        for path in folders.rglob("*.jpg"):
            archive.write(path, f"EuroSAT/{path.relative_to(folders)}")
    found = list_classes(Labelled(folders.parent / "data.zip"), 3)
    assert stems(found) == expected
    assert open_source(found["River"][0]).size == (8, 8)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (  # 2017
            "image_id,melanoma,seborrheic_keratosis\nISIC_a,0.0,1.0\nISIC_b,1.0,0.0\nISIC_c,0.0,0.0\n",
            {"melanoma=0": ["ISIC_a", "ISIC_c"], "melanoma=1": ["ISIC_b"]},
        ),
        (  # 2018 and 2019
            "image,MEL,NV,UNK\nISIC_a,0.0,1.0,0.0\nISIC_b,1.0,0.0,0.0\nISIC_c,0.0,1.0,0.0\n",
            {"MEL": ["ISIC_b"], "NV": ["ISIC_a", "ISIC_c"]},
        ),
        (  # 2020
            "image_name,sex,diagnosis,target\nISIC_a,f,nevus,0\nISIC_b,m,unknown,1\nISIC_c,m,nevus,0\n",
            {"target=0": ["ISIC_a", "ISIC_c"], "target=1": ["ISIC_b"]},
        ),
    ],
    ids=["2017", "2018", "2020"],
)
def test_tables_of_isic(tmp_path, table, expected):
    assert stems(list_classes(isic(tmp_path, table), 1)) == expected


def test_several_tables_follow_one_another_and_columns_can_be_named(tmp_path):
    found = isic(tmp_path, "file,diagnosis\nISIC_a.jpg,nevus\nISIC_b.jpg,wart\n")
    (tmp_path / "more.tsv").write_text("file\tdiagnosis\nISIC_c\tnevus\n")
    found = found._replace(
        labels=(*found.labels, tmp_path / "more.tsv"),
        image_column="file",
        label_column="diagnosis",
    )
    assert stems(list_classes(found, 1)) == {"nevus": ["ISIC_a", "ISIC_c"], "wart": ["ISIC_b"]}


def test_classes_can_be_chosen(folders):
    picture(folders / "Lake" / "one.png")
    chosen = Labelled(folders, classes=("River", "Forest"))
    assert list(list_classes(chosen, 3)) == ["River", "Forest"]
    with pytest.raises(CortexlensError, match=r"found 'Sea'; .* has Forest, Lake, River"):
        list_classes(Labelled(folders, classes=("Sea",)), 3)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("name,melanoma\nISIC_a,1\n", "columns name, melanoma; known names are image_id, image, "),
        ("image_id,melanoma\nISIC_a,1\nISIC_z,0\n", r"line 3: image 'ISIC_z' is not in"),
        ("image_id,melanoma\nISIC_a,1\nISIC_a,0\n", r"line 3: image 'ISIC_a' occurs twice"),
        (
            "image_id,melanoma\nISIC_a,1\nISIC_a.jpg,0\n",
            r"line 3: .* occurs twice, first in .* 2;",
        ),
        ("image_id,melanoma\nISIC_a,1\nISIC_b,\n", r"line 3: column melanoma is empty"),
        ("image_id,melanoma\nISIC_a,1\nISIC_b,NaN\n", r"line 3: column melanoma is empty \('NaN'"),
        ("image_id,MEL,MEL\nISIC_a,1,0\nISIC_b,0,1\n", "has the column 'MEL' 2 times"),
        (
            "image_id,melanoma\nISIC_a,1\nISIC_b,0,1\n",
            "more cells than columns, which begins 'ISIC_b'",
        ),
        ("image_id,MEL,NV\nISIC_a,1,0\nISIC_b,1,1\n", r"line 3: found MEL=1, NV=1; one column"),
        ("image_id,MEL,NV\nISIC_a,1,0\nISIC_b,yes,no\n", r"line 3: found MEL=yes"),
        ("image_id,melanoma\n", "has no rows"),
        ("image_id,melanoma\nISIC_a,1\nISIC_b,1\n", "found 1 class; at least 2"),
        ("image_id,melanoma\nISIC_a,1\nISIC_b,0\n", "'melanoma=0' has 1 images; 2 are needed"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_in_one_line(tmp_path, table, message):
    with pytest.raises(CortexlensError, match=message) as caught:
        list_classes(isic(tmp_path, table), 2)
    assert "\n" not in str(caught.value)


def test_a_column_that_is_not_there_is_refused(tmp_path):
    given = isic(tmp_path, "image_id,melanoma\nISIC_a,1\n")._replace(label_column="diagnosis")
    with pytest.raises(CortexlensError, match="label_column: found 'diagnosis'; columns are image"):
        list_classes(given, 1)


def test_a_folder_that_does_not_fit_is_refused(folders):
    with pytest.raises(CortexlensError, match="class 'Forest' has 3 images; 51 are needed"):
        list_classes(Labelled(folders), 51)
    with pytest.raises(CortexlensError, match="nowhere does not exist"):
        list_classes(Labelled(folders / "nowhere"), 1)
    (folders / "Lake").mkdir()
    with pytest.raises(CortexlensError, match="class 'Lake' has 0 images"):
        list_classes(Labelled(folders), 1)
    picture(folders / "loose.png")
    with pytest.raises(CortexlensError, match=r"loose.png: is not in the folder of a class"):
        list_classes(Labelled(folders), 1)


def test_folders_of_parts_are_no_classes(tmp_path):
    for part in ("train", "val"):
        picture(tmp_path / part / "Forest" / "1.png")
    with pytest.raises(CortexlensError, match="train, val, which are parts of"):
        list_classes(Labelled(tmp_path), 1)
    picture(tmp_path / "train" / "River" / "1.png")
    assert list(list_classes(Labelled(tmp_path / "train"), 1)) == ["Forest", "River"]


def test_a_damaged_picture_is_named(folders):
    path = folders / "Forest" / "Forest_2.jpg"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CortexlensError, match=r"Forest_2.jpg: not a readable image") as caught:
        open_source(str(path))
    assert "\n" not in str(caught.value)


@given(
    counts=st.lists(st.integers(4, 30), min_size=2, max_size=5),
    n_validation=st.integers(2, 60),
    seed=st.integers(0, 2**31),
)
def test_parts_are_disjoint_and_as_large_as_asked_for(counts, n_validation, seed):
    found = {f"c{i}": [f"{i}-{j}" for j in range(count)] for i, count in enumerate(counts)}
    parts = part_classes(found, 3, n_validation, seed)
    train, validation = set(parts.train), set(parts.validation)
    assert not train & validation
    assert len(train) == len(parts.train) == 3 * len(counts)
    wanted = min(max(n_validation, len(counts)), sum(counts) - 3 * len(counts))
    assert len(validation) == len(parts.validation) == wanted
    assert {label for _, label in validation} == set(range(len(counts)))
    for source, label in train | validation:
        assert source.startswith(f"{label}-")


def test_another_class_leaves_the_pictures_of_the_others():
    found = {name: [f"{name}{i}" for i in range(20)] for name in "ab"}
    one = part_classes(found, 5, 100, 7)
    more = part_classes({**found, "c": [f"c{i}" for i in range(20)]}, 5, 100, 7)
    assert more.train[:10] == one.train
    assert part_classes(found, 5, 100, 8).train != one.train


@pytest.mark.parametrize("kind", TASKS)
def test_drawn_classes_differ_and_are_drawn_alike_again(kind):
    drawn = {name: draw_class(kind, name, 3, seed=5) for name in TASKS[kind].classes}
    again = draw_class(kind, TASKS[kind].classes[1], 2, seed=5)
    assert [each.tobytes() for each in drawn[TASKS[kind].classes[1]][:2]] == [
        each.tobytes() for each in again
    ]
    every = [each for own in drawn.values() for each in own]
    assert {(each.size, each.mode) for each in every} == {((SIZE, SIZE), "RGB")}
    assert len({each.tobytes() for each in every}) == len(every)


def test_pictures_of_one_name_in_two_folders_are_told_apart_by_their_paths(tmp_path):
    for part in "ab":
        for i in range(2):
            picture(tmp_path / "pictures" / part / f"x{i}.png")
    (tmp_path / "l.csv").write_text("image,label\nx0,cat\nb/x0.png,dog\n")
    found = Labelled(tmp_path / "pictures", (tmp_path / "l.csv",))
    with pytest.raises(CortexlensError, match=r"line 2: image 'x0' may be .*a/x0.png or .*b/x0"):
        list_classes(found, 1)
    (tmp_path / "l.csv").write_text("image,label\na/x0,cat\nb/x0.png,dog\na/x1.png,dog\n")
    assert {
        name: [source[-8:] for source in own] for name, own in list_classes(found, 1).items()
    } == {
        "cat": ["a/x0.png"],
        "dog": ["b/x0.png", "a/x1.png"],
    }


@given(st.lists(st.from_regex(r"[0-9]{1,8}", fullmatch=True), min_size=2, max_size=6, unique=True))
def test_numbers_of_classes_stay_as_they_are_written(cells):
    names = _class_names("label", cells, Path("l.csv"))
    assert names == [f"label={cell}" for cell in cells]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("1000000", "1000001"), ("label=1000000", "label=1000001")),
        (("001", "1"), ("label=001", "label=1")),
        (("1.0", "1", "0."), ("label=1", "label=1", "label=0")),
        (("1.50", "1.5"), ("label=1.50", "label=1.5")),
        (("1e3", "cat"), ("1e3", "cat")),
    ],
)
def test_only_zeros_behind_a_point_are_dropped_of_numbers(cells, expected):
    assert tuple(_class_names("label", cells, Path("l.csv"))) == expected


def test_a_zip_file_with_one_name_twice_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(2):
            archive.write(picture(tmp_path / "a" / "1.png"), "a/1.png")
    with pytest.raises(CortexlensError, match=r"p.zip: holds 2 files named 'a/1.png'"):
        list_classes(Labelled(tmp_path / "p.zip"), 1)

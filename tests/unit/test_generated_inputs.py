"""Generated inputs around every kind of fault: the planted value comes out, or one line does.

Each example knows what has to come of it: the right values, or a refusal. Any other error, and any
other value, fails. All are drawn alike in every run; none starts a process.
"""

import unicodedata
from collections import Counter
from itertools import product
from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cortexlens.backbones.checkpoints import read_state_dict
from cortexlens.backbones.tokens import Known, prefix_of
from cortexlens.errors import CortexlensError
from cortexlens.study.files import find_files, natural_key
from cortexlens.study.pictures.image_set import ImageSet, list_pictures
from cortexlens.study.table.grids import Grid
from cortexlens.study.table.label_files import read_regions
from cortexlens.study.table.pairing import entities, pair_files
from cortexlens.study.table.recordings import Recording, millimetres, read_recording
from cortexlens.study.table.subject import table_responses
from cortexlens.study.table.subject_files import TableFiles
from cortexlens.study.table.trials import read_trials
from cortexlens.study.tsv import read_tsv

# Examples of each kind of fault.
EXAMPLES = {
    "joined by index": 40,
    "joined by position": 100,
    "duplicate keys: labels": 60,
    "duplicate keys: pictures": 60,
    "tokens taken for a map": 80,
    "missing values": 50,
    "checkpoints": 80,
    "tables of other programs": 50,
    "left out of folders": 30,
}


def generated(kind):
    """Draw as many examples of a kind as are promised, alike in every run."""
    return settings(max_examples=EXAMPLES[kind], derandomize=True, deadline=None)


def test_every_kind_has_its_examples():
    assert sum(EXAMPLES.values()) >= 300
    told = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert f"{sum(EXAMPLES.values())} generated inputs" in told


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder for the files of one example after the other."""
    return tmp_path_factory.mktemp("generated")


def outcome(call, *arguments, **options):
    """Give what a call gives, or None where it refuses in one line."""
    try:
        return call(*arguments, **options)
    except CortexlensError as error:
        line = str(error)
    assert len(line) > 20
    assert "\n" not in line
    return None


# -- joined by index: volumes and masks stored along other axes -----------------------------------

SHAPE = (3, 4, 2)


def planted(affine):
    """A number for each voxel that its place in space alone decides."""
    voxel = np.argwhere(np.ones(SHAPE, bool))
    return (millimetres(voxel, affine) @ [1.0, 30.0, 700.0]).reshape(SHAPE)


def stored(values, affine, order, signs):
    """The same volume along other axes, and the affine that says so."""
    turned = values.transpose(*order, *range(3, values.ndim))
    turned = turned[tuple(slice(None, None, sign) for sign in signs)]
    change = np.diag([0.0, 0, 0, 1])
    for axis, (source, sign) in enumerate(zip(order, signs, strict=True)):
        change[source, axis] = sign
        change[source, 3] += 0 if sign > 0 else values.shape[source] - 1
    return np.ascontiguousarray(turned), affine @ change


ORDERS = st.tuples(st.permutations(range(3)), st.tuples(*[st.sampled_from((1, -1))] * 3))


@generated("joined by index")
@given(
    orders=st.tuples(ORDERS, ORDERS, ORDERS),
    sizes=st.tuples(*[st.sampled_from((1.0, 1.8, 2.5))] * 3),
    origin=st.tuples(*[st.integers(-90, 90)] * 3),
    wrong=st.sampled_from((None, None, None, 0, 1, 2)),
    shift=st.floats(0.02, 20),
)
def test_volumes_meet_by_where_their_voxels_lie(folder, orders, sizes, origin, wrong, shift):
    affine = nibabel.affines.from_matvec(np.diag(sizes), origin)
    values = planted(affine)
    keep = np.arange(values.size).reshape(SHAPE) % 3 > 0
    runs = [values[..., None] + [0, 1, 2], values[..., None] + [3, 4, 5]]
    paths = [folder / "run-1.nii", folder / "run-2.nii", folder / "mask.nii"]
    contents = [*(run.astype("f4") for run in runs), keep.astype("u1")]
    for i, (path, content, order) in enumerate(zip(paths, contents, orders, strict=True)):
        turned, other = stored(content, affine, *order)
        if i == wrong:
            other[1, 3] += shift
        nibabel.save(nibabel.Nifti1Image(turned, other), path)
    found = outcome(read_recording, paths[:2], None, paths[2])
    assert (found is None) == (wrong is not None)
    if found is None:
        return
    places = millimetres(found.places["voxel"], found.space["grid"].affine)
    expected = places @ np.array([1.0, 30.0, 700.0])
    assert len(expected) == keep.sum()
    np.testing.assert_allclose(found.values, expected + np.arange(6)[:, None], rtol=1e-5, atol=0.01)
    np.testing.assert_allclose(np.sort(expected), np.sort(values[keep]), atol=0.01)


# -- joined by position: files of runs ------------------------------------------------------------

SESSIONS = ("01", "02", "10", "pre")
TASKS = ("faces", "places")


def named(recording, width, in_folder, suffix):
    """File of one recording, its numbers with zeros before them or without."""
    ses, task, run = recording
    ses = f"{int(ses):0{width}d}" if ses.isdecimal() else ses
    name = f"task-{task}_run-{run:0{width}d}_{suffix}"
    return Path(f"ses-{ses}", name) if in_folder else Path(f"sub-01_ses-{ses}_{name}")


@st.composite
def trees(draw):
    """Recordings, their files on both sides in any order, and whether they all have partners."""
    every = list(product(SESSIONS, TASKS, (1, 2, 9, 10, 11)))
    recordings = draw(st.lists(st.sampled_from(every), min_size=2, max_size=8, unique=True))
    sides = []
    for root, suffix in (("glm", "betas.nii.gz"), ("raw", "events.tsv")):
        width, in_folder = draw(st.integers(1, 3)), draw(st.booleans())
        files = {each: root / named(each, width, in_folder, suffix) for each in recordings}
        sides.append(files)
    fault = draw(st.sampled_from(("none", "none", "lost", "renamed")))
    side = sides[draw(st.integers(0, 1))]
    victim = draw(st.sampled_from(recordings))
    if fault == "lost":
        del side[victim]
    if fault == "renamed":
        path = side[victim]
        side[victim] = path.with_name(path.name.replace("run-", "run-7"))
    orders = [draw(st.permutations(list(files.values()))) for files in sides]
    return recordings, orders, fault


def identity(path):
    """Recording that a file is of, by its name."""
    found = entities(path)
    ses = str(int(found["ses"])) if found["ses"].isdecimal() else found["ses"]
    return ses, found["task"], int(found["run"])


@generated("joined by position")
@given(tree=trees())
def test_files_meet_the_files_of_their_own_recording(tree):
    recordings, (left, right), fault = tree
    pairing = outcome(pair_files, left, right, "trials")
    assert (pairing is None) == (fault != "none")
    if pairing is None:
        return
    assert pairing.responses == tuple(left)
    assert len(pairing.matches) == len(recordings)
    for match in pairing.matches:
        (one,), (other,) = match.responses, match.others
        assert identity(one) == identity(other)


# -- duplicate keys: labels -----------------------------------------------------------------------

NAMES = ("V1", "001", "1e+06", "TRUE", "nan", "hV4 ")
PLACES = Recording(
    np.zeros((3, 12)),
    {
        "voxel": np.stack([np.arange(12), np.zeros(12, int), np.zeros(12, int)], axis=1),
        "hemisphere": np.repeat([0, 1], 6).astype(np.int8),
    },
    {"grid": Grid((12, 1, 1), np.eye(4), Path("betas.nii"))},
)


@generated("duplicate keys: labels")
@given(
    volume=st.lists(st.integers(0, 4), min_size=12, max_size=12),
    rows=st.lists(st.tuples(st.integers(1, 4), st.sampled_from(NAMES)), max_size=6),
)
def test_labels_and_names_are_one_to_one_or_refused(folder, volume, rows):
    path = folder / "seg.nii"
    values = np.array(volume, "i2").reshape(12, 1, 1)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path)
    text = "".join(f"{label}\t{name}\n" for label, name in rows)
    (folder / "seg.tsv").write_text(f"index\tname\n{text}", encoding="utf-8")
    found = outcome(read_regions, [path], PLACES)

    names = {label: name.strip() for label, name in rows}
    two_names = any(names[label] != name.strip() for label, name in rows)
    present = sorted({label for label in volume if label})
    alone = len(present) == 1 and not names
    named = {k: names.get(k, "seg" if alone else f"seg-{k}") for k in present}
    sides = {label: 2 * volume[6:].count(label) > volume.count(label) for label in present}
    parts = Counter((named[label], sides[label]) for label in present)
    assert (found is None) == (two_names or max(parts.values(), default=0) > 1)
    if found is None:
        return
    assert set(found) == set(named.values())
    for vertex, label in enumerate(volume):
        told = [name for name, mask in found.items() if mask[vertex]]
        assert told == ([named[label]] if label else [])


# -- duplicate keys: pictures ---------------------------------------------------------------------

STEMS = ("cat", "Cat", "café", "1", "01", "1.5")
FOLDERS = ("a", "b", "a/b")


@generated("duplicate keys: pictures")
@given(
    paths=st.lists(
        st.tuples(st.sampled_from(FOLDERS), st.sampled_from(STEMS)),
        min_size=1,
        max_size=8,
        unique=True,
    ),
    pick=st.integers(0, 7),
    n_parts=st.integers(1, 3),
    form=st.sampled_from(("NFC", "NFD")),
    separator=st.sampled_from("/\\"),
    spaces=st.sampled_from(("", " ")),
)
def test_a_trial_shows_the_one_picture_of_its_name(
    folder, paths, pick, n_parts, form, separator, spaces
):
    files = [f"img/{place}/{stem}.png" for place, stem in paths]
    wanted = files[pick % len(files)].split("/")[-n_parts:]
    name = unicodedata.normalize(form, separator.join(wanted))
    (folder / "t.tsv").write_text(f"onset\tstim_file\n0\t{name}{spaces}\n", encoding="utf-8")
    ids = [f"picture-{i}" for i in range(len(files))]
    trials = outcome(read_trials, [folder / "t.tsv"], ids, files)
    fitting = [i for i, file in enumerate(files) if file.split("/")[-n_parts:] == wanted]
    assert (trials is None) == (len(fitting) > 1)
    if trials is not None:
        assert trials.image.tolist() == fitting


# -- tokens taken for a map -----------------------------------------------------------------------


@generated("tokens taken for a map")
@given(
    side=st.integers(1, 20),
    prefix=st.integers(0, 40),
    says=st.sampled_from(("prefix", "registers", "registers and class", "row", "nothing")),
    cuts=st.booleans(),
    other=st.integers(1, 20),
    prompts=st.sampled_from((0, 0, 3, 5, 8, 24)) | st.integers(0, 60),
)
def test_a_map_is_of_places_or_not_at_all(side, prefix, says, cuts, other, prompts):
    if prompts and says != "row":  # which the network does not count; its patches tell
        for known in (
            Known(prefix, None, None, frozenset({side})),
            Known(None, prefix, False, frozenset({side})),
            Known(None, None, None, frozenset({side})),
        ):
            found = prefix_of(prefix + prompts + side * side, known)
            assert found in (None, prefix + prompts)
    sides = frozenset({side, other} if cuts else ())
    known = {
        "prefix": Known(prefix, None, None, sides),
        "registers": Known(None, prefix, False, sides),
        "registers and class": Known(None, max(0, prefix - 1), None, sides),
        "row": Known(prefix, None, None, sides, from_row=True),
        "nothing": Known(None, None, None, sides),
    }[says]
    found = prefix_of(prefix + side * side, known)
    if says == "registers and class" and prefix == 0:
        return  # says of a register that is not there
    if says != "nothing":
        assert found == prefix
    elif not cuts:
        assert found is None
    elif other == side:
        assert found == (prefix if prefix <= 1 else None)
    else:
        # another grid of the network may fit with a class token or without one
        fits = {n for n in (0, 1) for s in sides if s * s + n == prefix + side * side}
        assert (found in fits) if fits else (found is None)


# -- missing values -------------------------------------------------------------------------------

FILLINGS = (np.nan, np.inf, -np.inf, "constant")


@st.composite
def recordings_with_holes(draw):
    """Runs of responses, and what is missing of them."""
    lengths = draw(st.lists(st.integers(3, 5), min_size=2, max_size=3))
    run = np.repeat(np.arange(len(lengths)), lengths)
    raw = np.random.default_rng(draw(st.integers(0, 99))).normal(5, 1, (len(run), 4))
    missing = np.zeros(raw.shape, bool)
    for _ in range(draw(st.integers(0, 2))):
        vertex, filling = draw(st.integers(0, 3)), draw(st.sampled_from(FILLINGS))
        if filling == "constant":
            trials = run == draw(st.sampled_from(range(len(lengths))))
            raw[trials & ~missing[:, vertex], vertex] = 7.5
        else:
            trials = np.arange(len(run)) == draw(st.integers(0, len(run) - 1))
            raw[trials, vertex] = filling
        missing[trials, vertex] = True
    return lengths, raw, missing


@generated("missing values")
@given(
    recording=recordings_with_holes(),
    rule=st.sampled_from((None, "drop-vertex")),
    scale=st.sampled_from(("training", "session")),
)
def test_what_is_missing_is_never_an_ordinary_number(folder, recording, rule, scale):
    lengths, raw, missing = recording
    paths = [folder / f"run-{i}.npy" for i in range(len(lengths))]
    for path, part in zip(paths, np.split(raw, np.cumsum(lengths)[:-1]), strict=True):
        np.save(path, part)
    n = len(raw)
    pictures = ImageSet([f"p{i}" for i in range(n)], [f"{i}.png" for i in range(n)], ["0" * 64] * n)
    whole = ~missing.any(axis=0)
    # a vertex that says the same in every run is constant and not missing
    with np.errstate(invalid="ignore"):
        flat = np.nanmax(np.where(np.isfinite(raw), raw, np.nan), axis=0) == np.nanmin(
            np.where(np.isfinite(raw), raw, np.nan), axis=0
        )
    whole |= flat & np.isfinite(raw).all(axis=0)
    found = outcome(
        table_responses,
        TableFiles(paths),
        pictures,
        np.arange(n) < n - 2,
        axes="image,vertex",
        missing=rule,
        scale=scale,
    )
    assert (found is None) == ((rule is None and not whole.all()) or not whole.any())
    if found is None:
        return
    response = found["response"].values
    assert response.shape == (n, whole.sum())
    assert np.isfinite(response).all()
    if scale == "training":
        back = response * found["response_std"].values + found["response_mean"].values
        np.testing.assert_allclose(back, raw[:, whole], rtol=1e-4, atol=1e-5)


# -- checkpoints ----------------------------------------------------------------------------------

STATE = {"a.weight": torch.ones(2), "a.bias": torch.zeros(1), "b": torch.full((1,), 3.0)}
OTHER = {name: value + 5 for name, value in STATE.items()}
USUAL = ("state_dict", "model")
PARTS = (*USUAL, "net", "model_ema", "state_dict_ema", "teacher", "ema")
JUNK = {
    "epoch": 3,
    "best": torch.tensor(70.0),
    "optimizer": {"state": {0: {"exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 0.1}]},
    "args": {"lr": 0.1, "name": "net"},
    "scheduler": {},
}


@generated("checkpoints")
@given(
    meant=st.sampled_from(PARTS),
    rivals=st.lists(st.sampled_from(PARTS), max_size=2, unique=True),
    criterion=st.booleans(),
    junk=st.lists(st.sampled_from(sorted(JUNK)), max_size=4, unique=True),
    wrapped=st.booleans(),
    deep=st.booleans(),
    says=st.booleans(),
    order=st.randoms(use_true_random=False),
)
def test_the_weights_that_are_meant_or_none(
    folder, meant, rivals, criterion, junk, wrapped, deep, says, order
):
    before = "module." if wrapped else ""
    own = {f"{before}{name}": value for name, value in STATE.items()}
    parts = {name: OTHER for name in rivals if name != meant}
    parts |= {"criterion": {"scale": torch.ones(1)}} if criterion else {}
    entries = [(meant, {"decay": 0.9, "module": own} if deep else own), *parts.items()]
    entries += [(name, JUNK[name]) for name in junk]
    order.shuffle(entries)
    torch.save(dict(entries), folder / "w.pth")
    name = f"{meant}::module" if deep else meant
    found = outcome(read_state_dict, folder / "w.pth", chosen=name if says else None)

    if says or not parts:
        clear = True
    else:  # one of the usual names, beside tables of other tensors alone
        others = [each for each in parts if each != "criterion"]
        clear = not others and not deep and meant in USUAL
    assert (found is not None) == clear
    if found is not None:
        assert {k: v.tolist() for k, v in found.items()} == {
            k: v.tolist() for k, v in STATE.items()
        }


# -- tables of other programs ---------------------------------------------------------------------

CELLS = st.text("abcXYZ0159 .-é½日", min_size=1, max_size=6).map(lambda text: f"x{text.strip()}x")


@generated("tables of other programs")
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252", "gb18030")),
    end=st.sampled_from(("\n", "\r\n", "\r")),
    tail=st.sampled_from(("", "\n\n", "\t\n")),
    separator=st.sampled_from("\t\t\t;,"),
)
def test_cells_are_as_written_or_the_table_is_refused(folder, rows, encoding, end, tail, separator):
    lines = [separator.join(row) for row in (("image_id", "name"), *rows)]
    text = "".join(line + end for line in lines) + tail
    data = text.encode(encoding, errors="replace")
    (folder / "t.tsv").write_bytes(data)
    found = outcome(read_tsv, folder / "t.tsv", needed=("image_id", "name"))
    is_unicode = encoding.startswith("utf")
    plain = all(cell.isascii() for row in rows for cell in row)
    lossless = is_unicode or plain
    if found is None:
        assert separator != "\t" or not lossless
        return
    assert separator == "\t"
    if lossless:
        columns = list(zip(*rows, strict=True))
        assert found == {"image_id": list(columns[0]), "name": list(columns[1])}
    else:  # nothing that only UTF-8 has was read from another encoding
        assert all(cell.isascii() for cells in found.values() for cell in cells)


# -- left out of folders --------------------------------------------------------------------------

FILES = ("1.png", "2.png", "10.png", "._1.png", ".DS_Store", "notes.txt", "3.PNG")
BELOW = ("", "ses-1/", "ses-10/", ".thumbs/", "__MACOSX/")


@generated("left out of folders")
@given(
    files=st.lists(
        st.tuples(st.sampled_from(BELOW), st.sampled_from(FILES)),
        min_size=1,
        max_size=10,
        unique=True,
    ),
    number=st.integers(0, 10**9),
)
def test_pictures_are_those_that_a_person_sees(tmp_path_factory, files, number):
    folder = tmp_path_factory.mktemp(f"tree{number}-")
    names = [below + name for below, name in files]
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    seen = [
        name
        for name in names
        if name.lower().endswith(".png") and "/." not in f"/{name}" and "__MACOSX" not in name
    ]
    seen.sort(key=lambda name: (natural_key(name), name))
    found = outcome(list_pictures, folder)
    assert (list(found) if found else []) == seen
    patterned = outcome(find_files, folder, "**/*.png")
    wanted = [name for name in names if name.endswith(".png") and "/." not in f"/{name}"]
    wanted = {name for name in wanted if "__MACOSX" not in name}
    assert {path.relative_to(folder).as_posix() for path in patterned or ()} == wanted

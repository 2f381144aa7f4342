"""Each order, unit and numbering of the NSD's files, proven by a number that was put in place."""

import gzip
import os
from concurrent.futures import ThreadPoolExecutor

import h5py
import nibabel
import numpy as np
import pytest
from nibabel.gifti import GiftiDataArray, GiftiImage
from scipy.io import savemat

from cortexlens.cortex.meshes import encoder_coordinates
from cortexlens.errors import CortexlensError
from cortexlens.study.ceiling import noise_ceiling
from cortexlens.study.nsd.betas import read_session
from cortexlens.study.nsd.design import read_design
from cortexlens.study.nsd.layout import ROIS, SIDES, parse_sessions
from cortexlens.study.nsd.places import find_places
from cortexlens.study.nsd.subject import nsd_images
from cortexlens.study.pictures.image_set import ImageSet
from nsd_studies import LENGTH, collect, design_of, layout_of, surface_study, volume_study
from trees import NSD_AFFINE, NSD_SHAPE, ROI_CLASSES, nsd_tree, write_nsd_session


@pytest.fixture
def surface(tmp_path):
    return surface_study(tmp_path)


@pytest.fixture(params=["nii.gz", "hdf5"])
def volume(tmp_path, request):
    return volume_study(tmp_path, request.param)


def by_hand(values):
    """Z-score one vertex's trials of one session."""
    values = values.astype(np.float64)
    return (values - values.mean()) / values.std(ddof=1)


# the design and the pictures


def test_the_design_counts_from_one(surface):
    layout, _ = surface
    path, fields = design_of(layout.root)
    fields["masterordering"][0, LENGTH + 3] = 7  # trial 3 of session 2 shows the 7th image …
    fields["subjectim"][1, 6] = 14  # … which is, for subject 2, picture 14: nsd-00013
    savemat(path, fields)
    design = read_design(layout)
    assert design.trials_per_session == LENGTH
    assert design.picture[LENGTH + 3] == 13
    shown = nsd_images(layout).ids
    assert shown[design.trial_image[LENGTH + 3]] == "nsd-00013"
    assert shown == sorted(set(shown))


def test_only_pictures_of_the_chosen_sessions_are_listed(tmp_path):
    nsd_tree(tmp_path, sessions=[1, 2, 3], length=LENGTH)
    _, fields = design_of(tmp_path)
    order, own = fields["masterordering"].ravel().astype(int), fields["subjectim"][1]
    chosen = [order[t] for t in range(2 * LENGTH, 3 * LENGTH)]
    expected = sorted({f"nsd-{own[i - 1] - 1:05d}" for i in chosen})
    assert nsd_images(layout_of(tmp_path, sessions="3")).ids == expected


def test_pictures_are_read_from_the_file_of_stimuli(surface):
    layout, _ = surface
    number = int(read_design(layout).shown[2])
    with h5py.File(layout.stimuli, "r+") as file:
        file["imgBrick"][number, 5, 7] = [1, 2, 3]  # row 5, column 7
        brick = file["imgBrick"][:]
    images = nsd_images(layout)
    images.write(layout.root / "images.tsv")
    images = ImageSet.read(layout.root / "images.tsv")
    assert images.ids[2] == f"nsd-{number:05d}"
    picture = images.open(2)
    assert (picture.mode, picture.getpixel((7, 5))) == ("RGB", (1, 2, 3))
    for i, name in enumerate(images.ids):
        np.testing.assert_array_equal(images.open(i), brick[int(name[4:])])


def test_pictures_are_read_by_threads_and_forked_processes(surface):
    images = nsd_images(surface[0])
    expected = [images.open(i).tobytes() for i in range(len(images))]
    with ThreadPoolExecutor(8) as pool:
        order = [*range(len(images))] * 20
        found = list(pool.map(lambda i: images.open(i).tobytes(), order))
    assert found == expected * 20
    children = []
    for child in range(4):
        if not (pid := os.fork()):
            right = all(
                images.open(i).tobytes() == expected[i]
                for _ in range(20)
                for i in range(len(images))
            )
            os._exit(child if right else 99)
        children.append(pid)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
    assert codes == [0, 1, 2, 3]


def test_a_picture_that_changed_is_named(surface):
    layout, _ = surface
    images = nsd_images(layout)
    number = int(images.ids[0][4:])
    with h5py.File(layout.stimuli, locking=False) as file:
        brick = file["imgBrick"][:]
    brick[number, 0, 0, 0] ^= 1
    with h5py.File(layout.root / "other.hdf5", "w") as file:
        file["imgBrick"] = brick
    (layout.root / "other.hdf5").replace(layout.stimuli)
    with pytest.raises(CortexlensError, match=rf"imgBrick::{number}: the file has changed"):
        images.open(0)


# responses


def test_a_response_on_fsaverage_is_found_where_it_was_put(surface):
    layout, values = surface
    values[1, 3, 1] += 0.5 * np.arange(values.shape[-1]) / values.shape[-1]
    write_nsd_session(layout.root, "subj02", 2, values[1], space="fsaverage")
    given = collect(layout)
    place = 40  # the 11th of the right hemisphere, after 30 of the left
    vertex = int(given["vertex_index"][place])
    assert given["hemisphere"].values.tolist() == [0] * 30 + [1] * 34
    expected = by_hand(values[1, :, 1, vertex])
    np.testing.assert_allclose(given["response"][LENGTH:, place], expected, atol=1e-4)
    assert given["session"].values.tolist() == [0] * LENGTH + [1] * LENGTH
    assert given.attrs["space"] == "fsaverage"


def test_percent_signal_change_on_fsaverage_is_as_in_the_file(surface):
    layout, values = surface
    path = layout.betas_files(1)[1]
    # big-endian, after the 284 bytes of header, trials one after another
    raw = np.fromfile(path, ">f4", offset=284, count=values[0, :, 1].size).reshape(LENGTH, -1)
    np.testing.assert_array_equal(raw, values[0, :, 1])
    session = read_session(layout.betas_files(1), *_places(layout), LENGTH)
    right = find_places(layout).flat[1]
    np.testing.assert_array_equal(session[:, 30:], raw[:, right])


def _places(layout):
    places = find_places(layout)
    return places.flat, places.shape


def test_a_response_in_a_volume_is_found_where_it_was_put(volume):
    layout, values = volume
    voxel = (6, 2, 3)
    values[0, 5][voxel] = 2.5  # 750 in the file
    suffix = "hdf5" if layout.betas_files(1)[0].suffix == ".hdf5" else "nii.gz"
    write_nsd_session(layout.root, "subj02", 1, values[0], space="func1pt8mm", suffix=suffix)
    given = collect(layout)
    place = given["voxel"].values.tolist().index(list(voxel))
    session = read_session(layout.betas_files(1), *_places(layout), LENGTH)
    assert session[5, place] == np.float32(2.5)
    expected = by_hand(values[0, :, 6, 2, 3])
    np.testing.assert_allclose(given["response"][:LENGTH, place], expected, atol=1e-4)
    assert given.attrs["volume_shape"] == list(NSD_SHAPE)
    np.testing.assert_allclose(given.attrs["volume_affine"], NSD_AFFINE, rtol=1e-6)
    at = NSD_AFFINE @ [6, 2, 3, 1]
    np.testing.assert_allclose(given["coordinates"][place], at[:3], rtol=1e-5)
    assert given["hemisphere"].values.tolist() == (given["voxel"].values[:, 0] > 4).tolist()
    assert given.attrs["space"] == "func1pt8mm"
    assert "vertex_index" not in given


def test_both_formats_of_a_volume_give_the_same(tmp_path):
    values = nsd_tree(tmp_path, length=LENGTH, space="func1pt8mm")
    for session in (1, 2):
        write_nsd_session(
            tmp_path, "subj02", session, values[session - 1], space="func1pt8mm", suffix="hdf5"
        )
    layouts = [layout_of(tmp_path, space="func1pt8mm", format=name) for name in ("nii.gz", "hdf5")]
    assert [layout.betas_files(1)[0].suffix for layout in layouts] == [".gz", ".hdf5"]
    assert collect(layouts[0]).identical(collect(layouts[1]))


def test_hemispheres_of_voxels_without_files_are_by_side_of_the_centre(volume):
    layout, _ = volume
    for path in layout.volume_labels.glob("[lr]h.*"):
        path.unlink()
    given = collect(layout)
    assert given["hemisphere"].values.tolist() == (given["voxel"].values[:, 0] > 4).tolist()


def test_hemispheres_of_voxels_are_those_of_the_files(volume):
    layout, _ = volume
    path = layout.volume_labels / "lh.nsdgeneral.nii.gz"
    image = nibabel.load(path)
    labels = np.asarray(image.dataobj).copy()
    labels[6, 2, 3] = 1  # right of the centre, but of the left hemisphere by the files
    nibabel.Nifti1Image(labels, image.affine).to_filename(path)
    other = nibabel.load(layout.volume_labels / "rh.nsdgeneral.nii.gz")
    labels = np.asarray(other.dataobj).copy()
    labels[6, 2, 3] = -1
    nibabel.Nifti1Image(labels, image.affine).to_filename(
        layout.volume_labels / "rh.nsdgeneral.nii.gz"
    )
    given = collect(layout)
    place = given["voxel"].values.tolist().index([6, 2, 3])
    assert given["hemisphere"][place] == 0


def test_vertices_lie_where_the_mask_says(surface):
    layout, _ = surface
    given = collect(layout)
    for code, side in enumerate(("lh", "rh")):
        mask = nibabel.load(layout.fsaverage_labels / f"{side}.nsdgeneral.mgz").get_fdata()
        here = given.isel(vertex=given["hemisphere"].values == code)
        assert here["vertex_index"].values.tolist() == np.flatnonzero(mask).tolist()
    places = given["hemisphere"].to_numpy(), given["vertex_index"].to_numpy()
    np.testing.assert_array_equal(given["coordinates"], encoder_coordinates("fsaverage", *places))


def test_vertices_without_data_are_left_out_and_counted(surface, capsys):
    layout, values = surface
    left = find_places(layout).flat[0]
    values[1, :, 0, left[4]] = np.nan
    values[0, :, 0, 5 if 5 not in left else 6] = np.nan  # outside the mask: of no concern
    for session in (1, 2):
        write_nsd_session(layout.root, "subj02", session, values[session - 1], space="fsaverage")
    given = collect(layout)
    assert "1 of 64 vertices of nsdgeneral are NaN in some session" in capsys.readouterr().err
    assert given.sizes["vertex"] == 63
    assert left[4] not in given["vertex_index"][:29]
    assert np.isfinite(given["response"]).all()


# noise ceilings


def independent_ceiling(response, trial_image):
    """Ceiling of the mean over repeats, by the published formulas, one vertex."""
    images, counts = np.unique(trial_image, return_counts=True)
    assert counts.max() == 3
    variances = [response[trial_image == i].var(ddof=1) for i in images[counts == 3]]
    v2 = float(np.mean(variances))
    ratio = max(0.0, 1 - v2) ** 0.5 / v2**0.5
    A, B, C = ((counts == n).sum() for n in (3, 2, 1))
    return ratio, ratio**2 / (ratio**2 + (A / 3 + B / 2 + C) / (A + B + C))


@pytest.mark.parametrize("space", ["fsaverage", "func1pt8mm"])
def test_ceilings_are_of_the_repeats_that_were_loaded(tmp_path, space):
    nsd_tree(tmp_path, length=40, space=space)
    given = collect(layout_of(tmp_path, space=space))
    trial_image = given["trial_image"].values
    response = given["response"].values.astype(np.float64)
    repeats = np.bincount(trial_image)
    assert {1, 2, 3} == set(repeats.tolist())
    ceilings = noise_ceiling(given["ncsnr"].values, repeats)
    for vertex in range(given.sizes["vertex"]):
        ratio, ceiling = independent_ceiling(response[:, vertex], trial_image)
        assert given["ncsnr"][vertex] == pytest.approx(ratio, rel=1e-4, abs=1e-4)
        assert ceilings[vertex] == pytest.approx(ceiling, rel=1e-4, abs=1e-4)
    assert 0.5 < np.median(ceilings) < 1  # the tree's signal is four times its noise


# regions


def test_regions_of_a_volume_are_named_by_label(volume):
    layout, _ = volume
    given = collect(layout)
    names = [name for regions in ROI_CLASSES.values() for name in regions]
    assert given["roi"].values.tolist() == ["nsdgeneral", *names, "V1", "V2", "V3"]
    labels = np.asarray(nibabel.load(layout.volume_labels / "floc-faces.nii.gz").dataobj)
    own = labels[tuple(given["voxel"].values.T)]
    np.testing.assert_array_equal(given["roi_mask"].sel(roi="FFA-1"), own == 2)
    either = given["roi_mask"].sel(roi="V1v") | given["roi_mask"].sel(roi="V1d")
    np.testing.assert_array_equal(given["roi_mask"].sel(roi="V1"), either)
    assert given["roi_mask"].sel(roi="nsdgeneral").all()


def test_regions_that_are_not_on_fsaverage_are_said_to_be_left_out(surface, capsys):
    layout, _ = surface
    names = collect(layout)["roi"].values.tolist()
    assert names == ["nsdgeneral", *ROI_CLASSES["streams"]]
    lines = capsys.readouterr().err.splitlines()
    left_out = [
        line for line in lines if "are left out: the NSD has them on the subject's own" in line
    ]
    assert len(left_out) == 1
    assert "prf-visualrois, floc-bodies, floc-faces, floc-places, floc-words" in left_out[0]
    for side in ("lh", "rh"):  # the user's own, mapped to fsaverage
        source = layout.fsaverage_labels / f"{side}.streams.mgz"
        (layout.fsaverage_labels / f"{side}.floc-bodies.mgz").write_bytes(
            gzip.compress(gzip.decompress(source.read_bytes()))
        )
    (layout.own_labels / "floc-bodies.mgz.ctab").write_text(
        "".join(f"{i} body-{i} 0 0 0 0\n" for i in range(8))
    )
    given = collect(layout)
    assert "body-3" in given["roi"].values
    np.testing.assert_array_equal(
        given["roi_mask"].sel(roi="body-3"), given["roi_mask"].sel(roi="midlateral")
    )


def test_labels_that_no_voxel_has_are_left_out(volume):
    layout, _ = volume
    path = layout.volume_labels / "floc-words.nii.gz"
    image = nibabel.load(path)
    labels = np.asarray(image.dataobj).copy()
    labels[labels == 1] = 0
    nibabel.Nifti1Image(labels, image.affine).to_filename(path)
    names = collect(layout)["roi"].values.tolist()
    assert "OWFA" not in names
    assert "VWFA-1" in names


@pytest.mark.parametrize(("mask", "count"), [("all", 7 * 7 * 5), ("floc-places", None)])
def test_another_mask(volume, mask, count):
    layout, _ = volume
    given = collect(layout_of(layout.root, space="func1pt8mm", mask=mask))
    labels = np.asarray(nibabel.load(layout.volume_labels / "floc-places.nii.gz").dataobj)
    assert given.sizes["vertex"] == (count or (labels > 0).sum())


def test_surfaces_through_a_volume_take_its_voxels(volume):
    layout, _ = volume
    place = collect(layout)["coordinates"].values[3]
    for name, x in (("lh", -500.0), ("rh", 500.0)):
        points = np.full((10_242, 3), x, np.float32)
        if name == "rh":
            points[77] = place
        array = GiftiDataArray(points, intent="NIFTI_INTENT_POINTSET")
        nibabel.save(GiftiImage(darrays=[array]), layout.root / f"{name}.gii")
    columns = {"surface": "lh.gii, rh.gii", "surface_space": "fsaverage5"}
    drawn = layout_of(layout.root, space="func1pt8mm", **columns)
    assert list(drawn.files())[-2:] == ["surface 1", "surface 2"]
    given = collect(drawn)
    assert given["surface_hemisphere"].values.tolist() == [1]
    assert given["surface_vertex"].values.tolist() == [77]
    assert given["surface_voxel"].values.tolist() == [3]
    assert given.attrs["surface_space"] == "fsaverage5"
    with pytest.raises(CortexlensError, match="column surface is for space func1pt8mm"):
        layout_of(layout.root, **columns)


# what is asked for


def test_sessions_are_counted_from_one_and_limited_to_the_released():
    assert parse_sessions("3, 1-2", "subj01") == (1, 2, 3)
    assert [len(parse_sessions("", f"subj0{i}")) for i in range(1, 9)] == [
        *(40, 40, 32, 30, 40, 32, 40, 30)
    ]
    for ranges in ("0", "33", "5-3", "a", "1--2"):
        with pytest.raises(CortexlensError, match="subj03 has the sessions 1 to 32; allowed are"):
            parse_sessions(ranges, "subj03")
    with pytest.raises(CortexlensError, match="overlap; name each session once"):
        parse_sessions("1-3,2", "subj03")


def test_other_subjects_and_spaces_are_named(tmp_path):
    with pytest.raises(
        CortexlensError, match="'subj09' is not a subject of the NSD; allowed are subj"
    ):
        layout_of(tmp_path, subject="subj09")
    assert layout_of(tmp_path, subject="anna", folder="subj03").folder == "subj03"
    with pytest.raises(CortexlensError, match="space 'MNI': allowed are fsaverage, func1pt8mm"):
        layout_of(tmp_path, space="MNI")
    assert layout_of(tmp_path, rois="").rois == ()
    assert layout_of(tmp_path, rois="streams,floc-words").rois == ("streams", "floc-words")


def test_every_file_on_fsaverage_is_named_and_there(surface):
    files = surface[0].files()
    assert [name for name, path in files.items() if not path.exists()] == []
    assert list(files)[:4] == ["images", "design", "session 1, lh", "session 1, rh"]
    assert list(files)[6:] == [f"roi {n}, {s}" for n in ("nsdgeneral", "streams") for s in SIDES]


def test_every_file_of_a_volume_is_named_and_there(volume):
    files = volume[0].files()
    assert [name for name, path in files.items() if not path.exists()] == []
    assert list(files)[2:] == ["session 1", "session 2", *(f"roi {name}" for name in ROIS)]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_labels_stored_in_another_direction_are_laid_where_they_belong(volume, axis):
    layout, _ = volume
    expected = collect(layout)
    mask = layout.volume_labels / "nsdgeneral.nii.gz"
    change = np.eye(4)
    change[axis, axis], change[axis, 3] = -1, NSD_SHAPE[axis] - 1
    for path in layout.volume_labels.glob("*.nii.gz"):
        if layout.betas_files(1)[0].suffix == ".hdf5" and path == mask:
            continue  # HDF5 knows no directions: those of the mask count
        image = nibabel.load(path)
        labels = np.flip(np.asarray(image.dataobj), axis).copy()
        nibabel.Nifti1Image(labels, image.affine @ change).to_filename(path)
    assert collect(layout).identical(expected)


def test_volumes_turned_otherwise_are_refused(tmp_path):
    layout, _ = volume_study(tmp_path, "nii.gz")
    path = layout.betas_files(2)[0]
    image = nibabel.load(path)
    nibabel.Nifti1Image(np.asarray(image.dataobj), image.affine * [-1, 1, 1, 1]).to_filename(path)
    with pytest.raises(CortexlensError, match=r"session02.*its axes differ from those of"):
        collect(layout)
    path = layout.volume_labels / "streams.nii.gz"
    image = nibabel.load(path)
    nibabel.Nifti1Image(np.asarray(image.dataobj), image.affine * [2, 1, 1, 1]).to_filename(path)
    layout = layout_of(tmp_path, space="func1pt8mm", sessions="1")
    with pytest.raises(CortexlensError, match=r"streams.*voxels are not those of .* mm apart"):
        collect(layout)


def test_a_voxel_that_is_nought_throughout_a_session_is_left_out(volume, capsys):
    layout, values = volume
    suffix = "hdf5" if layout.betas_files(1)[0].suffix == ".hdf5" else "nii.gz"
    whole = collect(layout)
    values[1, :, 6, 2, 3] = 0  # no data in the second session
    values[:, :, 5, 2, 3] = 0  # nor anywhere: kept and counted, as ever
    for session in (1, 2):
        write_nsd_session(
            layout.root, "subj02", session, values[session - 1], space="func1pt8mm", suffix=suffix
        )
    capsys.readouterr()
    given = collect(layout)
    assert "1 of 72 vertices are constant throughout some session" in capsys.readouterr().err
    voxels = given["voxel"].values.tolist()
    assert [6, 2, 3] not in voxels
    kept = [voxel in voxels for voxel in whole["voxel"].values.tolist()]
    same = [index for index, voxel in enumerate(voxels) if voxel != [5, 2, 3]]
    expected = whole.isel(vertex=kept).isel(vertex=same)
    for name in ("response", "ncsnr", "coordinates", "hemisphere"):
        np.testing.assert_array_equal(given.isel(vertex=same)[name], expected[name])
    for region in given["roi"].values:
        np.testing.assert_array_equal(
            given.isel(vertex=same)["roi_mask"].sel(roi=region),
            expected["roi_mask"].sel(roi=region),
        )

"""Every damage to the NSD's files has its one line."""

import h5py
import nibabel
import numpy as np
import pytest
from scipy.io import savemat

from cortexlens.errors import CortexlensError
from cortexlens.study.nsd.betas import open_betas
from cortexlens.study.nsd.design import read_design
from cortexlens.study.nsd.places import find_places
from cortexlens.study.nsd.subject import nsd_images, nsd_responses, survey_nsd
from cortexlens.study.pictures.image_set import ImageSet
from nsd_studies import LENGTH, collect, design_of, layout_of, surface_study, volume_study
from trees import NSD_AFFINE, NSD_SHAPE, ROI_CLASSES, write_nsd_session


@pytest.fixture
def surface(tmp_path):
    return surface_study(tmp_path)


@pytest.fixture(params=["nii.gz", "hdf5"])
def volume(tmp_path, request):
    return volume_study(tmp_path, request.param)


def refused(layout, message):
    with pytest.raises(CortexlensError, match=message) as caught:
        collect(layout)
    assert "\n" not in str(caught.value)


def test_a_truncated_hemisphere_is_named(surface):
    layout, _ = surface
    path = layout.betas_files(2)[1]
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    refused(layout, r"rh.betas_session02.mgh: .*cannot be read .*Copy the file again")
    path.write_bytes(data[:100])
    refused(layout, r"rh.betas_session02.mgh: .*cannot be read .*Copy the file again")
    path.write_bytes(b"")
    refused(layout, r"rh.betas_session02.mgh: cannot be read as responses of the NSD")
    path.unlink()
    refused(layout, r"rh.betas_session02.mgh: cannot be read as responses of the NSD")


def test_a_truncated_volume_is_named(volume):
    layout, _ = volume
    (path,) = layout.betas_files(2)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    refused(layout, r"betas_session02.(nii.gz|hdf5): .*cannot be read .*Copy the file again")


def test_a_truncated_file_is_seen_before_anything_is_read(volume):
    layout, _ = volume
    counts = survey_nsd(layout)
    given = collect(layout)
    assert counts[:3] == (
        given["trial_image"].values.max() + 1,
        given.sizes["trial"],
        given.sizes["vertex"],
    )
    assert set(counts[3]) == set(given["roi"].values)
    (path,) = layout.betas_files(2)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(
        CortexlensError, match=r"session02\.(nii\.gz: ends early|hdf5: cannot be re)"
    ):
        survey_nsd(layout)


def test_another_number_of_trials_is_named(surface):
    layout, values = surface
    write_nsd_session(layout.root, "subj02", 2, values[1, 1:], space="fsaverage")
    refused(layout, r"lh.betas_session02.mgh: found 7 trials; a session has 8")


def test_another_length_of_hemisphere_is_named(surface):
    layout, values = surface
    write_nsd_session(layout.root, "subj02", 1, values[0, :, :, :10_242], space="fsaverage")
    refused(
        layout, r"lh.betas_session01.mgh: found responses in a space of 10242 × 1 × 1, .*163842"
    )


def test_another_shape_of_volume_is_named(volume):
    layout, values = volume
    suffix = "".join(layout.betas_files(1)[0].suffixes)[1:]
    write_nsd_session(layout.root, "subj02", 2, values[1, :, 1:], space="func1pt8mm", suffix=suffix)
    refused(layout, r"found responses in a space of 8 × 7 × 5, but the regions .* 9 × 7 × 5")


def test_a_number_missing_in_some_trials_is_named(surface):
    layout, values = surface
    values[0, 3, 0, find_places(layout).flat[0][2]] = np.nan
    write_nsd_session(layout.root, "subj02", 1, values[0], space="fsaverage")
    refused(
        layout, r"lh.betas_session01.mgh: 1 of 30 vertices hold a number in the first trial but"
    )


def test_no_data_at_all_is_named(surface):
    layout, values = surface
    write_nsd_session(layout.root, "subj02", 1, np.full_like(values[0], np.nan), space="fsaverage")
    refused(layout, r"every vertex of nsdgeneral is NaN in some session")


def test_another_type_of_numbers_is_named(volume):
    layout, values = volume
    (path,) = layout.betas_files(1)
    if path.suffix == ".hdf5":
        with h5py.File(path, "w") as file:
            file["betas"] = np.zeros((LENGTH, *NSD_SHAPE[::-1]), np.float32)
    else:
        nibabel.Nifti1Image(np.moveaxis(values[0], 0, -1), NSD_AFFINE).to_filename(path)
    with pytest.raises(CortexlensError, match="found float32; in the release, responses are int16"):
        open_betas(path)


def test_an_hdf5_file_of_something_else_is_named(tmp_path):
    with h5py.File(tmp_path / "betas_session01.hdf5", "w") as file:
        file["other"] = np.zeros(3)
    with pytest.raises(CortexlensError, match="holds other; needed is an array betas"):
        open_betas(tmp_path / "betas_session01.hdf5")


def test_damaged_stimuli_are_named(surface):
    layout, _ = surface
    shown = read_design(layout).shown
    for name, array, message in (
        (
            "imgBrick",
            np.zeros((3, 4, 4, 3), np.uint8),
            rf"holds 3 images, but .* {shown[-1]} \(from",
        ),
        ("imgBrick", np.zeros((900, 4, 4, 3), np.int16), r"imgBrick is int16 of shape .* uint8"),
        ("imgBrick", np.zeros((900, 4, 4), np.uint8), r"imgBrick is uint8 of shape \(900, 4, 4\)"),
        ("pictures", np.zeros((900, 4, 4, 3), np.uint8), "holds pictures, but no array imgBrick"),
    ):
        layout.stimuli.unlink()
        with h5py.File(layout.stimuli, "w") as file:
            file[name] = array
        with pytest.raises(CortexlensError, match=message):
            nsd_images(layout)
    layout.stimuli.write_bytes(b"no HDF5")
    with pytest.raises(CortexlensError, match=r"nsd_stimuli.hdf5: cannot be read as an HDF5 file"):
        nsd_images(layout)
    layout.stimuli.unlink()
    with pytest.raises(CortexlensError, match=r"nsd_stimuli.hdf5: cannot be read as an HDF5 file"):
        nsd_images(layout)


def test_an_image_number_beyond_the_brick_is_named(surface):
    layout, _ = surface
    source = f"{layout.stimuli}::imgBrick::99999"
    with pytest.raises(CortexlensError, match="imgBrick::99999: there is no such image; imgBrick"):
        ImageSet.from_sources(["nsd-99999"], [source])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"masterordering": None}, "lacks the field masterordering"),
        ({"subjectim": None}, "lacks the field subjectim"),
        ({"masterordering": np.ones((1, 77))}, "holds 77 trials, which are not 40 sessions"),
        ({"masterordering": np.zeros((1, 320))}, r"masterordering holds 0; allowed are 1 to"),
        ({"masterordering": np.full((1, 320), 0.5)}, "not whole numbers"),
        ({"subjectim": np.ones((3, 400))}, r"subjectim has the shape \(3, 400\)"),
    ],
)
def test_a_damaged_design_is_named(surface, change, message):
    layout, _ = surface
    path, fields = design_of(layout.root)
    fields = {**fields, **change}
    savemat(path, {name: field for name, field in fields.items() if field is not None})
    with pytest.raises(CortexlensError, match=rf"nsd_expdesign.mat: .*{message}"):
        read_design(layout)


def test_damaged_labels_are_named(volume):
    layout, _ = volume
    path = layout.volume_labels / "streams.nii.gz"
    data = path.read_bytes()
    nibabel.Nifti1Image(np.full(NSD_SHAPE, 9, np.int16), NSD_AFFINE).to_filename(path)
    refused(layout, r"streams.nii.gz: holds the label 9, which has no name")
    nibabel.Nifti1Image(np.full(NSD_SHAPE, 0.5), NSD_AFFINE).to_filename(path)
    refused(layout, r"streams.nii.gz: found float64 .* whole number")
    nibabel.Nifti1Image(np.zeros((2, 2, 2), np.int16), NSD_AFFINE).to_filename(path)
    refused(layout, r"streams.nii.gz: found labels of shape \(2, 2, 2\)")
    path.write_bytes(data[:50])
    refused(layout, r"streams.nii.gz: cannot be read as labels")
    path.unlink()
    refused(layout, r"subj02/func1pt8mm/roi/streams.nii.gz: cannot be read as labels")


def test_names_of_labels_that_are_not_there_are_asked_for(volume):
    layout, _ = volume
    for name in ("floc-faces", "streams"):
        (layout.own_labels / f"{name}.mgz.ctab").unlink()
    refused(
        layout, r"subj02/label/floc-faces.mgz.ctab: does not exist, .* names the labels of floc"
    )
    rest = layout_of(layout.root, space="func1pt8mm", rois="streams")  # its names are documented
    assert collect(rest)["roi"].values.tolist() == list(ROI_CLASSES["streams"])
    (layout.own_labels / "streams.mgz.ctab").write_text("early 1\n")
    refused(rest, r"streams.mgz.ctab, line 1: found 'early 1'; needed are a label and its name")


def test_an_empty_mask_is_named(volume):
    layout, _ = volume
    path = layout.volume_labels / "nsdgeneral.nii.gz"
    nibabel.Nifti1Image(np.zeros(NSD_SHAPE, np.int16), NSD_AFFINE).to_filename(path)
    refused(layout, r"nsdgeneral.nii.gz: the mask nsdgeneral is empty")


def test_images_of_other_sessions_are_named(surface):
    layout, _ = surface
    with pytest.raises(CortexlensError, match=r"in sessions 1, 2, which are not the 1 of images"):
        nsd_responses(layout, ["nsd-00001"], layout.root)

import os
import pickle
import shutil

import numpy as np
import pytest

from cortexlens.cortex.meshes import encoder_coordinates
from cortexlens.errors import CortexlensError
from cortexlens.study.algonauts2023 import algonauts_files, algonauts_images, algonauts_responses
from trees import algonauts_tree


@pytest.fixture
def folder(tmp_path):
    algonauts_tree(tmp_path)
    return tmp_path / "subj01"


def fmri(folder, side):
    return folder / "training_split" / "training_fmri" / f"{side}_training_fmri.npy"


def masks(folder, name):
    return folder / "roi_masks" / f"{name}.npy"


def test_images_are_in_the_order_of_their_numbers(folder):
    pictures = folder / "training_split" / "training_images"
    names = sorted(path.name for path in pictures.iterdir())
    images = algonauts_images(folder)
    assert len(images) == 12
    assert images.ids == [name.split("_")[1].removesuffix(".png") for name in names]
    assert images.ids[0].startswith("nsd-")
    assert [source.rsplit("/", 1)[1] for source in images.sources] == names


def test_both_hemispheres_are_joined_left_first(folder):
    lh, rh = (np.load(fmri(folder, side)) for side in ("lh", "rh"))
    lh[3, 5], rh[7, 2] = 42, -42
    np.save(fmri(folder, "lh"), lh)
    np.save(fmri(folder, "rh"), rh)
    given = algonauts_responses(folder, 12)
    assert given["response"].dtype == np.float32
    np.testing.assert_array_equal(given["response"], np.concatenate([lh, rh], axis=1))
    assert given["response"][3, 5] == 42
    assert given["response"][7, 40 + 2] == -42
    assert given["hemisphere"].values.tolist() == [0] * 40 + [1] * 44
    assert given.attrs["space"] == "fsaverage"


def test_vertices_lie_where_the_mask_says(folder):
    given = algonauts_responses(folder, 12)
    for code, side in enumerate(("lh", "rh")):
        mask = np.load(masks(folder, f"{side}.all-vertices_fsaverage_space"))
        here = given.isel(vertex=given["hemisphere"].values == code)
        assert here["vertex_index"].values.tolist() == np.flatnonzero(mask).tolist()
    places = given["hemisphere"].to_numpy(), given["vertex_index"].to_numpy()
    np.testing.assert_array_equal(given["coordinates"], encoder_coordinates("fsaverage", *places))


def test_regions_are_named_by_the_mapping(folder):
    given = algonauts_responses(folder, 12)
    label = {"V1v": 1, "V1d": 2, "V2v": 3, "V2d": 4, "V3v": 5, "V3d": 6, "hV4": 7}
    labels = np.concatenate(
        [np.load(masks(folder, f"{s}.prf-visualrois_challenge_space")) for s in ("lh", "rh")]
    )
    for name, code in label.items():
        np.testing.assert_array_equal(given["roi_mask"].sel(roi=name), labels == code)
    for area in ("V1", "V2", "V3"):
        either = np.isin(labels, [label[area + "v"], label[area + "d"]])
        np.testing.assert_array_equal(given["roi_mask"].sel(roi=area), either)
    names = given["roi"].values.tolist()
    assert {"EBA", "OPA", "PPA", "FFA-1", "VWFA-1", "midparietal"} < set(names)
    assert len(set(names)) == len(names) == 7 + 4 + 5 + 3 + 5 + 7 + 3
    assert "Unknown" not in names


def test_a_label_means_what_its_own_mapping_says(folder):
    np.save(
        masks(folder, "mapping_floc-places"),
        np.array({0: "Unknown", 3: "OPA", 1: "PPA", 2: "RSC"}, dtype=object),
    )
    given = algonauts_responses(folder, 12)
    labels = np.load(masks(folder, "lh.floc-places_challenge_space"))
    np.testing.assert_array_equal(given["roi_mask"].sel(roi="OPA")[:40], labels == 3)


def test_regions_that_a_subject_lacks_are_left_out(tmp_path):
    algonauts_tree(tmp_path, without=["floc-words", "streams"])
    folder = tmp_path / "subj01"
    masks(folder, "rh.floc-bodies_challenge_space").unlink()
    labels = np.load(masks(folder, "lh.floc-bodies_challenge_space"))
    labels[labels == 2] = 0
    np.save(masks(folder, "lh.floc-bodies_challenge_space"), labels)
    given = algonauts_responses(folder, 12)
    names = given["roi"].values.tolist()
    assert not {"VWFA-1", "early", "FBA-1"} & set(names)
    eba = given["roi_mask"].sel(roi="EBA").values
    assert eba[:40].sum() == (labels == 1).sum() > 0
    assert not eba[40:].any()
    assert len(algonauts_files(folder)) == 2 + 2 + 4 + 7


def test_a_subject_without_any_region(tmp_path):
    algonauts_tree(tmp_path)
    for path in (tmp_path / "subj01" / "roi_masks").glob("*_challenge_space.npy"):
        path.unlink()
    assert algonauts_responses(tmp_path / "subj01", 12)["roi_mask"].shape == (84, 0)


def refused(folder, message, n_images=12):
    with pytest.raises(CortexlensError, match=message):
        algonauts_responses(folder, n_images)


def test_counts_that_do_not_match_are_named(folder):
    refused(folder, r"lh_training_fmri.npy: found float32 responses to 12 images; .* the 11 tr", 11)
    rh = np.load(fmri(folder, "rh"))
    np.save(fmri(folder, "rh"), rh[:, 1:])
    refused(folder, r"rh.all-vertices_fsaverage_space.npy: marks 44 vertices, but .* of 43\.")
    np.save(fmri(folder, "rh"), rh[1:])
    refused(folder, r"rh_training_fmri.npy: found float32 responses to 11 images; .* the 12 tr")


def test_other_types_and_shapes_are_named(folder):
    lh = np.load(fmri(folder, "lh"))
    np.save(fmri(folder, "lh"), lh.astype(np.float64))
    refused(folder, r"lh_training_fmri.npy: found float64 responses .* needed are float32")
    np.save(fmri(folder, "lh"), lh.astype(np.int16))
    refused(folder, r"lh_training_fmri.npy: found int16 of shape \(12, 40\); needed are floating")
    np.save(fmri(folder, "lh"), lh[0])
    refused(folder, r"lh_training_fmri.npy: found float32 of shape \(40,\); .* 2 axes")
    np.save(fmri(folder, "lh"), np.array([{}], dtype=object))
    refused(folder, r"lh_training_fmri.npy: cannot be read")


@pytest.mark.parametrize("side", ["lh", "rh"])
def test_a_missing_hemisphere_is_named(folder, side):
    fmri(folder, side).unlink()
    refused(folder, rf"{side}_training_fmri.npy: cannot be read as a .npy array: .*No such file")


def test_damaged_masks_are_named(folder):
    name = "lh.all-vertices_fsaverage_space"
    mask = np.load(masks(folder, name))
    np.save(masks(folder, name), mask[:10_242])
    refused(folder, rf"{name}.npy: found 10242 values, 0 of them neither 0 nor 1; needed are 163")
    np.save(masks(folder, name), mask * 2)
    refused(folder, rf"{name}.npy: found 163842 values, 40 of them neither 0 nor 1")
    masks(folder, name).unlink()
    refused(folder, rf"{name}.npy: cannot be read as a .npy array")


def test_damaged_labels_are_named(folder):
    name = "rh.floc-faces_challenge_space"
    labels = np.load(masks(folder, name))
    np.save(masks(folder, name), labels[1:])
    refused(folder, rf"{name}.npy: found 43 labels for 44 vertices")
    np.save(masks(folder, name), labels.astype(float))
    refused(folder, rf"{name}.npy: found float64 of shape \(44,\); needed are whole numbers")
    labels[7] = 9
    np.save(masks(folder, name), labels)
    refused(folder, r"mapping_floc-faces.npy: holds the names .*hold the labels \[.*9\]")


def test_damaged_mappings_are_named(folder):
    path = masks(folder, "mapping_floc-faces")
    table = {0: "Unknown", 1: "OFA", 2: "OFA", 3: "FFA-2", 4: "mTL-faces", 5: "aTL-faces"}
    np.save(path, np.array(table, dtype=object))
    refused(folder, r"mapping_floc-faces.npy: holds the names .* each of which needs a name")
    np.save(path, np.array({**table, 2: "EBA"}, dtype=object))
    refused(folder, r"roi_masks: two classes have a region EBA")
    path.unlink()
    refused(folder, r"mapping_floc-faces.npy: cannot be read \(No such file")


def test_a_mapping_that_executes_is_refused(folder):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(folder / "trap"),)

    path = masks(folder, "mapping_streams")
    np.save(path, np.array({0: "Unknown", 1: Trap()}, dtype=object))
    refused(folder, r"mapping_streams.npy: not accepted .* it asks for posix.mkdir")
    path.write_bytes(pickle.dumps(Trap()))
    refused(folder, r"mapping_streams.npy: not accepted .* it asks for posix.mkdir")
    assert not (folder / "trap").exists()


def test_gaps_and_strangers_among_the_images_are_named(folder):
    pictures = folder / "training_split" / "training_images"
    names = sorted(path.name for path in pictures.iterdir())
    (pictures / names[4]).rename(pictures / "aside")
    with pytest.raises(CortexlensError, match=rf"found {names[5]} where image 5 should be"):
        algonauts_images(folder)
    (pictures / "aside").rename(pictures / names[4])
    shutil.copy(pictures / names[0], pictures / "train-0013_nsd-1.png.png")
    with pytest.raises(CortexlensError, match=r"found train-0013_nsd-1.png.png where image 13"):
        algonauts_images(folder)
    shutil.rmtree(pictures)
    with pytest.raises(CortexlensError, match=r"training_images: there is no such folder"):
        algonauts_images(folder)
    pictures.mkdir()
    with pytest.raises(CortexlensError, match="Found no images"):
        algonauts_images(folder)

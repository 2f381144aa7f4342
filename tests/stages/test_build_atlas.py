"""The stage build_atlas: what a page holds is what the stores hold."""

import base64
import hashlib

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from atlas_files import Page, elements
from channel_stores import channels_of, with_groups
from cortexlens.atlas import page
from cortexlens.atlas.pictures import SIDE
from cortexlens.cli import app
from cortexlens.storage.datasets import open_dataset, write_dataset
from cortexlens.study.pictures.image_set import ImageSet
from fits import scored_fit, stacked_fit, synthetic_fit, volume_fit
from saes import BACKBONE, LAYERS, dictionary_of, made_up, units_of
from trees import coloured_noise

EVIL = '<img src=x onerror="alert(1)"></script><!--\u2028'


def run(*arguments, fails=False):
    """Run a command; gives what it said."""
    done = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=fails)
    assert (done.exit_code != 0) == fails, done.output
    return str(done.exception) if fails else done.output


def write(folder, name, dataset, kind, **inputs):
    path = folder / f"{name}.zarr"
    write_dataset(dataset, path, kind=kind, provenance={"inputs": inputs})
    return path


def scores_of(path):
    """Scores of a fit, as score-fit writes them."""
    out = path.with_name(f"{path.stem}-scores.zarr")
    run("score-fit", "--fit", path, "--out", out, "--bootstraps", 100, "--permutations", 100)
    return out


def pictures(folder, subject, n_images):
    """Pictures of a subject, and the table that lists them."""
    rng, table = np.random.default_rng(0), folder / subject / "images.tsv"
    table.parent.mkdir(parents=True)
    ids = [f"scene-{number:05d}" for number in range(n_images)]
    for name in ids:
        Image.fromarray(coloured_noise(rng, 120)).save(table.parent / f"{name}.png")
    ImageSet.from_sources(ids, [str(table.parent / f"{name}.png") for name in ids]).write(table)
    return table


def build(folder, *arguments, study="tiny", fails=False):
    """Build a page; gives the page, or what was said."""
    out, single = folder / "atlas", folder / "atlas.html"
    command = ["build-atlas", *arguments, "--study", study, "--out", out, "--single", single]
    said = run(*command, fails=fails)
    return said if fails else Page.of_folder(out)


def close(found, entry, name, wanted):
    """Whether values are those of a store within half a step of their coding."""
    (about,) = [each for each in entry["arrays"] if each["name"] == name]
    values = found[name]
    assert values.shape == wanted.shape
    np.testing.assert_array_equal(np.isnan(values), ~np.isfinite(wanted))
    known = np.isfinite(wanted)
    half = about.get("scale", 0) / 2 * 1.000001
    if about["dtype"] == "float16":
        half = np.spacing(np.abs(wanted[known]).astype(np.float16)) / 2
    assert (np.abs(values - wanted)[known] <= half).all(), name


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A fit with several members, and its scores."""
    folder = tmp_path_factory.mktemp("fitted")
    fit = scored_fit(20, n_vertices=120, n_layers=6, backbone=BACKBONE, repeats=True)
    rng = np.random.default_rng(0)
    members = rng.dirichlet(np.ones(6), (3, 120)).astype(np.float32)
    place = rng.uniform(-1, 1, (3, 120, 2)).astype(np.float32)
    fit = fit.assign(
        member_layer_selector=(("member", "vertex", "layer"), members),
        member_space_selector=(("member", "vertex", "image_axis"), place),
        member_scale_selector=(("member", "vertex"), place[..., 0] ** 2),
    )
    fit["layer_selector"][3] = np.nan
    path = write(folder, "fit", fit, "fit", responses="r")
    return path, scores_of(path)


def test_a_fit_is_told_within_half_a_step(fitted, tmp_path):
    built = build(tmp_path, *fitted)
    entry, found = built.map("fit", BACKBONE, "sim01")
    fit, scores = (open_dataset(p, kind=k) for p, k in zip(fitted, ("fit", "scores"), strict=True))
    for variable, name in {
        **{"layer_selector": "layer_weights", "confidence": "confidence"},
        **{"space_selector": "space", "scale_selector": "scale", "r2_test": "r2"},
    }.items():
        close(found, entry, name, fit[variable].values)
    for name in ("r2_low", "r2_high", "r2_over_ceiling", "q"):
        close(found, entry, name, scores[name].values)
    members = fit["member_layer_selector"].values
    spread = [
        np.abs(members[one] - members[two]).sum(axis=1) / 2 for one, two in ((0, 1), (0, 2), (1, 2))
    ]
    close(found, entry, "member_spread", np.mean(spread, axis=0))
    close(found, entry, "layer_spread", members.std(axis=0, ddof=1))
    best = np.nan_to_num(fit["layer_selector"].values).argmax(axis=1).astype(float)
    best[3] = np.nan
    np.testing.assert_array_equal(found["layer"], best)
    assert entry["n_members"] == 3
    assert entry["mean_r2"] == pytest.approx(float(fit["r2_test"].mean()), rel=1e-5)


def test_a_subject_is_told_with_its_places_regions_and_ceiling(fitted, tmp_path):
    built = build(tmp_path, *fitted)
    fit = open_dataset(fitted[0], kind="fit")
    (entry,) = built.manifest["subjects"]
    found = built.arrays(entry)
    assert (entry["space"], entry["n_vertices"]) == ("fsaverage5", 120)
    assert entry["rois"] == ["V1", "V2", "V3", "hV4", "PPA"]
    np.testing.assert_array_equal(found["vertex_index"], fit["vertex_index"].values)
    np.testing.assert_array_equal(found["hemisphere"], fit["hemisphere"].values)
    np.testing.assert_array_equal(found["roi"], fit["roi_mask"].values)
    close(found, entry, "ceiling", fit["noise_ceiling"].values)
    mesh = built.arrays(built.manifest["meshes"]["fsaverage5"])
    assert mesh["left_pial"].shape == (10242, 3)
    assert built.manifest["networks"] == [
        {"id": BACKBONE, "layers": fit.attrs["layer_names"], "axis": "layer", "derived": None}
    ]


def test_both_forms_hold_the_same_and_are_the_same_each_time(fitted, tmp_path):
    first = build(tmp_path, *fitted)
    single = tmp_path / "atlas.html"
    assert Page.of_file(single).contents == first.contents
    before = single.read_bytes()
    build(tmp_path, *fitted)
    assert single.read_bytes() == before


def test_nothing_runs_but_the_page_s_own_script(fitted, tmp_path, monkeypatch):
    script = 'const evil = "</SCRIPT><script>alert(1)//";'
    read = page._read
    monkeypatch.setattr(
        page, "_read", lambda name: script.encode() if name == "app.js" else read(name)
    )
    build(tmp_path, *fitted)
    single = elements(tmp_path / "atlas.html")
    digest = base64.b64encode(hashlib.sha256(single.scripts[""].encode()).digest()).decode()
    assert single.scripts[""] == script.replace("</SCRIPT", "<\\/SCRIPT")
    assert f"script-src 'sha256-{digest}';" in single.policy
    folder = elements(tmp_path / "atlas" / "index.html")
    assert "default-src 'none'" in folder.policy
    assert "unsafe-inline" not in folder.policy.partition("script-src")[2].partition(";")[0]


def test_names_of_others_are_text(tmp_path):
    fit = synthetic_fit(n_vertices=40, backbone=EVIL, subject=EVIL)
    fit = fit.assign_coords(roi=[EVIL, *fit["roi"].values[1:]])
    fit.attrs["layer_names"][0] = EVIL
    table = tmp_path / "brain_score.tsv"
    table.write_text(f"subject\tbackbone\troi\nsim01\t{EVIL}\t{EVIL}\n")
    built = build(tmp_path, write(tmp_path, "fit", fit, "fit"), table, study=EVIL)
    plain = elements(tmp_path / "atlas" / "index.html")
    for file in (tmp_path / "atlas" / "index.html", tmp_path / "atlas.html"):
        read = elements(file)
        assert EVIL in read.title
        assert "img" not in read.tags
        assert [tag for tag in read.tags if tag != "script"].count("meta") == plain.tags.count(
            "meta"
        )
    assert built.manifest["study"] == EVIL
    assert built.manifest["subjects"][0]["rois"][0] == EVIL
    assert built.manifest["networks"][0]["layers"][0] == EVIL
    assert built.manifest["tables"][0]["rows"] == [["sim01", EVIL, EVIL]]
    assert all(name.replace("-", "").isalnum() for name in built.contents)


@pytest.mark.parametrize("kind", ["volume", "surface", "nowhere"])
def test_vertices_that_lie_on_no_mesh(tmp_path, kind):
    fit = {
        "volume": lambda: volume_fit(60),
        "surface": lambda: volume_fit(60, surface=True),
        "nowhere": lambda: synthetic_fit(None, 60),
    }[kind]()
    built = build(tmp_path, write(tmp_path, "fit", fit, "fit"))
    (entry,) = built.manifest["subjects"]
    found, (about, shown) = built.arrays(entry), built.map("fit", "vit-demo", "sim01")
    assert entry["space"] == ("fsaverage5" if kind == "surface" else None)
    assert list(built.manifest["meshes"]) == (["fsaverage5"] if kind == "surface" else [])
    row = fit["surface_voxel"].values if kind == "surface" else np.arange(fit.sizes["vertex"])
    close(shown, about, "r2", fit["r2_test"].values[row])
    if kind == "surface":
        np.testing.assert_array_equal(found["row"], row)
        np.testing.assert_array_equal(found["vertex_index"], fit["surface_vertex"].values)
    elif kind == "volume":
        affine = np.array(fit.attrs["volume_affine"])
        points = fit["voxel"].values @ affine[:3, :3].T + affine[:3, 3]
        close(found, entry, "coordinates", points)
    else:
        assert "coordinates" not in found


def test_a_readout_without_place_or_members_is_shown_with_what_it_has(tmp_path):
    fit = synthetic_fit(n_vertices=40).drop_vars(["space_selector", "scale_selector", "confidence"])
    fit.attrs["readout"] = "ridge"
    built = build(tmp_path, write(tmp_path, "fit", fit, "fit"))
    entry, found = built.map("fit", "vit-demo", "sim01")
    assert set(found) == {"layer", "layer_weights", "r2"}
    assert entry["readout"] == "ridge"


def test_a_stacked_fit_is_told_with_how_sure_it_is(fitted, tmp_path):
    fit = stacked_fit(n_vertices=40, n_layers=4, subject="solved")
    built = build(tmp_path, write(tmp_path, "fit", fit, "fit"), *fitted)
    entry, found = built.map("fit", "vit-demo", "solved")
    assert (entry["readout"], entry["meaning"]) == ("stacked", "probability")
    assert built.map("fit", BACKBONE, "sim01")[0]["meaning"] == "confidence"
    for variable, name in {
        **{"receptive_field_size": "size", "size_low": "size_low", "size_high": "size_high"},
        **{"layer_probability": "probability", "confidence": "confidence"},
        "expected_level": "level",
    }.items():
        close(found, entry, name, fit[variable].values)
    for end in ("low", "high"):
        level = np.clip(fit[f"expected_level_{end}"].values, 0, 1)
        close(found, entry, f"level_{end}", level)
    assert "member_spread" not in found


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """A dictionary, its units and its subject's pictures."""
    folder = tmp_path_factory.mktemp("learnt")
    made = made_up(60, 120)
    own = write(folder, "dictionary", dictionary_of(made), "dictionary", responses="r")
    units = [write(folder, each, units_of(made, each), "units", responses="r") for each in LAYERS]
    return made, own, units, pictures(folder, "sim01", 60)


def test_a_dictionary_counts_its_layers_among_those_of_the_network(fitted, learnt, tmp_path):
    _, own, units, _ = learnt
    built = build(tmp_path, own, *units, *fitted)
    entry, found = built.map("dictionary", BACKBONE, "sim01")
    dictionary = open_dataset(own, kind="dictionary").sel(metric="pearson")
    place = np.array([0, 2, 5])
    np.testing.assert_array_equal(found["layer"], place[dictionary["best_layer"].values])
    np.testing.assert_array_equal(found["unit"], dictionary["best_unit"].values)
    for name in ("held_out", "similarity", "q"):
        close(found, entry, name, dictionary[name].values)
    assert entry["metric"] == "pearson"
    most = entry["units"][0]
    chosen = (found["layer"] == most["layer"]) & (found["unit"] == most["unit"])
    assert chosen.sum() == most["vertices"] == max(each["vertices"] for each in entry["units"])


def test_units_show_the_test_images_that_drive_them_most(learnt, tmp_path):
    made, own, units, listed = learnt
    built = build(tmp_path, own, *units, listed)
    entry, _ = built.map("dictionary", BACKBONE, "sim01")
    items = built.manifest["pictures"]["items"]
    tested = np.flatnonzero(made.responses["split"].values == 2)
    for unit in entry["units"]:
        activation = made.activation[LAYERS[unit["layer"]]][tested, unit["unit"]]
        wanted = tested[
            np.argsort(-activation.astype(np.float16), kind="stable")[: len(unit["top"])]
        ]
        assert [items[top]["image_id"] for top in unit["top"]] == [f"scene-{i:05d}" for i in wanted]


def test_pictures_are_small_and_those_of_test_images(fitted, tmp_path):
    listed = pictures(tmp_path, "sim01", 140)
    built = build(tmp_path, *fitted, listed)
    album = built.manifest["pictures"]
    tested = open_dataset(fitted[0], kind="fit")["test_image"].values
    assert len(album["items"]) == 12
    assert {each["image_id"] for each in album["items"]} <= {f"scene-{i:05d}" for i in tested}
    data = built.contents[album["file"]]
    for item in album["items"]:
        part = data[item["offset"] : item["offset"] + item["length"]]
        (tmp_path / "one.jpg").write_bytes(part)
        with Image.open(tmp_path / "one.jpg") as picture:
            assert picture.size == (item["width"], item["height"]) == (SIDE, SIDE)
            assert picture.get_format_mimetype() == item["mime"]


def test_clusters_have_a_colour_each(tmp_path):
    fit = with_groups(synthetic_fit(n_vertices=80))
    clusters = channels_of(fit)
    stores = write(tmp_path, "fit", fit, "fit"), write(tmp_path, "channels", clusters, "channels")
    built = build(tmp_path, *stores)
    entry, found = built.map("clusters", "vit-demo", "sim01")
    np.testing.assert_array_equal(found["cluster"], clusters["cluster"].values)
    assert len(set(entry["colours"])) == 4
    assert all(len(each) == 7 and int(each[1:], 16) >= 0 for each in entry["colours"])


def test_a_fine_tuned_network_names_what_it_was_made_from(tmp_path):
    stores = [
        write(tmp_path, name, synthetic_fit(n_vertices=40, backbone=name), "fit")
        for name in ("net", "net-eurosat", "net-eurosat-step5")
    ]
    derived = "net-eurosat=net/eurosat,net-eurosat-step5=net/eurosat/5,other=net/other"
    built = build(tmp_path, *stores, "--derived", derived)
    assert [each["derived"] for each in built.manifest["networks"]] == [
        None,
        {"base": "net", "finetune": "eurosat", "step": None},
        {"base": "net", "finetune": "eurosat", "step": 5},
    ]


def test_what_was_made_from_other_data_is_left_out(tmp_path):
    def fit(name, responses):
        dataset = synthetic_fit(n_vertices=40, backbone=name)
        return write(tmp_path, name, dataset, "fit", responses=responses)

    stale = synthetic_fit(n_vertices=50, backbone="stale")
    further = [fit("same", "r"), write(tmp_path, "stale", stale, "fit", responses="old")]
    own = fit("own", "r")
    gone = write(tmp_path, "gone", synthetic_fit(n_vertices=40), "scores", fit="gone")
    beside = [f"--beside={path}" for path in (*further, gone)]
    names = ["--study", "tiny", "--out", tmp_path / "atlas", "--single", tmp_path / "atlas.html"]
    said = run("build-atlas", own, *beside, *names)
    networks = Page.of_folder(tmp_path / "atlas").manifest["networks"]
    assert [each["id"] for each in networks] == ["own", "same"]
    assert "stale.zarr: left out" in said
    assert "gone.zarr: left out" in said


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("kind", "found a store of kind 'responses'"),
        ("vertices", "found 50 vertices of subject sim01"),
        ("clusters", "but the stores contain no fit of it"),
        ("table", "the page shows no table of this name; allowed are brain_score"),
        ("nothing", "none of which is a map"),
        ("pictures", "in a store, but images.tsv lists 40"),
    ],
)
def test_what_does_not_belong_is_refused(tmp_path, what, message):
    own = write(tmp_path, "own", with_groups(synthetic_fit(n_vertices=40)), "fit")
    if what == "table":
        arguments = [own, tmp_path / "drift.tsv"]
        arguments[1].write_text("a\tb\n1\t2\n")
    elif what == "pictures":
        own = write(tmp_path, "scored", scored_fit(n_vertices=40), "fit")
        arguments = [own, pictures(tmp_path, "sim01", 40)]
    elif what == "vertices":
        arguments = [own, write(tmp_path, "two", synthetic_fit(n_vertices=50), "fit")]
    elif what == "kind":
        arguments = [own, write(tmp_path, "two", synthetic_fit(n_vertices=40), "responses")]
    else:
        clusters = channels_of(with_groups(synthetic_fit(n_vertices=40, backbone="another")))
        kind = "channels" if what == "clusters" else "scores"
        arguments = [write(tmp_path, "two", clusters, kind)]
        arguments += [own] if what == "clusters" else []
    assert message in build(tmp_path, *arguments, fails=True)
    assert not (tmp_path / "atlas").exists()

"""The page in a real browser: what it says of vertices and regions, and what it must not do."""

from urllib.parse import urlencode

import numpy as np
import pytest

from browsers import ROW, at, fragment, settled, values
from cortexlens.storage.datasets import open_dataset
from page_study import HOSTILE, HOSTILE_SUBJECT, SURPRISING, TUNED
from saes import BACKBONE


def test_a_vertex_is_told_as_the_stores_have_it(opened, folder):
    page = opened(at())
    fit = open_dataset(folder / "fit-first.zarr", kind="fit").isel(vertex=ROW).load()
    scores = open_dataset(folder / "scores.zarr", kind="scores").isel(vertex=ROW).load()
    assert float(page.locator("#vertex-number").get_attribute("value")) == fit["vertex_index"]
    side = ("left", "right")[int(fit["hemisphere"])]
    assert page.locator("#card h2").inner_text().startswith(f"{side} vertex")
    regions = fit["roi"].values[fit["roi_mask"].values].tolist()
    assert page.locator("#card .chip").all_inner_texts() == regions
    names = ("r2_test", "r2_low", "r2_high", "noise_ceiling", "r2_over_ceiling", "q")
    wanted = [float((scores if name in scores else fit)[name]) for name in names]
    np.testing.assert_allclose(values(page, "Prediction accuracy"), wanted, rtol=2e-3, atol=1e-4)
    *layers, confidence, spread = values(page, "Layer weights")
    np.testing.assert_allclose(layers[::-1], fit["layer_selector"], atol=0.5 / 255 + 1e-6)
    assert confidence == pytest.approx(float(fit["confidence"]), abs=0.5 / 255 + 1e-6)
    members = fit["member_layer_selector"].values
    pairs = [abs(members[i] - members[j]).sum() / 2 for i in range(3) for j in range(i)]
    assert spread == pytest.approx(np.mean(pairs), abs=0.5 / 255 + 1e-6)
    whiskers = page.locator("#card .between").evaluate_all(
        "all => all.map(each => +each.dataset.spread)"
    )
    np.testing.assert_allclose(whiskers[::-1], members.std(axis=0, ddof=1), atol=0.0025 + 1e-6)
    scale, x, y = values(page, "Receptive field")
    np.testing.assert_allclose([x, y], fit["space_selector"], atol=0.5 / 127 + 1e-6)
    assert scale == pytest.approx(float(fit["scale_selector"]), abs=0.5 / 255 + 1e-6)


def test_a_stacked_fit_is_told_with_probabilities_intervals_and_sizes(opened, folder):
    address = {"panels": 1, "subject1": "solved", "vertex": f"{ROW}@solved"}
    page = opened("#" + urlencode(address))
    fit = open_dataset(folder / "fit-solved.zarr", kind="fit").isel(vertex=ROW).load()
    n = fit.sizes["layer"]
    found = values(page, "Layer weights")
    step = 0.5 / 254 + 1e-6
    np.testing.assert_allclose(found[:n][::-1], fit["layer_selector"], atol=step)
    names = ("confidence", "expected_level", "expected_level_low", "expected_level_high")
    wanted = np.clip([float(fit[name]) for name in names], 0, 1)
    np.testing.assert_allclose(found[n : n + 4], wanted, atol=step)
    np.testing.assert_allclose(found[n + 4 :][::-1], fit["layer_probability"], atol=step)
    size = [float(fit[name]) for name in ("receptive_field_size", "size_low", "size_high")]
    np.testing.assert_allclose(values(page, "Receptive field")[1:4], size, rtol=2e-3)
    offered = page.locator("#quantity-A option").all_inner_texts()
    assert "layer and probability" in offered
    assert "layer and confidence" not in offered
    assert "receptive-field size" in offered
    assert page.locator("#panel-A .key small").inner_text() == "probability"


def test_a_more_probable_layer_than_that_of_the_largest_weight_is_named(opened, folder):
    fit = open_dataset(folder / "fit-solved.zarr", kind="fit").isel(vertex=SURPRISING).load()
    probable = fit["layer_names"] if "layer_names" in fit else fit.attrs["layer_names"]
    probable = str(probable[int(fit["layer_probability"].values.argmax())])
    said = f"{probable} is more probable"
    for row, expected in ((SURPRISING, True), (ROW, False)):
        address = {"panels": 1, "subject1": "solved", "vertex": f"{row}@solved"}
        text = opened("#" + urlencode(address)).locator("#card").inner_text()
        assert (said in text) is expected
        assert ("is more probable" in text) is expected


def test_the_best_unit_is_told_with_its_pictures(opened, folder):
    page = opened(at())
    dictionary = open_dataset(folder / "dictionary.zarr", kind="dictionary")
    own = dictionary.sel(metric=dictionary.attrs["metric"]).isel(vertex=ROW)
    similarity, held_out, q = values(page, "Best-matching autoencoder unit")
    assert similarity == pytest.approx(float(own["similarity"]), rel=2e-3)
    assert held_out == pytest.approx(float(own["held_out"]), rel=2e-3, abs=1e-4)
    assert q == pytest.approx(float(own["q"]), rel=2e-3)
    assert page.locator(".unit").inner_text().startswith(f"unit {int(own['best_unit'])} of blocks.")
    page.wait_for_function(
        "[...document.querySelectorAll('.thumbs img')].every(each => each.naturalWidth > 0)"
    )
    assert page.locator(".thumbs img").count() > 0


def test_hovering_tells_and_a_click_keeps(opened):
    page = opened(at(outlines="no", surface1="flat"))
    box = page.locator("#frame-A").bounding_box()
    ring = page.locator("#panel-A .ring").bounding_box()
    kept = page.locator("#vertex-number").inner_text()
    # The vertex is where its ring is.
    page.mouse.move(ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
    settled(page)
    assert page.locator("#vertex-number").inner_text() == kept
    page.mouse.move(ring["x"] + 30, ring["y"] + 10)
    text = "document.getElementById('vertex-number').textContent"
    page.wait_for_function(f"kept => {text} !== kept", arg=kept)
    hovered = page.locator("#vertex-number").inner_text()
    assert fragment(page)["vertex"] == f"{ROW}@sim01"
    page.mouse.move(box["x"] + 50, box["y"] - 20)
    page.wait_for_function(f"kept => {text} === kept", arg=kept)
    page.mouse.click(ring["x"] + 30, ring["y"] + 10)
    settled(page)
    assert page.locator("#vertex-number").inner_text() == hovered
    assert fragment(page)["vertex"] != f"{ROW}@sim01"


@pytest.mark.parametrize("surface", ["inflated", "pial", "sphere", "flat"])
def test_the_cursor_is_found_on_every_surface(opened, surface):
    page = opened(at(panels=2, surface1=surface, surface2="inflated", network2=HOSTILE))
    shown = page.locator(".ring:not([hidden])")
    assert shown.count() == 2
    if surface == "flat":
        ring = page.locator("#panel-A .ring").bounding_box()
        number = page.locator("#vertex-number").inner_text()
        page.mouse.click(ring["x"] + 10, ring["y"] + 10)
        settled(page)
        assert page.locator("#vertex-number").inner_text() == number


QUANTITIES = [
    *("layer", "weight", "space", "scale", "r2", "r2-over-ceiling", "spread", "clusters"),
    *("sae-layer", "sae-similarity", "ceiling"),
]


def test_every_quantity_is_offered_and_painted(opened):
    page = opened(at())
    offered = page.locator("#quantity-A option").evaluate_all("all => all.map(each => each.value)")
    assert offered == QUANTITIES
    pictures = set()
    for name in QUANTITIES:
        page.select_option("#quantity-A", name)
        settled(page)
        assert fragment(page)["quantity1"] == name
        assert page.locator("#layer-A").is_visible() == (name == "weight")
        assert page.locator("#value-A").inner_text() not in ("", "no data here")
        assert page.locator("#panel-A .key b").inner_text() != "no data to show"
        pictures.add(page.locator("#panel-A .picture").screenshot())
    assert len(pictures) == len(QUANTITIES)
    page.select_option("#quantity-A", "weight")
    page.select_option("#layer-A", "3")
    settled(page)
    assert fragment(page)["layer1"] == "4"
    assert "blocks.3" in page.locator("#panel-A .key b").inner_text()


def test_values_under_the_cursor_are_those_of_the_store(opened, folder):
    fit = open_dataset(folder / "fit-first.zarr", kind="fit").isel(vertex=ROW).load()
    page = opened(at(panels=4, quantity1="r2", quantity2="weight", layer2=2, quantity3="scale",
                     quantity4="ceiling"))  # fmt: skip
    told = [float(page.locator(f"#value-{at}").inner_text().replace("−", "-")) for at in "ABCD"]
    wanted = [fit["r2_test"], fit["layer_selector"][1], fit["scale_selector"], fit["noise_ceiling"]]
    np.testing.assert_allclose(told, wanted, atol=0.0026)


def test_networks_fine_tunes_and_differences(opened, folder):
    page = opened(at(panels=2, quantity1="r2", quantity2="r2"))
    bases = page.locator("#network-B option").evaluate_all("all => all.map(each => each.value)")
    assert bases == [BACKBONE, HOSTILE]
    page.select_option("#tuned-B", TUNED)
    page.select_option("#minus-B", "0")
    settled(page)
    assert fragment(page)["network2"] == TUNED
    tuned, first = (
        float(open_dataset(folder / f"fit-{name}.zarr", kind="fit")["r2_test"][ROW])
        for name in ("tuned", "first")
    )
    told = float(page.locator("#value-B").inner_text().replace("−", "-"))
    assert told == pytest.approx(tuned - first, abs=2e-3)
    assert "minus panel A" in page.locator("#panel-B .note").inner_text()


def test_a_region_has_its_numbers_and_a_histogram(opened, folder):
    page = opened(at(quantity1="r2"))
    fit = open_dataset(folder / "fit-first.zarr", kind="fit").load()
    page.click("#tab-region")
    page.click("#card .chip:text-is('V2')")
    settled(page)
    inside = fit["roi_mask"].sel(roi="V2").values
    cells = page.locator("#card table").first.locator("tbody td")
    assert cells.first.inner_text() == str(inside.sum())
    told = float(cells.nth(1).locator("data").get_attribute("value"))
    assert told == pytest.approx(float(fit["r2_test"].values[inside].mean()), rel=1e-3)
    counts = page.locator(".histogram i").evaluate_all(
        "all => all.map(each => +each.dataset.count)"
    )
    assert sum(counts) == inside.sum()
    page.locator("#panel-A .region:visible", has_text="V1").first.click()
    settled(page)
    assert fragment(page)["region"] == "V1"
    assert page.locator("#card h2").inner_text() == "V1"
    assert page.locator("#card .chip[aria-pressed=true]").all_inner_texts() == ["V1"]
    assert page.locator("#card table").last.locator("tbody tr").count() == 3


def test_names_of_data_are_only_text(opened):
    page = opened(
        at(network1=HOSTILE, subject1=HOSTILE_SUBJECT, region=HOSTILE, table="brain_score")
    )
    other = opened(at(network1=HOSTILE), file="atlas.html")
    for each in (page, other):
        assert each.locator("#study").inner_text() == HOSTILE
        assert HOSTILE in each.title()
        assert each.evaluate("window.hit") is None
        assert each.locator("img[src=x]").count() == 0


def test_the_single_file_is_the_same_page(opened):
    folder, single = opened(at()), opened(at(), file="atlas.html")
    assert single.locator("#card").inner_text() == folder.locator("#card").inner_text()
    assert (
        single.locator("#panel-A .picture").screenshot()
        == folder.locator("#panel-A .picture").screenshot()
    )


def test_places_without_a_mesh_are_points(opened):
    page = opened("#" + urlencode({"panels": 1, "subject1": "cells", "vertex": "10@cells"}))
    assert "no coordinates" in page.locator("#panel-A .note").inner_text()
    assert page.locator("#surface-A").is_hidden()
    assert page.locator("#vertex-number").inner_text() == "10"
    frame = page.locator("#frame-A")
    frame.press("ArrowRight")
    settled(page)
    assert page.locator("#vertex-number").inner_text() == "11"

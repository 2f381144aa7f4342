"""The page in a real browser: every control, what it says of a vertex, and what it must not do."""

from urllib.parse import parse_qs, quote, urlencode, urlsplit

import numpy as np
import pytest

from browsers import chromium
from cortexlens.stores import open_dataset
from page_study import HOSTILE, HOSTILE_SUBJECT, TUNED, write_page
from saes import BACKBONE

READY = "body[data-state=ready][aria-busy=false][data-address=written]"
ROW = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    write_page(folder, HOSTILE)
    return folder


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def opened(browser, folder):
    """Open the page at a fragment; complaints and requests are looked at in the end."""
    context = browser.new_context(viewport={"width": 1100, "height": 700}, accept_downloads=True)
    complaints, requests = [], []

    def watch(page):
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))

    def open_at(fragment="", file="atlas/index.html", **changes):
        page = context.new_page()
        watch(page)
        if changes:
            page.set_viewport_size(changes)
        page.goto((folder / file).as_uri() + fragment)
        page.wait_for_selector(READY)
        return page

    yield open_at
    context.close()
    assert complaints == []
    beside = (folder / "atlas").as_uri(), (folder / "atlas.html").as_uri(), "blob:", "data:"
    assert [url for url in requests if not url.startswith(beside)] == []


def settled(page):
    """Wait until the page shows its state and has written it into the address."""
    page.wait_for_timeout(60)
    page.wait_for_selector(READY)


def fragment(page):
    return {name: value[0] for name, value in parse_qs(urlsplit(page.url).fragment).items()}


def at(row=ROW, **more):
    return "#" + urlencode({"vertex": f"{row}@sim01", "panels": 1, **more}, quote_via=quote)


def values(page, heading):
    """Numbers of a section of the card, in their order."""
    section = page.locator("#card section", has=page.locator(f"h3:text-is('{heading}')"))
    return [
        float(each)
        for each in section.locator("data").evaluate_all("all => all.map(each => each.value)")
    ]


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
    np.testing.assert_allclose(
        values(page, "How well it is predicted"), wanted, rtol=2e-3, atol=1e-4
    )
    *layers, confidence, spread = values(page, "Layers that it reads")
    np.testing.assert_allclose(layers[::-1], fit["layer_selector"], atol=0.5 / 255 + 1e-6)
    assert confidence == pytest.approx(float(fit["confidence"]), abs=0.5 / 255 + 1e-6)
    members = fit["member_layer_selector"].values
    pairs = [abs(members[i] - members[j]).sum() / 2 for i in range(3) for j in range(i)]
    assert spread == pytest.approx(np.mean(pairs), abs=0.5 / 255 + 1e-6)
    scale, x, y = values(page, "Where it looks")
    np.testing.assert_allclose([x, y], fit["space_selector"], atol=0.5 / 127 + 1e-6)
    assert scale == pytest.approx(float(fit["scale_selector"]), abs=0.5 / 255 + 1e-6)


def test_the_best_unit_is_told_with_its_pictures(opened, folder):
    page = opened(at())
    dictionary = open_dataset(folder / "dictionary.zarr", kind="dictionary")
    own = dictionary.sel(metric=dictionary.attrs["metric"]).isel(vertex=ROW)
    similarity, held_out, q = values(page, "Best autoencoder unit")
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
        assert page.locator("#panel-A .key b").inner_text() != "nothing to show"
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
    assert "minus A" in page.locator("#panel-B .note").inner_text()


@pytest.mark.parametrize("n", [1, 2, 4])
def test_panels_share_the_camera(opened, n):
    page = opened(at())
    page.click(f"[data-layout-choice='{n}']")
    settled(page)
    assert page.locator(".panel:visible").count() == n
    before = fragment(page)["camera"]
    frame = page.locator("#frame-A").bounding_box()
    middle = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 10, steps=3)
    page.mouse.up()
    page.mouse.wheel(0, -200)
    settled(page)
    azimuth, _, zoom = map(float, fragment(page)["camera"].split(","))
    assert (azimuth, zoom) != tuple(map(float, before.split(",")[::2]))
    assert fragment(page)["vertex"] == f"{ROW}@sim01"


def test_views_hemispheres_outlines_and_theme(opened):
    page = opened(at())
    for name in ("left", "right", "below", "above", "front", "back"):
        page.click(f"[data-view={name}]")
        settled(page)
    assert fragment(page)["camera"] == "0.000,1.750,1.000"
    for chosen in ("left", "right"):
        page.select_option("#hemispheres", chosen)
        settled(page)
        assert fragment(page)["hemispheres"] == chosen
    page.select_option("#hemispheres", "both")
    settled(page)
    names = page.locator("#panel-A .region")
    assert names.count() > 0
    page.click("#outlines")
    settled(page)
    assert names.count() == 0
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.select_option("#theme", "dark")
    settled(page)
    assert page.evaluate(paper) != light
    assert page.locator("html").get_attribute("data-theme") == "dark"


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


def test_tables_are_sorted_and_rows_switch_the_panels(opened):
    page = opened()
    page.click("#tables")
    settled(page)
    column = "#table-view tbody tr td:nth-child(6) data"
    read = "all => all.map(each => +each.value)"
    page.click("#table-view th button[title='sort by R²']")
    settled(page)
    falling = page.locator(column).evaluate_all(read)
    assert falling == sorted(falling, reverse=True)
    assert fragment(page)["sort"] == "-r2_mean"
    page.click("#table-view th button[title='sort by R²']")
    settled(page)
    assert page.locator(column).evaluate_all(read) == falling[::-1]
    page.locator("#table-view tbody tr", has_text=HOSTILE).first.click()
    settled(page)
    assert fragment(page)["network1"] == HOSTILE
    page.click("#table-hierarchy")
    settled(page)
    assert page.locator("#table-view [aria-selected=true]").all_inner_texts() == ["Hierarchy"]
    assert page.locator("#table-view tbody tr").count() == 2
    page.locator("#table-view tbody tr").first.press("Enter")
    settled(page)
    assert fragment(page)["network1"] == BACKBONE
    page.click("#tables")
    settled(page)
    assert page.locator("#table-view").is_hidden()


def test_an_address_restores_the_view(opened):
    page = opened(at(panels=4, network1=HOSTILE, quantity1="space", surface1="sphere", region="V3",
                     quantity3="weight", layer3=5, minus3=2, subject4=HOSTILE_SUBJECT,
                     camera="0.500,1.200,1.700", flat="3.000,-4.000,2.000", theme="dark",
                     table="hierarchy", hemispheres="left", picture=3))  # fmt: skip
    settled(page)
    again = opened(f"#{urlsplit(page.url).fragment}")
    settled(again)
    assert fragment(again) == fragment(page)
    expected = {"network1": HOSTILE, "surface1": "sphere", "layer3": "5", "minus3": "2",
                "subject4": HOSTILE_SUBJECT, "camera": "0.500,1.200,1.700", "region": "V3",
                "flat": "3.000,-4.000,2.000", "theme": "dark", "picture": "3"}  # fmt: skip
    assert {name: fragment(page)[name] for name in expected} == expected
    assert again.locator("#card").inner_text() == page.locator("#card").inner_text()
    assert page.locator("#stepper, .stepper span").inner_text() == "4 of 12"


@pytest.mark.parametrize("nonsense", ["panels=7&vertex=x&camera=a,b", "subject1=nobody&layer1=99",
                                      "vertex=99999@sim01&quantity1=none&minus1=1"])  # fmt: skip
def test_an_address_that_names_nothing_shows_something(opened, nonsense):
    page = opened(f"#{nonsense}")
    assert page.locator("#subject-A").input_value() == "sim01"
    assert page.locator("#panel-A .key b").inner_text() == "strongest layer"


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


def test_keys_do_what_the_help_says(opened):
    page = opened(at())
    frame = page.locator("#frame-A")
    frame.focus()
    start = fragment(page)["vertex"]
    visited = {start}
    for arrow in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        frame.press(arrow)
        settled(page)
        visited.add(fragment(page)["vertex"])
    assert len(visited) > 2
    camera = fragment(page)["camera"]
    frame.press("Shift+ArrowLeft")
    settled(page)
    assert fragment(page)["camera"] != camera
    frame.press("0")
    frame.press("+")
    settled(page)
    assert fragment(page)["camera"] == "0.000,1.750,1.250"
    frame.press("n")
    settled(page)
    assert fragment(page)["network1"] != BACKBONE
    frame.press("t")
    settled(page)
    assert page.locator("#table-view").is_visible()
    frame.press("d")
    settled(page)
    assert fragment(page)["theme"] == "dark"
    frame.press("4")
    settled(page)
    assert page.locator(".panel:visible").count() == 4
    frame.press("?")
    assert page.locator("#help").is_visible()
    page.click("#help-close")
    assert page.locator("#help").is_hidden()
    frame.press("Escape")
    settled(page)
    assert "vertex" not in fragment(page)


def test_a_picture_is_saved_and_pictures_are_stepped_through(opened, tmp_path):
    from PIL import Image

    page = opened(at())
    page.click("#picture-next")
    settled(page)
    assert fragment(page)["picture"] == "1"
    page.click("#picture-before")
    settled(page)
    with page.expect_download() as download:
        page.click("#picture")
    download.value.save_as(tmp_path / "saved.png")
    with Image.open(tmp_path / "saved.png") as picture:
        colours = picture.convert("RGB").getcolors(1 << 24)
        assert picture.width > 1000
    assert len(colours) > 500


def test_places_without_a_mesh_are_points(opened):
    page = opened("#" + urlencode({"panels": 1, "subject1": "cells", "vertex": "10@cells"}))
    assert "no places were recorded" in page.locator("#panel-A .note").inner_text()
    assert page.locator("#surface-A").is_hidden()
    assert page.locator("#vertex-number").inner_text() == "10"
    frame = page.locator("#frame-A")
    frame.press("ArrowRight")
    settled(page)
    assert page.locator("#vertex-number").inner_text() == "11"


def test_a_telephone_shows_all_without_scrolling_sideways(opened):
    page = opened(at(), width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in ("#picture", "#help-open", "#tab-region", "#quantity-A"):
        page.locator(name).scroll_into_view_if_needed()
        assert page.locator(name).is_visible()

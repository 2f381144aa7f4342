"""The page in a real browser: panels, cameras, tables, addresses, keys, pictures that are saved."""

from urllib.parse import urlsplit

import pytest

from browsers import ROW, at, fragment, settled
from page_study import HOSTILE, HOSTILE_SUBJECT
from saes import BACKBONE


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


def test_a_turning_cortex_has_fewer_triangles(opened):
    """Without a graphics card; at rest it has all of them, and each of its vertices answers."""
    page = opened(at())
    canvas = page.locator("#canvas[data-triangles]")
    everything = canvas.get_attribute("data-triangles")
    frame = page.locator("#frame-A").bounding_box()
    middle = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 30, middle[1], steps=3)
    other = f"#canvas:not([data-triangles='{everything}'])"
    fewer = page.locator(other).get_attribute("data-triangles")
    assert 0 < int(fewer) < int(everything) / 3
    page.mouse.up()
    page.wait_for_selector(f"canvas[data-triangles='{everything}']")


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


def test_a_telephone_shows_all_without_scrolling_sideways(opened):
    page = opened(at(), width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in ("#picture", "#help-open", "#tab-region", "#quantity-A"):
        page.locator(name).scroll_into_view_if_needed()
        assert page.locator(name).is_visible()


def test_a_finger_asks_and_turns(browser, folder):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto((folder / "atlas" / "index.html").as_uri() + at(surface1="flat", outlines="no"))
    settled(page)
    ring = page.locator("#panel-A .ring").bounding_box()
    page.touchscreen.tap(ring["x"] + 22, ring["y"] + 8)
    settled(page)
    assert fragment(page)["vertex"] != f"{ROW}@sim01"
    page.select_option("#surface-A", "inflated")
    settled(page)
    before = fragment(page)["camera"]
    frame = page.locator("#frame-A").bounding_box()
    touch = context.new_cdp_session(page)
    for kind, x in (("touchStart", 150), ("touchMove", 190), ("touchMove", 230), ("touchEnd", 0)):
        points = [] if kind == "touchEnd" else [{"x": x, "y": frame["y"] + 200}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    settled(page)
    turned = fragment(page)["camera"]
    context.close()
    assert turned != before

"""Text of others stays text in figures and pages."""

import xml.etree.ElementTree as ElementTree

import pytest

from cortexlens.atlas.page import write_folder, write_single
from cortexlens.figures.drawing.style import new_figure, save_pair, write_at

HOSTILE = "</text><script>alert(1)</script> <!-- & $\\frac{ $ \\input{/etc/passwd} ${x}"


def test_text_in_figures_is_neither_markup_nor_mathematics(tmp_path):
    figure = new_figure(2, 1)
    write_at(figure, 0, 0, HOSTILE)
    save_pair(figure, tmp_path, "figure", title=HOSTILE, source=HOSTILE)
    tree = ElementTree.parse(tmp_path / "figure.svg")
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert "script" not in names
    texts = [text for element in tree.iter() for text in element.itertext()]
    assert any("alert(1)" in text for text in texts)
    assert "<script>" not in (tmp_path / "figure.svg").read_text()


@pytest.mark.parametrize("single", [False, True])
def test_the_name_of_a_study_is_text_on_its_page(tmp_path, monkeypatch, single):
    page = b"<head><meta content='{{policy}}'><title>{{title}}</title>"
    page += b'<link rel="stylesheet" href="app.css"><script src="app.js" defer></script></head>'
    page += b"<body></body>"
    files = {"index.html": page, "app.js": b"x = '</script>'", "app.css": b"", "LICENCES.txt": b""}
    monkeypatch.setattr("cortexlens.atlas.page._read", files.__getitem__)
    if single:
        write_single(tmp_path / "index.html", HOSTILE, {"manifest": "AAAA"})
    else:
        write_folder(tmp_path, HOSTILE, {"manifest": "AAAA"})
    text = (tmp_path / "index.html").read_text()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert text.count("</script") == (2 if single else 1)

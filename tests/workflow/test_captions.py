"""Every picture, table and text of the report has a caption that says what it is."""

import re

import pytest

from studies import REPOSITORY

CAPTIONS = sorted((REPOSITORY / "workflow" / "report").glob("*.rst"))
RULES = "".join(path.read_text() for path in (REPOSITORY / "workflow").rglob("*.smk"))


def test_whatever_the_report_holds_has_a_caption_that_is_there():
    assert RULES.count("report(\n") == RULES.count('caption="../report/')
    named = set(re.findall(r'caption="\.\./report/(\w+)\.rst"', RULES))
    assert named == {path.stem for path in CAPTIONS}


@pytest.mark.parametrize("path", CAPTIONS, ids=lambda path: path.stem)
def test_a_caption_begins_with_what_is_shown_and_goes_on_to_how_to_read_it(path):
    text = path.read_text()
    assert re.match(r"\*\*[^*]+\*\*", text)
    rest = re.sub(r"^\*\*[^*]+\*\*", "", text)
    assert len(rest.split()) >= 35, "too short to say how to read it"
    assert text.count("``") % 2 == 0
    assert text.count("{{") == text.count("}}") == text.count("snakemake.wildcards.")

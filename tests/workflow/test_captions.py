"""Every picture, table and text of the report has a caption that says what it is."""

import re
from pathlib import Path

import pytest

from studies import REPOSITORY

CAPTIONS = sorted((REPOSITORY / "workflow" / "report").glob("*.rst"))


def test_whatever_the_report_holds_has_a_caption_that_is_there(rules):
    captions = {
        output: caption for rule in rules.values() for output, caption in rule["captions"].items()
    }
    named = {Path(caption) for caption in captions.values() if caption}
    assert {path.resolve() for path in named} == set(CAPTIONS)
    shown = {output for output in captions if re.search(r"/tables/|/figures/.*\.png$", output)}
    assert [output for output in shown if not captions[output]] == []


@pytest.mark.parametrize("path", CAPTIONS, ids=lambda path: path.stem)
def test_a_caption_begins_with_what_is_shown_and_goes_on_to_how_to_read_it(path):
    text = path.read_text()
    assert re.match(r"\*\*[^*]+\*\*", text)
    rest = re.sub(r"^\*\*[^*]+\*\*", "", text)
    assert len(rest.split()) >= 35, "too short to say how to read it"
    assert text.count("``") % 2 == 0
    assert text.count("{{") == text.count("}}") == text.count("snakemake.wildcards.")

"""Commands, keys, files and pictures that the docs name are there."""

import re
import shlex

import pytest
from PIL import Image
from snakemake.cli import get_argument_parser
from typer.main import get_command

from cortexlens.cli import app
from cortexlens.config.schema import backbone_schema, config_schema, dataset_kinds
from docs_pages import pictures, reference
from studies import REPOSITORY

PAGES = sorted(
    [
        *REPOSITORY.glob("*.md"),
        *REPOSITORY.glob("docs/**/*.md"),
        *REPOSITORY.glob("config/**/*.md"),
        *REPOSITORY.glob("config/**/*.yaml"),
    ]
)
TARGETS = set(re.findall(r"(?m)^([a-z0-9 -]+):", (REPOSITORY / "Makefile").read_text()))
TARGETS = {name for names in TARGETS for name in names.split()}
RULES = {
    name
    for path in [REPOSITORY / "Snakefile", *REPOSITORY.glob("workflow/rules/*.smk")]
    for name in re.findall(r"(?m)^(?:rule|checkpoint|use rule \w+ as) (\w+)\b", path.read_text())
}
COMMANDS = get_command(app).commands
FILES = (".py", ".zarr", ".tsv", ".json", ".smk", ".png", ".yaml", ".safetensors", ".md")
TENSORS = ("encoder.weight", "encoder.bias")  # of an autoencoder
FOLDERS = ("config", "docs", "benchmarks", "workflow", "src", "tests", "envs", "licences")


def code_of(page):
    """Pieces of code of a page: spans in backticks, and lines of blocks, continued ones joined."""
    text = re.sub(r"\s*\\\n\s*", " ", page.read_text())
    if page.suffix == ".yaml":
        text = "\n".join(line for line in text.splitlines() if "#" in line)
    blocks = re.findall(r"(?ms)^```[^\n]*\n(.*?)^```", text)
    rest = re.sub(r"(?ms)^```.*?^```", "", text)
    blocks += re.findall(r"(?m)^(?: {4}|\t).*$", rest)
    spans = re.findall(r"`([^`]+)`", rest)
    # what follows two blanks is a remark
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [" ".join(part.split()) for part in spans] + [line.split("  ")[0] for line in lines]


def calls(page, program):
    """Arguments of every call of a program that a page names."""
    found = []
    for code in code_of(page):
        for part in re.split(r" && |; ", code):
            call = re.match(rf"(?:\.venv/bin/)?{program} (?!.*=>)(.*)", part)
            if call:
                found.append(shlex.split(call[1].split(" …")[0], comments=True))
    return found


def read_by_snakemake(words):
    """What snakemake itself makes of a call."""
    # a file that is left out, as in `--configfile …`
    filled = [*words, "config.yaml"] if words[-1] == "--configfile" else words
    return get_argument_parser().parse_args(filled)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_of_a_page_are_there(page):
    for words in calls(page, "make"):
        named = {word for word in words if "=" not in word and re.fullmatch("[a-z0-9-]+", word)}
        assert named <= TARGETS, f"make {' '.join(words)}"
    for words in calls(page, "snakemake"):
        read, call = read_by_snakemake(words), f"snakemake {' '.join(words)}"
        files = [target for target in read.targets if "/" in target]
        assert set(read.targets) - set(files) <= RULES, call
        # a target that follows the file without -- would be read as a second config file
        assert len(read.configfile) <= 1, call
        assert all(str(file).endswith((".yaml", ".json")) for file in read.configfile), call
    for words in calls(page, "cortexlens"):
        if re.fullmatch("[a-z][a-z-]+", words[0]):
            assert words[0] in COMMANDS, f"cortexlens {words[0]}"
            known = {name for one in COMMANDS[words[0]].params for name in one.opts} | {"--help"}
            options = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert options <= known, f"cortexlens {' '.join(words)}"


def known_keys():
    """Every key of a config, with the sections themselves."""
    schemas = [config_schema(), *map(config_schema, dataset_kinds())]
    keys = {key for schema in schemas for key, _ in reference.schema_rows(schema)}
    return keys | {key.rpartition(".")[0] for key in keys}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_keys_of_the_config_are_there(page):
    sections = {key for key, part in config_schema()["properties"].items() if "properties" in part}
    sections = "|".join(sorted(sections | {"dataset"}))
    for code in code_of(page):
        named = re.match(rf"((?:{sections})(?:\.[a-z][a-z0-9_]*)+)\b(?!\()", code)
        if named and not named[1].endswith(FILES) and named[1] not in TENSORS:
            assert named[1] in known_keys(), code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_of_the_repository_are_there(page):
    for code in code_of(page):
        for path in re.findall(rf"(?<![\w/.-])(?:{'|'.join(FOLDERS)})/[\w./-]+", code):
            given = path.rstrip(".")
            # a study of the reader's own, and files that a run makes
            if not given.startswith(("config/mine", "docs/images/.")):
                assert (REPOSITORY / given).exists(), given


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_between_files_of_the_repository_lead_somewhere(page):
    text = re.sub(r"(?ms)^```.*?^```", "", page.read_text())
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path = link.partition("#")[0]
        if path and not re.match("[a-z]+:", path):
            assert (page.parent / path).exists(), link


def test_pictures_of_the_demo_are_those_that_are_taken():
    kept = {path.stem for path in pictures.IMAGES.glob("demo_*")} | {"overview"}
    assert set(pictures.PICTURES) == kept


def test_a_picture_is_taken_no_wider_than_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "FIGURES", tmp_path)
    monkeypatch.setattr(pictures, "IMAGES", tmp_path)
    Image.new("RGB", (400, 200), "white").save(tmp_path / "drawn.png")
    for width, expected in ((100, (100, 50)), (900, (400, 200))):
        size = pictures.take("taken", "drawn", width)
        assert size == (tmp_path / "taken.webp").stat().st_size
        with Image.open(tmp_path / "taken.webp") as taken:
            assert taken.size == expected


def test_every_picture_is_shown():
    text = "".join(page.read_text() for page in PAGES)
    names = [path.name for path in (REPOSITORY / "docs" / "images").iterdir()]
    assert names
    assert [name for name in names if f"images/{name}" not in text] == []


def test_pictures_are_small():
    sizes = [path.stat().st_size for path in (REPOSITORY / "docs" / "images").iterdir()]
    assert sum(sizes) <= 4e6


def test_columns_of_rows_in_the_docs_are_there():
    columns = set(backbone_schema()["properties"])
    headers = [
        line.split("\t")
        for page in PAGES
        for line in page.read_text().splitlines()
        if line.startswith("backbone\tsource\t")
    ]
    assert len(headers) >= 2
    assert [set(header) - columns for header in headers] == [set()] * len(headers)

"""Parts of a page that a benchmark writes: they stand between two marks."""

from pathlib import Path

from cortexlens.errors import CortexlensError


def replaced(page: str, begin: str, end: str, text: str) -> str:
    """Put text between the marks of a page.

    Raises
    ------
    CortexlensError
        If the page lacks one of the marks.
    """
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise CortexlensError(f"found no place for the text; it goes between {begin} and {end}.")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def write_part(path: Path, name: str, text: str) -> None:
    """Write one of the parts of a page, whose marks are made of its name."""
    begin, end = f"<!-- {name}: written by a benchmark -->", f"<!-- end of {name} -->"
    path.write_text(replaced(path.read_text(encoding="utf-8"), begin, end, text), encoding="utf-8")


def markdown(rows: list[dict[str, str]]) -> str:
    """Rows, all with the same keys, as a table."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)

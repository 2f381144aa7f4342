"""Tab-separated tables read verbatim, and protection of cells against spreadsheet formulas."""

import codecs
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from cortexlens.errors import CortexlensError

# Text that a spreadsheet would read as a formula, after quotes that guarded() put there. Plain
# numbers such as -1.5 are not formulas.
_FORMULA = re.compile(r"('*)(?![+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z)[=+\-@\t\r]", re.ASCII)
# Byte-order marks of UTF-16.
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def guarded(cell: str) -> str:
    """Put a quote before text that a spreadsheet would evaluate, such as ``=cmd|…``."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Remove the quote that :func:`guarded` added."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def read_tsv(path: Path, *, needed: Iterable[str]) -> dict[str, list[str]]:
    """Read a tab-separated table, verbatim: no quoting, no guessing of types.

    Spaces around column names, empty lines at the end and empty columns on the right, which
    spreadsheets tend to leave, are ignored.

    Parameters
    ----------
    path
        The table; its first line names the columns.
    needed
        Columns that must be present.

    Returns
    -------
    dict
        Column name → cells.

    Raises
    ------
    CortexlensError
        If the table is missing, lacks a column or has one twice, or a row has another number of
        cells than the header.
    """
    lines = _text(path).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while len(lines) > 1 and not lines[-1].strip("\t "):
        lines.pop()
    rows = [line.split("\t") for line in lines]
    while len(rows[0]) > 1 and not any(row[len(rows[0]) - 1 :] != [""] for row in rows):
        rows = [row[:-1] for row in rows]
    header = [name.strip() for name in rows.pop(0)]
    missing = [name for name in needed if name not in header]
    if missing or len(set(header)) < len(header):
        raise CortexlensError(
            f"{path}: found the columns {', '.join(header)}; each may appear once, and "
            f"{', '.join(needed)} are needed. {hint(header)}"
        )
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise CortexlensError(
                f"{path}, line {number}: found {len(row)} cells, but the header has {len(header)}."
            )
    return {name: [row[i] for row in rows] for i, name in enumerate(header)}


def hint(header: Sequence[str]) -> str:
    """Suggest what may be wrong with a table's format, judging by its header."""
    if any(name.startswith('"') for name in header):
        return "Tables must be tab-separated and without quotes: save it in that format."
    other = next((sign for sign in ";," if len(header) == 1 and sign in header[0]), None)
    if other is not None:
        return f"Tables must be tab-separated; this one has {other!r} between cells: convert it."
    return "Tables must be tab-separated."


def _text(path: Path) -> str:
    """Text of a table in UTF-8, or in UTF-16 with a byte-order mark, as spreadsheets write it."""
    try:
        data = path.read_bytes()
        return data.decode("utf-16" if data.startswith(UTF_16) else "utf-8-sig")
    except OSError as error:
        raise CortexlensError(f"{path}: cannot be read as a table: {error}.") from error
    except UnicodeDecodeError as error:
        line = 1 + data[: error.start].count(b"\n")
        raise CortexlensError(
            f"{path}, line {line}: cannot be read as a table: the byte {data[error.start]:#x} is "
            "not valid UTF-8. Save the table as text in UTF-8."
        ) from error


def read_rows(path: Path, *, needed: Iterable[str]) -> list[dict[str, str]]:
    """Read a table like :func:`read_tsv`, but return a list of rows: column name → cell."""
    columns = read_tsv(path, needed=needed)
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]

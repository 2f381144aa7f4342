"""Are the tables of two results folders of one study the same, to the last digit?

    python benchmarks/same_tables.py OLD/results/demo results/demo
    python benchmarks/same_tables.py OLD NEW --renamed wanted=target_l0 active=l0

Run before and after code was moved or renamed. Every ``tables/*.tsv`` of both folders is compared
as text, cell by cell; ``--renamed`` gives columns, and values of columns, that have other names in
NEW. Prints what differs; exit code 1 if anything does, or if a table is there only once.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

# Differences of one table that are printed.
SHOWN = 5


def read(path: Path, renamed: Mapping[str, str]) -> pd.DataFrame:
    """A table as text, with the new names of columns and cells."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    return table.rename(columns=renamed).replace(dict(renamed))


def differences(old: Path, new: Path, renamed: Mapping[str, str]) -> Iterator[str]:
    """Say in lines how the tables of two results folders differ.

    Parameters
    ----------
    old, new
        Folders ``results/STUDY``.
    renamed
        Old → new name of columns, and of values in cells.

    Yields
    ------
    str
        One line a table that is there only once, whose columns or rows are others, or a cell.
    """
    names = [{path.name for path in (folder / "tables").glob("*.tsv")} for folder in (old, new)]
    if not names[0] & names[1]:
        yield f"{old}, {new}: no table is in both folders; give results of one study"
    for name in sorted(names[0] ^ names[1]):
        yield f"{name}: only in {old if name in names[0] else new}"
    for name in sorted(names[0] & names[1]):
        before = read(old / "tables" / name, renamed)
        after = read(new / "tables" / name, {})
        if list(before) != list(after):
            yield f"{name}: columns {', '.join(before)} before, {', '.join(after)} after"
        elif len(before) != len(after):
            yield f"{name}: {len(before)} rows before, {len(after)} after"
        else:
            unlike = list(zip(*(before != after).values.nonzero(), strict=True))
            for row, column in unlike[:SHOWN]:
                values = before.iloc[row, column], after.iloc[row, column]
                yield f"{name}: row {row + 2}, {before.columns[column]}: {values[0]} → {values[1]}"
            if len(unlike) > SHOWN:
                yield f"{name}: {len(unlike) - SHOWN} further cells differ"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path, help="results/STUDY of before")
    parser.add_argument("new", type=Path, help="results/STUDY of now")
    parser.add_argument("--renamed", nargs="*", default=[], metavar="OLD=NEW")
    given = parser.parse_args()
    renamed = dict(pair.split("=", 1) for pair in given.renamed)
    found = list(differences(given.old, given.new, renamed))
    print("\n".join(found) or "All tables are the same.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()

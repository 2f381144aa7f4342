"""The table of a soak, and its place in the docs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from soak_study import REPOSITORY

PAGE = REPOSITORY / "docs" / "reliability.md"
MARKS = "<!-- soak -->", "<!-- end of soak -->"


@dataclass(frozen=True)
class Line:
    """A line of the table.

    Attributes
    ----------
    fault, where
        What was done, and to which stages.
    injected, survived
        How often; how often the study went on and ended with the same results.
    again
        Pieces of work, blocks or passes, that were finished and computed again.
    """

    fault: str
    where: str
    injected: int
    survived: int
    again: int

    @property
    def lost(self) -> int:
        """Faults after which the study did not end with the same results."""
        return self.injected - self.survived


def table(lines: Sequence[Line], wanted: int, seconds: float, base_seconds: float) -> str:
    """Write the table of docs/reliability.md."""
    rows = ["| fault | where | injected | survived | lost | computed again |"]
    rows += ["|---|---|---|---|---|---|"]
    rows += [
        f"| {each.fault} | {each.where.replace('_', ' ')} | {each.injected} | {each.survived} "
        f"| {each.lost} | {each.again} |"
        for each in lines
    ]
    kills = sum(line.injected for line in lines if line.fault == "kill -9")
    text = (
        f"{kills} of {wanted} kills, {seconds / 60:.0f} minutes in all; undisturbed, the study "
        f"takes {base_seconds / 60:.1f}."
    )
    return "\n".join([*rows, "", text])


def keep(text: str, page: Path = PAGE) -> None:
    """Put the table between the marks of the page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    page.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")

"""Write the table of docs/recovery.md: what each readout finds again, by truth and noise ceiling.

python benchmarks/recovery_table.py      after `make recovery`
"""

import argparse
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from cortexlens.analysis.recovery.tables import STUDY_COLUMNS
from cortexlens.analysis.tables import read_table
from cortexlens.encoding.planted_channels import TRUTHS
from cortexlens.errors import CortexlensError
from cortexlens.figures.recovery import BASE, TRUTH, curve_name
from marked import replaced

PAGE: Final = Path(__file__).parents[1] / "docs" / "recovery.md"
TABLE: Final = Path("results/recovery/tables/recovery_study.tsv")
# The page holds them around the table.
BEGIN: Final = "<!-- table of recovery_study.tsv, written by benchmarks/recovery_table.py -->"
END: Final = "<!-- end of the table -->"


class Measure(NamedTuple):
    """A column of the table: its title, and the least or largest value that is aimed at."""

    title: str
    least: float | None = None
    largest: float | None = None

    def misses(self, value: float) -> bool:
        """Whether a value falls short of the aim."""
        low = self.least is not None and value < self.least
        return low or (self.largest is not None and value > self.largest)


MEASURES: Final = {
    "layer_exact": Measure("right layer"),
    "layer_named": Measure("right where one leads", least=0.95),
    "layer_within_one": Measure("within one", least=0.97),
    "level_r": Measure("level, r", least=0.98),
    "space_error": Measure("field off by", largest=0.03),
    "space_r_v1": Measure("V1 field, r", least=0.99),
    "scale_r": Measure("scale, r"),
    "size_r": Measure("size, r"),
    "r2": Measure("R²"),
}


def markdown(table: pd.DataFrame) -> str:
    """Give a row for each truth, ceiling and readout: means over seeds, with their intervals.

    Parameters
    ----------
    table
        ``recovery_study.tsv``. Conditions that vary neither truth nor ceiling, and differences of
        two topologies, are left out.

    Returns
    -------
    str
        A table in Markdown; bold what misses its aim. Truths stand in the order that
        config/README.md has them in, and their ceilings fall.

    Raises
    ------
    CortexlensError
        If the table has no such conditions.
    """
    shown = table[table["varied"].isin([BASE, TRUTH, "ceiling"])]
    shown = shown[shown["topology"] != "smooth-free"]
    if shown.empty:
        raise CortexlensError(
            "the table of the recovery study holds no condition that varies truth or ceiling; "
            "give that of `make recovery`."
        )
    there = [name for name in MEASURES if shown.loc[shown["measure"] == name, "mean"].notna().any()]
    titles = ["truth", "ceiling", "readout", *(MEASURES[name].title for name in there)]
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    shown = shown.assign(
        ceiling=shown["ceiling"].round(2),
        curve=[
            curve_name(curve) for curve in zip(shown["readout"], shown["topology"], strict=True)
        ],
    )
    orders = {"truth": list(TRUTHS), "curve": list(dict.fromkeys(shown["curve"]))}
    pairs = list(dict.fromkeys(zip(shown["backbone"], shown["subject"], strict=True)))
    if len(pairs) > 1:
        raise CortexlensError(
            f"the table of the recovery study holds {len(pairs)} pairs of network and subject; "
            "allowed is one."
        )
    groups = shown.groupby(["truth", "ceiling", "curve"], sort=False)
    keys = sorted(
        groups.groups,
        key=lambda key: (orders["truth"].index(key[0]), -key[1], orders["curve"].index(key[2])),
    )
    for key in keys:
        known = groups.get_group(key).set_index("measure")
        cells = [_cell(known, name) for name in there]
        lines.append("| " + " | ".join([key[0], f"{key[1]:g}", key[2], *cells]) + " |")
    return "\n".join(lines)


def _cell(known: pd.DataFrame, name: str) -> str:
    """A mean and its interval; empty where the readout does not find it."""
    if name not in known.index or pd.isna(known.loc[name, "mean"]):
        return ""
    mean, low, high = (float(known.loc[name, column]) for column in ("mean", "low", "high"))
    text = f"**{mean:.2f}**" if MEASURES[name].misses(mean) else f"{mean:.2f}"
    if name in ("space_error", "r2"):
        text = text.replace(f"{mean:.2f}", f"{mean:.3f}")
    return text if pd.isna(low) else f"{text} ({low:.2f} to {high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    table = markdown(read_table(given.table, needed=STUDY_COLUMNS))
    given.page.write_text(
        replaced(given.page.read_text(encoding="utf-8"), BEGIN, END, table), encoding="utf-8"
    )


if __name__ == "__main__":
    main()

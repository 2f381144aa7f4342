"""Measure every network of the ready-made studies; write planning/network_sizes.json.

    python benchmarks/network_sizes.py

Parameters, layers and products of a forward pass, found without weights: the workflow then knows,
before any network is loaded, what its jobs take.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from cortexlens.backbones.measure import measure_network
from cortexlens.backbones.row import BackboneRow
from cortexlens.planning.sizes import LISTED, network_key
from cortexlens.study.tsv import read_tsv

ROOT = Path(__file__).parents[1]


def rows():
    for table in sorted(ROOT.glob("config/**/backbones.tsv")):
        columns = read_tsv(table, needed=["backbone"])
        for cells in zip(*columns.values(), strict=True):
            row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
            yield {name: cell for name, cell in row.items() if cell}


def main() -> int:
    found = {}
    for row in rows():
        key = network_key(row)
        if key not in found:
            found[key] = asdict(measure_network(BackboneRow.from_columns(row)))
            print(f"{key}: {found[key]['products'] / 1e9:.1f} billion products a picture")
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(found.items())]
    LISTED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The table of docs/recovery.md is made of the study's table, and goes where the page holds it."""

import sys

import pytest

from cortexlens.analysis.recovery.tables import study_table
from cortexlens.analysis.tables import write_table
from cortexlens.errors import CortexlensError
from recoveries import synthetic_recovery
from studies import REPOSITORY

sys.path.append(str(REPOSITORY / "benchmarks"))

import marked
import recovery_table


def a_store(readout, truth, ceiling, varied, shift=0):
    topology = 1 if readout == "factortopy" else None
    store = synthetic_recovery(
        condition=f"{truth}-{ceiling}",
        varied=varied,
        topology=topology,
        readout=readout,
        truth=truth,
    )
    found = store["layer_selector"].roll(layer=shift, roll_coords=False)
    store = store.assign(layer_selector=found, noise_ceiling=0 * store["noise_ceiling"] + ceiling)
    return store if topology else store.drop_vars(["space_selector", "scale_selector"])


@pytest.fixture
def table():
    stores = [
        a_store("ridge", "isotropic", 0.1, "ceiling", shift=2),
        a_store("ridge", "isotropic", 0.6, "base"),
        a_store("factortopy", "isotropic", 0.6, "base", shift=1),
        a_store("ridge", "large-components", 0.6, "truth"),
        a_store("ridge", "sparse", 0.6, "truth"),
        a_store("ridge", "isotropic", 0.6, "vertices"),
    ]
    return study_table(stores, 0.95)


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_every_truth_ceiling_and_readout_has_a_row(table):
    head, rule, *lines = recovery_table.markdown(table).splitlines()
    assert cells(head)[:4] == ["truth", "ceiling", "readout", "right layer"]
    assert len(cells(rule)) == len(cells(head))
    assert [tuple(cells(line)[:3]) for line in lines] == [
        ("isotropic", "0.6", "factortopy, smooth selectors"),
        ("isotropic", "0.6", "ridge"),
        ("isotropic", "0.1", "ridge"),
        ("sparse", "0.6", "ridge"),
        ("large-components", "0.6", "ridge"),
    ]
    assert "size, r" not in head


def test_what_misses_its_aim_is_bold_and_what_is_not_found_is_empty(table):
    head, _, *lines = recovery_table.markdown(table).splitlines()
    found = [dict(zip(cells(head), cells(line), strict=True)) for line in lines]
    factortopy, ridge, noisy, *_ = found
    assert factortopy["within one"].startswith("**0.75**")
    assert ridge["within one"] == "1.00 (1.00 to 1.00)"
    assert noisy["right where one leads"].startswith("**0.00**")
    assert factortopy["field off by"].startswith("0.000")
    assert ridge["field off by"] == ridge["scale, r"] == ""
    # no aim is set for the share of right layers
    assert noisy["right layer"].startswith("0.00")


def test_the_page_holds_the_table_and_nothing_else_changes(table, tmp_path, monkeypatch):
    write_table(table, tmp_path / "recovery_study.tsv")
    page = tmp_path / "recovery.md"
    before = recovery_table.PAGE.read_text()
    page.write_text(before)
    given = ["--table", str(tmp_path / "recovery_study.tsv"), "--page", str(page)]
    for _ in range(2):
        monkeypatch.setattr(sys, "argv", ["recovery_table.py", *given])
        recovery_table.main()
        text = page.read_text()
        assert recovery_table.markdown(table) in text
        head, _, rest = text.partition(recovery_table.BEGIN)
        old_head, _, old_rest = before.partition(recovery_table.BEGIN)
        assert head == old_head
        assert rest.partition(recovery_table.END)[2] == old_rest.partition(recovery_table.END)[2]


def test_a_table_or_page_of_another_kind_is_refused(table):
    with pytest.raises(CortexlensError, match="no condition that varies truth or ceiling"):
        recovery_table.markdown(table[table["varied"] == "vertices"])
    with pytest.raises(CortexlensError, match="2 pairs of network and subject; allowed is one"):
        recovery_table.markdown(table.assign(subject=["s1", *["s2"] * (len(table) - 1)]))
    with pytest.raises(CortexlensError, match="found no place for the text"):
        marked.replaced("a page", "<!-- begin -->", "<!-- end -->", "a table")

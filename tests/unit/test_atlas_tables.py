"""Tables of a page: shortened, linked, with the published numbers beside."""

import pandas as pd
import pytest

from cortexlens.analysis.tables import write_table
from cortexlens.atlas.tables import TABLES, table_entries

SCORES = pd.DataFrame(
    {
        "subject": ["01"] * 3,
        "backbone": ["clip", "clip", "own"],
        "readout": ["factortopy"] * 3,
        "roi": ["all", "V1", "all"],
        "hemisphere": ["both", "both", "left"],
        "n_vertices": [10, 4, 10],
        "r2_mean": [0.25, float("nan"), 0.5],
        "r2_median": [0.2, 0.3, 0.4],
    }
)
PUBLISHED = pd.DataFrame(
    {
        "backbone": ["clip", "clip"],
        "network": ["CLIP", "CLIP"],
        "quantity": ["r2", "slope"],
        "roi": ["all", "all"],
        "published": [0.13, 0.4],
    }
)


def shown(folder, **tables):
    for name, table in tables.items():
        write_table(table, folder / f"{name}.tsv")
    found = table_entries([folder / f"{name}.tsv" for name in tables])
    return {each["id"]: each for each in found}


def column(entry, name):
    index = [each["name"] for each in entry["columns"]].index(name)
    return [row[index] for row in entry["rows"]]


def test_both_hemispheres_and_known_columns_are_kept(tmp_path):
    entry = shown(tmp_path, brain_score=SCORES)["brain_score"]
    names = [each["name"] for each in entry["columns"]]
    assert names == ["subject", "backbone", "readout", "roi", "n_vertices", "r2_mean"]
    assert entry["rows"] == [
        ["01", "clip", "factortopy", "all", 10, 0.25],
        ["01", "clip", "factortopy", "V1", 4, None],
    ]
    numeric = {each["name"]: each["numeric"] for each in entry["columns"]}
    assert numeric["r2_mean"]
    assert not numeric["subject"]
    assert entry["links"] == {"network": 1, "subject": 0, "roi": 3}
    assert "tables/brain_score.tsv" in entry["caption"]


def test_published_numbers_stand_beside_the_whole_cortex(tmp_path):
    slopes = pd.DataFrame({"subject": ["01"], "backbone": ["clip"], "slope": [0.3]})
    found = shown(tmp_path, brain_score=SCORES, paper_comparison=PUBLISHED, hierarchy=slopes)
    assert column(found["brain_score"], "published") == [0.13, None]
    assert column(found["hierarchy"], "published") == [0.4]
    assert list(found) == ["brain_score", "hierarchy", "paper_comparison"]


def test_a_study_of_no_published_network_has_no_such_column(tmp_path):
    found = shown(tmp_path, brain_score=SCORES, paper_comparison=PUBLISHED.iloc[:0])
    assert "published" not in [each["name"] for each in found["brain_score"]["columns"]]
    assert found["paper_comparison"]["rows"] == []


def test_wide_tables_lose_the_ends_of_their_intervals(tmp_path):
    models = pd.DataFrame(
        {"subject": ["a"], "model": ["max"], "value": ["r2"], "V1": [1], "V1_low": [0]}
    )
    entry = shown(tmp_path, roi_models=models)["roi_models"]
    assert [each["name"] for each in entry["columns"]] == ["subject", "model", "value", "V1"]
    assert entry["links"] == {"network": 1, "subject": 0}


@pytest.mark.parametrize("name", TABLES)
def test_every_table_says_what_it_is(name):
    assert TABLES[name].title
    assert TABLES[name].caption.endswith(".")

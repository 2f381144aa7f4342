"""The stage summarise_dictionary_layers: both tables, with and without fits."""

import pandas as pd
import pytest

from cortexlens.analysis.dictionaries.agreement import COLUMNS
from cortexlens.analysis.dictionaries.hierarchy import TABLE_COLUMNS
from cortexlens.storage.datasets import write_dataset
from dictionaries import FITS, dictionary_at, run, written


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Dictionaries of two subjects, the first with a fit."""
    folder = tmp_path_factory.mktemp("stores")
    fit = FITS["cortex"]()
    written(folder, dictionary_at(fit), fit)
    second = dictionary_at(fit).assign_attrs(subject="sim02")
    write_dataset(second, folder / "second.zarr", kind="dictionary", provenance={})
    return folder


def tables(folder, *names):
    out = folder / "-".join(names)
    run(
        *("summarise-dictionary-layers", *(folder / f"{name}.zarr" for name in names)),
        *("--descriptions", folder, "--out", out, "--bootstraps", 100, "--permutations", 99),
    )
    names = ("dictionary_hierarchy", "dictionary_agreement")
    return [pd.read_csv(out / f"{name}.tsv", sep="\t") for name in names]


def test_pairs_with_a_fit_have_all_maps_and_others_their_own(folder):
    hierarchy, agreement = tables(folder, "second", "fit", "dictionary")
    assert tuple(hierarchy.columns) == TABLE_COLUMNS
    everywhere = hierarchy[hierarchy["vertices"] == "all"].set_index(["subject", "map"])
    assert set(everywhere.loc["sim01"].index) == {
        *("dictionary", "difference"),
        *("factortopy", "factortopy_shared", "factortopy_strongest"),
    }
    assert set(everywhere.loc["sim02"].index) == {"dictionary"}
    mean = everywhere.loc[("mean", "dictionary"), "slope"]
    assert mean == pytest.approx(everywhere.loc[(slice(None), "dictionary"), "slope"][:2].mean())
    lines = everywhere.loc["sim01"]["slope"]
    difference = lines["dictionary"] - lines["factortopy_strongest"]
    assert lines["difference"] == pytest.approx(difference, abs=1e-5)
    assert tuple(agreement.columns) == COLUMNS
    assert set(agreement["subject"]) == {"sim01"}
    assert set(agreement["roi"]) == {"all", "V1", "V2", "V3", "hV4", "PPA"}
    inside = agreement["same_layer"].between(
        agreement["same_layer_low"] - 1e-6, agreement["same_layer_high"] + 1e-6
    )
    assert inside.all()


def test_without_fits_there_is_no_agreement_to_tell(folder):
    hierarchy, agreement = tables(folder, "second")
    assert set(hierarchy["map"]) == {"dictionary"}
    assert tuple(agreement.columns) == COLUMNS
    assert agreement.empty

"""What units prefer, beside what regions prefer: planted preferences, intervals and chance."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from cortexlens.analysis.dictionaries.category_contrasts import (
    as_shown,
    contrasts,
    drawn,
    exchanged,
    standardised,
)
from cortexlens.analysis.dictionaries.selectivity import (
    Labelled,
    category_interval,
    find_profiles,
    selectivity_table,
)
from cortexlens.analysis.dictionaries.unit_agreement import TOGETHER, agreement_table, correlation
from cortexlens.analysis.dictionaries.unit_choices import choice_of, codes_of
from cortexlens.analysis.statistics.intervals import Resampling
from cortexlens.errors import CortexlensError
from saes import CATEGORIES, LAYERS, N_UNITS, dictionary_of, made_up, units_of

HOW = Resampling(bootstraps=200)
# Region of fits.synthetic_fit → category of the unit that it responds as.
PREFERRED = {roi: CATEGORIES[n % 4] for n, roi in enumerate(("V1", "V2", "V3", "hV4", "PPA"))}


def labelled(made, label=None):
    """What the tables are made of."""
    units = {layer: units_of(made, layer) for layer in LAYERS}
    response = made.responses["response"].values
    shown = made.label.tolist() if label is None else label
    return Labelled(dictionary_of(made), units, shown, response)


@pytest.fixture(scope="module")
def profiles():
    """Of a subject whose vertices respond as units with a category each."""
    return find_profiles(labelled(made_up(400)), HOW, 199)


def test_areas_and_distances_are_those_planted():
    rng, label = np.random.default_rng(0), np.repeat([0, 1], 3000)
    for planted in (0.0, 0.7, 2.0):
        signal = rng.standard_normal((6000, 1)) + planted * (label == 1)[:, None]
        area, distance = contrasts(signal, np.ones(1), as_shown(label))[0, :, 1]
        assert area == pytest.approx(norm.cdf(planted / np.sqrt(2)), abs=0.02)
        assert distance == pytest.approx(planted, abs=0.08)


def test_what_does_not_vary_tells_nothing():
    label = np.arange(12) % 3
    for resamples in (as_shown(label), drawn(label, 4, 0), exchanged(label, 4, 0)):
        found = contrasts(np.full((12, 2), 3.0), np.full(2, 0.5), resamples)
        assert (found[:, 0] == 0.5).all()
        assert (found[:, 1] == 0).all()


def test_intervals_hold_the_planted_area():
    label, planted = np.repeat([0, 1], [10, 60]), 1.0
    truth, held, widths = norm.cdf(planted / np.sqrt(2)), [], []
    for seed in range(120):
        signal = np.random.default_rng(seed).standard_normal((70, 1))
        signal += planted * (label == 0)[:, None]
        value, draws = (
            contrasts(signal, np.ones(1), each)[:, 0, 0]
            for each in (as_shown(label), drawn(label, 300, seed))
        )
        low, high = category_interval(value[0], draws, 10, 0.95)
        held.append(low <= truth <= high)
        widths.append(high - low)
    assert 0.88 <= np.mean(held) <= 0.99
    assert np.mean(widths) < 0.4


def test_units_and_regions_with_a_preference_are_found(profiles):
    table = selectivity_table([profiles], 0.95)
    assert len(table) == 2 * 5 * 2 * 2 * len(CATEGORIES)
    single = table[(table.chosen == 1) & (table.measure == "auc") & (table.level == "single")]
    for roi, preferred in PREFERRED.items():
        own = single[single.roi == roi].set_index("category")
        for of in ("units", "region"):
            assert own[of].idxmax() == preferred
            assert own.loc[preferred, f"{of}_low"] > 0.6
            assert own.loc[preferred, f"q_{of}"] < 0.05
            assert (own.drop(preferred)[f"{of}_high"] < own.loc[preferred, f"{of}_low"]).all()
        assert own.loc[preferred, "n_units"] <= 2
    assert (table["units_low"] <= table["units"]).all()
    assert (table["difference"] - (table["units"] - table["region"])).abs().max() < 1e-12


def test_noise_costs_single_vertices_and_leaves_their_mean(profiles):
    noisy = find_profiles(labelled(made_up(400, noise=4)), HOW, 99)
    table = selectivity_table([noisy], 0.95)
    table = table[(table.chosen == 1) & (table.measure == "auc")]
    best = table[table.category == table.roi.map(PREFERRED)].set_index(["level", "roi"])
    single, pooled = best.loc["single"], best.loc["pooled"]
    assert (pooled["region"] > single["region"] + 0.1).all()
    assert (single["difference_low"] > 0).any()


def test_agreement_is_high_where_units_drive_and_needs_categories(profiles):
    table = agreement_table([profiles], 0.95)
    own = table[(table.chosen == 1) & (table.level == "single")]
    assert set(own["roi"]) == {*PREFERRED, TOGETHER}
    assert (own["correlation"] > 0.95).all()
    assert (own["correlation_low"] <= own["correlation"]).all()
    assert own[own.roi == TOGETHER]["p"].tolist() == pytest.approx([1 / 200] * 2)
    few = [name if name in CATEGORIES[:2] else "" for name in made_up(400).label]
    two = find_profiles(labelled(made_up(400), few), HOW, 99)
    assert two.category == ["face", "house"]
    assert agreement_table([two], 0.95).empty
    assert not selectivity_table([two], 0.95).empty


def test_any_grouping_of_images_agrees_where_units_are_alike_but_not_more():
    made = made_up(400)
    label = np.random.default_rng(5).permutation(made.label).tolist()
    table = agreement_table([find_profiles(labelled(made, label), HOW, 199)], 0.95)
    own = table[(table.chosen == 1) & (table.roi == TOGETHER)]
    # units and vertices are alike on any images, so labels that mean nothing agree too …
    assert (own["any_grouping"] > 0.5).all()
    # … and no more than others that mean nothing do
    assert (own["p_any_grouping"] > 0.01).all()


def test_chance_of_labels_without_meaning_is_even():
    chances = []
    for seed in range(6):
        made = made_up(200, 120, seed=seed)
        label = np.random.default_rng([seed, 1]).permutation(made.label).tolist()
        table = selectivity_table([find_profiles(labelled(made, label), HOW, 99)], 0.95)
        chances.append(table[(table.chosen == 1) & (table.measure == "auc")])
    p = pd.concat(chances)[["p_units", "p_region"]].values.ravel()
    assert 0.35 < p.mean() < 0.65
    assert (p <= 0.05).mean() < 0.15


def test_few_images_of_a_category_are_counted_and_one_is_left_out():
    made = made_up(200)
    label = made.label.copy()
    tested = np.flatnonzero(made.responses["split"].values == 2)
    label[tested[:2]], label[tested[2]] = "rare", "once"
    found = find_profiles(labelled(made, label.tolist()), HOW, 99)
    assert "once" not in found.category
    table = selectivity_table([found], 0.95)
    table = table[table.measure == "auc"]
    width = (table["units_high"] - table["units_low"]).groupby(table["category"]).mean()
    assert set(table[table.category == "rare"]["n_category"]) == {2}
    assert width["rare"] > 0.3


def test_studies_without_labels_have_no_rows():
    made = made_up(100, 60)
    found = find_profiles(labelled(made, [""] * 100), HOW, 99)
    assert selectivity_table([found], 0.95).empty
    assert agreement_table([found], 0.95).empty


def test_vertices_without_a_unit_do_not_count():
    made = made_up(200)
    given = labelled(made)
    unit = given.dictionary["best_unit"].values.copy()
    unit[:, ::2] = -1
    fewer = given.dictionary.assign(best_unit=(("metric", "vertex"), unit))
    choice = choice_of(fewer, "pearson")
    assert (choice.column[::2] == -1).all()
    images = np.arange(20)
    codes = codes_of(choice, fewer, given.units, images)
    for vertex in (1, 3, 101):
        layer = LAYERS[fewer["best_layer"].values[1, vertex]]
        expected = given.units[layer]["activation"].values[:20, unit[1, vertex]]
        np.testing.assert_array_equal(codes[:, choice.column[vertex]], expected)
    whole, half = (
        find_profiles(each, HOW, 99).regions[0].n_vertices
        for each in (given, given._replace(dictionary=fewer))
    )
    assert half == pytest.approx(whole / 2, abs=2)


def test_layers_that_are_missing_or_of_other_images_are_refused():
    made = made_up(100, 60)
    given = labelled(made)
    without = {name: each for name, each in given.units.items() if name != LAYERS[1]}
    with pytest.raises(CortexlensError, match=f"no units of its layer {LAYERS[1]}"):
        find_profiles(given._replace(units=without), HOW, 99)
    split = given.units[LAYERS[1]]["split"].values[::-1]
    other = given.units[LAYERS[1]].assign(split=("image", split))
    with pytest.raises(CortexlensError, match="different images"):
        find_profiles(given._replace(units={**given.units, LAYERS[1]: other}), HOW, 99)


def test_correlation_and_standardising_survive_what_does_not_vary():
    rng = np.random.default_rng(0)
    one, other = rng.standard_normal((2, 3, N_UNITS))
    expected = [np.corrcoef(*pair)[0, 1] for pair in zip(one, other, strict=True)]
    np.testing.assert_allclose(correlation(one, other), expected)
    assert correlation(one[0], np.ones(N_UNITS)) == 0
    assert (standardised(np.full((5, 2), 0.1)) == 0).all()

"""Formulas of what jobs take: they grow with every size, and in proportion."""

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.backbones.size import NetworkSize
from cortexlens.encoding.stacked import (
    fit,
    prior,
    regressions,
    ridge,
    samples,
    scratch,
    search,
    stacking,
)
from cortexlens.encoding.stacked.windows import make_windows
from cortexlens.planning import analysis_workloads, stacked_workloads, workloads
from cortexlens.planning.costs import load_rates
from cortexlens.planning.workloads import FitSettings, SubjectSize

SUBJECT = SubjectSize(9_600, 28_800, 20_000)
CHANNELS = (256,) * 8
NETWORK = NetworkSize(10_000_000, CHANNELS, 224, 5e9, 4e5, 2e6)
SETTINGS = FitSettings()

# Drawn as numbers and built in the tests: checks of types draw random numbers of their own.
subjects = st.tuples(st.integers(100, 50_000), st.integers(100, 150_000), st.integers(1, 300_000))
networks = st.tuples(
    st.integers(1, 10**10),
    st.lists(st.integers(1, 2_000), min_size=1, max_size=48).map(tuple),
    st.integers(16, 1_024),
    st.floats(1e6, 1e13),
    st.floats(1e3, 1e9),
    st.floats(1e3, 1e9),
)
fits = st.fixed_dictionaries(
    {
        "grid": st.integers(1, 16),
        "dimensions": st.integers(1, 256),
        "members": st.integers(1, 4),
        "batch_size": st.integers(1, 256),
        "epochs": st.integers(1, 50),
        "selector_image_fraction": st.sampled_from([0.0, 0.2]),
        "single_trials": st.booleans(),
        "topology": st.booleans(),
    }
)


def built(subject, network, settings):
    """The three sizes, of numbers."""
    return SubjectSize(*subject), NetworkSize(*network), FitSettings(**settings)


def jobs(subject, network, settings):
    """One job of each kind, by its name."""
    grid = settings.grid
    return {
        "extraction": workloads.extraction(subject, network, grid=grid, batch_size=16),
        "encoder": workloads.encoder(subject, network.channels, grid, settings),
        "recovery": workloads.recovery(
            *(subject, network.channels),
            *(workloads.encoder(subject, network.channels, grid, settings), 2, False),
        ),
        "ridge": workloads.ridge(subject, network.channels, grid, settings),
        "stacked": stacked_workloads.stacked(subject, network.channels, grid, settings),
        "banded": workloads.banded(subject, network.channels, grid, settings),
        "described": workloads.described(network),
        "fetched": workloads.fetched(network),
        "images": workloads.images(subject),
        "responses": workloads.responses(subject),
        "simulated": workloads.responses(subject, simulated=True),
        "planted": workloads.planted(subject, network.channels, grid),
        "maps": analysis_workloads.maps(subject.n_vertices, len(network.channels)),
        "scores": analysis_workloads.scores(subject, settings.parts, 1000, 1000),
        "models": analysis_workloads.models(3, subject.n_images * subject.n_vertices / 10, 9, 1000),
        "changed": analysis_workloads.changed(
            3, subject.n_images * subject.n_vertices / 10, 3 * subject.n_vertices, 1000
        ),
        "drifted": analysis_workloads.drifted(subject, network.channels, grid),
        "probed": analysis_workloads.probed(subject, network.channels, grid),
        "summary": analysis_workloads.summary(3, 3 * subject.n_vertices),
        "average": analysis_workloads.average(3, subject.n_vertices, len(network.channels)),
        "bootstrapped": analysis_workloads.bootstrapped(3, 3 * subject.n_vertices),
        "overview": analysis_workloads.overview(3, 3 * subject.n_vertices),
        "scenes": workloads.scenes(subject.n_images, 96),
    }


def is_folded(workload):
    """Whether a fit reads few vertices with their channels folded into the alignment."""
    return workload.work.get("align_product") == 0


def seconds(workload):
    return load_rates().seconds(workload)


@given(subjects, networks, fits)
def test_every_job_takes_something_finite(subject, network, settings):
    for name, workload in jobs(*built(subject, network, settings)).items():
        assert 0 < seconds(workload) < math.inf, name
        assert 0 < workload.memory < math.inf, name
        assert 0 < workload.disk < math.inf, name


@given(subjects, networks, fits, st.sampled_from([each.name for each in fields(SubjectSize)][:3]))
def test_a_larger_subject_takes_no_less(subject, network, settings, name):
    subject, network, settings = built(subject, network, settings)
    larger = replace(subject, **{name: 2 * getattr(subject, name)})
    before, after = (jobs(who, network, settings) for who in (subject, larger))
    for kind in before:
        # A fit changes to its other order of operations where that has fewer products.
        if is_folded(before[kind]) == is_folded(after[kind]):
            assert seconds(after[kind]) >= seconds(before[kind]) * (1 - 1e-9), kind
        assert after[kind].memory >= before[kind].memory * (1 - 1e-9), kind
        assert after[kind].disk >= before[kind].disk * (1 - 1e-9), kind


@given(subjects, networks, fits)
def test_more_layers_take_no_less(subject, network, settings):
    subject, network, settings = built(subject, network, settings)
    deeper = replace(network, channels=network.channels * 2)
    before, after = (jobs(subject, each, settings) for each in (network, deeper))
    for kind in before:
        if is_folded(before[kind]) == is_folded(after[kind]):
            assert seconds(after[kind]) >= seconds(before[kind]), kind
        assert after[kind].memory >= before[kind].memory, kind


def work(workload):
    """Seconds without the start."""
    kept = {kind: n for kind, n in workload.work.items() if not kind.startswith("start")}
    return seconds(replace(workload, work=kept))


@pytest.mark.parametrize(
    ("kind", "twice", "least"),
    [
        ("encoder", {"n_vertices": 40_000}, 1.8),
        ("encoder", {"n_images": 19_200, "n_trials": 57_600}, 1.9),
        ("extraction", {"n_images": 19_200}, 1.95),
        ("ridge", {"n_images": 19_200, "n_trials": 57_600}, 1.8),
    ],
)
def test_twice_as_much_takes_twice_as_long(kind, twice, least):
    larger = jobs(replace(SUBJECT, **twice), NETWORK, SETTINGS)[kind]
    assert least <= work(larger) / work(jobs(SUBJECT, NETWORK, SETTINGS)[kind]) <= 2.01


def test_a_step_has_a_fixed_part_and_a_part_an_image():
    small, large = (
        workloads.encoder(SUBJECT, CHANNELS, 8, replace(SETTINGS, batch_size=size)).work
        for size in (8, 64)
    )
    for kind in ("step", "step_value", "selector_product"):
        assert small[kind] == 8 * large[kind]
    for kind in ("read_product", "align_product", "token_value", "response_value"):
        assert small[kind] == large[kind]


def test_products_of_a_fit_are_those_of_its_equation():
    settings = replace(SETTINGS, epochs=1, parts=(1.0, 0.0, 0.0))
    found = workloads.encoder(SUBJECT, CHANNELS, 8, settings).work
    a_pass = 20_000 * 8 * 5 * 128 * 2
    # forwards and twice backwards in training, forwards alone for the last prediction
    assert found["read_product"] == 9_600 * a_pass * 4


def test_few_vertices_are_read_with_their_channels_folded():
    found = workloads.encoder(replace(SUBJECT, n_vertices=30), CHANNELS, 8, SETTINGS).work
    assert found["align_product"] == 0
    assert 0 < found["read_product"] < 6 * 30 * 65 * 8 * 256 * 9_600 * 20


def test_features_that_do_not_fit_are_bounded():
    bounded = workloads.encoder(SUBJECT, CHANNELS, 8, replace(SETTINGS, memory=1.0))
    whole = workloads.encoder(SUBJECT, CHANNELS, 8, SETTINGS)
    stored = workloads.feature_bytes(SUBJECT, NETWORK, 8)
    assert whole.memory - bounded.memory > stored - 1.1e9


@pytest.mark.parametrize("grid", [1, 2, 7, 8, 14])
@pytest.mark.parametrize("sizes", [(0.0, 1.0, 2.0, 4.0), (0.0, 0.25, 1.0), (3.0,)])
@pytest.mark.parametrize("lattice", [1, 3])
def test_windows_of_a_stacked_fit_are_those_that_are_laid_out(grid, sizes, lattice):
    windows = make_windows(grid, sizes, lattice)
    assert stacked_workloads.n_windows(grid, sizes, lattice) == len(windows)


def test_what_a_stacked_fit_is_planned_by_is_what_it_does():
    ours = stacked_workloads
    assert (len(regressions.SCALES), fit.StackedOptions().image_grid ** 2) == (
        ours.SCALES,
        ours.CELLS,
    )
    assert (ours.PLANTED_VERTICES, ours.LEFT_OUT_BYTES) == (
        fit.PLANTED_VERTICES,
        regressions.HELD_BYTES,
    )
    searched = (search.SEARCH_LAYERS, search.SEARCH_COMPONENTS, search.WINDOWS_AT_ONCE)
    assert searched == (ours.SEARCH_LAYERS, ours.SEARCH_COMPONENTS, ours.WINDOWS_AT_ONCE)
    held = (search.BASES_BYTES, search.PRODUCT_VALUES, samples.HELD_VALUES, samples.HELD_OF_KEPT)
    assert held == (ours.BASES_BYTES, ours.PRODUCT_VALUES, ours.READ_VALUES, ours.READ_OF_KEPT)
    assert samples.KEPT_BYTES == ours.KEPT_BYTES
    enough = (search.ENOUGH_IMAGES, search.ENOUGH_SEEN)
    assert enough == (ours.ENOUGH_IMAGES, ours.ENOUGH_SEEN)
    learnt = (prior.WINDOWS, prior.FEWEST_WINDOWS, prior.MOMENTS_BYTES)
    assert learnt == (ours.PRIOR_WINDOWS, ours.FEWEST_PRIOR_WINDOWS, ours.MOMENTS_BYTES)
    assert (scratch.HELD_BYTES, samples.BLOCK_VALUES) == (ours.WEIGHTS_BYTES, ours.BLOCK_VALUES)
    assert (stacking.FOLDS, len(ridge.PENALTIES)) == (ours.FOLDS, FitSettings().penalties)
    for n_layers, n_vertices in ((1, 100), (12, 40_000), (24, 9_000), (48, 10**6)):
        expected = stacking.blocks_that_fit(50, 3, n_layers, n_vertices)
        assert ours.n_blocks(50, n_layers, n_vertices) == expected


@pytest.mark.parametrize(
    ("subject", "channels", "measured", "peak"),
    [
        # seconds of one processor, and bytes, of whole fits
        (SubjectSize(1_500, 4_500, 2_329), (128,) * 8, 30, 2.36e9),
        (
            SubjectSize(1_200, 1_200, 33, on_cortex=False),
            (96, 128, 128, 256, 256, 384, 384, 512, 512),
            *(14, 2.26e9),
        ),
    ],
)
def test_stacked_fits_take_about_what_was_measured(subject, channels, measured, peak):
    found = stacked_workloads.stacked(subject, channels, 8, FitSettings(components=None))
    assert 1 / 1.5 < seconds(found) / measured < 1.5
    assert 0.9 < found.memory / peak < 1.5


def test_a_large_stacked_fit_is_planned_with_bounded_sums_and_weights():
    settings = FitSettings(components=None, memory=2.0)
    subject = SubjectSize(10_000, 10_000, 40_000)
    memory = stacked_workloads.stacked(subject, (768,) * 12, 8, settings).memory
    responses = 4 * 40_000 * (10_000 + 10_000 + 8_000)
    # weights of 8.8 GB and sums of 5.6 GB are not among what is held
    assert memory < responses + 2e9 + 10e9
    wider = stacked_workloads.stacked(subject, (1_536,) * 12, 8, settings).memory
    assert wider - memory < 8e9


def test_a_stacked_fit_of_fewer_components_decomposes_less():
    few, all_ = (
        stacked_workloads.stacked(SUBJECT, (768,) * 12, 8, FitSettings(components=count)).work
        for count in (64, None)
    )
    assert few["decomposed_product"] < all_["decomposed_product"] / 3
    assert few["read_product"] < all_["read_product"] / 2
    assert few["stack_value"] == all_["stack_value"]

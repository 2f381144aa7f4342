"""One thing is varied at a time; every readout is fitted under each condition."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.config.recovery import recovery_conditions, recovery_faults, recovery_fits
from cortexlens.config.schema import completed, config_schema, find_faults, typed

RECOVERY = {
    "backbones": ["net"],
    "ceilings": ["own", 0.1],
    "training_images": ["all", 200],
    "vertices": [800, "all"],
    "layer_mixing": [0, 0.5],
    "truths": ["isotropic", "sparse"],
    "windows": False,
    "crossed": False,
    "topology": [True, False],
    "free_selector_lr_multiplier": 20,
    "readouts": ["factortopy", "ridge"],
}
OPTIONS = ("ceiling", "training_images", "vertices", "layer_mixing", "truth")
VARIED_ONCE = ["ceiling-0.1", "training-images-200", "vertices-all", "layer-mixing-0.5"]


def study(**changed):
    """A complete config with such a recovery study."""
    schema = config_schema()
    variants = {
        "no-topology": {"topology": False, "selector_lr_multiplier": 3},
        "half-a": {"half": "a"},
        "ridge-all": {"readout": "ridge", "layers": "all"},
    }
    config = completed({"study": "s", "runs": []}, schema)
    return {**config, "variants": variants, "recovery": {**RECOVERY, **changed}}


def test_the_base_is_the_first_of_each_list():
    base = recovery_conditions(RECOVERY)["base"]
    assert {key: base[key] for key in OPTIONS} == {
        "ceiling": None,
        "training_images": None,
        "vertices": 800,
        "layer_mixing": 0,
        "truth": "isotropic",
    }
    assert (base["condition"], base["varied"], base["windows"]) == ("base", "base", False)


def test_conditions_are_named_by_what_they_vary():
    conditions = recovery_conditions(RECOVERY)
    assert list(conditions) == ["base", *VARIED_ONCE, "truth-sparse"]
    assert conditions["vertices-all"]["vertices"] is None
    assert conditions["truth-sparse"]["truth"] == "sparse"
    assert conditions["truth-sparse"]["varied"] == "truth"


def test_crossed_truths_are_planted_under_every_condition():
    conditions = recovery_conditions({**RECOVERY, "crossed": True})
    crossed = [f"truth-sparse-{name}" for name in VARIED_ONCE]
    assert list(conditions) == ["base", *VARIED_ONCE, "truth-sparse", *crossed]
    found = conditions["truth-sparse-ceiling-0.1"]
    assert (found["truth"], found["ceiling"], found["varied"]) == ("sparse", 0.1, "ceiling")
    assert found["condition"] == "truth-sparse-ceiling-0.1"


def test_every_readout_is_fitted_under_every_condition():
    fits = recovery_fits(study())
    names = ["base", *VARIED_ONCE, "truth-sparse"]
    ends = [("factortopy", ""), ("factortopy", "-free"), ("ridge", "")]
    assert list(fits) == [(readout, name + end) for readout, end in ends for name in names]
    free = fits["factortopy", "ceiling-0.1-free"]
    assert (free["condition"], free["ceiling"], free["topology"]) == ("ceiling-0.1", 0.1, False)
    assert free["free_selector_lr_multiplier"] == 20
    assert "free_selector_lr_multiplier" not in fits["factortopy", "ceiling-0.1"]
    ridge = fits["ridge", "ceiling-0.1"]
    assert (ridge["readout"], ridge["kind"], ridge["ceiling"]) == ("ridge", "ridge", 0.1)
    assert "topology" not in ridge
    assert json.loads(ridge["options"])["components"] == 300


def test_variants_are_fitted_with_their_own_options():
    fits = recovery_fits(study(readouts=["no-topology", "ridge-all"]))
    assert ("no-topology", "base") not in fits
    free = fits["no-topology", "base-free"]
    assert (free["kind"], free["topology"]) == ("factortopy", False)
    assert "free_selector_lr_multiplier" not in free
    assert json.loads(free["options"])["selector_lr_multiplier"] == 3
    assert json.loads(fits["ridge-all", "base"]["options"])["layers"] == "all"
    assert fits["ridge-all", "base"]["kind"] == "ridge"


def test_a_study_without_networks_has_no_fits_whatever_its_readouts():
    assert recovery_fits(study(backbones=[], readouts=["other"])) == {}
    assert not list(recovery_faults(study(backbones=[], readouts=["other"])))


@pytest.mark.parametrize(
    ("readout", "message"),
    [
        ("other", "recovery.readouts[1]: found 'other'; allowed is stacked or factortopy or ridge"),
        ("half-a", "recovery.readouts[1]: found 'half-a', a variant that sets half; allowed are"),
    ],
)
def test_readouts_that_cannot_be_fitted_are_refused(readout, message):
    (fault,) = recovery_faults(study(readouts=["ridge", readout]))
    assert fault.startswith(message)
    assert not list(recovery_faults(study(readouts=["ridge", "no-topology"])))


numbers = st.lists(st.integers(2, 1000) | st.just("all"), min_size=1, max_size=4)


@given(numbers, numbers, st.lists(st.booleans(), min_size=1, max_size=3), st.booleans())
def test_every_other_condition_differs_from_the_base_in_one_option(
    images, vertices, topology, crossed
):
    wanted = {"training_images": images, "vertices": vertices, "topology": topology}
    fits = recovery_fits(study(**wanted, crossed=crossed, readouts=["factortopy"]))
    assert {each["topology"] for each in fits.values()} == set(topology)
    base = next(iter(fits.values()))
    for each in fits.values():
        differ = [key for key in OPTIONS if each[key] != base[key]]
        assert set(differ) <= {each["varied"]} | ({"truth"} if crossed else set())


def test_numbers_and_words_are_both_read_from_the_command_line():
    schema = config_schema()["properties"]["recovery"]
    given = {"ceilings": ["own", "0.1"], "vertices": ["60", "all"], "layer_mixing": ["0"]}
    read = typed(given, schema)
    assert read == {"ceilings": ["own", 0.1], "vertices": [60, "all"], "layer_mixing": [0]}
    assert not list(find_faults(read, schema))
    for wrong in ({"ceilings": ["mine"]}, {"ceilings": [1]}, {"vertices": [0]}, {"topology": []}):
        assert list(find_faults(wrong, schema))

"""One thing is varied at a time."""

from hypothesis import given
from hypothesis import strategies as st

from cortexlens.conditions import recovery_conditions
from cortexlens.validation import config_schema, find_faults, typed

RECOVERY = {
    "ceilings": ["own", 0.1],
    "training_images": ["all", 200],
    "vertices": [800, "all"],
    "layer_mixing": [0, 0.5],
    "topology": [True, False],
    "free_selector_rate": 20,
}
OPTIONS = ("ceiling", "training_images", "vertices", "layer_mixing")


def test_the_base_is_the_first_of_each_list():
    base = recovery_conditions(RECOVERY)["base"]
    assert {key: base[key] for key in OPTIONS} == {
        "ceiling": None,
        "training_images": None,
        "vertices": 800,
        "layer_mixing": 0,
    }
    assert (base["condition"], base["varied"], base["topology"]) == ("base", "base", True)


def test_conditions_are_named_by_what_they_vary():
    names = ["base", "ceiling-0.1", "training-images-200", "vertices-all", "layer-mixing-0.5"]
    wanted = [name + end for name in names for end in ("", "-free")]
    assert list(recovery_conditions(RECOVERY)) == wanted
    free = recovery_conditions(RECOVERY)["ceiling-0.1-free"]
    assert (free["condition"], free["ceiling"], free["topology"]) == ("ceiling-0.1", 0.1, False)
    assert free["free_selector_rate"] == 20
    assert "free_selector_rate" not in recovery_conditions(RECOVERY)["ceiling-0.1"]
    assert recovery_conditions(RECOVERY)["vertices-all"]["vertices"] is None


numbers = st.lists(st.integers(2, 1000) | st.just("all"), min_size=1, max_size=4)


@given(numbers, numbers, st.lists(st.booleans(), min_size=1, max_size=3))
def test_every_other_condition_differs_from_the_base_in_one_option(images, vertices, topology):
    wanted = {**RECOVERY, "training_images": images, "vertices": vertices, "topology": topology}
    conditions = recovery_conditions(wanted)
    assert {each["topology"] for each in conditions.values()} == set(topology)
    base = next(iter(conditions.values()))
    for each in conditions.values():
        differ = [key for key in OPTIONS if each[key] != base[key]]
        assert set(differ) <= {each["varied"]}


def test_numbers_and_words_are_both_read_from_the_command_line():
    schema = config_schema()["properties"]["recovery"]
    given = {"ceilings": ["own", "0.1"], "vertices": ["60", "all"], "layer_mixing": ["0"]}
    read = typed(given, schema)
    assert read == {"ceilings": ["own", 0.1], "vertices": [60, "all"], "layer_mixing": [0]}
    assert not list(find_faults(read, schema))
    for wrong in ({"ceilings": ["mine"]}, {"ceilings": [1]}, {"vertices": [0]}, {"topology": []}):
        assert list(find_faults(wrong, schema))

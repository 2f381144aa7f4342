import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.analysis.finetuning.pairs import Origin, pairs, parse_derived
from cortexlens.errors import CortexlensError

names = st.from_regex("[a-z0-9-]{1,12}", fullmatch=True)
steps = st.none() | st.integers(1, 10**6)
TUNED = {
    "a-land": Origin("a", "land", None),
    "a-land-step9": Origin("a", "land", 9),
    "a-land-step10": Origin("a", "land", 10),
}


@given(st.dictionaries(names, st.tuples(names, names, steps), min_size=1, max_size=4))
def test_what_is_written_is_read_again(given):
    entries = [
        f"{name}={base}/{finetune}" + ("" if step is None else f"/{step}")
        for name, (base, finetune, step) in given.items()
    ]
    found = parse_derived(",".join(entries))
    assert found == given


@pytest.mark.parametrize("text", ["", "a-land", "a-land=a", "a-land=a/land/", "A=a/land", "a=b/c,"])
def test_other_forms_are_refused(text):
    with pytest.raises(CortexlensError, match="allowed is NETWORK=BASE/FINETUNE"):
        parse_derived(text)


def test_pairs_come_in_the_order_of_steps_and_know_whose_they_are():
    results = {(name, subject): f"{name} {subject}" for subject in "st" for name in ("a", *TUNED)}
    found = list(pairs(results, TUNED))
    assert [pair.name for pair in found] == ["a-land-step9", "a-land-step10", "a-land"] * 2
    assert {(pair.before, pair.after) for pair in found} == {
        (f"a {subject}", f"{name} {subject}") for subject in "st" for name in TUNED
    }
    about = found[0].columns()
    assert about == {
        "subject": "s",
        "backbone": "a-land-step9",
        "base": "a",
        "finetune": "land",
        "step": 9,
    }


def test_a_change_needs_both_networks():
    with pytest.raises(CortexlensError, match=r"found a-land \(s\), but not a, its base network"):
        list(pairs({("a-land", "s"): 1}, TUNED))
    with pytest.raises(CortexlensError, match="found results of a, but --derived names a-land"):
        list(pairs({("a", "s"): 1}, TUNED))

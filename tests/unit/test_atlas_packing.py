"""Arrays of a page: what is packed comes back within half a step."""

import base64
import gzip

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.atlas.packing import (
    ALIGNMENT,
    BYTE,
    FLOAT,
    FRACTION,
    LONG,
    SIGNED,
    WORD,
    armoured,
    encode,
    json_bytes,
    lengths,
    numbers,
    pack,
)


def decoded(raw, coding):
    values = raw.astype(np.float64) * coding.scale
    return values if coding.missing is None else np.where(raw == coding.missing, np.nan, values)


@pytest.mark.parametrize(("coding", "low"), [(FRACTION, 0.0), (SIGNED, -1.0)])
@given(data=st.data())
def test_shares_and_places_come_back_within_half_a_step(coding, low, data):
    shape = arrays.array_shapes(max_dims=2, max_side=9)
    elements = st.floats(low, 1) | st.just(np.nan)
    values = data.draw(arrays.arrays(np.float64, shape, elements=elements))
    found = decoded(encode(values, coding), coding)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    known = ~np.isnan(values)
    assert (np.abs(found - values)[known] <= coding.scale / 2 + 1e-12).all()


@given(values=arrays.arrays(np.float32, 7, elements=st.floats(-250, 250, width=32)))
def test_lengths_come_back_within_half_a_step_of_the_largest(values):
    coding = lengths(values)
    found = decoded(encode(values, coding), coding)
    assert np.abs(found - values).max() <= coding.scale / 2 * (1 + 1e-6)
    assert coding.scale <= max(np.abs(values).max(), 1e-6) / 32767


@given(values=arrays.arrays(np.float64, 9, elements=st.floats(allow_nan=True)))
def test_floats_are_never_infinite(values):
    found = encode(values, FLOAT)
    np.testing.assert_array_equal(np.isnan(found), ~np.isfinite(values))
    assert np.isfinite(found[np.isfinite(values)]).all()


def test_numbers_take_the_smallest_type_that_leaves_one_for_none():
    assert (numbers(254), numbers(255), numbers(65534), numbers(65535)) == (BYTE, WORD, WORD, LONG)
    np.testing.assert_array_equal(encode(np.array([-1, 0, 254]), numbers(254)), [255, 0, 254])


def test_truths_are_not_taken_for_unknown():
    np.testing.assert_array_equal(encode(np.array([True, False]), BYTE), [1, 0])


def test_out_of_range_becomes_the_nearest_and_not_unknown():
    np.testing.assert_array_equal(encode(np.array([1.01, 7]), FRACTION), [254, 254])
    np.testing.assert_array_equal(encode(np.array([-1.5, 1.5]), SIGNED), [-127, 127])


def test_arrays_start_where_a_page_can_lay_its_own_over_them():
    first, second = np.arange(3), np.arange(4).reshape(2, 2) / 7
    packed = pack({"a": (first, BYTE), "b": (second, FLOAT)})
    assert [each["offset"] % ALIGNMENT for each in packed.arrays] == [0, 0]
    assert packed.arrays[1]["shape"] == [2, 2]
    start = packed.arrays[1]["offset"]
    found = np.frombuffer(packed.data, "<f2", 4, start).reshape(2, 2)
    np.testing.assert_array_equal(found, second.astype("<f2"))


@given(data=st.binary(max_size=300))
def test_text_gives_the_bytes_back_and_is_the_same_each_time(data):
    text = armoured(data)
    assert gzip.decompress(base64.b64decode(text)) == data
    assert text == armoured(data)


def test_json_refuses_what_it_lacks():
    assert json_bytes({"a": "\u2028é"}) == '{"a":"\u2028é"}'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_bytes([float("nan")])

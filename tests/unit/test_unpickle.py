import io
import os
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.errors import CortexlensError
from cortexlens.study.unpickle import read_mapping

TABLE = {0: "Unknown", 1: "V1v", 2: "V1d", 70_000: "hV4"}


def refused(path, data, message):
    path.write_bytes(data)
    with pytest.raises(CortexlensError, match=message) as raised:
        read_mapping(path)
    assert str(raised.value).startswith(f"{path}: not accepted as a table of names")


def as_npy(data, dtype="'|O'", shape="()"):
    """Bytes of a .npy file whose array is the given pickle."""
    header = f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


@pytest.mark.parametrize("label", [int, np.int64, np.uint8, np.dtype(">i2").type])
@pytest.mark.parametrize("name", [str, np.str_])
def test_a_saved_dict_is_read_as_numpy_saves_it(tmp_path, label, name):
    table = {label(key % 100): name(value) for key, value in TABLE.items()}
    np.save(tmp_path / "mapping.npy", np.array(table, dtype=object))
    found = read_mapping(tmp_path / "mapping.npy")
    assert found == {0: "Unknown", 1: "V1v", 2: "V1d"} | {0: "hV4"}
    assert {type(part) for pair in found.items() for part in pair} == {int, str}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_of_pickle_is_read(tmp_path, protocol):
    path = tmp_path / "mapping.npy"
    path.write_bytes(pickle.dumps(TABLE, protocol))
    assert read_mapping(path) == TABLE
    path.write_bytes(as_npy(pickle.dumps(np.array(TABLE, dtype=object), protocol)))
    assert read_mapping(path) == TABLE


def test_numbers_in_the_other_byte_order(tmp_path):
    table = {np.array([300, -2], ">i4")[i]: f"area {i}" for i in range(2)}
    (tmp_path / "mapping.npy").write_bytes(pickle.dumps(table))
    assert read_mapping(tmp_path / "mapping.npy") == {300: "area 0", -2: "area 1"}


@given(st.dictionaries(st.integers(-(2**40), 2**40), st.text(max_size=9), max_size=9))
def test_any_table_of_names_round_trips(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("tables") / "mapping.npy"
    np.save(path, np.array(table, dtype=object))
    assert read_mapping(path) == table


class Executing:
    """Pickles to a call that leaves a trace on disk when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: {1: x}, lambda x: {x: "V1v"}])
@pytest.mark.parametrize("header", [False, True])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_nothing_is_executed(tmp_path, wrap, header, protocol):
    trace = tmp_path / "trace"
    for function, arguments in (
        (os.system, (f"touch {trace}",)),
        (eval, (f"open({str(trace)!r}, 'w')",)),
        (open, (str(trace), "w")),
        (os.mkdir, (str(trace),)),
    ):
        payload = wrap(Executing(function, *arguments))
        payload = np.array(payload, dtype=object) if header else payload
        data = pickle.dumps(payload, protocol)
        refused(tmp_path / "mapping.npy", as_npy(data) if header else data, "it asks for")
        assert not trace.exists()
    pickle.loads(data)  # the payload is live: this is what is kept from happening
    assert trace.exists()


def test_names_that_only_lead_to_others_are_refused(tmp_path):
    path = tmp_path / "mapping.npy"
    refused(path, b"cnumpy\nf2py.os.system\n.", "it asks for numpy.f2py.os.system")
    refused(path, b"\x80\x04\x8c\x05numpy\x8c\x0adtype.base\x93.", "it asks for numpy.dtype.base")
    refused(path, b"cnumpy.core.multiarray\nfromfile\n.", "it asks for .*fromfile")


def test_stand_ins_cannot_be_changed_for_the_next_file(tmp_path):
    path = tmp_path / "mapping.npy"
    np.save(tmp_path / "whole.npy", np.array(TABLE, dtype=object))
    # BUILD on a name itself would set attributes of whatever the name stands for
    for name in ("scalar", "_reconstruct"):
        state = b"(NI1\n\x8c\x08__call__N" + b"t"
        data = f"cnumpy.core.multiarray\n{name}\n".encode() + state + b"b."
        refused(path, data, "it holds a numpy")
        assert read_mapping(tmp_path / "whole.npy") == TABLE


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1, 2], "it holds a list"),
        ("V1v", "it holds a str"),
        ({"V1v": 1}, "it maps str to int"),
        ({1: 2}, "it maps int to int"),
        ({True: "V1v"}, "it maps bool to str"),
        ({1: None}, "it maps int to NoneType"),
        ({1: {2: "V1v"}}, "it maps int to dict"),
        ({1: 1.5}, "it holds the instruction BINFLOAT"),
        ({1: {"V1v"}}, "it holds the instruction EMPTY_SET"),
        ({1: bytearray(b"V1v")}, "it holds the instruction BYTEARRAY8"),
        ({np.float64(1): "V1v"}, "it holds a numpy scalar of type f8"),
        ({np.bool_(True): "V1v"}, "it holds a numpy scalar of type b1"),
        (np.array([1, 2]), "it holds the instruction BYTEARRAY8"),
        (np.array([TABLE, TABLE], dtype=object), "it holds a numpy"),
    ],
)
def test_other_contents_are_refused(tmp_path, value, message):
    refused(tmp_path / "mapping.npy", pickle.dumps(value, 5), message)


def doubling_key(times, hiding):
    """A dict whose key is a pair of twice the same pair of twice the same pair …."""
    pairs = b"".join(b"q%ch%c\x86%b" % (i, i, hiding) for i in range(times))
    return b"\x80\x04})" + pairs + b"\x8c\x03V1vs."


# Between a tuple and the place where it is kept: nothing, an empty append, an empty frame.
@pytest.mark.parametrize("hiding", [b"", b"(e", b"(u", b"\x95" + bytes(8)])
def test_keys_that_take_for_ever_to_hash_are_refused(tmp_path, hiding):
    assert len(pickle.loads(doubling_key(10, hiding))) == 1  # 2¹⁰ steps, and 2²⁰⁰ below
    refused(tmp_path / "mapping.npy", doubling_key(200, hiding), "it uses a tuple twice")


def test_pickles_made_to_fill_the_memory_are_refused(tmp_path):
    path = tmp_path / "mapping.npy"
    refused(path, b"Nr\xff\xff\xff\x7f.", "its memo is larger than its content")
    refused(path, pickle.dumps({1: "V" * 2**20}), "it is larger than 1048576 bytes")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"}",
        b"\x80\x09}.",
        b"\x8e" + b"\xff" * 8,
        b"\x93NUMPY",
        b"\x93NUMPY\x09\x00",
        as_npy(b"", dtype="'<f8'"),
        as_npy(b"", shape="(2,)"),
        as_npy(b""),
        as_npy(pickle.dumps(TABLE)[:-5]),
        pickle.dumps({np.int64(1): "V1v"}).replace(b"i8", b"O8"),
    ],
)
def test_damaged_files_have_their_one_line(tmp_path, data):
    refused(tmp_path / "mapping.npy", data, r"Copy the file again")


@given(st.data())
def test_flipped_bytes_never_do_more_than_be_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("flipped") / "mapping.npy"
    buffer = io.BytesIO()
    np.save(buffer, np.array({np.int64(k): v for k, v in TABLE.items()}, dtype=object))
    content = bytearray(buffer.getvalue())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        table = read_mapping(path)
    except CortexlensError:
        return
    assert all(type(k) is int and type(v) is str for k, v in table.items())


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CortexlensError, match=r"mapping.npy: cannot be read \(No such file"):
        read_mapping(tmp_path / "mapping.npy")

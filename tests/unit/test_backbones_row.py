import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.backbones.row import SOURCES, BackboneRow
from cortexlens.errors import CortexlensError

GOOD = {"backbone": "net-1", "source": "timm", "name": "resnet18"}


def test_cells_of_a_table_become_values():
    row = BackboneRow.from_columns(
        GOOD
        | {
            "weights": math.nan,
            "input_size": "224.0",
            "mean": "104, 117,123",
            "std": "1,1,1",
            "pixel_range": 255.0,
            "channel_order": "BGR",
            "interpolation": "",
            "seed": None,
        }
    )
    assert row.weights is None
    assert row.interpolation is None
    assert (row.input_size, row.pixel_range, row.seed) == (224, 255, 0)
    assert row.mean == (104.0, 117.0, 123.0)
    assert isinstance(row.input_size, int)


@pytest.mark.parametrize(
    ("mean", "std", "pixel_range", "column"),
    [
        ("123.7,116.3,103.5", "58.4,57.1,57.4", 1, "mean"),
        ("104,117,123", "1,1,1", 1, "mean"),
        ("0,0,0", "255,255,255", 1, "std"),
        ("0.485,0.456,0.406", "0.229,0.224,0.225", 255, "mean"),
        ("0.485,0.456,0.406", "1,1,1", 255, "mean"),
        ("0,0,0", "0.5,0.5,0.5", 255, "std"),
        ("0,0,0", "1,1,1", 1, None),
        ("0,0,0", "1,1,1", 255, None),
        ("1,1,1", "1,1,1", 1, None),
        ("0.5,0.5,0.5", "0.5,0.5,0.5", 1, None),
        ("0,0,0", "0.0039,0.0039,0.0039", 1, None),
        ("104,117,123", "1,1,1", 255, None),
        ("127.5,127.5,127.5", "127.5,127.5,127.5", 255, None),
        ("0,0,0", "255,255,255", 255, None),
    ],
)
def test_statistics_are_in_units_of_the_pixels(mean, std, pixel_range, column):
    cells = GOOD | {"mean": mean, "std": std, "pixel_range": pixel_range}
    if column is None:
        assert BackboneRow.from_columns(cells).pixel_range == pixel_range
        return
    other = {1: 255, 255: 1}[pixel_range]
    with pytest.raises(CortexlensError) as refused:
        BackboneRow.from_columns(cells)
    assert f"column {column} holds '{(mean if column == 'mean' else std)}'" in str(refused.value)
    assert f"set pixel_range to {other}" in str(refused.value)


@pytest.mark.parametrize(
    ("column", "cell", "allowed"),
    [
        ("backbone", "Net_1", "lower-case letters, digits and hyphens"),
        ("backbone", "", "must not be empty"),
        ("source", "keras", "zoo or timm or torchvision or open_clip or diffusers or python"),
        ("source", None, "must not be empty"),
        ("name", " ", "must not be empty"),
        ("layers", "1,,2", "separated by commas"),
        ("input_size", "big", "a whole number"),
        ("input_size", 0, "from 1 to 4096"),
        ("input_size", 10**9, "from 1 to 4096"),
        ("input_size", 22.5, "a whole number"),
        ("input_size", math.inf, "a whole number"),
        ("mean", "1,2", "three numbers"),
        ("mean", "1,2,x", "three numbers"),
        ("mean", "1,2,nan", "three finite numbers"),
        ("mean", 3.0, "three numbers"),
        ("std", "1,0,1", "above 0"),
        ("channel_order", "GRB", "RGB or BGR"),
        ("pixel_range", 256, "1 or 255"),
        ("interpolation", "nearest", "bicubic or bilinear"),
        ("global_token", "cls", "class or mean"),
        ("seed", -1, "at least 0"),
        ("seed", "one", "a whole number"),
    ],
)
def test_a_bad_cell_is_named_with_the_choices(column, cell, allowed):
    columns = GOOD | {"mean": "0,0,0", "std": "1,1,1"} | {column: cell}
    with pytest.raises(CortexlensError) as error:
        BackboneRow.from_columns(columns)
    message = str(error.value)
    assert allowed in message
    assert column in message
    assert "\n" not in message
    if isinstance(cell, str):
        assert cell.strip() in message


@pytest.mark.parametrize(
    "columns",
    [
        {"source": "python", "name": "resnet18"},
        {"source": "python", "name": "pack.module:"},
        {"source": "zoo", "name": "vit-demo", "weights": "pretrained"},
        {"source": "python", "name": "a:b", "weights": "pretrained"},
        {"arguments": "num_heads"},
        {"source": "zoo", "name": "vit-demo", "arguments": "num_heads=3"},
        {"timestep": 3},
        {"grid": 65},
        {"weights_prefix": "base."},
        {"weights_without": "head.*", "weights": "pretrained"},
        {"source": "diffusers", "name": "a/b", "weights": "a.pt"},
        {"mean": "0,0,0"},
        {"std": "1,1,1"},
    ],
)
def test_cells_that_do_not_go_together_are_refused(columns):
    with pytest.raises(CortexlensError, match="allowed"):
        BackboneRow.from_columns(GOOD | columns)


def test_an_unknown_column_is_named():
    with pytest.raises(CortexlensError, match="unknown column 'channel_odrer'"):
        BackboneRow.from_columns(GOOD | {"channel_odrer": "BGR"})


@given(
    st.dictionaries(
        st.sampled_from(list(BackboneRow.__dataclass_fields__)),
        st.none() | st.text() | st.integers() | st.floats() | st.lists(st.floats()),
    )
)
def test_any_cells_give_a_row_or_one_line(cells):
    with suppress(CortexlensError):
        row = BackboneRow.from_columns(cells)
        assert row.source in SOURCES
        assert row.name.strip()


def test_arguments_are_numbers_truth_values_and_text():
    row = BackboneRow.from_columns(GOOD | {"arguments": "num_heads=12,b=0.5,c=True,d=gelu"})
    assert row.keywords == {"num_heads": 12, "b": 0.5, "c": True, "d": "gelu"}

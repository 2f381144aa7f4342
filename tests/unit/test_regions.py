import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from cortexlens.cortex.meshes import LEFT, RIGHT
from cortexlens.cortex.regions import (
    EARLY,
    PATCHES,
    REGIONS,
    cortex_of,
    mni_from_talairach,
    typical_field_size,
    visual_cortex,
)
from cortexlens.cortex.retinotopy import FIELD_SIZES, calcarine_chart, visual_field

PLAIN = visual_cortex()
SUBJECT = visual_cortex(np.random.default_rng(3))
# its left FFA would start in a pocket between other regions that has no room for it
NARROW = visual_cortex(np.random.default_rng(0))
SIDES = {side: cortex_of(side) for side in (LEFT, RIGHT)}


def members(cortex, region, side):
    there = (cortex["planted_category"] == region) & (cortex["hemisphere"] == side)
    return cortex.isel(vertex=there.values)


def n_parts(side, vertices):
    edges = SIDES[side].edges.tocsr()[vertices][:, vertices]
    return connected_components(edges, directed=False)[0]


@pytest.mark.parametrize("cortex", [PLAIN, SUBJECT])
def test_there_are_about_2500_vertices_each_in_one_region(cortex):
    assert 2200 <= cortex.sizes["vertex"] <= 2800
    np.testing.assert_array_equal(cortex["roi_mask"].sum("roi"), 1)
    assert np.isfinite(cortex["planted_space"]).all()
    places = np.stack([cortex["hemisphere"], cortex["vertex_index"]])
    assert len(np.unique(places, axis=1).T) == cortex.sizes["vertex"]


@pytest.mark.parametrize("cortex", [PLAIN, SUBJECT])
@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_regions_hang_together(cortex, side):
    assert n_parts(side, members(cortex, "V1", side)["vertex_index"].values) == 1
    for region in PATCHES:
        assert n_parts(side, members(cortex, region, side)["vertex_index"].values) == 1
    for region in ("V2", "V3"):
        # A quarter of the field on each bank, meeting at most at the fovea.
        assert n_parts(side, members(cortex, region, side)["vertex_index"].values) <= 2


@pytest.mark.parametrize("region", PATCHES)
def test_patches_pass_over_pockets_without_room(region):
    for side in (LEFT, RIGHT):
        assert n_parts(side, members(NARROW, region, side)["vertex_index"].values) == 1


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_regions_lie_where_anatomy_has_them(side):
    """Mean places, mm; x is counted outward from the midline."""
    at = {}
    for region in REGIONS:
        vertices = members(PLAIN, region, side)["vertex_index"].values
        x, y, z = SIDES[side].folded[vertices].mean(axis=0)
        at[region] = (abs(x), y, z)
    assert at["V1"][0] < 20 < at["FFA"][0]
    assert at["EBA"][0] > 40
    assert at["PPA"][1] > -50 > at["FFA"][1] > at["hV4"][1]
    assert at["OPA"][2] > 10 > 0 > at["FFA"][2]
    assert at["hV4"][2] < -8
    assert at["PPA"][0] < at["FFA"][0]


def test_each_hemisphere_sees_the_other_side():
    early = PLAIN.isel(vertex=PLAIN["planted_category"].isin(EARLY).values)
    x = early["planted_space"].values[:, 0]
    assert (x[early["hemisphere"] == LEFT] >= 0).all()
    assert (x[early["hemisphere"] == RIGHT] <= 0).all()


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_the_upper_field_lies_ventrally(side):
    for region in EARLY:
        there = members(PLAIN, region, side)
        height = SIDES[side].folded[there["vertex_index"].values, 2]
        y = there["planted_space"].values[:, 1]
        assert height[y < -0.3].mean() + 5 < height[y > 0.3].mean()


def test_fields_cover_the_picture_and_grow_outward_and_upward_in_the_hierarchy():
    first = PLAIN.isel(vertex=(PLAIN["planted_category"] == "V1").values)
    eccentricity = np.hypot(*first["planted_space"].values.T)
    assert eccentricity.min() < 0.05
    assert 0.85 < eccentricity.max() <= 0.96
    assert np.corrcoef(eccentricity, first["planted_size"])[0, 1] > 0.99
    sizes = PLAIN["planted_size"].groupby(PLAIN["planted_category"]).median()
    order = sizes.sel(planted_category=["V1", "V2", "V3", "hV4", "OPA"])
    assert (np.diff(order) > 0).all()


def test_magnification_falls_with_eccentricity():
    """Equal steps along the sulcus take ever larger steps in the field."""
    steps = np.linspace(1, 74, 30).astype(complex)
    fields = visual_field(steps, 75.0, LEFT)
    assert (fields.area == 0).all()
    assert (np.diff(fields.centre[:, 0], n=2) > 0).all()
    np.testing.assert_allclose(fields.centre[:, 1], 0, atol=1e-9)


def test_v2_mirrors_v1_at_the_vertical_meridian():
    across = 40 + 1j * np.linspace(2, 45, 400)
    fields = visual_field(across, 75.0, LEFT)
    angle = np.degrees(np.arctan2(fields.centre[:, 1], fields.centre[:, 0]))
    assert angle[fields.area == 0].max() == pytest.approx(90, abs=1)
    assert angle[fields.area == 1].max() == pytest.approx(90, abs=1)
    assert (np.diff(angle[fields.area == 0]) > 0).all()
    assert (np.diff(angle[fields.area == 1]) < 0).all()
    assert (np.diff(angle[fields.area == 2]) > 0).all()


def test_the_chart_keeps_distances_along_the_sulcus():
    ends = np.array([[60.0, -80, 0], [80.0, -60, 0]])
    chart = calcarine_chart(*ends, np.array([60.0, -60, 50]))
    u = chart.locate(np.concatenate([ends, [[70.0, -70, 10]]]))
    assert u[:2] == pytest.approx([0, chart.length], abs=1e-6)
    assert u[2].imag > 0
    assert chart.length == pytest.approx(100 * np.arccos((60 * 80 + 80 * 60) / 1e4))


def test_talairach_is_undone_by_bretts_transform():
    x, y, z = mni_from_talairach(40.0, -55.0, -10.0)
    forward = (0.99 * x, 0.9688 * y + 0.0420 * z, -0.0485 * y + 0.8390 * z)
    assert forward == pytest.approx((40, -55, -10))
    assert y < -55


def test_subjects_differ_and_seeds_repeat():
    again = visual_cortex(np.random.default_rng(3))
    assert SUBJECT.identical(again)
    other = visual_cortex(np.random.default_rng(4))
    shared = np.intersect1d(SUBJECT["vertex_index"], other["vertex_index"]).size
    assert shared > 0.75 * other.sizes["vertex"] / 2
    assert not np.array_equal(SUBJECT["vertex_index"], other["vertex_index"])


def test_typical_sizes_are_those_of_the_regions_at_their_levels():
    away = np.array([0.0, 0.5])
    for name, level in (("V1", 0.0), ("hV4", 0.5), ("OPA", 2 / 3), ("PPA", 0.8)):
        offset, slope = FIELD_SIZES[name] if name in FIELD_SIZES else PATCHES[name].size
        found = typical_field_size(np.full(2, level), away)
        np.testing.assert_allclose(found, [offset, offset + 0.5 * slope])
    between = typical_field_size(np.array([0.0, 0.25, 0.5]), np.full(3, 0.3))
    assert between[0] < between[1] < between[2]

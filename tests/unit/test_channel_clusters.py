"""Clusters of channel selectors: k-means, Ward with sizes, stability, numbering."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, is_valid_linkage, linkage
from sklearn.metrics import adjusted_rand_score

from cortexlens.analysis.channels.clusters import (
    cut_tree,
    find_clusters,
    first_number,
    grow_tree,
    nearest,
    unit_rows,
    ward_of_groups,
)
from cortexlens.analysis.channels.stability import shuffled_rows, stability
from cortexlens.errors import CortexlensError


def groups(rng, n_groups=5, each=40, channels=12, noise=0.15):
    """Unit vectors around a few directions, and the direction of each."""
    truth = np.repeat(np.arange(n_groups), each)
    centre = rng.standard_normal((n_groups, channels))
    found = centre[truth] + noise * rng.standard_normal((len(truth), channels)) * np.sqrt(channels)
    return unit_rows(found), truth


def literal_ward(points):
    """Heights of Ward's merges by the definition: the least rise of the sum of squares."""
    clusters, heights = [np.array([point]) for point in points], []
    scatter = lambda rows: np.square(rows - rows.mean(axis=0)).sum()  # noqa: E731
    while len(clusters) > 1:
        rise, a, b = min(
            (scatter(np.vstack([one, other])) - scatter(one) - scatter(other), i, j)
            for i, one in enumerate(clusters)
            for j, other in enumerate(clusters[:i])
        )
        heights.append(np.sqrt(2 * max(rise, 0)))
        merged = np.vstack([clusters[a], clusters[b]])
        clusters = [part for k, part in enumerate(clusters) if k not in (a, b)] + [merged]
    return heights


def test_ward_of_single_points_is_that_of_scipy_and_of_the_definition():
    points = np.random.default_rng(0).standard_normal((14, 4))
    ours = ward_of_groups(points, np.ones(14, np.int64))
    theirs = linkage(points, "ward")
    np.testing.assert_allclose(ours[:, 2:], theirs[:, 2:], rtol=1e-9)
    np.testing.assert_allclose(ours[:, 2], literal_ward(points), rtol=1e-9)
    assert is_valid_linkage(ours)


def test_ward_of_groups_is_ward_of_their_points_after_these_were_joined():
    rng = np.random.default_rng(1)
    centre, size = rng.standard_normal((9, 3)), rng.integers(1, 20, 9)
    ours = ward_of_groups(centre, size)
    # every group as so many points at one place, which join at height 0
    theirs = linkage(np.repeat(centre, size, axis=0), "ward")[-8:]
    np.testing.assert_allclose(ours[:, 2], theirs[:, 2], rtol=1e-6)
    naive = linkage(centre, "ward")
    assert not np.allclose(ours[:, 2], naive[:, 2], rtol=0.05)


@settings(max_examples=40)
@given(seed=st.integers(0, 2**31), n=st.integers(2, 25), number=st.integers(1, 25))
def test_a_cut_leaves_the_clusters_of_scipy(seed, n, number):
    rng = np.random.default_rng(seed)
    tree = ward_of_groups(rng.standard_normal((n, 3)), rng.integers(1, 9, n))
    assert (np.diff(tree[:, 2]) >= -1e-9).all()
    label = cut_tree(tree, number)
    assert len(np.unique(label)) == min(n, number)
    assert adjusted_rand_score(label, fcluster(tree, number, "maxclust")) == 1


def test_groups_that_are_there_are_found_and_are_stable():
    unit, truth = groups(np.random.default_rng(2))
    found = find_clusters(unit, grow_tree(unit, 25, seed=0), 5)
    assert adjusted_rand_score(found.label, truth) > 0.95
    stable = stability(unit, 25, splits=3, seed=0)
    place = stable.number.tolist().index(5)
    assert stable.found[place].min() > 0.9
    assert stable.shuffled[place].max() < 0.6
    assert stable.best in (4, 5, 6)


def test_clusters_do_not_depend_on_the_length_of_selectors_but_on_their_sign():
    unit, _ = groups(np.random.default_rng(3))
    length = np.random.default_rng(4).uniform(0.1, 10, len(unit))
    again = unit_rows(unit * length[:, None])
    first = [find_clusters(each, grow_tree(each, 20, 0), 4).label for each in (unit, again)]
    np.testing.assert_array_equal(*first)
    both = np.concatenate([unit, -unit])
    label = find_clusters(both, grow_tree(both, 40, 0), 10).label
    assert (label[: len(unit)] != label[len(unit) :]).all()


def test_the_same_seed_gives_the_same_clusters_and_none_is_empty():
    unit, _ = groups(np.random.default_rng(5), noise=0.6)
    one, other = (find_clusters(unit, grow_tree(unit, 30, 7), 12) for _ in range(2))
    np.testing.assert_array_equal(one.label, other.label)
    assert set(one.label) == set(range(12))
    assert one.tree.size.sum() == len(unit)
    np.testing.assert_allclose(
        one.centre, [unit[one.label == k].mean(axis=0) for k in range(12)], atol=0.05
    )


def test_clusters_are_numbered_so_that_neighbours_are_alike():
    angle = np.repeat(np.linspace(0.1, 1.4, 6), 30)[np.random.default_rng(6).permutation(180)]
    angle += np.random.default_rng(7).uniform(-0.02, 0.02, 180)
    unit = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    found = find_clusters(unit, grow_tree(unit, 24, 0), 6)
    along = [angle[found.label == k].mean() for k in range(6)]
    assert along == sorted(along) or along == sorted(along, reverse=True)


def test_nearest_is_the_nearest_centre():
    rng = np.random.default_rng(8)
    points, centre = rng.standard_normal((50, 3)), rng.standard_normal((6, 3))
    gaps = np.square(points[:, None] - centre[None]).sum(axis=2)
    np.testing.assert_array_equal(nearest(points, centre), gaps.argmin(axis=1))


def test_shuffled_selectors_keep_size_and_lose_groups():
    unit, truth = groups(np.random.default_rng(9))
    shuffled = shuffled_rows(unit, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(shuffled, axis=1), 1)
    label = find_clusters(shuffled, grow_tree(shuffled, 25, 0), 5).label
    assert abs(adjusted_rand_score(label, truth)) < 0.1


@pytest.mark.parametrize(("vertices", "first"), [(37_984, 1000), (2400, 300), (100, 20), (12, 12)])
def test_few_vertices_have_few_first_clusters(vertices, first):
    assert first_number(vertices, 1000, 20) == first


def test_equal_selectors_are_one_first_cluster_and_more_clusters_are_refused():
    unit = np.repeat(np.eye(3), 20, axis=0)
    tree = grow_tree(unit, 10, 0)
    assert len(tree.size) <= 3
    with pytest.raises(CortexlensError, match="found 4"):
        find_clusters(unit, tree, 4)

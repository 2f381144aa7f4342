"""Resamples, permutations and intervals, and how alike two maps are."""

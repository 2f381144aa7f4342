"""Bootstrap, permutation tests, confidence intervals, and the similarity of two maps."""

"""What fits predict: scores with intervals, stability, and comparisons of networks."""

"""How well fits predict: scores with intervals, stability, and comparisons of networks."""

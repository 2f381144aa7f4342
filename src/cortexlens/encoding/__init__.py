"""Encoding models: FactorTopy, stacked fits and ridge baselines, and how they are fitted."""

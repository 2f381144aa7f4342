"""FactorTopy, its fit, and the ridge baselines."""
